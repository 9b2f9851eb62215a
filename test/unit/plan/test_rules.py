"""Rules about numbers, resources, order and recovery; every mistake told once, with a cure."""

import json
import re

import jsonschema
import pytest
import yaml

from execution_orchestrator.capabilities.trial import GoalTrial
from execution_orchestrator.plan.capability import ResourceSpec, RetryPolicy
from execution_orchestrator.plan.field_words import FIELD_WORDS
from execution_orchestrator.plan.issues import Severity
from execution_orchestrator.plan.json_schema import plan_schema
from execution_orchestrator.plan.model import CONTROL_FLOW
from execution_orchestrator.runtime.intake import Intake

from .conftest import ROOT

SPEAK = {"action_type": "speak", "parameters": {"text": "hi"}}


def told(robot, *actions, breakpoints=(), **plan):
    text = json.dumps({"actions": list(actions), **plan})
    prepared = Intake(robot).prepare("", text, "", breakpoints=breakpoints)
    assert all(issue.hint for issue in prepared.issues), prepared.issues
    return [(i.code, i.pointer) for i in prepared.issues if i.severity > Severity.INFO]


@pytest.mark.parametrize("number", [-1, -1e-9, float("nan"), float("inf"), 1e12])
@pytest.mark.parametrize(
    "field",
    ["timeout", "estimated_duration", "confirmation_timeout", "cost", "duration",
     "retry/initial_delay", "retry/multiplier", "retry/max_delay", "retry/jitter", "plan/timeout",
     "plan/estimated_duration", "plan/confidence", "priority", "max_parallel", "resources/amount"],
)  # fmt: skip
def test_a_number_nobody_can_mean_is_an_issue(field, number, robot):
    action = {"id": "a", **SPEAK}
    plan = {}
    where, _, name = field.rpartition("/")
    if field == "priority":
        number *= 101
    if where == "plan":
        plan[name] = number
    elif where == "retry":
        action["retry"] = {name: number}
    elif where == "resources":
        action["resources"] = [{"resource": "arm", "amount": number}]
    elif field == "duration":
        action = {"id": "a", "action_type": "delay", "duration": number}
    else:
        action[field] = number
    found = told(robot, action, **plan)
    assert len(found) == 1, found
    assert found[0][0] in (
        "PLAN_FIELD_INVALID", "PLAN_NUMBER_NOT_FINITE", "RESOURCE_DEMAND_IMPOSSIBLE",
    )  # fmt: skip


CAMERA = ResourceSpec(name="camera", type="eye", capacity=2.0, properties={"side": "left"})
OTHER = ResourceSpec(name="thermal", type="eye", capacity=1.0, properties={"side": "right"})


@pytest.mark.parametrize(
    ("demands", "code"),
    [
        (["camera"], None),
        (["camera", "camera"], None),
        (["camera", "camera", "camera"], "RESOURCE_DEMAND_IMPOSSIBLE"),
        ([{"resource": "camera", "amount": 3}], "RESOURCE_DEMAND_IMPOSSIBLE"),
        ([{"resource": "camera", "amount": 2}] * 2, "RESOURCE_DEMAND_IMPOSSIBLE"),
        (["eye", "eye", "eye"], None),
        (["eye"] * 4, "RESOURCE_DEMAND_IMPOSSIBLE"),
        ([{"resource": "eye", "amount": 3}], "RESOURCE_DEMAND_IMPOSSIBLE"),
        (["thermal", "thermal"], "RESOURCE_DEMAND_IMPOSSIBLE"),
        ([{"resource": "eye", "constraints": {"side": "right"}}], None),
        ([{"resource": "eye", "constraints": {"side": "up"}}], "RESOURCE_DEMAND_IMPOSSIBLE"),
        ([{"resource": "camera", "constraints": {"side": "right"}}], "RESOURCE_DEMAND_IMPOSSIBLE"),
        (["ear"], "RESOURCE_UNKNOWN"),
    ],
)
def test_a_demand_nobody_can_ever_meet(demands, code, robot):
    model = robot.model_copy(update={"resources": {"camera": CAMERA, "thermal": OTHER}})
    found = [each for each, _ in told(model, {"id": "a", **SPEAK, "resources": demands})]
    assert found == ([] if code is None else [code])


@pytest.mark.parametrize(
    ("breakpoints", "wrong"),
    [(["a"], 0), (["loop[2]/b"], 0), (["b"], 0), (["aa"], 1), (["x", "a", "y"], 2)],
)
def test_a_breakpoint_has_to_be_at_an_action(breakpoints, wrong, robot):
    loop = {"id": "loop", "action_type": "foreach", "items": [1], "actions": [{"id": "b", **SPEAK}]}
    found = told(robot, {"id": "a", **SPEAK}, loop, breakpoints=breakpoints)
    assert [code for code, _ in found] == ["GOAL_BREAKPOINT_UNKNOWN"] * wrong


@pytest.mark.parametrize(
    ("actions", "plan", "warned"),
    [
        ([("a", None), ("b", None)], {}, False),
        ([("a", None), ("b", ["a"])], {}, False),
        ([("a", None), ("b", ["a"]), ("c", ["a"])], {}, False),
        ([("a", None), ("b", ["a"]), ("c", None)], {}, True),
        ([("a", None), ("b", ["a"]), ("c", None)], {"ordering": "dependencies"}, False),
        ([("a", None), ("b", ["a"]), ("c", None)], {"ordering": "sequence"}, False),
    ],
)
def test_a_list_half_of_which_names_dependencies(actions, plan, warned, robot):
    made = [{"id": n, **SPEAK, **({} if d is None else {"depends_on": d})} for n, d in actions]
    assert ("ORDER_MIXED" in dict(told(robot, *made, **plan))) == warned


def test_the_longest_way_is_compared_with_the_timeout_of_the_plan(robot):
    wait = {"id": "w", "action_type": "delay", "duration": 50.0}
    assert told(robot, wait, timeout=40.0) == [("PLAN_TIMEOUT_TOO_SHORT", "/timeout")]
    assert told(robot, wait, timeout=60.0) == []


@pytest.mark.parametrize(
    ("kind", "timeout", "warned"),
    [("sequence", 7.0, True), ("sequence", 9.0, False), ("parallel", 7.0, False),
     ("parallel", 3.0, True)],
)  # fmt: skip
def test_the_longest_way_through_a_block_is_compared_with_its_timeout(kind, timeout, warned, robot):
    waits = [{"id": name, "action_type": "delay", "duration": 4.0} for name in ("v", "w")]
    block = {"id": "b", "action_type": kind, "timeout": timeout, "actions": waits}
    found = told(robot, {"id": "around", "action_type": "sequence", "actions": [block]})
    assert found == [("TIMEOUT_BELOW_ESTIMATE", "/actions/0/actions/0/timeout")] * warned


def test_a_kind_that_lacks_several_fields_is_one_issue(robot):
    assert told(robot, {"id": "f", "action_type": "foreach"}) == [
        ("CONTROL_FLOW_FIELD_MISSING", "/actions/0")
    ]
    assert told(robot, {"id": "r", "action_type": "repeat"}) == [
        ("CONTROL_FLOW_FIELD_MISSING", "/actions/0")
    ]


def test_what_is_critical_should_have_a_way_to_recover(robot):
    model = robot.model_copy(
        update={
            "capabilities": {
                "fly": robot.capabilities["speak"].model_copy(
                    update={"name": "fly", "recovery": "", "retry": RetryPolicy()}
                )
            }
        }
    )
    fly = {"id": "f", "action_type": "fly", "parameters": {"text": "x"}}
    assert told(model, fly) == []
    assert told(model, {**fly, "critical": True}) == [("CRITICAL_WITHOUT_RECOVERY", "/actions/0")]
    again = {**fly, "critical": True, "fallback_action": {**fly, "id": "g"}}
    assert [code for code, _ in told(model, again)] == ["RECOVERY_SAME_AGAIN"]
    caught = {"id": "t", "action_type": "try", "actions": [{**fly, "critical": True}]}
    assert told(model, caught) == []


@pytest.mark.parametrize(
    ("name", "meant"),
    [("type", "action_type"), ("params", "parameters"), ("after", "depends_on"), ("name", "id"),
     ("timeot", "timeout"), ("dependson", "depends_on")],
)  # fmt: skip
def test_a_field_under_another_name_is_one_issue_and_hides_nothing(name, meant, robot):
    right = {"id": "a", **SPEAK, "depends_on": [], "timeout": 9.0}
    wrong = {name: right[meant], **{k: v for k, v in right.items() if k != meant}}
    prepared = Intake(robot).prepare("", json.dumps({"actions": [wrong]}), "")
    assert [i.code for i in prepared.issues] == ["PLAN_FIELD_UNKNOWN"]
    assert meant in prepared.issues[0].hint


def test_all_mistakes_are_told_in_one_round(robot):
    text = (
        "actions:\n"
        "- {id: a, type: navigate_to, params: {target_location: nowhere}}\n"
        "- {id: a, action_type: speak, parameters: {txt: hi}, priority: 900}\n"
        "- {id: b, action_type: speak, parameters: {text: hi}, resources: [wings], timeout: -5}\n"
        "- {id: c, action_type: delay, duration: -1}\n"
        "- {id: e, action_type: speak, parameters: {text: yes}, condition: nonsense(3), depends_on: [z]}\n"
    )
    intake = Intake(robot, trial=GoalTrial(robot, {"kitchen": {"x": 1.0, "y": 1.0}}))
    issues = intake.prepare("", text, "").issues
    assert [(i.line, i.code) for i in issues] == [
        (2, "PLACE_UNKNOWN"), (2, "PLAN_FIELD_UNKNOWN"), (2, "PLAN_FIELD_UNKNOWN"),
        (3, "ACTION_ID_DUPLICATE"), (3, "PARAMETER_UNKNOWN"), (3, "PLAN_FIELD_INVALID"),
        (4, "RESOURCE_UNKNOWN"), (4, "PLAN_FIELD_INVALID"), (5, "PLAN_FIELD_INVALID"),
        (6, "EXPRESSION_FUNCTION_UNKNOWN"), (6, "DEPENDENCY_UNKNOWN"),
    ]  # fmt: skip
    assert all(issue.hint for issue in issues)


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ({"x": "4.0"}, "'y' is missing"),
        ({"x": "4.0", "y": 1.0}, "'4.0' is not a number"),
        ({"x": 1.0, "y": 1.0, "yaw": "north"}, "'north' is not a number"),
        ({"pose": 5}, ""),
    ],
)
def test_of_several_forms_the_one_that_was_meant_is_judged(target, words, robot):
    action = {"action_type": "navigate_to", "id": "a", "parameters": {"target_location": target}}
    prepared = Intake(robot).prepare("", json.dumps({"actions": [action]}), "")
    messages = [issue.message for issue in prepared.issues]
    assert len(messages) == 1
    assert words in messages[0] or "is not a number" in messages[0]


def test_the_schema_for_editors_fits_the_shipped_plans(robot):
    checker = jsonschema.Draft202012Validator(plan_schema(robot))
    for path in (ROOT / "plans").glob("*.yaml"):
        assert list(checker.iter_errors(yaml.safe_load(path.read_text()))) == [], path.name
    for wrong in (
        {"action_type": "navigate_to", "parameters": {"target": 1}},
        {"action_type": "navigate_to"},
        {"action_type": "fly"},
        {"action_type": "foreach", "items": [1]},
        {"action_type": "subplan"},
        {"action_type": "delay", "duration": -1},
        {"action_type": "delay", "duration": 1, "colour": "red"},
    ):
        assert list(checker.iter_errors({"actions": [wrong]})), wrong


def test_the_schema_for_editors_says_what_each_field_means(robot):
    for name, fields in FIELD_WORDS.items():
        assert set(fields) == set(plan_schema(robot)["$defs"][name]["properties"]), name
    assert set(FIELD_WORDS) == set(plan_schema(robot)["$defs"])


def test_the_schema_for_editors_has_every_field_that_is_documented(robot):
    schema = plan_schema(robot)
    text = (ROOT / "docs" / "plan_reference.md").read_text()
    for heading, name in (
        ("## The document", "Plan"), ("### Schedules", "Schedule"), ("## Every action", "Action"),
    ):  # fmt: skip
        rest = text.partition(f"{heading}\n")[2]
        table = rest[rest.index("| field") :].partition("\n\n")[0]
        fields = {
            field
            for line in table.splitlines()
            if line.startswith("| `")
            for field in re.findall(r"`(\w+)`", line.split("|")[1])
        }
        assert fields, heading
        assert fields <= schema["$defs"][name]["properties"].keys(), heading
    kinds = {
        each["const"] for each in schema["$defs"]["Action"]["properties"]["action_type"]["anyOf"]
    }
    assert kinds >= CONTROL_FLOW | robot.capabilities.keys()


@pytest.mark.parametrize(
    ("block", "code"),
    [
        ({"action_type": "parallel", "success": "any"}, None),
        ({"action_type": "parallel", "success": 2}, None),
        ({"action_type": "parallel", "success": 3}, "PARALLEL_POLICIES"),
        ({"action_type": "parallel", "success": 0}, "PLAN_FIELD_INVALID"),
        ({"action_type": "parallel", "success": "most"}, "PLAN_FIELD_INVALID"),
        ({"action_type": "parallel", "success": "any", "race": True}, "PARALLEL_POLICIES"),
        ({"action_type": "sequence", "race": True}, "ACTION_FIELD_OUT_OF_PLACE"),
        ({"action_type": "sequence", "resources": ["arm"]}, "ACTION_FIELD_OUT_OF_PLACE"),
        ({"action_type": "sequence", "postconditions": ["true"]}, "ACTION_FIELD_OUT_OF_PLACE"),
        ({"action_type": "sequence", "retry": {"max_attempts": 2}, "timeout": 9.0}, None),
    ],
)
def test_the_rules_of_a_block(block, code, robot):
    inside = [{"id": "a", **SPEAK}, {"id": "b", **SPEAK}]
    found = [each for each, _ in told(robot, {"id": "p", "actions": inside, **block})]
    assert found == ([] if code is None else [code])


@pytest.mark.parametrize(
    ("block", "code"),
    [
        ({"action_type": "repeat", "max_iterations": 3}, None),
        ({"action_type": "repeat", "until": "index > 2 && actions.a.status == 'SUCCEEDED'"}, None),
        ({"action_type": "repeat"}, "CONTROL_FLOW_FIELD_MISSING"),
        ({"action_type": "repeat", "max_iterations": 0}, "PLAN_FIELD_INVALID"),
        ({"action_type": "repeat", "until": "5"}, "EXPRESSION_TYPE"),
        ({"action_type": "while", "if": "index < 3"}, None),
        ({"action_type": "while"}, "CONTROL_FLOW_FIELD_MISSING"),
        ({"action_type": "while", "if": "index < 3", "until": "true"}, "ACTION_FIELD_OUT_OF_PLACE"),
        ({"action_type": "sequence", "max_iterations": 2}, "ACTION_FIELD_OUT_OF_PLACE"),
        ({"action_type": "sequence", "delay": 2}, "ACTION_FIELD_OUT_OF_PLACE"),
        ({"action_type": "repeat", "max_iterations": 2, "delay": -1}, "PLAN_FIELD_INVALID"),
    ],
)
def test_the_rules_of_a_loop(block, code, robot):
    inside = [{"id": "a", **SPEAK}]
    found = [each for each, _ in told(robot, {"id": "p", "actions": inside, **block})]
    assert found == ([] if code is None else [code])


LOOP = {"id": "l", "action_type": "while", "actions": [SPEAK]}


@pytest.mark.parametrize(
    ("action", "issues"),
    [
        ({**SPEAK, "while": "robot.battery > 0.3", "on_guard_failed": "wait"}, []),
        ({**SPEAK, "while": "robot.battery"}, []),
        ({**SPEAK, "while": "1 + 1"}, [("EXPRESSION_TYPE", "/actions/0/while")]),
        ({**SPEAK, "while": "nonsense"}, [("EXPRESSION_NAME_UNKNOWN", "/actions/0/while")]),
        ({**SPEAK, "while": "now() < input.end"}, [("GUARD_OVER_TIME", "/actions/0/while")]),
        ({**SPEAK, "on_guard_failed": "skip"},
         [("ACTION_FIELD_OUT_OF_PLACE", "/actions/0/on_guard_failed")]),
        ({**SPEAK, "while": "true", "on_guard_failed": "retry"},
         [("PLAN_FIELD_INVALID", "/actions/0/on_guard_failed")]),
        ({"action_type": "return", "while": "true"},
         [("ACTION_FIELD_OUT_OF_PLACE", "/actions/0/while")]),
        ({"action_type": "sequence", "while": "actions.x.status == 'SUCCEEDED'",
          "actions": [{"id": "x", **SPEAK}]},
         [("REFERENCE_NOT_YET_RUN", "/actions/0/while")]),
        ({**LOOP, "while": "robot.battery > 0.3"}, [("CONTROL_FLOW_FIELD_MISSING", "/actions/0")]),
        ({**LOOP, "if": "index < 3", "while": "robot.battery > 0.3"}, []),
        ({**SPEAK, "guard": "true"}, [("PLAN_FIELD_UNKNOWN", "/actions/0/guard")]),
    ],
)  # fmt: skip
def test_guards(action, issues, robot):
    assert told(robot, {"id": "a", **action}) == issues


LOOK = {"id": "look", "action_type": "detect_objects"}
NOTHING = [{"action_type": "speak", "parameters": {"text": "nothing"}}]


def router(*cases, **more):
    return {"id": "r", "action_type": "router", "cases": list(cases), **more}


def of(*names, by=True):
    if by:
        return {"is": list(names) if len(names) > 1 else names[0], "actions": NOTHING}
    return {"when": f"actions.look.outcome == '{names[0]}'", "actions": NOTHING}


BY = {"by": "actions.look.outcome"}


@pytest.mark.parametrize(
    ("action", "issues"),
    [
        (router(of("found"), of("nothing"), **BY), []),
        (router(of("found", "nothing"), **BY), []),
        (router(of("found"), default=NOTHING, **BY), []),
        (router(of("found"), **BY), [("OUTCOME_MISSING", "/actions/1/cases")]),
        (router(of("found", by=False)), [("OUTCOME_MISSING", "/actions/1/cases")]),
        (router(of("found", by=False), of("nothing", by=False)), []),
        (router(of("found"), of("nothin"), default=NOTHING, **BY),
         [("OUTCOME_UNKNOWN", "/actions/1/cases/1/is")]),
        (router({"actions": NOTHING}), [("PLAN_FIELD_MISSING", "/actions/1/cases/0/when")]),
        (router(of("found")), [("ACTION_FIELD_OUT_OF_PLACE", "/actions/1/cases/0/is")]),
        (router({**of("found"), "when": "true"}, default=NOTHING, **BY),
         [("ACTION_FIELD_OUT_OF_PLACE", "/actions/1/cases/0/is")]),
        (router({"when": "true", "actions": NOTHING}, **BY),
         [("ACTION_FIELD_OUT_OF_PLACE", "/actions/1/by")]),
        (router(of("found"), by="actions.r.outcome"),
         [("REFERENCE_NOT_YET_RUN", "/actions/1/by")]),
        ({"id": "s", **SPEAK, "by": "input.k"}, [("ACTION_FIELD_OUT_OF_PLACE", "/actions/1/by")]),
        ({"id": "s", **SPEAK, "condition": "actions.look.outcome == 'found'"}, []),
    ],
)  # fmt: skip
def test_outcomes_and_routers(action, issues, robot):
    assert told(robot, LOOK, action) == issues


def test_an_action_without_outcomes_has_none(robot):
    asks = {"id": "b", **SPEAK, "condition": "actions.a.outcome == 'x'"}
    assert told(robot, {"id": "a", **SPEAK}, asks) == [
        ("EXPRESSION_FIELD_UNKNOWN", "/actions/1/condition")
    ]


def test_missing_and_unknown_outcomes_are_told_with_the_names(robot):
    text = json.dumps({"actions": [LOOK, router(of("fund"), **BY)]})
    issues = {issue.code: issue for issue in Intake(robot).prepare("", text, "").issues}
    assert "found" in issues["OUTCOME_UNKNOWN"].hint
    assert issues["OUTCOME_MISSING"].hint == "Add a case for nothing, or a default."


@pytest.mark.parametrize("field", ["compensation", "compensation_of_partial"])
def test_nothing_stops_before_what_undoes_something(field, robot):
    undo = {"id": "undo", **SPEAK}
    found = told(robot, {"id": "a", **SPEAK, field: undo}, breakpoints=["undo"])
    assert [code for code, _ in found] == ["GOAL_BREAKPOINT_UNKNOWN"]


def test_what_undoes_a_half_sees_the_last_feedback_and_the_error_and_nothing_else_does(robot):
    def undone(field, text):
        undo = {"action_type": "speak", "parameters": {"text": text}}
        return [code for code, _ in told(robot, {"id": "a", **SPEAK, field: undo})]

    assert undone("compensation_of_partial", "{{ feedback.gone }} {{ error.code }}") == []
    assert undone("compensation_of_partial", "{{ error.cod }}") == ["EXPRESSION_FIELD_UNKNOWN"]
    assert undone("compensation", "{{ feedback.gone }}") == ["EXPRESSION_NAME_UNKNOWN"]
    inside = {"action_type": "sequence", "actions": [{"id": "b", "action_type": "speak",
              "parameters": {"text": "{{ feedback.gone }}"}}]}  # fmt: skip
    assert told(robot, {"id": "a", **SPEAK, "compensation_of_partial": inside}) == []


DELAY = {"id": "d", "action_type": "delay", "duration": 1}


def waiting(name, of="string"):
    plan = {
        "signals": {"go": {"type": of}},
        "actions": [{"id": "w", "action_type": "wait_for_signal", "signal": "go"}],
    }
    return {"id": name, "action_type": "subplan", "plan": plan}


def test_signals_of_two_subplans_have_one_type(robot):
    assert told(robot, waiting("a"), waiting("b")) == []
    assert told(robot, waiting("a"), waiting("b", "number")) == [
        ("SIGNAL_TYPES_DIFFER", "/actions/1/plan/signals/go")
    ]
    assert told(robot, waiting("a", "number"), signals={"go": {"type": "string"}}) == [
        ("SIGNAL_TYPES_DIFFER", "/actions/0/plan/signals/go")
    ]
    assert told(robot, waiting("a", "txt")) == [("SIGNAL_INVALID", "/actions/0/plan/signals/go")]


def test_a_signal_whose_type_is_wrong_is_declared_all_the_same(robot):
    waits = {"id": "w", "action_type": "wait_for_signal", "signal": "go"}
    assert told(robot, waits, signals={"go": "string"}) == [("PLAN_FIELD_INVALID", "/signals/go")]


def test_what_a_signal_is_compared_with_has_its_type(robot):
    steers = {**DELAY, "condition": "signals.go + 1 > 2"}
    signals = {"go": {"type": "string"}}
    assert told(robot, steers, signals=signals) == [("EXPRESSION_TYPE", "/actions/0/condition")]
    null = {**DELAY, "condition": "signals.go == null || signals.go == 'left'"}
    assert told(robot, null, signals=signals) == []


@pytest.mark.parametrize(
    ("condition", "wrong"),
    [
        ("actions.a.status == 'SUCCEEDED'", False),
        ("actions.a.status == 'DONE'", True),
        ("'succeeded' != actions.a.status", True),
        ("actions.a.status in ['FAILED', 'SKIPED']", True),
        ("actions.a.error.type == 'NAVIGATION'", False),
        ("actions.a.error.type == 'NAVIGASION'", True),
        ("actions.a.error.code == 'WHATEVER'", False),
    ],
)
def test_a_status_is_one_of_those_there_are(condition, wrong, robot):
    found = told(robot, {"id": "a", **SPEAK}, {**DELAY, "condition": condition})
    assert found == ([("EXPRESSION_VALUE_UNKNOWN", "/actions/1/condition")] if wrong else [])


@pytest.mark.parametrize(
    ("retry", "cut"),
    [
        ({"max_attempts": 3, "initial_delay": 60.0}, True),  # max_delay is 30 if nothing is said
        ({"max_attempts": 3, "initial_delay": 5.0, "max_delay": 2.0}, True),
        ({"max_attempts": 3, "initial_delay": 60.0, "max_delay": 60.0}, False),
    ],
)
def test_a_first_wait_is_not_longer_than_the_longest(retry, cut, robot):
    found = told(robot, {"id": "a", **SPEAK, "retry": retry})
    assert found == ([("RETRY_DELAY_CUT", "/actions/0/retry/initial_delay")] if cut else [])


def test_what_can_never_be_caught_is_told(robot):
    def tries(*catches):
        return {"id": "t", "action_type": "try", "actions": [DELAY], "catch": list(catches)}

    assert told(robot, tries({"errors": ["NAVIGATION"]}, {"errors": []})) == []
    assert told(robot, tries({"errors": []}, {"errors": ["NAVIGATION"]})) == [
        ("CATCH_UNREACHABLE", "/actions/0/catch/1")
    ]
    assert told(robot, tries({"errors": ["NO_PATH", "NAVIGASION"]})) == [
        ("ERROR_TYPE_UNKNOWN", "/actions/0/catch/0/errors/1")
    ]


def test_a_case_that_is_asked_twice(robot):
    twice = router(of("found"), of("found", "nothing"), **BY)
    assert told(robot, LOOK, twice) == [("CASE_UNREACHABLE", "/actions/1/cases/1/is")]


@pytest.mark.parametrize("duration", ["soon", "5 s", "5"])
def test_a_duration_in_words(duration, robot):
    assert told(robot, {**DELAY, "duration": duration}) == [
        ("PLAN_FIELD_INVALID", "/actions/0/duration")
    ]


def test_a_conditional_does_something(robot):
    nothing = {"id": "c", "action_type": "conditional", "if": "true"}
    assert told(robot, nothing) == [("CONTROL_FLOW_FIELD_MISSING", "/actions/0")]


@pytest.mark.parametrize("beside", [{}, {"parameters": None}])
def test_a_parameter_beside_the_parameters_is_told_once_and_where_it_belongs(robot, beside):
    action = {"id": "a", "action_type": "speak", **beside, "text": "hi"}
    text = json.dumps({"actions": [action]})
    (issue,) = Intake(robot).prepare("", text, "").issues
    assert (issue.code, issue.pointer) == ("PLAN_FIELD_UNKNOWN", "/actions/0/text")
    assert issue.hint == "It is a parameter: write parameters: {text: ...}."


def test_times_are_looked_at_in_a_broken_document_too(robot):
    found = told(robot, DELAY, timeout=-1, schedule={"cron": "61 7 * * *"}, time_zone="Mars")
    assert found == [
        ("PLAN_FIELD_INVALID", "/timeout"),
        ("SCHEDULE_INVALID", "/schedule/cron"),
        ("TIME_ZONE_UNKNOWN", "/time_zone"),
    ]


def test_what_is_inside_of_a_loop_is_not_named_from_outside(robot):
    loop = {"id": "loop", "action_type": "repeat", "max_iterations": 2, "actions": [LOOK]}
    asks = {"id": "s", **SPEAK, "condition": "actions.look.output.objects.size() > 0"}
    assert told(robot, loop, asks) == [("REFERENCE_IN_LOOP", "/actions/1/condition")]
    inside = {**loop, "actions": [LOOK, asks], "until": "actions.look.status == 'SUCCEEDED'"}
    assert told(robot, inside) == []


GO = {"action_type": "navigate_to"}
WAIT = {"action_type": "delay", "duration": 600.0}


def at(**target):
    return {"id": "a", **GO, "parameters": {"target_location": {"x": 1.0, "y": 1.0, **target}}}


@pytest.mark.parametrize(
    ("actions", "expected"),
    [
        ([at(yaw=90)], [("ANGLE_IN_DEGREES", "/actions/0/parameters/target_location/yaw")]),
        ([at(yaw=-45.0)], [("ANGLE_IN_DEGREES", "/actions/0/parameters/target_location/yaw")]),
        ([at(yaw=-6.28)], []),
        ([at(yaw="{{ 90.0 }}")], []),
        (
            [
                {
                    "id": "round",
                    "action_type": "foreach",
                    "items": [{"x": 1.0, "y": 1.0, "yaw": 180}, {"x": 1.0, "y": 2.0, "yaw": 90}],
                    "actions": [{**GO, "id": "a", "parameters": {"target_location": "{{ item }}"}}],
                }
            ],
            [("ANGLE_IN_DEGREES", "/actions/0/items/0/yaw")],
        ),
        (
            [{**SPEAK, "id": "a", "parameters": {"text": "at ${robot.battery} now"}}],
            [("TEMPLATE_LOOKALIKE", "/actions/0/parameters/text")],
        ),
        ([{**SPEAK, "id": "a", "parameters": {"text": "say {this} and {robots}"}}], []),
        (
            [{**SPEAK, "id": "a", "parameters": {"text": "{% if input.x %}one{% endif %}"}}],
            [("TEMPLATE_LOOKALIKE", "/actions/0/parameters/text")],
        ),
        ([{**SPEAK, "id": "a", "parameters": {"text": "at {50 %} or 100%"}}], []),
        (
            [{**SPEAK, "id": "a", "confirmation_timeout": 5.0}],
            [("CONFIRMATION_NOT_ASKED", "/actions/0/confirmation_timeout")],
        ),
        ([{**SPEAK, "id": "a", "confirmation_timeout": 5.0, "require_confirmation": True}], []),
        (
            [{**SPEAK, "id": "a", "fallback_action": {**SPEAK, "id": "b"}}],
            [("RECOVERY_SAME_AGAIN", "/actions/0/fallback_action")],
        ),
        (
            [{"id": "end", "action_type": "return"}, {**SPEAK, "id": "a"}, {**SPEAK, "id": "b"}],
            [("ACTION_AFTER_RETURN", "/actions/1")],
        ),
        (
            [
                {"id": "end", "action_type": "return", "condition": "robot.battery < 0.5"},
                {**SPEAK, "id": "a"},
            ],
            [],
        ),
    ],
)
def test_what_can_be_meant_and_hardly_is_gets_a_warning(actions, expected, robot):
    assert told(robot, *actions, ordering="sequence") == expected


@pytest.mark.parametrize(
    ("cases", "expected"),
    [
        (["true", "robot.battery > 0.5"], ["/actions/0/cases/1/when"]),
        (["robot.battery > 0.5", "robot.battery  >  0.5"], ["/actions/0/cases/1/when"]),
        (["robot.battery > 0.5", "true"], []),
    ],
)
def test_a_case_that_is_never_taken_is_told(cases, expected, robot):
    router = {
        "id": "r",
        "action_type": "router",
        "cases": [
            {"when": when, "actions": [{**SPEAK, "id": f"a{number}"}]}
            for number, when in enumerate(cases)
        ],
    }
    assert told(robot, router) == [("CASE_UNREACHABLE", pointer) for pointer in expected]


def test_a_deadline_before_the_plan_can_be_over_is_told(robot):
    wait = {"id": "a", **WAIT}
    times = {"start_at": "tomorrow 08:00", "deadline": "tomorrow 08:09"}
    assert told(robot, wait, **times) == [("DEADLINE_TOO_SOON", "/deadline")]
    times["deadline"] = "tomorrow 08:11"
    assert told(robot, wait, **times) == []


def test_a_success_that_never_holds_is_told(robot):
    assert told(robot, {"id": "a", **SPEAK}, success="false") == [("CONDITION_NEVER", "/success")]


def test_a_number_in_degrees_is_answered_in_radians(robot):
    text = json.dumps(
        {"actions": [{"id": "a", "action_type": "spin", "parameters": {"angle": 90}}]}
    )
    (issue,) = Intake(robot).prepare("", text, "").issues
    assert "90 degrees are 1.571" in issue.hint


@pytest.mark.parametrize(
    ("action", "cure"),
    [
        (
            {"action_type": "conditional", "condition": "robot.battery > 0.5", "then": [SPEAK]},
            "Write if: robot.battery > 0.5;",
        ),
        (
            {"action_type": "foreach", "items": "kitchen, shelf", "actions": [SPEAK]},
            "Write a list: [kitchen, shelf].",
        ),
        ({**SPEAK, "condition": "objects.length > 1"}, "Write size(objects)."),
        (
            {**SPEAK, "condition": "actions.küche.status == 'SUCCEEDED'"},
            "Write actions['küche']",
        ),
    ],
)
def test_a_mistake_that_others_made_before_names_its_cure(action, cure, robot):
    text = json.dumps({"actions": [{"id": "a", **action}]})
    issues = Intake(robot).prepare("", text, "").issues
    (told,) = [issue for issue in issues if issue.severity is Severity.ERROR]
    assert cure in told.hint


LOOK = {"id": "look", "action_type": "detect_objects"}
SEEN = "actions.look.output.objects.size() > 0"
SEEN_BY_KEY = "actions['look'].output.objects.size() > 0"


@pytest.mark.parametrize(
    ("after", "warned"),
    [
        ({"condition": SEEN}, True),
        ({"parameters": {"text": "{{ actions.look.output.objects.size() }}"}}, True),
        ({"condition": SEEN_BY_KEY}, True),
        ({"condition": f"actions.look.status == 'SUCCEEDED' && {SEEN}"}, False),
        ({"condition": f"actions['look'].status == 'SUCCEEDED' && {SEEN_BY_KEY}"}, False),
        ({"condition": "actions.look.status == 'SUCCEEDED'"}, False),
        (
            {
                "condition": "actions.look.status == 'SUCCEEDED'",
                "parameters": {"text": "{{ actions.look.output.objects.size() }}"},
            },
            False,
        ),
        (
            {
                "condition": "actions['look'].status == 'SUCCEEDED'",
                "parameters": {"text": "{{ actions.look.output.objects.size() }}"},
            },
            False,
        ),
    ],
)
def test_the_output_of_a_branch_that_need_not_be_taken_is_told(after, warned, robot):
    branch = {"id": "c", "action_type": "conditional", "if": "robot.battery > 0.5", "then": [LOOK]}
    found = told(robot, branch, {**SPEAK, "id": "say", **after}, ordering="sequence")
    assert [code for code, _ in found] == ["REFERENCE_IN_BRANCH"] * warned


def test_inside_of_the_branch_its_outputs_are_there(robot):
    then = [LOOK, {**SPEAK, "id": "say", "condition": SEEN}]
    branch = {"id": "c", "action_type": "conditional", "if": "robot.battery > 0.5", "then": then}
    assert told(robot, branch, ordering="sequence") == []


@pytest.mark.parametrize(
    ("action", "field"),
    [
        ({"action_type": "sequence", "catch": [{"errors": [], "actions": [SPEAK]}]}, "catch"),
        ({"action_type": "sequence", "finally": [SPEAK]}, "finally"),
        ({"action_type": "sequence", "max_parallel": 2}, "max_parallel"),
        ({"action_type": "sequence", "ordering": "dependencies"}, "ordering"),
        ({"action_type": "parallel", "ordering": "sequence"}, "ordering"),
        ({"action_type": "parallel", "then": [SPEAK]}, "then"),
        ({"action_type": "repeat", "max_iterations": 2, "mode": "parallel"}, "mode"),
        ({"action_type": "repeat", "max_iterations": 2, "items": [1]}, "items"),
        ({"action_type": "try", "until": "true"}, "until"),
        ({"action_type": "foreach", "items": [1], "max_parallel": 2}, "max_parallel"),
        ({**SPEAK, "on_error": "continue"}, "on_error"),
        ({**SPEAK, "duration": 2.0}, "duration"),
        ({**SPEAK, "ordering": "sequence"}, "ordering"),
    ],
)  # fmt: skip
def test_a_field_of_another_kind_is_never_ignored(robot, action, field):
    nested = {} if "parameters" in action else {"actions": [{"id": "in_it", **SPEAK}]}
    found = told(robot, {"id": "a", **action, **nested})
    assert found == [("ACTION_FIELD_OUT_OF_PLACE", f"/actions/0/{field}")]


@pytest.mark.parametrize(
    "action",
    [
        {"action_type": "sequence", "ordering": "sequence", "on_error": "propagate", "race": False},
        {"action_type": "parallel", "ordering": "dependencies", "mode": "sequential"},
        {"action_type": "foreach", "items": [1], "mode": "parallel", "max_parallel": 2},
    ],
)
def test_a_field_that_says_nothing_new_may_stay(robot, action):
    assert told(robot, {"id": "a", **action, "actions": [{"id": "in_it", **SPEAK}]}) == []
