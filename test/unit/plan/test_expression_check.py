import cel
import pytest

from execution_orchestrator.plan.expression_check import check, function_type
from execution_orchestrator.plan.expression_types import (
    BOOL,
    DOUBLE,
    DYN,
    INT,
    MAP,
    STRING,
    TIMESTAMP,
    list_of,
    map_of,
    of_schema,
    of_value,
)
from execution_orchestrator.plan.expressions import NOW, templates_in
from execution_orchestrator.plan.issues import Severity
from execution_orchestrator.plan.loader import load_plan
from execution_orchestrator.plan.validation import validate

from .conftest import ROOT

NAMES = {
    "i": INT, "d": DOUBLE, "s": STRING, "b": BOOL, "l": list_of(INT), "m": map_of({"a": INT}),
    "q": DYN, "o": list_of(map_of({"id": STRING, "confidence": DOUBLE})),
}  # fmt: skip
VALUES = {
    "i": 3, "d": 1.5, "s": "abc", "b": True, "l": [1, 2], "m": {"a": 1}, "q": {"x": [1]},
    "o": [{"id": "cup", "confidence": 0.9}],
}  # fmt: skip
RIGHT = [
    "i + 1 > 2", "d * 2.0 < 9.0", "i < d", "s + 'x' == 'abcx'", "size(s) == 3", "l.size() > 0",
    "1 in l", "'a' in m", "m.a == 1", "m['a'] + 1", "l[0] + l[1]", "b ? 1 : 2", "!b || b && true",
    "o.exists(x, x.id == 'cup')", "o.filter(x, x.confidence > 0.5).map(x, x.id)[0].size()",
    "o.map(x, x.confidence > 0.1, x.id)", "l.all(x, x > 0) && !l.exists_one(x, x == 7)", "-i", "-d",
    "string(i) + s", "double(i) * d", "int(d) + i", "s.startsWith('a') && s.matches('[a-c]+')",
    "timestamp('2026-11-28T06:30:00Z') + duration('1h') > timestamp('2026-11-28T06:30:00Z')",
    "timestamp('2026-11-28T06:30:00Z').getFullYear() == 2026", "duration('1h').getMinutes()",
    "has(m.b)", "q.x[0] + 1", "q.x.size()", "{'a': 1, 'b': [1, 2]}.b[1]", "l + [3]", "s == null",
    "r'\\d' + \"x\" + '''y'''", "type(i) == int", "i % 2 == 0", "1e3 + 1.5", "0x1F + 1", "5u + 1u",
    "[] + [1]", "{}", "l.map(x, string(x))", "b'ab' + b'c'", "dyn(1)", "true == b", "b != false",
    "// a comment\n i", "optional.of(1).hasValue()",
]  # fmt: skip
WRONG = [
    ("nonsense(3)", "FUNCTION_UNKNOWN", "There are"),
    ("len(l)", "FUNCTION_UNKNOWN", "size(list)"),
    ("siz(l)", "FUNCTION_UNKNOWN", "Did you mean size"),
    ("contains(s, 'a')", "FUNCTION_UNKNOWN", "behind a dot"),
    ("startsWith(s, 'a')", "FUNCTION_UNKNOWN", "behind a dot"),
    ("s.upper()", "FUNCTION_UNKNOWN", "There are"),
    ("q.x.exist(e, e > 1)", "FUNCTION_UNKNOWN", "exists"),
    ("i.string()", "FUNCTION_UNKNOWN", "string(value)"),
    ("size()", "ARGUMENTS", "1 argument"),
    ("size(l, l)", "ARGUMENTS", "1 argument"),
    ("s.contains()", "ARGUMENTS", "1 argument"),
    ("s.startsWith('a', 'b')", "ARGUMENTS", "1 argument"),
    ("l.exists(x)", "ARGUMENTS", "exists"),
    ("1 + 'a'", "TYPE", "string(number)"),
    ("'a' + 1", "TYPE", "string(number)"),
    ("i + d", "TYPE", "1.0"),
    ("i + 1.5", "TYPE", "1.0"),
    ("s - s", "TYPE", "string(number)"),
    ("5.5 % 2.0", "TYPE", "convert"),
    ("1u + 1", "TYPE", "convert"),
    ("s < 1", "TYPE", "two numbers"),
    ("l < l", "TYPE", "two numbers"),
    ("s == 1", "TYPE", "one type"),
    ("!i", "TYPE", "Compare"),
    ("i && b", "TYPE", "Compare"),
    ("i ? 1 : 2", "TYPE", "Compare"),
    ("l.all(x, x + 1)", "TYPE", "Compare"),
    ("-s", "TYPE", "number"),
    ("s[0]", "TYPE", "lists and mappings"),
    ("l['a']", "TYPE", "count from 0"),
    ("'a' in s", "TYPE", "contains"),
    ("size(5)", "TYPE", "It takes"),
    ("timestamp(5)", "TYPE", "It takes"),
    ("i.exists(x, true)", "TYPE", "list"),
    ("timestamp('2026-11-28T06:30:00Z') + 5", "TYPE", ""),
    ("m.b", "FIELD_UNKNOWN", "There is: a"),
    ("m['bb']", "FIELD_UNKNOWN", "There is"),
    ("o.id", "FIELD_UNKNOWN", "o[0].id"),
    ("o[0].confidnce", "FIELD_UNKNOWN", "Did you mean confidence"),
    ("o.filter(x, x.idd == 'cup')", "FIELD_UNKNOWN", "Did you mean id"),
    ("i.x", "FIELD_UNKNOWN", ""),
    ("{'a': 1}.c", "FIELD_UNKNOWN", "a"),
]


@pytest.mark.parametrize("text", RIGHT)
def test_what_has_a_value_is_not_judged(text):
    cel.compile(text).execute(VALUES)
    assert check(text, NAMES)[1] == []


@pytest.mark.parametrize(("text", "code", "cure"), WRONG)
def test_what_can_have_no_value_is_told_with_a_cure(text, code, cure):
    problems = check(text, NAMES)[1]
    assert [p.code for p in problems] == [f"EXPRESSION_{code}"], problems
    assert cure in problems[0].hint
    assert problems[0].hint


def test_numbers_of_one_shape_are_judged_by_what_they_are():
    texts = ("robot.n % 2 == 1", "robot.n % 0 == 1", "robot.n % 10 == 0")
    found = [check(text, {"robot": map_of({"n": INT})})[1] for text in texts]
    assert [[one.message for one in problems] for problems in found] == [
        [], ["'robot.n % 0 == 1': nothing is divided by zero"], [],
    ]  # fmt: skip


@pytest.mark.parametrize(("text", "code", "cure"), WRONG)
def test_the_same_about_values_unknown_is_not_judged(text, code, cure):
    del cure
    known = check(text, {**NAMES, **dict.fromkeys(NAMES, DYN)})[1]
    if code == "FIELD_UNKNOWN":
        assert known == [] or text.startswith("{")


@pytest.mark.parametrize(
    "text", ["(" * 900 + "1" + ")" * 900, "!" * 3900 + "b", "a?" * 900, "€", ""]
)
def test_what_cannot_be_read_is_left_to_the_library(text):
    assert check(text, NAMES) == (DYN, []) or check(text, NAMES)[1] == []


def test_types_of_schemas_and_values():
    schema = {"type": "object", "properties": {"n": {"type": "integer"}, "l": {"type": "array"}}}
    assert [str(t) for t in of_schema(schema).fields.values()] == ["a number", "a list"]
    assert of_schema({**schema, "additionalProperties": True}).fields is None
    assert of_schema({"anyOf": []}) == DYN
    assert of_value({"a": "{{ x }}", "b": [1, 2.5]}).fields["a"] == DYN
    assert of_value([1, "a"]).element == DYN


SPEAK = "action_type: speak, parameters: {text: hi}"
LOOK = "{id: look, action_type: detect_objects}"
ERRORS = [
    (f"[{{id: a, {SPEAK}, condition: 'nonsense(3)'}}]", "EXPRESSION_FUNCTION_UNKNOWN", "condition"),
    (f"[{{id: a, {SPEAK}, condition: '1 + 1'}}]", "EXPRESSION_TYPE", "condition"),
    (f"[{{id: a, {SPEAK}, preconditions: ['true', '1']}}]", "EXPRESSION_TYPE", "preconditions/1"),
    (f"[{{id: a, {SPEAK}, postconditions: ['robot']}}]", "EXPRESSION_TYPE", "postconditions/0"),
    (f"[{{id: a, {SPEAK}, terminate_if: '\"x\"'}}]", "EXPRESSION_TYPE", "terminate_if"),
    (f"[{{id: a, {SPEAK}, condition: 'robot.batery > 0.1'}}]", "EXPRESSION_FIELD_UNKNOWN", "condition"),
    (f"[{{id: a, {SPEAK}, condition: 'robot_history.batery.size() > 1'}}]", "EXPRESSION_FIELD_UNKNOWN", "condition"),
    ("[{id: w, action_type: wait_for, until: 'robot[\"batery\"] > 0.1'}]", "EXPRESSION_FIELD_UNKNOWN", "until"),
    ("[{id: w, action_type: wait_for, until: 'now() + 5 > 1'}]", "EXPRESSION_TYPE", "until"),
    ("[{id: w, action_type: wait_for, until: 'now(1) == now()'}]", "EXPRESSION_ARGUMENTS", "until"),
    (f"[{LOOK}, {{id: a, {SPEAK}, condition: 'actions.look.output.typo.size() > 1'}}]", "EXPRESSION_FIELD_UNKNOWN", "condition"),
    (f"[{LOOK}, {{id: a, {SPEAK}, condition: 'actions.look.outptu == null'}}]", "EXPRESSION_FIELD_UNKNOWN", "condition"),
    (f"[{LOOK}, {{id: a, action_type: speak, parameters: {{text: '{{{{ actions.look.output.objects.id }}}}'}}}}]", "EXPRESSION_FIELD_UNKNOWN", "parameters/text"),
    ("[{id: a, action_type: speak, parameters: {text: 'I am {{ robot.pose'}}]", "EXPRESSION_SYNTAX", "parameters/text"),
    ("[{id: a, action_type: speak, parameters: {text: '{{ 1 }} {{ 2 '}}]", "EXPRESSION_SYNTAX", "parameters/text"),
    ("[{id: r, action_type: return, value: {a: ['{{ 1 +']}}]", "EXPRESSION_SYNTAX", "value/a/0"),
    (f"[{{id: f, action_type: foreach, items: '5', actions: [{{{SPEAK}}}]}}]", "EXPRESSION_TYPE", "items"),
    (f"[{LOOK}, {{id: f, action_type: foreach, items: 'actions.look.output.objects', actions: [{{id: s, {SPEAK}, condition: 'item.idd == \"x\"'}}]}}]", "EXPRESSION_FIELD_UNKNOWN", "actions/0/condition"),
    (f"[{{id: f, action_type: foreach, items: [1, 2], actions: [{{id: s, {SPEAK}, condition: 'item'}}]}}]", "EXPRESSION_TYPE", "actions/0/condition"),
    (f"[{{id: r, action_type: router, cases: [{{when: '3', actions: [{{{SPEAK}}}]}}]}}]", "EXPRESSION_TYPE", "cases/0/when"),
    (f"[{{id: c, action_type: conditional, if: 'size(objects)', then: [{{{SPEAK}}}]}}]", "EXPRESSION_TYPE", "if"),
    ("[{id: d, action_type: delay, duration: \"{{ 'x' }}\"}]", "EXPRESSION_TYPE", "duration"),
    ("[{id: t, action_type: transform, parameters: {data: [1], expression: data.sizee()}}]", "EXPRESSION_FUNCTION_UNKNOWN", "parameters/expression"),
    ("[{id: t, action_type: transform, parameters: {data: [1], expression: date.size()}}]", "EXPRESSION_NAME_UNKNOWN", "parameters/expression"),
    ("[{id: t, action_type: transform, parameters: {data: [1], expression: 'data +'}}]", "EXPRESSION_SYNTAX", "parameters/expression"),
    (f"[{LOOK}, {{id: t, action_type: transform, parameters: {{data: '{{{{ actions.look.output.objects }}}}', expression: 'data.map(o, o.nam)'}}}}]", "EXPRESSION_FIELD_UNKNOWN", "parameters/expression"),
    ("[{id: t, action_type: validate, parameters: {data: [1], rules: ['true', data.size()]}}]", "EXPRESSION_TYPE", "parameters/rules/1"),
    (f"[{{id: s, action_type: subplan, inputs: {{x: 1}}, plan: {{actions: [{{id: a, {SPEAK}, condition: input.y}}]}}}}]", "EXPRESSION_FIELD_UNKNOWN", "plan/actions/0/condition"),
    (f"[{{id: s, action_type: subplan, plan: {{actions: [{{id: a, {SPEAK}}}]}}, outputs: {{z: nonsense(1)}}}}]", "EXPRESSION_FUNCTION_UNKNOWN", "outputs/z"),
    (f"[{{id: t, action_type: try, actions: [{{{SPEAK}}}], catch: [{{actions: [{{id: a, {SPEAK}, condition: error.mesage != ''}}]}}]}}]", "EXPRESSION_FIELD_UNKNOWN", "catch/0/actions/0/condition"),
    (f"[{{id: a, {SPEAK}, condition: robot.battery + 1.0}}]", "EXPRESSION_TYPE", "condition"),
    (f"[{{id: a, {SPEAK}, condition: robot.battery > 'low'}}]", "EXPRESSION_TYPE", "condition"),
    (f"[{{id: a, {SPEAK}, while: robot.pose.height > 0.1}}]", "EXPRESSION_FIELD_UNKNOWN", "while"),
    (f"[{{id: a, {SPEAK}, while: 'robot_history.battery.all(b, b.val > 0.1)'}}]", "EXPRESSION_FIELD_UNKNOWN", "while"),
    (f"[{{id: a, {SPEAK}, condition: 'objects.exist(o, o.id == 1)'}}]", "EXPRESSION_FUNCTION_UNKNOWN", "condition"),
    (f"[{{id: a, {SPEAK}, condition: ''}}]", "EXPRESSION_SYNTAX", "condition"),
    (f"[{{id: a, {SPEAK}, condition: '1 / 0 == 1'}}]", "EXPRESSION_TYPE", "condition"),
    ("[{id: a, action_type: delay, duration: '{{ -3.0 }}'}]", "PLAN_FIELD_INVALID", "duration"),
    (f"[{{id: s, action_type: subplan, plan: {{actions: [{{id: a, {SPEAK}}}]}}, outputs: {{z: '1'}}}}, {{id: b, {SPEAK}, condition: actions.s.output.y == 1}}]", "EXPRESSION_FIELD_UNKNOWN", "condition"),
    (f"[{{id: l, action_type: repeat, max_iterations: 2, actions: [{{id: a, {SPEAK}}}]}}, {{id: b, {SPEAK}, condition: actions.l.output.y == 1}}]", "EXPRESSION_FIELD_UNKNOWN", "condition"),
    (f"[{{id: a, {SPEAK}, fallback_action: {{id: b, {SPEAK}, condition: robot.batery}}}}]", "EXPRESSION_FIELD_UNKNOWN", "fallback_action/condition"),
]  # fmt: skip
POSE = map_of({"x": DOUBLE, "y": DOUBLE})
STATE = {"pose": POSE, "odometry": POSE, "velocity": DOUBLE, "battery": DOUBLE, "joints": MAP}


def found_in(actions, robot, state=STATE):
    loaded = load_plan(f"actions: {actions}")
    assert loaded.plan is not None, loaded.issues
    issues = validate(loaded.plan, robot, source_map=loaded.source_map, state=state)
    return [issue for issue in issues if issue.severity is Severity.ERROR]


@pytest.mark.parametrize(("actions", "code", "field"), ERRORS)
def test_an_expression_that_will_fail_is_an_issue_before_anything_moves(
    actions, code, field, robot
):
    (issue,) = found_in(actions, robot)
    assert issue.code == code
    assert issue.pointer.endswith(f"/{field}")
    assert issue.hint
    assert issue.line == 1


def test_without_the_bound_names_nothing_is_said_of_the_robot(robot):
    actions = f"[{{id: a, {SPEAK}, condition: 'robot.batery > 0.1'}}]"
    assert found_in(actions, robot, state=None) == []


def test_an_output_that_a_fallback_of_another_type_may_give_is_unknown(robot):
    actions = (
        "[{id: look, action_type: detect_objects, fallback_action: {id: say, "
        f"{SPEAK}}}}}, {{id: a, {SPEAK}, condition: 'actions.look.output.duration > 1.0'}}]"
    )
    assert found_in(actions, robot) == []


def test_what_a_signal_gives_is_of_its_declared_type(robot):
    text = (
        "{signals: {door: {type: object, properties: {side: {type: string}}}}, actions: [{id: w, "
        f"action_type: wait_for_signal, signal: door}}, {{id: a, {SPEAK}, condition: "
        "actions.w.output.sid == 'left'}]}"
    )
    issues = validate(load_plan(text).plan, robot, state=STATE)
    assert [i.hint for i in issues] == ["Did you mean side?"]


def test_a_subplan_that_returns_something_may_have_any_output(robot):
    actions = (
        "[{id: s, action_type: subplan, plan: {actions: [{id: r, action_type: return, value: {y: "
        f"1}}}}]}}, outputs: {{z: '1'}}}}, {{id: b, {SPEAK}, condition: actions.s.output.y == 1}}]"
    )
    assert found_in(actions, robot) == []


@pytest.mark.parametrize(
    ("field", "place"),
    [("condition: 'false'", "condition"), ("while: 1 > 2", "while"),
     ("condition: \"'a' == 'b'\"", "condition")],
)  # fmt: skip
def test_a_condition_that_never_holds_is_told(field, place, robot):
    loaded = load_plan(f"actions: [{{id: a, {SPEAK}, {field}}}]")
    (issue,) = validate(loaded.plan, robot, state=STATE)
    assert (issue.code, issue.severity) == ("CONDITION_NEVER", Severity.WARNING)
    assert issue.pointer == f"/actions/0/{place}"


def test_what_a_plan_is_for_cannot_ask_for_an_action_of_a_loop(robot):
    text = (
        "{success: actions.a.status == 'SUCCEEDED', actions: [{id: l, action_type: repeat, "
        f"max_iterations: 2, actions: [{{id: a, {SPEAK}}}]}}]}}"
    )
    issues = validate(load_plan(text).plan, robot, state=STATE)
    assert [(i.code, i.pointer) for i in issues] == [("REFERENCE_IN_LOOP", "/success")]


@pytest.mark.parametrize("path", sorted((ROOT / "plans").glob("*.yaml")), ids=lambda p: p.stem)
def test_no_shipped_plan_is_suspected(path, robot):
    loaded = load_plan(path.read_text())
    issues = validate(loaded.plan, robot, state=STATE)
    assert [i for i in issues if i.code.startswith(("EXPRESSION", "REFERENCE"))] == []


def test_now_is_a_time():
    names = {NOW: function_type(TIMESTAMP)}
    assert check("now() > timestamp('2026-11-28T06:30:00Z')", names) == (BOOL, [])
    assert check("(now() - timestamp('2026-11-28T06:30:00Z')).getHours()", names) == (INT, [])
    assert list(templates_in("at {{ now() }}")) == [("", "now()")]


def test_expressions_of_one_shape_are_judged_by_the_actions_they_name(robot):
    objects = "actions.{}.output.objects == 1"
    conditions = ("actions.look.status == 'x'", *(objects.format(one) for one in ("free", "look")))
    actions = ", ".join(
        f'{{id: b{index}, {SPEAK}, condition: "{condition}"}}'
        for index, condition in enumerate(conditions * 2)
    )
    free = "{id: free, action_type: subplan, plan: {actions: [{id: r, action_type: return}]}}"
    found = found_in(f"[{LOOK}, {free}, {actions}]", robot)
    assert [issue.pointer for issue in found] == [
        f"/actions/{index}/condition" for index in (2, 4, 5, 7)
    ]
