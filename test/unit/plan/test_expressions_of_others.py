"""Expressions as people of other languages write them: one issue, with how it is written here."""

from __future__ import annotations

import pytest

from execution_orchestrator.plan.expression_check import check
from execution_orchestrator.plan.issues import Severity
from execution_orchestrator.plan.loader import load_plan
from execution_orchestrator.plan.validation import validate

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
