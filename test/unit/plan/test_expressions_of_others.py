"""Expressions as people of other languages write them: one issue, with how it is written here."""

from __future__ import annotations

import json

import pytest

from execution_orchestrator.capabilities.robot_state_document import read_robot_state
from execution_orchestrator.capabilities.state_types import state_types
from execution_orchestrator.plan.expression_check import check
from execution_orchestrator.plan.issues import Severity
from execution_orchestrator.plan.loader import load_plan
from execution_orchestrator.plan.resolve import resolve
from execution_orchestrator.plan.validation import validate
from execution_orchestrator.ros.messages.installed import InstalledInterfaces
from execution_orchestrator.runtime.intake import Intake

from .conftest import ROOT

LOOK = "{id: look, action_type: detect_objects}"


def told(robot, condition, *, signals="{}", before=LOOK):
    quoted = condition.replace("'", "''")
    text = (
        f"signals: {signals}\nactions: [{before}, {{id: a, action_type: speak, "
        f"parameters: {{text: hi}}, condition: '{quoted}'}}]"
    )
    issues = validate(load_plan(text).plan, robot)
    return [issue for issue in issues if issue.severity is not Severity.INFO]


@pytest.mark.parametrize(
    ("condition", "cure"),
    [
        ("input.x == None", "Write null."),
        ("input.x is None", "== null"),
        ("input.x is not None", "!= null"),
        ("'a' if input.x else 'b'", "? one : other"),
        ("input.x | default(3)", "no filters"),
        ("input.x > 20 %", "0.2"),
        ("input?.x == 3", "has(input.x)"),
        ("look.status == 'FAILED'", "Write actions.look."),
        ("steps.look.status == 'FAILED'", "Write actions."),
        ("blackboard.x == 3", "Write input."),
        ("item == 3", "inside of a loop"),
        ("error.code == 'x'", "catch"),
        ("has(input)", "has(input.place)"),
        ("actions.in.status == 'FAILED'", "actions['in']"),
        ("objects.exists(o.id == 'cup')", "item"),
        # what fails whenever it is looked at
        ("objects.exists(o, o.id)", "Compare"),
        ("'cup' in objects", "objects.exists(o, o.id == ...)"),
        ("objects[-1].id == 'cup'", "objects[size(objects) - 1]"),
        ("input.name.matches('[a-')", "regular expression"),
        ("input.name.matches('(?=a)b')", "look ahead"),
        ("now() > timestamp('2026-01-01')", "T07:00:00Z"),
        ("now() - now() > duration('5 min')", "1h30m"),
        ("int('1.5') > 1", "int('12')"),
    ],
)
def test_one_issue_says_how_it_is_written_here(robot, condition, cure):
    (issue,) = told(robot, condition)
    assert issue.severity is Severity.ERROR
    assert cure in issue.hint


@pytest.mark.parametrize(
    "condition",
    [
        "'cup' in objects.map(o, o.id)",
        "1 in [1.0, 2.0] && 'a' in input.names && input.x in [1, null]",
        "objects.exists(o, o.colour == 'red' && o.confidence > 0.5)",
        "now() > timestamp('2026-01-01T00:00:00Z') && now() - timestamp(input.t) > duration('5m')",
        "input.name.matches('^a.*$') && int('12') > 1",
        "objects[0].pose.x < -1.0",
    ],
)
def test_what_has_a_value_is_not_remarked_on(robot, condition):
    assert told(robot, condition) == []


@pytest.mark.parametrize(
    ("condition", "before", "warned"),
    [
        ("signals.n > 3", LOOK, True),
        ("signals.n + 1 == 3", LOOK, True),
        ("signals.n != null && signals.n > 3", LOOK, False),
        ("signals.n == 3", LOOK, False),
        ("signals.n > 3", "{id: w, action_type: wait_for_signal, signal: n}", False),
    ],
)
def test_a_signal_that_may_not_have_come_is_null(robot, condition, before, warned):
    issues = told(robot, condition, signals="{n: {type: integer}}", before=before)
    assert [issue.code for issue in issues] == ["EXPRESSION_MAY_BE_NULL"] * warned
    assert all(issue.severity is Severity.WARNING and issue.hint for issue in issues)


def test_a_value_that_cannot_be_is_not_also_of_the_wrong_type(robot):
    text = (
        "actions: [{id: f, action_type: foreach, items: [1, 2], actions: [" + LOOK + "]}, "
        "{id: t, action_type: speak, parameters: {text: '{{ actions.look.output.objects }}'}}]"
    )
    (issue,) = validate(load_plan(text).plan, robot)
    assert issue.code == "REFERENCE_IN_LOOP"


def test_a_constant_is_tried_as_it_is_written():
    _, problems = check("timestamp('2026-13-01T00:00:00Z') > timestamp(input.t)", {})
    assert [problem.code for problem in problems] == ["EXPRESSION_TYPE"]


@pytest.fixture(scope="module")
def intake(robot):
    state = read_robot_state(ROOT / "config" / "robot_state.yaml")
    return Intake(robot, state=state_types(state.state, InstalledInterfaces()))


def warned(intake, actions):
    prepared = intake.prepare("", f"actions: {actions}", "")
    assert prepared.analysis is not None
    return [(i.code, i.pointer) for i in prepared.issues if i.severity is Severity.WARNING]


SAY = "action_type: speak, parameters: {text: hi}"
USE = "{id: t, action_type: speak, parameters: {text: '{{ actions.look.output.objects[0].id }}'}"


@pytest.mark.parametrize(
    ("actions", "issues"),
    [
        # a percentage where the robot's state has a share
        (f"[{{id: a, {SAY}, condition: robot.battery > 20}}]",
         [("CONDITION_OUT_OF_RANGE", "/actions/0/condition")]),
        (f"[{{id: a, {SAY}, condition: 'input.x || robot.battery < 20'}}]",
         [("CONDITION_OUT_OF_RANGE", "/actions/0/condition")]),
        ("[{id: w, action_type: wait_for, until: 95.0 <= robot.battery}]",
         [("CONDITION_OUT_OF_RANGE", "/actions/0/until")]),
        (f"[{{id: a, {SAY}, condition: robot.battery >= 1.0 || robot.battery <= 0.0}}]", []),
        # what stays what it is
        ("[{id: w, action_type: wait_for, until: input.x}]",
         [("CONDITION_UNCHANGING", "/actions/0/until")]),
        (f"[{{id: a, {SAY}, while: input.x}}]", [("CONDITION_UNCHANGING", "/actions/0/while")]),
        (f"[{{id: r, action_type: repeat, until: input.x, actions: [{{id: a, {SAY}}}]}}]",
         [("CONDITION_UNCHANGING", "/actions/0/until")]),
        (f"[{{id: r, action_type: while, if: 'true', actions: [{{id: a, {SAY}}}]}}]",
         [("CONDITION_UNCHANGING", "/actions/0/if")]),
        (f"[{{id: r, action_type: while, if: index < 3, actions: [{{id: a, {SAY}}}]}}]", []),
        # what is counted farther than the loop goes
        (f"[{{id: r, action_type: while, if: index < 3, max_iterations: 3, actions: [{{id: a, {SAY}}}]}}]",
         []),
        (f"[{{id: r, action_type: while, if: iteration < 200, actions: [{{id: a, {SAY}}}]}}]",
         [("CONDITION_NEVER_ENDS", "/actions/0/if")]),
        ("[{id: r, action_type: repeat, until: index >= 3, max_iterations: 3, "
         f"actions: [{{id: a, {SAY}}}]}}]", [("CONDITION_NEVER_ENDS", "/actions/0/until")]),
        ("[{id: r, action_type: repeat, until: iteration == 3, max_iterations: 3, "
         f"actions: [{{id: a, {SAY}}}]}}]", []),
        (f"[{{id: r, action_type: while, if: 'true', actions: [{{id: a, {SAY}}}, "
         "{id: b, action_type: return, condition: robot.battery < 0.2}]}]", []),
        (f"[{{id: r, action_type: while, if: 'true', while: robot.battery > 0.2, "
         f"on_guard_failed: skip, actions: [{{id: a, {SAY}}}]}}]", []),
        (f"[{{id: r, action_type: repeat, until: \"actions.a.status == 'FAILED'\", "
         f"actions: [{{id: a, {SAY}, critical: false}}]}}]", []),
        # an output that need not be there
        ("[{id: look, action_type: detect_objects, condition: robot.battery > 0.5}, " + USE + "}]",
         [("REFERENCE_IN_BRANCH", "/actions/1/parameters/text")]),
        ("[{id: look, action_type: detect_objects, critical: false}, " + USE + "}]",
         [("REFERENCE_IN_BRANCH", "/actions/1/parameters/text")]),
        ("[{id: look, action_type: detect_objects, while: robot.battery > 0.5, "
         "on_guard_failed: skip}, " + USE + "}]",
         [("REFERENCE_IN_BRANCH", "/actions/1/parameters/text")]),
        ("[{id: look, action_type: detect_objects, condition: robot.battery > 0.5, "
         "when_skipped: skip}, " + USE + "}]", []),
        ("[{id: look, action_type: detect_objects, condition: robot.battery > 0.5}, "
         + USE + ", condition: robot.battery > 0.5}]", []),
        ("[{id: look, action_type: detect_objects, critical: false}, "
         + USE + ", critical: false}]", []),
        ("[{id: look, action_type: detect_objects, critical: false}, {id: s, action_type: try, "
         "catch: [{errors: [], actions: []}], actions: [" + USE + "}]}]", []),
        # what a plan says of its start, inside of another
        ("[{id: s, action_type: subplan, plan: {start_at: '07:00', actions: "
         f"[{{id: a, {SAY}}}]}}}}]", [("SUBPLAN_TIMES_IGNORED", "/actions/0/plan/start_at")]),
    ],
)  # fmt: skip
def test_what_cannot_come_out_well_is_told(intake, actions, issues):
    assert warned(intake, actions) == issues


def test_the_timeout_of_a_subplan_counts(robot):
    inner = f"{{timeout: 5, actions: [{{id: a, {SAY}}}]}}"
    for more, seconds in (("", 5.0), (", timeout: 9", 9.0)):
        text = f"actions: [{{id: s, action_type: subplan{more}, plan: {inner}}}]"
        resolved = resolve(load_plan(text).plan, robot)
        assert resolved["actions"][0]["timeout"] == seconds
        again = load_plan(json.dumps(resolved))
        assert resolve(again.plan, robot) == resolved
