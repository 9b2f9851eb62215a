"""What RViz is shown of an errand with a recovery and a failure, drawn to output/markers.png.

Also: every topic rviz/orchestrator.rviz displays is published, with the type the display takes.
"""

import json
import os
import sys
import tempfile
import time
import unittest
from pathlib import Path

# Found also by launch_test, which is no part of pytest; before anything of ROS is imported.
sys.path.insert(0, str(Path(__file__).parents[2]))
from test.domains import own_domain

os.environ["ROS_DOMAIN_ID"] = str(own_domain())
os.environ["ROS_AUTOMATIC_DISCOVERY_RANGE"] = "LOCALHOST"

import launch_testing.actions
import launch_testing.markers
import pytest
import rclpy
import yaml
from ament_index_python.packages import get_package_share_directory
from launch.actions import IncludeLaunchDescription
from launch.launch_description_sources import PythonLaunchDescriptionSource
from nav_msgs.msg import OccupancyGrid
from rclpy.qos import DurabilityPolicy, QoSProfile
from visualization_msgs.msg import Marker, MarkerArray

from execution_orchestrator.msg import ExecutionStatus
from execution_orchestrator.ros.client import OrchestratorClient
from execution_orchestrator.ros.interface.markers import COLOURS, NOTE
from launch import LaunchDescription

SHARE = Path(get_package_share_directory("execution_orchestrator"))
ROOT = Path(__file__).resolve().parents[2]
PICTURE = ROOT / "output" / "markers.png"
NO_VALID_PATH = 208
LATCHED = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)
TYPES = {
    "rviz_default_plugins/Map": "nav_msgs/msg/OccupancyGrid",
    "rviz_default_plugins/Odometry": "nav_msgs/msg/Odometry",
    "rviz_default_plugins/MarkerArray": "visualization_msgs/msg/MarkerArray",
    "rviz_default_plugins/Image": "sensor_msgs/msg/Image",
}


def drive(name, x, y, **more):
    target = {"x": x, "y": y, "yaw": 1.57}
    return {
        "id": name,
        "action_type": "navigate_to",
        "parameters": {"target_location": target},
        "on_failure": "continue",
        **more,
    }


PLAN = {
    "version": 1,
    "command": "look around",
    "ordering": "sequence",
    "actions": [
        drive("to_the_sofa", 1.0, 1.0),
        drive("out_of_the_house", 4.0, 8.0, retry={"max_attempts": 1}),
        drive("to_the_kitchen", 4.0, 2.0),
        {"id": "look", "action_type": "detect_objects", "parameters": {}},
        {
            "id": "turn",
            "action_type": "navigate_to",
            "parameters": {"target_location": "shelf"},
        },
    ],
}


@pytest.mark.launch_test
@launch_testing.markers.keep_alive
def generate_test_description():
    demo = IncludeLaunchDescription(
        PythonLaunchDescriptionSource(str(SHARE / "launch" / "demo.launch.py")),
        launch_arguments={
            "real_time_factor": "8.0",
            "fault": f"navigation:abort:{NO_VALID_PATH}:1",
            "state_directory": tempfile.mkdtemp(prefix="orchestrator_test_"),
        }.items(),
    )
    return LaunchDescription([demo, launch_testing.actions.ReadyToTest()])


class TestMarkers(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.context = rclpy.Context()
        rclpy.init(context=cls.context)
        cls.node = rclpy.create_node("picture", context=cls.context)
        cls.executor = rclpy.executors.SingleThreadedExecutor(context=cls.context)
        cls.executor.add_node(cls.node)
        cls.grid, cls.markers = [], []
        cls.node.create_subscription(OccupancyGrid, "map", cls.grid.append, LATCHED)
        cls.node.create_subscription(
            MarkerArray, "execution_orchestrator/markers", cls.markers.append, LATCHED
        )

    @classmethod
    def tearDownClass(cls):
        cls.executor.shutdown()
        cls.node.destroy_node()
        cls.context.try_shutdown()

    def spin_until(self, condition, seconds, what):
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, what
            self.executor.spin_once(timeout_sec=0.1)

    def test_1_every_display_has_its_topic(self):
        document = yaml.safe_load((SHARE / "rviz" / "orchestrator.rviz").read_text())
        displays = document["Visualization Manager"]["Displays"]
        wanted = {
            f"/{display['Topic']['Value']}": TYPES[display["Class"]]
            for display in displays
            if "Topic" in display
        }
        assert len(wanted) == 4

        def offered():
            topics = dict(self.node.get_topic_names_and_types())
            return all(
                kind in topics.get(name, []) and self.node.count_publishers(name)
                for name, kind in wanted.items()
            )

        self.spin_until(offered, 60.0, f"not all of {wanted} are published")

    def test_2_targets_ways_states_and_failures_are_seen(self):
        with OrchestratorClient() as client:
            client.wait_ready(60.0)
            session = client.send(plan=json.dumps(PLAN))
            self.spin_until(session.done.is_set, 150.0, "no result in time")
            assert session.result.status.value == ExecutionStatus.PARTIALLY_COMPLETED
            strategies = [recovery.strategy for recovery in client.recoveries]
        self.spin_until(self.everything_is_over, 10.0, "no markers of the end")
        assert self.grid
        picture = self.drawn()
        by_key = {m.text: m for m in self.last("labels")}
        assert list(by_key) == ["to_the_sofa", "out_of_the_house", "to_the_kitchen", "turn"]
        assert len(self.last("ways")) == 3
        for arrow, label, state in zip(
            self.last("targets"),
            by_key.values(),
            ("SUCCEEDED", "FAILED", "SUCCEEDED", "SUCCEEDED"),
            strict=True,
        ):
            assert self.colour(arrow) == pytest.approx(COLOURS[state])
            # In the picture too, a bit ahead of the arrow's foot.
            where = arrow.pose.position
            assert near(picture, (where.x, where.y + 0.1, where.z), COLOURS[state])
            assert near(picture, self.position(label), COLOURS[state], spread=60)
        notes = [marker.text for marker in self.last("notes")]
        assert len(notes) == 2, (notes, strategies)
        first, failed = self.last("notes")
        assert first.text.splitlines()[:2] == ["NAV2_NO_VALID_PATH", "-> clear_costmaps"]
        assert "clear_costmaps" in strategies
        assert "NAV2_GOAL_OUTSIDE_MAP" in failed.text
        assert near(picture, self.position(failed), NOTE, spread=60)
        [words] = self.last("summary")
        assert "look around" in words.text
        assert "100 %" in words.text

    def last(self, namespace):
        return [m for m in self.markers[-1].markers if m.ns == namespace]

    def everything_is_over(self):
        if not self.markers:
            return False
        [*words] = self.last("summary")
        return bool(words) and "partially_completed" in words[0].text

    def drawn(self):
        sys.path.insert(0, str(ROOT / "test" / "rendering"))
        from map_picture import MapPicture

        shown = [m for m in self.markers[-1].markers if m.action == Marker.ADD]
        picture = MapPicture(self.grid[-1], shown)
        PICTURE.parent.mkdir(exist_ok=True)
        picture.image.save(PICTURE)
        return picture

    @staticmethod
    def colour(marker):
        return (marker.color.r, marker.color.g, marker.color.b)

    @staticmethod
    def position(marker):
        position = marker.pose.position
        return (position.x, position.y, position.z)


def near(picture, place, colour, spread=2):
    """Whether the colour is drawn within some pixels of a place."""
    x, y = (round(value) for value in picture.pixel(*place))
    wanted = tuple(round(255 * part) for part in colour)
    box = picture.image.crop((x - spread, y - spread, x + spread + 1, y + spread + 1))
    return any(
        all(abs(a - b) <= 1 for a, b in zip(found, wanted, strict=True))
        for _, found in box.getcolors(box.width * box.height)
    )
