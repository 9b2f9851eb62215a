"""Where each of several robots is, by a tf of its own or by the node's."""

import asyncio
import itertools
from types import SimpleNamespace as Fields

import pytest
from geometry_msgs.msg import TransformStamped
from tf2_msgs.msg import TFMessage

from execution_orchestrator.capabilities.robot_state_document import RobotStateDocument
from execution_orchestrator.ros.bridge import Bridge
from execution_orchestrator.ros.world.transforms import REPEATED
from execution_orchestrator.ros.world.world_model import TopicWorldModel
from test.unit.ros.tf_node import tf_node

MODULE = "execution_orchestrator.ros.world"


class Site:
    """A node that a test publishes tf to, and the world model of two robots on it."""

    def __init__(self):
        self.takes = {}
        node = tf_node(self.takes)
        pose = {"kind": "transform", "frame": "map", "child": "base_link"}
        self.world = TopicWorldModel(
            Fields(node=node, resolve_topic_name=lambda name: name),
            Bridge(asyncio.get_running_loop()),
            RobotStateDocument.model_validate({"state": {"pose": pose}}),
            lambda: 0.0,
            robots={"red": "/red", "blue": "/blue"},
            located=lambda place: place,
        )

    def drive(self, topic, *frames):
        """Say often enough where each frame is in the one before it."""
        for _ in range(REPEATED):
            for parent, child in itertools.pairwise(frames):
                made = TransformStamped(child_frame_id=child)
                made.header.frame_id = parent
                made.transform.rotation.w = 1.0
                self.takes[topic](TFMessage(transforms=[made]))


@pytest.mark.parametrize(
    ("topic", "frames", "base"),
    [
        ("/red/tf", ("map", "odom", "base_link", "laser"), "base_link"),
        ("/tf", ("map", "red/odom", "red/base_link", "red/laser"), "red/base_link"),
    ],
)
async def test_each_of_several_robots_has_frames_and_a_position_of_its_own(
    monkeypatch, topic, frames, base
):
    site = Site()
    assert site.world.frames("red") == frozenset()  # tf is mute: nothing is strange
    site.drive(topic, *frames)
    assert {"map", "base_link", "laser"} <= site.world.frames("red")
    assert site.world.frames("blue") == frozenset()
    assert site.world.without_position("red") == ""
    assert site.world.stale_frames([frames[-1]], "red") == ""
    monkeypatch.setattr(f"{MODULE}.world_model.SILENT", 0.0)
    monkeypatch.setattr(f"{MODULE}.transforms.SILENT", 0.0)
    assert f"(tf from map to {base} silent)" in site.world.without_position("red")
    assert site.world.without_position("red").startswith("no position of red since ")
    assert frames[-1] in site.world.stale_frames([frames[-1]], "red")
    assert site.world.without_position("blue") == ""
    assert site.world.robot_pose("map", "red") is None
