"""What people say, in the shipped world: a valid plan, or an answer that helps."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from execution_orchestrator.capabilities.loading import load_robot
from execution_orchestrator.plan.issues import Severity
from execution_orchestrator.planning.grammar import GrammarPlanner
from execution_orchestrator.planning.grammar.spelling import errors, near
from execution_orchestrator.planning.ports import EarlierCommand, PlanningRequest
from execution_orchestrator.planning.vocabulary import Vocabulary
from execution_orchestrator.runtime.intake import Intake
from test.unit.planning.test_grammar import having, in_short

HERE = Path(__file__).parent
CONFIG = HERE.parents[2] / "config"
PLANNER = GrammarPlanner(Vocabulary.load(CONFIG / "places.yaml"))
#: Unix seconds.
MORNING = datetime(2026, 11, 30, 6, 0, tzinfo=UTC).timestamp()
SAID = yaml.safe_load((HERE / "said.yaml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def intake():
    # "Tonight at 9" is over for who runs this later in the evening.
    robot = load_robot([CONFIG / "capabilities.yaml"]).model
    return Intake(robot, planner=PLANNER, now=lambda: MORNING)


def world_of(one):
    """What is seen (`seen`: ids, or where they were seen) and held in a row of the data."""
    seen = one.get("seen", ())
    world = having(*seen)
    if isinstance(seen, dict):
        for known in world["objects"]:
            known["pose"] = seen[known["id"]]
    at = {"pose": one["at"]} if "at" in one else {}
    return {**world, "robot": at, "held": one.get("held", [])}


@pytest.mark.parametrize("one", SAID, ids=lambda one: one["say"])
def test_said(intake, one):
    result = PLANNER.plan(PlanningRequest(one["say"], world=world_of(one)))
    if "told" in one:
        assert result.plan is None
        assert one["told"] in "; ".join(result.problems)
        return
    assert result.problems == ()
    assert in_short(result.plan["actions"]) == one["plan"]
    times = {
        name: result.plan[name]
        for name in ("schedule", "start_at", "not_before", "deadline", "timeout")
        if name in result.plan
    }
    assert times == one.get("when", {})
    if "for" in one:
        assert result.plan["success"] == one["for"]
    prepared = intake.prepare(one["say"], "", "", planned=result)
    assert [issue for issue in prepared.issues if issue.severity is Severity.ERROR] == []


@pytest.mark.parametrize(
    ("said", "condition"),
    [
        ("if the battery is low go home", "robot.battery < 0.2"),
        ("go home if the battery is under 35 percent", "robot.battery < 0.35"),
        ("if the battery is above 50% go to the kitchen", "robot.battery > 0.5"),
    ],
)
def test_a_condition_on_the_battery(said, condition):
    assert PLANNER.plan(PlanningRequest(said)).plan["actions"][0]["if"] == condition


@pytest.mark.parametrize(
    ("said", "condition"),
    [
        ("when the battery is low go home", "robot.battery < 0.2"),
        ("go home as soon as the battery is below 30%", "robot.battery < 0.3"),
        ("wait until the battery is full then go to the kitchen", "robot.battery >= 0.95"),
    ],
)
def test_a_battery_that_is_waited_for(said, condition):
    first, second = PLANNER.plan(PlanningRequest(said)).plan["actions"]
    assert (first["action_type"], first["until"]) == ("wait_for", condition)
    assert second["action_type"] == "navigate_to"


@pytest.mark.parametrize(
    ("said", "condition"),
    [
        ("patrol until the battery is at 30 percent", "robot.battery < 0.3"),
        ("charge until the battery is at 80 percent", "robot.battery > 0.8"),
        ("charge until full", "robot.battery >= 0.95"),
    ],
)
def test_a_battery_falls_while_it_drives_and_rises_while_it_charges(said, condition):
    assert PLANNER.plan(PlanningRequest(said)).plan["actions"][-1]["until"] == condition


def test_two_conditions_have_to_hold_both():
    said = "if the cup is on the table and the battery is above 50 percent bring me the cup"
    *look, conditional = PLANNER.plan(PlanningRequest(said)).plan["actions"]
    assert in_short(look) == "go_to_kitchen; look_for_red_cup"
    seen = "actions.look_for_red_cup.output.objects.size() > 0"
    assert conditional["if"] == f"{seen} && robot.battery > 0.5"


@pytest.mark.parametrize(
    ("commands", "told"),
    [
        ([], "I am doing nothing."),
        (["patrol the kitchen"], "I am doing this: patrol the kitchen."),
        (["say {{ 1 }}", ""], "I am doing this: e0, and e1."),
    ],
)
def test_what_runs_is_told(commands, told):
    running = tuple(
        EarlierCommand(f"e{number}", said, "EXECUTING") for number, said in enumerate(commands)
    )
    (only,) = PLANNER.plan(PlanningRequest("what are you doing?", running=running)).plan["actions"]
    assert only["parameters"]["text"] == told


def test_what_comes_after_what_runs_does_not_begin_beside_it():
    running = (EarlierCommand("e1", "patrol", "EXECUTING"),)
    for said in ("go home when you are done", "once you are finished, go home"):
        assert PLANNER.plan(PlanningRequest(said)).plan is not None
        told = PLANNER.plan(PlanningRequest(said, running=running))
        assert told.final
        assert '"patrol" is carried out now' in told.problems[0]


def test_what_is_done_for_a_time_ends_when_the_time_is_over():
    (only,) = PLANNER.plan(PlanningRequest("patrol the kitchen for two hours")).plan["actions"]
    assert (only["action_type"], only["race"]) == ("parallel", True)
    rounds, time = only["actions"]
    assert (rounds["max_iterations"], time["duration"]) == (1000, 7200.0)


def test_how_far_a_place_is():
    world = {"robot": {"pose": {"x": 1.0, "y": 2.0}}, "objects": []}
    (only,) = PLANNER.plan(PlanningRequest("how far is the kitchen?", world)).plan["actions"]
    assert only["parameters"]["text"] == "The kitchen is at x 4, y 2 in the map, 3.0 m from here."


@pytest.mark.parametrize(
    "said",
    ["how far is it to the kitchen?", "how far are you from the kitchen", "distance to the kitchen",
     "tell me how far away the kitchen is"],
)  # fmt: skip
def test_however_a_distance_is_asked_for(said):
    world = {"robot": {"pose": {"x": 1.0, "y": 2.0}}, "objects": []}
    (only,) = PLANNER.plan(PlanningRequest(said, world)).plan["actions"]
    assert only["parameters"]["text"] == "The kitchen is at x 4, y 2 in the map, 3.0 m from here."


def test_what_has_an_end_is_guarded_and_not_done_again_and_again():
    said = "bring me the cup as long as the battery is above 20%"
    (only,) = PLANNER.plan(PlanningRequest(said)).plan["actions"]
    assert (only["action_type"], only["while"]) == ("sequence", "robot.battery > 0.2")


def test_elsewhere_is_the_opposite_of_there():
    conditions = [
        PLANNER.plan(PlanningRequest(f"if you are {where} go home")).plan["actions"][0]["if"]
        for where in ("not in the kitchen", "in the kitchen")
    ]
    assert conditions[0] == f"!({conditions[1]})"


def test_unless_is_the_opposite_of_if():
    (only,) = PLANNER.plan(PlanningRequest("go home unless the battery is full")).plan["actions"]
    assert only["if"] == "!(robot.battery >= 0.95)"


@pytest.mark.parametrize(
    ("said", "metres"),
    [
        ("drive 50 cm forward", 0.5),
        ("go forward by 1.5 m", 1.5),
        ("drive 3 feet ahead", 0.9144),
        ("drive a metre ahead", 1.0),
        ("drive half a yard forward", 0.4572),
        ("move back 20 centimetres", 0.2),
    ],
)
def test_a_distance_in_any_unit(said, metres):
    (only,) = PLANNER.plan(PlanningRequest(said)).plan["actions"]
    assert only["parameters"]["distance"] == metres


def test_any_of_several_is_picked_as_what_was_seen():
    plan = PLANNER.plan(
        PlanningRequest("if you see a cup, pick it up", world=having("white_cup"))
    ).plan
    look, conditional = plan["actions"]
    assert look["parameters"]["classes"] == ["red_cup", "white_cup"]
    assert conditional["then"][0]["parameters"] == {
        "object_id": "{{ actions.look_for_red_cup.output.objects[0].id }}",
        "pose": "{{ actions.look_for_red_cup.output.objects[0].pose }}",
    }


def test_what_is_understood_and_refused_is_asked_of_no_other_planner():
    for said in ("stop", "don't go home", "put the book down"):
        assert PLANNER.plan(PlanningRequest(said)).final
    assert not PLANNER.plan(PlanningRequest("hol mir die rote Tasse")).final


def test_letters_that_changed_places_are_the_likeliest_error():
    assert (errors("teh", "the"), errors("teh", "ten"), errors("cupp", "cup")) == (0.5, 1.0, 1.0)
    assert near("teh", ["ten", "the", "to"]) == ["the"]
    assert near("elephant", ["element", "kitchen"]) == []
