"""What RViz is shown of an errand with a recovery and a failure, drawn to output/markers.png.

Also: every topic rviz/orchestrator.rviz displays is published, with the type the display takes.
"""

import json
import os
import sys
import time
import unittest
from pathlib import Path

# Found also by launch_test, which is no part of pytest; before anything of ROS is imported.
sys.path.insert(0, str(Path(__file__).parents[2]))
from test.domains import own_domain

os.environ["ROS_DOMAIN_ID"] = str(own_domain())
os.environ["ROS_AUTOMATIC_DISCOVERY_RANGE"] = "LOCALHOST"

import launch_testing.markers
import pytest
import rclpy
import yaml
from ament_index_python.packages import get_package_share_directory
from geometry_msgs.msg import PoseStamped
from nav_msgs.msg import OccupancyGrid
from rclpy.qos import DurabilityPolicy, QoSProfile
from visualization_msgs.msg import Marker, MarkerArray

from execution_orchestrator.msg import ExecutionStatus
from execution_orchestrator.ros.client import OrchestratorClient
from execution_orchestrator.ros.interface.markers import COLOURS, SPACE
from execution_orchestrator.srv import ListExecutions
from test.launched import alone

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
    return alone(real_time_factor="8.0", fault=f"navigation:abort:{NO_VALID_PATH}:1")


class TestMarkers(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.context = rclpy.Context()
        rclpy.init(context=cls.context)
        cls.node = rclpy.create_node("picture", context=cls.context)
        cls.executor = rclpy.executors.SingleThreadedExecutor(context=cls.context)
        cls.executor.add_node(cls.node)
        cls.grid, cls.shown, cls.sizes = [], {}, []
        cls.node.create_subscription(OccupancyGrid, "map", cls.grid.append, LATCHED)
        cls.node.create_subscription(
            MarkerArray, "execution_orchestrator/markers", cls.show, LATCHED
        )

    @classmethod
    def show(cls, message):
        """Do what RViz does with a message."""
        cls.sizes.append(len(message.markers))
        for marker in message.markers:
            if marker.action == Marker.DELETEALL:
                cls.shown.clear()
            elif marker.action == Marker.DELETE:
                del cls.shown[marker.ns, marker.id]
            else:
                cls.shown[marker.ns, marker.id] = marker

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
            if display["Class"] in TYPES  # Nav2's path and footprint are a real robot's
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
            client.wait_ready(90.0)
            session = client.send(plan=json.dumps(PLAN))
            self.spin_until(session.done.is_set, 150.0, "no result in time")
            assert session.result.status.value == ExecutionStatus.PARTIALLY_COMPLETED
            strategies = [recovery.strategy for recovery in client.recoveries]
        self.spin_until(self.everything_is_over, 60.0, "no markers of the end")
        assert self.grid
        picture = self.drawn()
        labels = self.last("labels")
        texts = [label.text.splitlines() for label in labels]
        keys = [text[0] for text in texts]
        assert keys == ["to_the_sofa", "out_of_the_house", "to_the_kitchen", "turn"]
        assert all(label.scale.x == pytest.approx(SPACE) for label in labels)
        # Nothing leads to the target that was not reached.
        assert len(self.last("order")) == 2
        for arrow, label, state in zip(
            self.last("targets"),
            labels,
            ("SUCCEEDED", "FAILED", "SUCCEEDED", "SUCCEEDED"),
            strict=True,
        ):
            assert self.colour(arrow) == pytest.approx(COLOURS[state])
            # In the picture too, a bit ahead of the arrow's foot.
            where = arrow.pose.position
            assert near(picture, (where.x, where.y + 0.1, where.z), COLOURS[state])
            assert near(picture, self.position(label), COLOURS[state], spread=60)
        assert texts[0][1:3] == ["  NAV2_NO_VALID_PATH", "  -> clear_costmaps: helped"]
        assert "clear_costmaps" in strategies
        assert "  NAV2_GOAL_OUTSIDE_MAP" in texts[1]
        # What changed is sent, not the whole picture again and again.
        assert sum(self.sizes) / len(self.sizes) < len(self.shown)
        [words] = self.last("summary")
        assert "look around" in words.text
        assert "100 %" in words.text

    def test_3_a_goal_pose_becomes_an_execution_and_a_newer_one_replaces_it(self):
        publisher = self.node.create_publisher(PoseStamped, "execution_orchestrator/goal_pose", 1)
        self.spin_until(publisher.get_subscription_count, 60.0, "nobody listens")
        with OrchestratorClient() as client:
            client.wait_ready(90.0)

            def drives(status):
                found = client.call("list_executions", ListExecutions).executions
                own = [one for one in found if one.requester == "goal_pose"]
                return [one for one in own if one.status.value == status]

            pose = PoseStamped()
            pose.header.frame_id = "map"
            pose.pose.position.x, pose.pose.orientation.w = 4.0, 1.0
            pose.pose.position.y = 2.0
            publisher.publish(pose)
            self.spin_until(lambda: drives(ExecutionStatus.EXECUTING), 60.0, "no drive")
            pose.pose.position.x = pose.pose.position.y = 1.0
            publisher.publish(pose)
            self.spin_until(lambda: drives(ExecutionStatus.CANCELLED), 60.0, "not replaced")
            self.spin_until(lambda: drives(ExecutionStatus.COMPLETED), 60.0, "not arrived")
            assert drives(ExecutionStatus.COMPLETED)[0].command == "drive to 1.00, 1.00"

    def last(self, namespace):
        return [self.shown[key] for key in sorted(self.shown) if key[0] == namespace]

    def everything_is_over(self):
        words = self.last("summary")
        return bool(words) and "partially_completed" in words[0].text

    def drawn(self):
        sys.path.insert(0, str(ROOT / "test" / "rendering"))
        from map_picture import MapPicture

        picture = MapPicture(self.grid[-1], list(self.shown.values()))
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
