"""What is known of a plan's targets before anything moves."""

from pathlib import Path

import numpy as np
import pytest
from nav_msgs.msg import OccupancyGrid
from rclpy.serialization import serialize_message

from execution_orchestrator.capabilities.conversions import ConversionContext
from execution_orchestrator.capabilities.loading import load_robot
from execution_orchestrator.plan.issues import Severity
from execution_orchestrator.plan.loader import load_plan
from execution_orchestrator.ros.reach import ReachTrial
from execution_orchestrator.ros.world.known_map import KnownMap

MODEL = load_robot([Path(__file__).parents[3] / "config" / "capabilities.yaml"]).model
PLACES = {"kitchen": {"x": 1.0, "y": 2.0}, "vault": {"x": 4.8, "y": 5.0}}


def issues(text, no_way, on_map=lambda frame, x, y: "", outside=lambda frame, x, y: ""):
    plan = load_plan(text).plan
    context = ConversionContext(places=PLACES)
    return ReachTrial(MODEL, no_way, on_map, outside, lambda: context)(plan)


def test_each_target_is_asked_for_from_the_one_before():
    asked = []

    def no_way(start, goal):
        asked.append((start, goal))
        return "cannot be reached: no path" if goal == "vault" else ""

    found = issues(
        """
version: 1
actions:
  - {id: a, action_type: navigate_to, parameters: {target_location: kitchen}}
  - {id: b, action_type: navigate_to, parameters: {target_location: vault}}
  - {id: say, action_type: speak, parameters: {text: hello}}
  - {id: c, action_type: navigate_to, parameters: {target_location: {x: 0.0, y: 1.0}}}
  - {id: d, action_type: navigate_to, parameters: {target_location: "{{ actions.c.output.final_pose }}"}}
""",
        no_way,
    )
    assert asked == [(None, "kitchen"), ("kitchen", "vault"), ("kitchen", {"x": 0.0, "y": 1.0})]
    assert [(issue.code, issue.pointer) for issue in found] == [
        ("TARGET_UNREACHABLE", "/actions/1/parameters/target_location")
    ]
    assert found[0].message == "b: vault (4.8, 5) cannot be reached: no path from kitchen"
    assert found[0].severity is Severity.WARNING


def test_a_target_ahead_of_where_the_robot_will_be_ends_what_is_known():
    asked = []
    ahead = "{x: 2.0, y: 0.0, frame: base_link}"
    drives = "".join(
        f"\n  - {{id: {name}, action_type: navigate_to, parameters: {{target_location: {where}}}}}"
        for name, where in (("a", ahead), ("b", "kitchen"), ("c", ahead), ("d", "vault"))
    )
    issues(f"version: 1\nactions:{drives}", lambda start, goal: asked.append(goal) or "")
    assert asked == [{"x": 2.0, "y": 0.0, "frame": "base_link"}, "kitchen"]


def test_each_of_several_poses_is_looked_at():
    found = issues(
        "{version: 1, actions: [{id: w, action_type: follow_waypoints, parameters: "
        "{poses: [{x: 1.0, y: 1.0}, {x: 4.8, y: 5.0}]}}]}",
        lambda start, goal: "is outside the map" if goal["x"] > 4 else "",
    )
    assert found[0].pointer == "/actions/0/parameters/poses/1"
    assert found[0].message == "w: 4.8, 5 is outside the map"


def test_what_is_put_down_far_away_is_told_and_not_that_a_table_is_in_the_map():
    where = ("{x: 99999, y: 0}", "kitchen", "{x: 4.0, y: 1.0}", '"{{ input.pose }}"')
    puts = "".join(
        f"\n  - {{id: p{index}, action_type: place_object, parameters: {{pose: {pose}}}}}"
        for index, pose in enumerate(where)
    )
    found = issues(
        f"version: 1\nactions:{puts}",
        lambda start, goal: "nobody drives there",
        on_map=lambda frame, x, y: "is occupied in the map",
        outside=lambda frame, x, y: (
            "is outside the map" if (frame, x > 1000) == ("map", True) else ""
        ),
    )
    assert [(issue.code, issue.pointer, issue.message) for issue in found] == [
        ("TARGET_UNREACHABLE", "/actions/0/parameters/pose", "p0: 99999, 0 is outside the map")
    ]


class Node:
    def create_subscription(self, kind, topic, callback, profile, raw=False):
        self.callback = callback


@pytest.mark.parametrize(
    ("x", "y", "wrong"),
    [(0.25, 0.25, ""), (1.75, 0.25, "is occupied in the map"), (2.5, 0.0, "is outside the map")],
)
def test_the_map_says_what_stands_in_a_place(x, y, wrong):
    node = Node()
    known = KnownMap(node, "map")
    assert known.wrong_with("map", x, y) == ""
    grid = OccupancyGrid()
    grid.header.frame_id = "map"
    grid.info.resolution = 0.5
    grid.info.width, grid.info.height = 4, 2
    grid.info.origin.orientation.w = 1.0
    cells = np.zeros((2, 4), dtype=np.int8)
    cells[0, 3], cells[0, 1] = 100, -1
    grid.data = cells.ravel().tolist()
    node.callback(serialize_message(grid))
    assert known.wrong_with("map", x, y) == wrong
    assert known.outside("map", x, y) == (wrong if "outside" in wrong else "")
    assert known.wrong_with("odom", x, y) == ""
