import pytest

from execution_orchestrator.engine.program import compile_new
from execution_orchestrator.plan.issues import Severity
from execution_orchestrator.plan.loader import load_plan
from execution_orchestrator.plan.resolve import resolve
from execution_orchestrator.plan.validation import validate

from .conftest import ROOT

SPEAK = "action_type: speak, parameters: {text: hi}"


def issues(text, robot):
    loaded = load_plan(text)
    assert loaded.plan is not None, loaded.issues
    return validate(loaded.plan, robot, source_map=loaded.source_map)


def errors(text, robot):
    return [i.code for i in issues(text, robot) if i.severity is Severity.ERROR]


@pytest.mark.parametrize("path", sorted((ROOT / "plans").glob("*.yaml")), ids=lambda p: p.stem)
def test_every_example_plan_is_valid(path, robot):
    assert errors(path.read_text(), robot) == []


@pytest.mark.parametrize(
    ("actions", "code"),
    [
        ("[{id: a, action_type: fly}]", "ACTION_TYPE_UNKNOWN"),
        (f"[{{id: a, {SPEAK}}}, {{id: a, {SPEAK}}}]", "ACTION_ID_DUPLICATE"),
        (f"[{{id: '1 x', {SPEAK}}}]", "ACTION_ID_INVALID"),
        (f"[{{id: a, {SPEAK}, depends_on: [b]}}]", "DEPENDENCY_UNKNOWN"),
        (f"[{{id: a, {SPEAK}, depends_on: [a]}}]", "PLAN_DEPENDENCY_CYCLE"),
        (
            f"[{{id: a, {SPEAK}, depends_on: [b]}}, {{id: b, {SPEAK}, depends_on: [a]}}]",
            "PLAN_DEPENDENCY_CYCLE",
        ),
        ("[{id: a, action_type: speak}]", "PARAMETER_MISSING"),
        ("[{id: a, action_type: speak, parameters: {text: 5}}]", "PARAMETER_INVALID"),
        ("[{id: a, action_type: speak, parameters: {text: a, txt: b}}]", "PARAMETER_UNKNOWN"),
        (f"[{{id: a, {SPEAK}, resources: [wings]}}]", "RESOURCE_UNKNOWN"),
        (
            f"[{{id: a, {SPEAK}, resources: [{{resource: arm, amount: 5}}]}}]",
            "RESOURCE_DEMAND_IMPOSSIBLE",
        ),
        (f"[{{id: a, {SPEAK}, condition: '1 +'}}]", "EXPRESSION_SYNTAX"),
        (f"[{{id: a, {SPEAK}, condition: 'nobody > 1'}}]", "EXPRESSION_NAME_UNKNOWN"),
        (f"[{{id: a, {SPEAK}, condition: 'actions.zz.output.x == 1'}}]", "REFERENCE_UNKNOWN"),
        (
            f"[{{id: a, {SPEAK}, condition: 'actions.b.status == 1'}}, {{id: b, {SPEAK}}}]",
            "REFERENCE_NOT_YET_RUN",
        ),
        ("[{id: a, action_type: foreach}]", "CONTROL_FLOW_FIELD_MISSING"),
        (
            "[{id: a, action_type: delay, duration: 1.0, parameters: {x: 1}}]",
            "CONTROL_FLOW_PARAMETERS",
        ),
        (f"[{{id: a, {SPEAK}, then: [{{{SPEAK}}}]}}]", "ACTION_FIELD_OUT_OF_PLACE"),
    ],
)
def test_rule(actions, code, robot):
    assert code in errors(f"actions: {actions}", robot)


def test_a_sibling_that_is_no_dependency_may_not_be_named(robot):
    text = (
        f"actions: [{{id: a, {SPEAK}, depends_on: []}}, {{id: b, {SPEAK}, depends_on: [], "
        "condition: 'actions.a.status == \"SUCCEEDED\"'}]"
    )
    assert "REFERENCE_NOT_YET_RUN" in errors(text, robot)


STEP = "condition: 'actions.x.status == \"SUCCEEDED\"'"
X = f"{{id: x, {SPEAK}}}"
USER = f"{{id: u, {SPEAK}, {STEP}}}"


@pytest.mark.parametrize(
    ("actions", "wrong"),
    [
        (f"[{{id: p, action_type: parallel, actions: [{X}, {USER}]}}]", True),
        (
            f"[{{id: p, action_type: parallel, actions: [{X}, {USER[:-1]}, depends_on: [x]}}]}}]",
            False,
        ),
        (
            f"[{{id: p, action_type: parallel, actions: [{{action_type: sequence, actions: [{X}]}}, "
            f"{{action_type: sequence, actions: [{USER}]}}]}}]",
            True,
        ),
        (f"[{{id: s, action_type: sequence, actions: [{X}]}}, {USER}]", False),
        (f"[{USER}, {{id: s, action_type: sequence, actions: [{X}]}}]", True),
        (f"[{{id: s, action_type: sequence, actions: [{USER}]}}, {X}]", True),
        (f"[{{id: c, action_type: conditional, if: 'true', then: [{X}]}}, {USER}]", False),
        (f"[{{id: t, action_type: try, actions: [{X}], catch: [{{actions: [{USER}]}}]}}]", False),
        (f"[{{id: y, {SPEAK}, fallback_action: {USER}}}, {X}]", True),
        (
            f"[{{id: y, {SPEAK}, fallback_action: {{action_type: parallel, actions: [{X}, {USER}]}}}}]",
            True,
        ),
    ],
)
def test_what_need_not_have_run_may_not_be_named(actions, wrong, robot):
    assert ("REFERENCE_NOT_YET_RUN" in errors(f"actions: {actions}", robot)) == wrong


def test_an_action_may_name_itself_afterwards(robot):
    text = f"actions: [{{id: a, {SPEAK}, postconditions: ['actions.a.output.duration > 0.0']}}]"
    assert errors(text, robot) == []


def test_item_has_a_meaning_only_in_a_loop(robot):
    inside = "actions: [{id: l, action_type: foreach, items: [1], actions: [{id: s, action_type: speak, parameters: {text: '{{ item }}'}}]}]"
    outside = "actions: [{id: s, action_type: speak, parameters: {text: '{{ item }}'}}]"
    assert errors(inside, robot) == []
    assert errors(outside, robot) == ["EXPRESSION_NAME_UNKNOWN"]


def test_a_timeout_below_the_estimate_is_a_warning(robot):
    found = issues(f"actions: [{{id: a, {SPEAK}, timeout: 1.0, estimated_duration: 5.0}}]", robot)
    assert [(i.code, i.severity) for i in found] == [("TIMEOUT_BELOW_ESTIMATE", Severity.WARNING)]


def test_every_issue_has_a_place_and_the_near_miss_is_named(robot):
    (issue,) = issues("actions:\n- id: a\n  action_type: navigat_to\n", robot)
    assert (issue.pointer, issue.line) == ("/actions/0/action_type", 3)
    assert "navigate_to" in issue.hint


@pytest.mark.parametrize(
    "text",
    [
        f"actions: [{{id: a_b, {SPEAK}}}, {{id: c, {SPEAK}, depends_on: [a_b], condition: \"actions.a-b.status == 'FAILED'\"}}]",
        f"success: \"actions.a-b.status == 'SUCCEEDED'\"\nactions: [{{id: a_b, {SPEAK}}}]",
    ],
)
def test_an_id_written_with_a_dash_is_one_mistake(text, robot):
    (issue,) = issues(text, robot)
    assert (issue.code, issue.hint) == ("REFERENCE_UNKNOWN", "Write actions.a_b.")


def test_a_long_plan_is_validated_in_linear_time(robot):
    def work(count):
        text = "actions:\n" + "".join(
            f"- {{id: a{i}, {SPEAK}, condition: \"actions.a{max(i - 1, 0)}.status == 'SUCCEEDED'\"}}\n"
            for i in range(1, count)
        )
        loaded = load_plan(text.replace("actions.a0", "actions.a1") if count == 1 else text)
        return len(validate(loaded.plan, robot, max_actions=count))

    # The first action names a0, which does not exist: exactly one issue however long the plan is.
    assert work(200) == work(2000) == 1


@pytest.mark.parametrize(
    ("target", "told"),
    [
        ("{x: 1, y: 1, theta: 1.57}", ("target_location has no 'theta'", "Did you mean yaw?")),
        ("{x: 1, y: 1, Yaw: 1.57}", ("target_location has no 'Yaw'", "Did you mean yaw?")),
        (
            "{x: 1, y: 1, orientation: {q: 1}}",
            ("orientation has no 'q'", "It has: pitch, roll, w, x, y, yaw, z."),
        ),
        (
            "{position: {x: 1, y: 1}, orientaton: {w: 1}}",
            ("target_location has no 'orientaton'", "Did you mean orientation?"),
        ),
        ("{x: 1}", ("'y' is missing", "It has: frame,")),
        ("{x: 1, y: 1, frame_id: odom}", None),
        ("{position: {x: 1, y: 1}, orientation: {yaw: 1}}", None),
        ("{header: {frame_id: map}, pose: {position: {x: 1, y: 1}}}", None),
    ],
)
def test_a_field_that_a_pose_does_not_have_is_never_left_out_silently(target, told, robot):
    text = (
        f"actions: [{{id: a, action_type: navigate_to, parameters: {{target_location: {target}}}}}]"
    )
    found = issues(text, robot)
    if told is None:
        assert found == []
        return
    (issue,) = found
    message, hint = told
    assert message in issue.message
    assert issue.hint.startswith(hint)


@pytest.mark.parametrize(
    "named",
    [
        f"fallback_action: {{id: speak_1, {SPEAK}}}",
        f"recovery_plan: [{{id: speak_1, {SPEAK}}}]",
        f"compensation: {{id: u, action_type: sequence, actions: [{{id: speak_1, {SPEAK}}}]}}",
    ],
)
def test_an_action_without_an_id_gets_none_that_another_has(named, robot):
    text = f"actions: [{{id: a, {SPEAK}, {named}}}, {{{SPEAK}}}]"
    assert errors(text, robot) == []
    resolved = resolve(load_plan(text).plan, robot)
    assert resolved["actions"][1]["id"] == "speak_2"
    assert compile_new(resolved).count == 2
