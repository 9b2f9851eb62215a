"""Plans of the grammar, run by the engine: what is waited for is then used."""

from pathlib import Path

import pytest

from execution_orchestrator.capabilities.loading import load_robot
from execution_orchestrator.engine import effects as fx
from execution_orchestrator.engine import inputs as s
from execution_orchestrator.engine.status import ExecutionStatus
from execution_orchestrator.planning.grammar import GrammarPlanner
from execution_orchestrator.planning.vocabulary import Vocabulary
from execution_orchestrator.runtime.intake import Intake
from test.unit.engine.driving import Rig

CONFIG = Path(__file__).parents[3] / "config"
CUP = {"id": "red_cup", "class": "cup", "pose": {"x": 4.5, "y": 2.0, "z": 0.8, "frame": "map"}}


@pytest.fixture(scope="module")
def intake():
    words = Vocabulary.load(CONFIG / "places.yaml")
    return Intake(load_robot([CONFIG / "capabilities.yaml"]).model, planner=GrammarPlanner(words))


def carried_out(intake, command, seen_in_round):
    """Run a command on a robot that sees the cup from the given look on; return what was sent."""
    prepared = intake.prepare(command, "", "")
    assert prepared.plan is not None, prepared.issues
    rig = Rig()
    rig.feed(s.Submit(execution_id="e", plan=prepared.plan))
    looks = 0
    for done in range(30):
        rig.wait(2.5)
        if rig.execution().is_final or done == len(rig.sent):
            break
        key = rig.sent[done]
        looks += "look_for" in key
        rig.succeed(key, **({"objects": [CUP][: looks >= seen_in_round]} if "look" in key else {}))
    return rig


def test_what_was_waited_for_is_picked_up_where_it_is_seen(intake):
    rig = carried_out(intake, "when you see the red cup, bring it to me", 3)
    assert rig.execution().status is ExecutionStatus.COMPLETED
    assert rig.sent[:3] == [f"repeat[{one}]/look_for_red_cup" for one in range(3)]
    picked = next(goal for key, goal in rig.goals.items() if key.startswith("pick"))
    assert picked.parameters["pose"] == CUP["pose"]


def test_something_is_done_until_something_is_seen(intake):
    rig = carried_out(intake, "look around until you see the red cup, then bring it to me", 2)
    assert rig.execution().status is ExecutionStatus.COMPLETED
    assert rig.sent[:4] == [
        "repeat[0]/scan_environment",
        "repeat[0]/look_for_red_cup",
        "repeat[1]/scan_environment",
        "repeat[1]/look_for_red_cup",
    ]


def test_what_is_done_for_a_time_ends_well_when_that_is_over(intake):
    prepared = intake.prepare("patrol the kitchen and the shelf for 60 seconds", "", "")
    rig = Rig()
    rig.feed(s.Submit(execution_id="e", plan=prepared.plan))
    for done in range(3):
        rig.wait(10.0)
        rig.succeed(rig.sent[done])
    rig.feed(s.GoalAccepted(goal_id=rig.goal(rig.sent[3])))
    rig.wait(31.0)
    assert [one.goal_id for one in rig.of(fx.CancelGoal)] == [rig.goal(rig.sent[3])]
    rig.feed(s.GoalCancelled(goal_id=rig.goal(rig.sent[3])))
    assert rig.execution().status is ExecutionStatus.COMPLETED
    assert len(rig.sent) == 4  # the last of them was on its way


def test_it_is_put_elsewhere_where_it_cannot_be_put_where_it_was_to(intake):
    prepared = intake.prepare("put the red cup on the shelf, otherwise on the table", "", "")
    assert prepared.plan is not None, prepared.issues
    rig = Rig()
    rig.feed(s.Submit(execution_id="e", plan=prepared.plan))
    for done in range(30):
        rig.wait(2.5)
        if rig.execution().is_final or done == len(rig.sent):
            break
        key = rig.sent[done]
        if "place_at_shelf" in key:
            rig.fail(key)
        else:
            rig.succeed(key, **({"objects": [CUP]} if "look" in key else {}))
    assert rig.execution().status is ExecutionStatus.COMPLETED
    assert rig.sent[-2:] == ["go_to_kitchen_2", "place_at_kitchen"]


def test_everything_at_a_place_is_what_is_there(intake):
    prepared = intake.prepare("bring me everything from the kitchen except the bottle", "", "")
    assert prepared.plan is not None, prepared.issues
    rig = Rig()
    rig.feed(s.Submit(execution_id="e", plan=prepared.plan))
    for done in range(30):
        rig.wait(2.5)
        if rig.execution().is_final or done == len(rig.sent):
            break
        key = rig.sent[done]
        seen = {"objects": [CUP] if "red_cup" in key else []} if "look" in key else {}
        rig.succeed(key, **seen)
    assert rig.execution().status is ExecutionStatus.COMPLETED
    assert "look_for_book" in rig.sent


def test_what_goes_on_until_somebody_stops_it_is_stopped(intake):
    prepared = intake.prepare("patrol the kitchen and the shelf until I say stop", "", "")
    assert prepared.plan is not None, prepared.issues
    rig = Rig()
    rig.feed(s.Submit(execution_id="e", plan=prepared.plan))
    for done in range(4):
        rig.wait(10.0)
        rig.succeed(rig.sent[done])
    rig.feed(s.Cancel(execution_id="e", reason="stop"))
    assert [one.goal_id for one in rig.of(fx.CancelGoal)] == [rig.goal(rig.sent[4])]
    rig.feed(s.GoalCancelled(goal_id=rig.goal(rig.sent[4])))
    assert rig.execution().status is ExecutionStatus.CANCELLED


def test_both_ways_are_as_far(intake):
    prepared = intake.prepare("drive forward 2 m, then backwards, then turn left and back", "", "")
    assert prepared.plan is not None, prepared.issues
    rig = Rig()
    rig.feed(s.Submit(execution_id="e", plan=prepared.plan))
    for done in range(4):
        rig.succeed(rig.sent[done])
    assert rig.execution().status is ExecutionStatus.COMPLETED
    ahead, back, left, right = (rig.goals[key].parameters for key in rig.sent)
    assert (ahead["distance"], back["distance"]) == (2.0, 2.0)
    assert left["angle"] == -right["angle"]


def test_where_the_way_to_the_first_fails_the_other_is_all_of_it(intake):
    prepared = intake.prepare("put the red cup on the shelf, otherwise on the table", "", "")
    assert prepared.plan is not None, prepared.issues
    rig = Rig()
    rig.feed(s.Submit(execution_id="e", plan=prepared.plan))
    for done in range(30):
        rig.wait(2.5)
        if rig.execution().is_final or done == len(rig.sent):
            break
        key = rig.sent[done]
        if key == "go_to_shelf":
            rig.fail(key)
        else:
            rig.succeed(key, **({"objects": [CUP]} if "look" in key else {}))
    assert rig.execution().status is ExecutionStatus.COMPLETED
