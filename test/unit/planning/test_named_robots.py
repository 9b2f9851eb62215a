"""Commands that say which of several robots is to do them."""

from pathlib import Path

import pytest

from execution_orchestrator.capabilities.loading import load_robot
from execution_orchestrator.engine import inputs as s
from execution_orchestrator.engine.status import ExecutionStatus
from execution_orchestrator.plan.issues import Severity
from execution_orchestrator.planning.grammar import GrammarPlanner
from execution_orchestrator.planning.ports import EarlierCommand, PlanningRequest
from execution_orchestrator.planning.vocabulary import Vocabulary
from execution_orchestrator.runtime.intake import Intake
from test.unit.engine.driving import Rig
from test.unit.planning.test_grammar import in_short

CONFIG = Path(__file__).parents[3] / "config"
VOCABULARY = Vocabulary.load(CONFIG / "places.yaml")
PLANNER = GrammarPlanner(VOCABULARY, ("robot1", "robot2"))
BRING = (
    "go_to_kitchen; look_for_bottle; conditional then(pick_bottle; go_to_living_room; "
    "place_at_living_room) else(speak I cannot see the bottle.)"
)


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    robots = tmp_path_factory.mktemp("robots") / "robots.yaml"
    robots.write_text("version: 1\nrobots: {robot1: {}, robot2: {}}\n")
    return load_robot([CONFIG / "capabilities.yaml", robots]).model


@pytest.fixture(scope="module")
def intake(model):
    return Intake(model, planner=PLANNER)


def planned(said, **fields):
    return PLANNER.plan(PlanningRequest(said, **fields))


def robots_of(actions):
    """Return the robots of all actions that a robot does."""
    found = set()
    for action in actions:
        inner = [*action.get("actions", ()), *action.get("then", ()), *action.get("else", ())]
        if inner:
            found |= robots_of(inner)
        elif action["action_type"] not in ("delay", "wait_for"):
            found.add(action.get("robot"))
    return found


@pytest.mark.parametrize(
    ("said", "robot", "plan"),
    [
        ("robot2, bring me the bottle", "robot2", BRING),
        ("Robot 1 go home", "robot1", "go_to_home"),
        ("please, robot number 2, go to the kitchen", "robot2", "go_to_kitchen"),
        ("tell robot2 to go home", "robot2", "go_to_home"),
        ("send robot2 to the kitchen", "robot2", "go_to_kitchen"),
        ("send robot1 home", "robot1", "go_to_home"),
        ("have robot2 take a photo", "robot2", "capture_image"),
        ("go to the kitchen, robot2", "robot2", "go_to_kitchen"),
        ("bring me the bottle with robot1", "robot1", BRING),
        ("any robot, go to the shelf", "any:carrier", "go_to_shelf"),
        (
            "can you please let robot2 wait 5 seconds and go home?",
            "robot2",
            "delay 5.0; go_to_home",
        ),
    ],
)
def test_the_named_robot_does_all_of_it(intake, said, robot, plan):
    result = planned(said)
    assert in_short(result.plan["actions"]) == plan
    assert robots_of(result.plan["actions"]) == {robot}
    prepared = intake.prepare(said, "", "", planned=result)
    assert [issue for issue in prepared.issues if issue.severity is Severity.ERROR] == []


def test_a_time_stays_that_of_the_whole():
    result = planned("robot2, go home at 17:30")
    assert result.plan["start_at"] == "17:30"
    assert robots_of(result.plan["actions"]) == {"robot2"}


def test_both_robots_do_it_at_the_same_time(intake, model):
    said = "both robots go to the kitchen and then take a photo"
    prepared = intake.prepare(said, "", "", planned=planned(said))
    assert prepared.plan is not None, prepared.issues
    rig = Rig(resources=model.resources)
    rig.feed(s.Submit(execution_id="e", plan=prepared.plan))
    assert {goal.robot for goal in rig.goals.values()} == {"robot1", "robot2"}
    for done in range(4):
        rig.wait(5.0)
        rig.succeed(rig.sent[done])
    assert rig.execution().status is ExecutionStatus.COMPLETED


def test_the_same_robot_does_it_again():
    earlier = (EarlierCommand("e", "robot2, go home", "COMPLETED"),)
    result = planned("do that again", earlier=earlier)
    assert result.plan["command"] == "robot2, go home"
    assert robots_of(result.plan["actions"]) == {"robot2"}


def test_what_one_robot_holds_another_does_not():
    world = {"robot": {}, "objects": [], "held": ["book"], "held_by": {"robot1": ["book"]}}
    assert "holds the book" in planned("robot1, bring me the bottle", world=world).problems[0]
    assert in_short(planned("robot2, bring me the bottle", world=world).plan["actions"]) == BRING


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("robot7, go home", "no robot is called so; there is: robot1, robot2"),
        ("robot2, how full is your battery?", "where its topic is bound as robot2_battery"),
        ("how full is robot1's battery?", "where its topic is bound as robot1_battery"),
        ("robot2, where are you?", "where robot2 is is not known"),
        ("robot2, if your battery is low go home", "only of the orchestrator's own robot"),
        ("robot2, dance", "is not known"),
    ],
)
def test_what_cannot_be_asked_of_it_is_told(said, told):
    result = planned(said)
    assert result.plan is None
    assert told in "; ".join(result.problems)


KNOWN = {
    "robot": {"robot2_battery": 0.4},
    "objects": [],
    "held": ["book"],
    "held_by": {"robot1": ["book"]},
    "robots": {"robot1": {"x": 4.0, "y": 2.0, "yaw": 0.0}, "robot2": {"x": 9.0, "y": 7.5}},
}


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("where is robot1?", "robot1 is at the kitchen."),
        ("is robot 1 in the kitchen?", "robot1 is at the kitchen."),
        ("robot2, where are you?", "robot2 is at x 9.0, y 7.5 in the map."),
        ("what is robot2's position?", "robot2 is at x 9.0, y 7.5 in the map."),
        (
            "how full is robot2's battery?",
            "The battery of robot2 is at {{ int(robot.robot2_battery * 100.0) }} percent.",
        ),
        ("what is robot1 holding?", "robot1 holds the book."),
        ("is robot2 holding anything?", "robot2 holds nothing."),
        ("what is robot2 doing?", "robot2 does this: robot2, patrol."),
        ("is robot1 busy?", "robot1 has no command that names it."),
    ],
)
def test_the_state_of_one_of_them_is_told(said, told):
    running = (EarlierCommand("e1", "robot2, patrol", "EXECUTING"),)
    (only,) = PLANNER.plan(PlanningRequest(said, world=KNOWN, running=running)).plan["actions"]
    assert only["parameters"]["text"] == told
