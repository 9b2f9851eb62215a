"""A plan that was shown is a document again: it may be edited and handed in."""

import json

import pytest

from execution_orchestrator.plan.loader import load_plan
from execution_orchestrator.plan.model import CONTROL_FLOW
from execution_orchestrator.plan.written import is_resolved
from execution_orchestrator.runtime.intake import Intake
from execution_orchestrator.runtime.plan_folder import PlanFolder

from .conftest import ROOT

PLANS = sorted((ROOT / "plans").glob("*.yaml"))
SPEAK = {"action_type": "speak", "parameters": {"text": "hi"}}
# Every field that a shipped example does not have.
MORE = {
    "version": 1, "id": "mine", "timeout": 900.0, "deadline": "wall", "confidence": 0.9,
    "ordering": "dependencies", "signals": {"door": {"type": "boolean"}},
    "success": "actions.a.status == 'SUCCEEDED'",
    "actions": [
        {"id": "a", **SPEAK, "timeout": 9.0, "estimated_duration": 3.0, "cost": 0.5, "priority": 4,
         "retry": {"max_attempts": 3}, "resources": [], "preconditions": ["robot.battery > 0.1"],
         "postconditions": ["true"], "when_taken": "fail", "patience": 9.0, "critical": False},
        {"id": "b", **SPEAK, "depends_on": ["a"], "adaptive_timeout": True, "on_failure": "abort",
         "resources": [{"resource": "camera", "amount": 2, "shared": True}], "condition": "true",
         "require_confirmation": True, "confirmation_timeout": 5.0, "confirmation_default": True,
         "recovery_plan": [{"id": "r1", **SPEAK}, {"id": "r2", **SPEAK}], "terminate_if": "false",
         "while": "robot.battery > 0.1", "on_guard_failed": "wait", "when_skipped": "skip"},
        {"id": "p", "action_type": "parallel", "success": 2, "max_parallel": 2, "actions": [
            {"id": name, **SPEAK} for name in ("c", "d", "e")]},
        {"id": "w", "action_type": "while", "if": "index < 2", "delay": 1.5, "every": 4.0,
         "max_iterations": 7, "while": "robot.battery > 0.1", "actions": [
            {"id": "f", **SPEAK}, {"id": "g", **SPEAK}]},
        {"id": "o", "action_type": "repeat", "until": "index > 2", "actions": [{"id": "h", **SPEAK}]},
        {"id": "i", "action_type": "conditional", "if": "true", "ordering": "dependencies",
         "then": [{"id": "j", **SPEAK}, {"id": "k", **SPEAK}], "timeout": 60.0,
         "retry": {"max_attempts": 2}, "estimated_duration": 12.0},
        {"id": "u", "action_type": "subplan", "inputs": {"x": 1}, "outputs": {"y": "1 + 1"},
         "plan": {"ordering": "sequence", "actions": [{"id": "l", **SPEAK}, {"id": "m", **SPEAK}]}},
    ],
}  # fmt: skip


def shown(text, robot, folder=None):
    prepared = Intake(robot, library=folder).prepare("", text, "", optimise="none")
    assert prepared.plan is not None, prepared.issues
    return prepared.plan


def without_id(plan):
    return {key: value for key, value in plan.items() if key != "id"}


@pytest.mark.parametrize("path", [*PLANS, None], ids=lambda p: p.stem if p else "more")
def test_a_plan_that_was_shown_means_the_same_when_it_is_handed_in(path, robot):
    text = json.dumps(MORE) if path is None else path.read_text()
    plan = shown(text, robot, PlanFolder(ROOT / "plans", 10**6))
    again = json.dumps(plan)
    assert is_resolved(json.loads(again))
    assert without_id(shown(again, robot)) == without_id(json.loads(again))


@pytest.mark.parametrize("value", [[], {}, "", 0, False], ids=repr)
def test_an_empty_result_of_the_plan_stays_one(robot, value):
    plan = shown(
        json.dumps({"actions": [{"id": "r", "action_type": "return", "value": value}]}), robot
    )
    assert without_id(shown(json.dumps(plan), robot)) == without_id(json.loads(json.dumps(plan)))


def test_what_is_added_to_it_is_read_as_in_any_plan(robot):
    plan = shown(json.dumps({"actions": [{"id": "a", **SPEAK}, {"id": "b", **SPEAK}]}), robot)
    edited = json.loads(json.dumps(plan))
    edited["actions"].append({"id": "c", **SPEAK})
    edited["actions"][0]["parameters"]["text"] = "ho"
    made = shown(json.dumps(edited), robot)
    assert [(one["id"], one["depends_on"]) for one in made["actions"]] == [
        ("a", []), ("b", ["a"]), ("c", ["b"]),
    ]  # fmt: skip
    assert made["actions"][0]["parameters"] == {"text": "ho"}


def test_a_mistake_in_it_is_told_where_it_stands(robot):
    plan = shown(json.dumps({"actions": [{"id": "a", **SPEAK}]}), robot)
    edited = json.loads(json.dumps(plan))
    edited["actions"][0]["timeout_explicit"] = True
    edited["actions"][0]["timeout"] = -4.0
    edited["actions"][0]["colour"] = "red"
    prepared = Intake(robot).prepare("", json.dumps(edited), "")
    assert [(i.code, i.pointer) for i in prepared.issues] == [
        ("PLAN_FIELD_INVALID", "/actions/0/timeout"), ("PLAN_FIELD_UNKNOWN", "/actions/0/colour"),
    ]  # fmt: skip


def test_every_kind_was_tried():
    texts = " ".join(path.read_text() for path in PLANS)
    assert {kind for kind in CONTROL_FLOW if f"action_type: {kind}" not in texts} == set()


@pytest.mark.parametrize(
    "action",
    [
        {"ordering": {"actions": "sequence"}},
        {"ordering": {"actions": {"a": 1}}, "action_type": "sequence"},
        {"ordering": {}, "action_type": "router"},
        {"ordering": {}, "action_type": "foreach", "loop": "while", "items": 3},
        {"timeout_explicit": True, "robots": 3, "resources": [4]},
    ],
)
def test_a_shown_plan_that_was_edited_into_none_is_told_as_any_document(action):
    result = load_plan(json.dumps({"actions": [action]}))
    assert result.plan is None
    assert all(issue.hint and issue.line for issue in result.issues)
