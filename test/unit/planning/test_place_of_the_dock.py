"""Where a place has the name of the dock, "go to the dock" is a drive there."""

import pytest

from execution_orchestrator.planning.grammar import GrammarPlanner
from execution_orchestrator.planning.ports import PlanningRequest
from execution_orchestrator.planning.vocabulary import Vocabulary


def planned(said, **places):
    poses = {"desk": {"x": 0.0, "y": 0.0}, **places}
    vocabulary = Vocabulary(
        user="desk", home="desk", places={name: {"pose": pose} for name, pose in poses.items()}
    )
    result = GrammarPlanner(vocabulary).plan(PlanningRequest(said))
    assert result.plan is not None, result
    return result.plan["actions"]


@pytest.mark.parametrize("said", ["go to the dock", "drive to the dock", "move to the dock please"])
def test_a_place_of_that_name_is_driven_to(said):
    (go,) = planned(said, dock={"x": 5.0, "y": 1.0})
    assert go["action_type"] == "navigate_to"
    assert go["parameters"]["target_location"]["x"] == 5.0


def test_there_is_at_that_place():
    go, wait = planned(
        "go to the charging station and wait there for 5 seconds",
        charging_station={"x": 5.0, "y": 1.0},
    )
    assert go["parameters"]["target_location"]["x"] == 5.0
    assert wait["action_type"] == "delay"  # without a way


def test_there_it_also_charges():
    go, charge = planned("go to the dock and charge", dock={"x": 5.0, "y": 1.0})
    assert (go["action_type"], charge["action_type"]) == ("navigate_to", "dock")


@pytest.mark.parametrize("said", ["go to the dock", "dock", "charge", "go to the charger"])
def test_without_such_a_place_the_robot_docks(said):
    (dock,) = planned(said, kitchen={"x": 5.0, "y": 1.0})
    assert dock["action_type"] == "dock"
