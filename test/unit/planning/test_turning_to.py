"""Turning to a place, to a person and to a thing, from where the robot stands by then."""

import math
from pathlib import Path

import pytest

from execution_orchestrator.planning.grammar import GrammarPlanner
from execution_orchestrator.planning.ports import PlanningRequest
from execution_orchestrator.planning.vocabulary import Vocabulary

CONFIG = Path(__file__).parents[3] / "config"
PLANNER = GrammarPlanner(Vocabulary.load(CONFIG / "places.yaml"))
CUP = {"id": "red_cup", "pose": {"x": 1.0, "y": 5.0}}
# The robot stands at (1, 2) and looks along +y; the kitchen is at (4, 2), the sofa at (1, 1).
STANDS = {"x": 1.0, "y": 2.0, "yaw": math.pi / 2}


def planned(said, pose=STANDS):
    return PLANNER.plan(PlanningRequest(said, {"robot": {"pose": pose}, "objects": [CUP]}))


@pytest.mark.parametrize(
    ("said", "degrees"),
    [
        ("turn to the kitchen", -90),
        ("turn towards the kitchen", -90),
        ("face the kitchen", -90),
        ("turn around to face the kitchen", -90),
        ("turn to me", 180),
        ("face me", 180),
        ("look at me", 180),
        ("turn to the red cup", 0),
        ("point the camera at the kitchen", -90),
    ],
)
def test_it_turns_by_the_angle_between(said, degrees):
    (spin,) = planned(said).plan["actions"]
    assert spin["action_type"] == "spin"
    turned = math.degrees(spin["parameters"]["angle"])
    assert math.remainder(turned - degrees, 360) == pytest.approx(0.0, abs=0.001)


def test_after_a_way_it_turns_from_the_place_it_then_stands_at():
    _, spin = planned("go to the kitchen and turn to the shelf", None).plan["actions"]
    assert spin["parameters"]["angle"] == pytest.approx(math.atan2(2.0, -2.0), abs=1e-5)


@pytest.mark.parametrize(
    ("said", "pose", "told"),
    [
        ("turn to the kitchen", None, "where the robot stands then is not known"),
        ("drive 1 m forward and turn to the kitchen", STANDS, "where the robot stands then"),
        ("turn to the bottle", STANDS, "where the bottle is is not known yet"),
        ("go to the kitchen and turn to the kitchen", STANDS, "stands at the kitchen then"),
    ],
)
def test_where_it_cannot_know_the_angle_it_says_so(said, pose, told):
    result = planned(said, pose)
    assert result.plan is None
    assert told in result.problems[0]
