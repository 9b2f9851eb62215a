import json
from pathlib import Path

import pytest

from execution_orchestrator.capabilities.loading import load_robot
from execution_orchestrator.capabilities.trial import GoalTrial
from execution_orchestrator.plan.issues import Severity
from execution_orchestrator.plan.loader import load_plan
from execution_orchestrator.plan.validation import validate

CONFIG = Path(__file__).parents[3] / "config"
PLACES = {"kitchen": {"x": 4.0, "y": 2.0}}


@pytest.fixture(scope="module")
def robot():
    return load_robot([CONFIG / "capabilities.yaml"]).model


def plan(*actions):
    return load_plan(json.dumps({"version": 1, "actions": list(actions)})).plan


def drive(target):
    return {"id": "go", "action_type": "navigate_to", "parameters": {"target_location": target}}


LOOK = {"id": "look", "action_type": "detect_objects"}
NO_LENGTH = {"x": 1, "y": 1, "orientation": {"x": 0, "y": 0, "z": 0, "w": 0}}


def told(issues):
    return [(issue.code, issue.severity, issue.pointer) for issue in issues]


def test_a_name_unknown_is_told_before_anything_moves(robot):
    trial = GoalTrial(robot, PLACES, known_objects=lambda: {"red_cup"})
    place = "/actions/{}/parameters/target_location"
    assert trial(plan(drive("kitchen"), {**drive("red_cup"), "id": "b"})) == []
    [issue] = trial(plan(drive("bathroom")))
    assert told([issue]) == [("PLACE_UNKNOWN", Severity.ERROR, place.format(0))]
    assert "kitchen" in issue.hint
    # What is looked for may be found until then.
    [issue] = trial(plan(LOOK, drive("green_cup")))
    assert told([issue]) == [("PLACE_UNKNOWN", Severity.WARNING, place.format(1))]


def test_without_a_robot_unknown_what_it_has_seen(robot):
    [issue] = GoalTrial(robot, PLACES)(plan(drive("red_cup")))
    assert issue.severity is Severity.WARNING


@pytest.mark.parametrize(
    ("action", "words"),
    [
        (drive(NO_LENGTH), "all zeros"),
        (
            {"id": "a", "action_type": "move_arm", "parameters": {"named_state": "bananas"}},
            "no arm state is called 'bananas'",
        ),
        (
            {
                "id": "a",
                "action_type": "follow_waypoints",
                "parameters": {"poses": [{"x": 1.0, "y": 0.0}], "first": 1},
            },
            "poses has 1, the first is 0: there is no 1",
        ),
    ],
)
def test_what_cannot_become_a_goal_is_told(robot, action, words):
    document = plan(action)
    assert validate(document, robot) == []
    [issue] = GoalTrial(robot, PLACES)(document)
    assert issue.code == "PARAMETER_INVALID"
    assert words in issue.message


def test_what_a_template_will_give_is_not_tried(robot):
    assert GoalTrial(robot, PLACES, lambda: ())(plan(LOOK, drive("{{ input.where }}"))) == []


@pytest.mark.parametrize(
    ("target", "pointer", "words"),
    [
        ({"x": 1, "y": 1, "yaw": "north"}, "/yaw", "'north' is not a number"),
        ({"x": 1}, "", "'y' is missing"),
        ([1, 2], "", "[1, 2] has none of the forms"),
        ({"x": "a", "y": 1}, "/x", "'a' is not a number"),
    ],
)
def test_of_several_forms_the_one_that_was_meant_is_spoken_of(robot, target, pointer, words):
    [issue] = validate(plan(drive(target)), robot)
    assert issue.pointer == f"/actions/0/parameters/target_location{pointer}"
    assert words in issue.message


def test_a_hint_has_the_unit(robot):
    [issue] = validate(plan(drive({"x": 1, "y": 1, "yaw": "north"})), robot)
    assert issue.hint == "yaw: radians. Write a number, without a unit and without quotes."


def test_a_number_with_a_unit_is_converted(robot):
    [issue] = validate(plan(drive({"x": 1, "y": 1, "yaw": "90 deg"})), robot)
    assert issue.hint == "yaw: radians. Write 1.571, without a unit and without quotes."
    [issue] = validate(plan(drive({"x": "120 cm", "y": 1})), robot)
    assert issue.hint == "x: metres. Write 1.2, without a unit and without quotes."


def test_exactly_one_of_several_parameters(robot):
    action = {
        "id": "a",
        "action_type": "move_arm",
        "parameters": {"named_state": "home", "joints": {"elbow_joint": 0.0}},
    }
    [issue] = validate(plan(action), robot)
    assert issue.message == (
        "move_arm: exactly one of pose, joints, named_state is needed; given: joints, named_state"
    )


def test_a_frame_that_tf_does_not_know_is_told_before_anything_moves(robot):
    known = GoalTrial(robot, PLACES, frames=lambda _: {"map", "base_link"})
    mute = GoalTrial(robot, PLACES)
    astray = plan(drive({"x": 1.0, "y": 0.0, "frame": "moon"}))
    [issue] = known(astray)
    assert (issue.code, issue.severity) == ("FRAME_UNKNOWN", Severity.WARNING)
    assert "'moon'" in issue.message
    assert "base_link" in issue.hint
    assert mute(astray) == []
    assert known(plan(drive({"x": 1.0, "y": 0.0, "frame": "/base_link"}))) == []


def test_a_behaviour_tree_that_is_not_there_is_told(robot, tmp_path):
    tree = tmp_path / "tree.xml"
    parameters = {"target_location": {"x": 1.0, "y": 0.0}, "behavior_tree": str(tree)}
    drive_by_tree = plan({"id": "go", "action_type": "navigate_to", "parameters": parameters})
    [issue] = GoalTrial(robot, PLACES)(drive_by_tree)
    assert (issue.code, issue.severity) == ("PARAMETER_FILE_MISSING", Severity.WARNING)
    tree.touch()
    assert GoalTrial(robot, PLACES)(drive_by_tree) == []


def test_a_speed_that_the_server_is_not_told_of_is_told(robot):
    trial = GoalTrial(robot, PLACES)
    slowly = drive("kitchen")
    slowly["parameters"]["max_speed"] = 0.2
    [issue] = trial(plan(slowly))
    assert told([issue]) == [
        ("SPEED_NOT_COMMANDED", Severity.WARNING, "/actions/0/parameters/max_speed")
    ]
    back = {"id": "b", "action_type": "back_up", "parameters": {"distance": 0.5, "speed": 0.1}}
    assert trial(plan(back)) == []


def test_a_place_unknown_to_what_is_done_in_steps_is_told(robot):
    put = {"id": "put", "action_type": "place_object", "parameters": {"pose": "nowhere"}}
    trial = GoalTrial(robot, PLACES, known_objects=lambda: {"red_cup"})
    [issue] = trial(plan(put))
    assert told([issue]) == [("PLACE_UNKNOWN", Severity.ERROR, "/actions/0/parameters/pose")]
    assert "kitchen" in issue.hint
    for known in ("kitchen", "red_cup", {"x": 1.0, "y": 2.0}, "{{ input.where }}"):
        assert trial(plan({**put, "parameters": {"pose": known}})) == []
