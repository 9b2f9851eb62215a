"""No document keeps the analysis busy: orders without an end, long lists, many mistakes."""

import json
import time

import pytest

from execution_orchestrator.plan.issues import MOST_ISSUES, Severity
from execution_orchestrator.plan.signals import signal_problem, wrong_schema
from execution_orchestrator.runtime.intake import Intake


def delay(name, *after):
    depends = {"depends_on": list(after)} if after else {}
    return {"id": name, "action_type": "delay", "duration": 1.0, **depends}


BACKWARDS = {
    "two": [delay("a", "b"), delay("b")],
    "over one": [delay("a", "c"), delay("b"), delay("c")],
    "from the middle": [delay("a"), delay("b", "d"), delay("c"), delay("d")],
    "two of them": [delay("a", "b"), delay("b"), delay("c", "d"), delay("d")],
    "beside what is named well": [delay("a", "b"), delay("b"), delay("c", "a")],
}
AROUND = {
    "plan": lambda actions: {"ordering": "sequence", "actions": actions},
    "sequence": lambda actions: {
        "actions": [{"id": "s", "action_type": "sequence", "actions": actions}]
    },
    "then": lambda actions: {
        "actions": [
            {"id": "s", "action_type": "conditional", "if": "true", "ordering": "sequence",
             "then": actions}
        ]
    },
    "foreach": lambda actions: {
        "actions": [
            {"id": "s", "action_type": "foreach", "items": [1], "ordering": "sequence",
             "actions": actions}
        ]
    },
    "subplan": lambda actions: {
        "actions": [
            {"id": "s", "action_type": "subplan",
             "plan": {"ordering": "sequence", "actions": actions}}
        ]
    },
    "fallback": lambda actions: {
        "actions": [
            {**delay("x"),
             "fallback_action": {"id": "s", "action_type": "sequence", "actions": actions}}
        ]
    },
    "catch": lambda actions: {
        "actions": [
            {"id": "t", "action_type": "try", "actions": [delay("x")], "ordering": "sequence",
             "catch": [{"errors": [], "actions": actions}]}
        ]
    },
}  # fmt: skip


@pytest.mark.timeout(20)
@pytest.mark.parametrize("around", AROUND)
@pytest.mark.parametrize("case", BACKWARDS)
def test_a_dependency_against_the_order_of_a_sequence_is_a_cycle(case, around, robot):
    prepared = Intake(robot).prepare("", json.dumps(AROUND[around](BACKWARDS[case])), "")
    assert prepared.plan is None
    (issue,) = [i for i in prepared.issues if i.severity is Severity.ERROR]
    assert issue.code == "PLAN_DEPENDENCY_CYCLE"
    assert "in this sequence it waits for" in issue.message
    assert issue.pointer.endswith("/depends_on")
    assert issue.line == 1
    assert "ordering: dependencies" in issue.hint


@pytest.mark.parametrize("around", AROUND)
def test_a_dependency_along_the_order_of_a_sequence_is_none(around, robot):
    actions = [delay("a"), delay("b"), delay("c", "a"), delay("d")]
    prepared = Intake(robot).prepare("", json.dumps(AROUND[around](actions)), "", optimise="none")
    assert [i.code for i in prepared.issues] == []
    assert prepared.plan is not None


def many(count, **more):
    return [{**delay(f"a{n}"), **more} for n in range(count)]


LARGE = {
    "a long sequence that waits for its end": {
        "ordering": "sequence",
        "actions": [delay("first", "a7999"), *many(8000)],
    },
    "every one names what is not there": {
        "actions": many(5000, condition="actions.nobody.output.x == 1")
    },
    "every one has a wrong field": {"actions": many(5000, colour="red")},
    "no one has a name": {"actions": [{"action_type": "delay", "duration": 1}] * 8000},
    "a text full of open braces": {
        "actions": [{"id": "a", "action_type": "speak", "parameters": {"text": "{{" * 400_000}}]
    },
    "many dependencies, written backwards": {
        "ordering": "dependencies",
        "actions": [
            delay(f"a{n}", *(f"a{m}" for m in range(max(0, n - 100), n)))
            for n in range(600, -1, -1)
        ],
    },
}


@pytest.mark.timeout(60)
@pytest.mark.parametrize("case", LARGE)
def test_a_large_document_is_analysed_in_bounded_time(case, robot):
    text = json.dumps(LARGE[case])
    began = time.process_time()
    prepared = Intake(robot).prepare("", text, "")
    assert time.process_time() - began < 6.0  # seconds; about one where nobody else computes
    assert len(prepared.issues) <= 3 * MOST_ISSUES


def test_no_number_of_remarks_hides_an_error(robot):
    actions = [{"action_type": "delay", "duration": 1}] * (MOST_ISSUES + 5)
    actions.append({"action_type": "nothing_like_it"})
    prepared = Intake(robot).prepare("", json.dumps({"actions": actions}), "")
    assert prepared.plan is None
    assert "ACTION_TYPE_UNKNOWN" in [i.code for i in prepared.issues]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"eps": 1e-07}', {"eps": 1e-07}),
        ("eps: 1e-07\nwho: yes", {"eps": 1e-07, "who": "yes"}),
        ("", {}),
    ],
)
def test_the_context_of_a_goal_is_read_like_a_plan(text, value, robot):
    assert Intake(robot).read_context(text) == (value, [])


@pytest.mark.parametrize("text", ["[1]", "5", "{", "a: .nan", "a: *b", '{"a": 1, "a": 2}'])
def test_a_context_that_cannot_be_read_is_told_with_a_cure(text, robot):
    given, problems = Intake(robot).read_context(text)
    assert given == {}
    assert [p.code for p in problems] == ["CONTEXT_INVALID"]
    assert problems[0].hint


def test_a_pattern_of_a_signal_comes_to_an_end_on_every_text():
    # Tried as Python's re does it, this would outlast the universe.
    told = signal_problem({"go": {"pattern": "^(a+)+$"}}, "go", "a" * 60_000 + "!")
    assert "go does not fit" in told
    assert signal_problem({"go": {"pattern": "^(?=a)(a+)+$"}}, "go", "a" * 1000) == ""


def test_a_type_of_a_signal_that_refers_to_itself_takes_every_value():
    assert wrong_schema({"$ref": "#"}) == ""
    assert signal_problem({"go": {"$ref": "#"}}, "go", [1, {"a": None}]) == ""


@pytest.mark.parametrize(
    "condition",
    ["1 == " + "-" * 3000 + "1", "input" + ".a" * 1900 + " == 1", "input" + "[0]" * 1000 + " == 1"],
    ids=["signs", "fields", "places"],
)
def test_what_is_nested_without_measure_in_an_expression_raises_nothing(condition, robot):
    action = {"id": "a", "action_type": "delay", "duration": 1, "condition": condition}
    prepared = Intake(robot).prepare("", json.dumps({"actions": [action]}), "")
    assert [one for one in prepared.issues if one.severity is Severity.ERROR] == []


@pytest.mark.parametrize("digits", [30, 5_000, 500_000])
@pytest.mark.parametrize("form", ['{"actions": [{"id": "a", "timeout": %s}]}', "timeout: %s"])
def test_a_number_of_any_length_is_called_too_large(digits, form, robot):
    prepared = Intake(robot).prepare("", form % ("9" * digits), "")
    assert "PLAN_NUMBER_TOO_LARGE" in [one.code for one in prepared.issues]


def test_a_plan_that_is_wrong_everywhere_is_looked_at_until_enough_is_told(robot):
    actions = [
        {"id": f"a{n}", "action_type": "delay", "duration": 1, "condition": f"actions.b{n}.output"}
        for n in range(3 * MOST_ISSUES)
    ]
    prepared = Intake(robot).prepare("", json.dumps({"actions": actions}), "")
    errors = [one for one in prepared.issues if one.severity is Severity.ERROR]
    assert len(errors) == MOST_ISSUES
