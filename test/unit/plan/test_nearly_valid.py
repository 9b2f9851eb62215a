"""Documents that are nearly right: one issue, where the mistake is, with its cure."""

from __future__ import annotations

import pytest

from execution_orchestrator.capabilities.robot_state_document import read_robot_state
from execution_orchestrator.capabilities.state_types import state_types
from execution_orchestrator.plan.issues import Severity
from execution_orchestrator.ros.messages.installed import InstalledInterfaces
from execution_orchestrator.runtime.intake import Intake

from .conftest import ROOT

SPEAK = "action_type: speak, parameters: {text: hi}"
LOOK = "{id: look, action_type: detect_objects}"


@pytest.fixture(scope="module")
def intake(robot):
    state = read_robot_state(ROOT / "config" / "robot_state.yaml")
    return Intake(robot, state=state_types(state.state, InstalledInterfaces()))


def told(intake, actions):
    prepared = intake.prepare("", f"actions: {actions}", "")
    return [issue for issue in prepared.issues if issue.severity is not Severity.INFO]


@pytest.mark.parametrize(
    ("actions", "code", "pointer", "cure"),
    [
        # true is no number, although Python counts with it
        (f"[{{id: a, {SPEAK}, timeout: true}}]", "PLAN_FIELD_INVALID", "/actions/0/timeout", ""),
        (f"[{{id: a, {SPEAK}, priority: true}}]", "PLAN_FIELD_INVALID", "/actions/0/priority", ""),
        (
            f"[{{id: a, {SPEAK}, retry: {{max_attempts: true}}}}]",
            "PLAN_FIELD_INVALID",
            "/actions/0/retry/max_attempts",
            "",
        ),
        (
            "[{id: d, action_type: delay, duration: true}]",
            "PLAN_FIELD_INVALID",
            "/actions/0/duration",
            "",
        ),
        (
            f"[{{id: p, action_type: parallel, success: true, actions: [{{id: a, {SPEAK}}}]}}]",
            "PLAN_FIELD_INVALID",
            "/actions/0/success",
            "",
        ),
        (
            f"[{{id: a, {SPEAK}, resources: [{{resource: base, shared: 'yes'}}]}}]",
            "PLAN_FIELD_INVALID",
            "/actions/0/resources/0/shared",
            "true or false",
        ),
        # an action where a branch stands is one mistake, not one for each of its fields
        (
            f"[{{id: t, action_type: try, catch: [{{id: b, {SPEAK}}}], actions: [{{{SPEAK}}}]}}]",
            "PLAN_FIELD_UNKNOWN",
            "/actions/0/catch/0",
            "actions: [{...}]",
        ),
        (
            f"[{{id: r, action_type: router, cases: [{{when: 'true', {SPEAK}}}]}}]",
            "PLAN_FIELD_UNKNOWN",
            "/actions/0/cases/0",
            "actions: [{...}]",
        ),
        # names that others have for the same
        (
            f"[{{id: c, action_type: if, then: [{{id: a, {SPEAK}}}]}}]",
            "ACTION_TYPE_UNKNOWN",
            "/actions/0/action_type",
            "Did you mean conditional?",
        ),
        (
            f"[{{id: c, action_type: for-each, items: [1], actions: [{{id: a, {SPEAK}}}]}}]",
            "ACTION_TYPE_UNKNOWN",
            "/actions/0/action_type",
            "Did you mean foreach?",
        ),
        # cures that fit what was written
        (
            f"[{{id: f, action_type: foreach, items: 5, actions: [{{id: a, {SPEAK}}}]}}]",
            "PLAN_FIELD_INVALID",
            "/actions/0/items",
            "Write a list",
        ),
        (
            "[{id: w, action_type: wait_for, until: true}]",
            "PLAN_FIELD_INVALID",
            "/actions/0/until",
            '"true"',
        ),
        (
            "[{id: n, action_type: record_video, duration: 5}]",
            "PARAMETER_MISSING",
            "/actions/0/parameters",
            "write parameters: {duration",
        ),
        # a template whose value the parameter does not take
        (
            "[{id: n, action_type: spin, parameters: {angle: \"{{ 'a' }}\"}}]",
            "EXPRESSION_TYPE",
            "/actions/0/parameters/angle",
            "a number",
        ),
        (
            "[{id: n, action_type: spin, parameters: {angle: '{{ robot.battery > 0.5 }}'}}]",
            "EXPRESSION_TYPE",
            "/actions/0/parameters/angle",
            "a number",
        ),
        (
            "[{id: n, action_type: navigate_to, parameters: {target_location: "
            "'{{ robot.battery }}'}}]",
            "EXPRESSION_TYPE",
            "/actions/0/parameters/target_location",
            "a text or a mapping",
        ),
        (
            f"[{LOOK}, {{id: n, action_type: pick_up_object, parameters: {{object_id: "
            "'{{ actions.look.output.objects }}'}}]",
            "EXPRESSION_TYPE",
            "/actions/1/parameters/object_id",
            "a text",
        ),
        # what never holds
        (
            f"[{{id: c, action_type: conditional, if: 'false', then: [{{id: a, {SPEAK}}}]}}]",
            "CONDITION_NEVER",
            "/actions/0/if",
            "",
        ),
        (
            f"[{{id: a, {SPEAK}, while: 'robot.battery > 0.5 && robot.battery < 0.2'}}]",
            "CONDITION_NEVER",
            "/actions/0/while",
            "||",
        ),
        (
            f"[{{id: a, {SPEAK}, while: '0.5 < robot.battery && robot.battery <= 0.5'}}]",
            "CONDITION_NEVER",
            "/actions/0/while",
            "||",
        ),
        (
            f"[{{id: a, {SPEAK}, condition: 'robot.battery > 0.5', while: 'robot.battery < 0.3'}}]",
            "CONDITION_NEVER",
            "/actions/0/while",
            "||",
        ),
        (
            f"[{{id: a, {SPEAK}, condition: 'robot.pose.x < -2.0 && robot.pose.x == -1.0'}}]",
            "CONDITION_NEVER",
            "/actions/0/condition",
            "||",
        ),
    ],
)
def test_one_issue_names_the_place_and_the_cure(intake, actions, code, pointer, cure):
    (issue,) = told(intake, actions)
    assert (issue.code, issue.pointer) == (code, pointer)
    assert issue.hint
    assert cure in issue.hint


@pytest.mark.parametrize(
    "actions",
    [
        f"[{{id: r, action_type: repeat, max_iterations: 3.0, actions: [{{id: a, {SPEAK}}}]}}]",
        f"[{{id: a, {SPEAK}, priority: 5.0, timeout: 60}}]",
        "[{id: n, action_type: speak, parameters: {text: '{{ robot.battery }}'}}]",
        "[{id: n, action_type: spin, parameters: {angle: '{{ input.angle }}'}}]",
        "[{id: n, action_type: spin, parameters: {angle: '{{ robot.battery > 0.5 ? 1.0 : 2 }}'}}]",
        "[{id: n, action_type: navigate_to, parameters: {target_location: '{{ robot.pose }}'}}]",
        f"[{{id: a, {SPEAK}, while: 'robot.battery >= 0.5 && robot.battery <= 0.5'}}]",
        f"[{{id: a, {SPEAK}, while: 'robot.battery > 0.5 || robot.battery < 0.2'}}]",
        f"[{{id: a, {SPEAK}, while: '!(robot.battery > 0.5 && robot.battery < 0.2)'}}]",
        f"[{{id: a, {SPEAK}, condition: 'robot.battery < 0.5', while: 'robot.battery > 0.3'}}]",
    ],
)
def test_what_is_right_is_not_remarked_on(intake, actions):
    assert told(intake, actions) == []


@pytest.mark.parametrize(
    ("actions", "code", "pointer", "cure"),
    [
        (
            f"[{{id: b, {SPEAK}}}, {{id: a, {SPEAK}, fallback_action: "
            "{id: c, action_type: capture_image, depends_on: [b]}}]",
            "DEPENDENCY_UNKNOWN",
            "/actions/1/fallback_action/depends_on/0",
            "when it is needed",
        ),
        (
            "[{id: r, action_type: router, by: robot.battery, cases: [{is: '1', "
            f"actions: [{{id: a, {SPEAK}}}]}}], default: [{{id: b, {SPEAK}}}]}}]",
            "EXPRESSION_TYPE",
            "/actions/0/by",
            "string(value)",
        ),
        (
            f"[{{id: r, action_type: router, by: input.k, cases: [{{is: 1, "
            f"actions: [{{id: a, {SPEAK}}}]}}]}}]",
            "PLAN_FIELD_INVALID",
            "/actions/0/cases/0/is",
            "quotes",
        ),
        (
            f"[{{id: r, action_type: router, by: input.k, cases: {{a: [{{id: a, {SPEAK}}}]}}}}]",
            "PLAN_FIELD_INVALID",
            "/actions/0/cases",
            "dash",
        ),
        (
            "[{id: d, action_type: delay, parameters: {duration: 1}}]",
            "CONTROL_FLOW_PARAMETERS",
            "/actions/0/parameters",
            "duration: ... beside action_type",
        ),
        (
            "[{id: n, action_type: navigate_to, parameters: {target_location: "
            "{header: {frame: odom}, pose: {position: {x: 1.0, y: 1.0}}}}}]",
            "PARAMETER_UNKNOWN",
            "/actions/0/parameters/target_location/header/frame",
            "frame_id",
        ),
        (
            "[{id: n, action_type: navigate_to, parameters: {target_location: "
            "{header: {frame_id: 5}, pose: {position: {x: 1.0, y: 1.0}}}}}]",
            "PARAMETER_INVALID",
            "/actions/0/parameters/target_location/header/frame_id",
            'quotes: "5"',
        ),
    ],
)
def test_a_mistake_is_told_once_where_it_is(intake, actions, code, pointer, cure):
    (issue,) = told(intake, actions)
    assert (issue.code, issue.pointer) == (code, pointer)
    assert cure in issue.hint


@pytest.mark.parametrize(
    ("actions", "code", "pointer", "cure"),
    [
        (
            "[{id: n, action_type: navigate_to, parameters: {goal: kitchen}}]",
            "PARAMETER_UNKNOWN",
            "/actions/0/parameters/goal",
            "Did you mean target_location?",
        ),
        (
            f"[{{id: a, {SPEAK}, until: 'x +'}}]",
            "ACTION_FIELD_OUT_OF_PLACE",
            "/actions/0/until",
            "",
        ),
    ],
)
def test_what_follows_from_a_mistake_is_not_told_as_well(intake, actions, code, pointer, cure):
    (issue,) = told(intake, actions)
    assert (issue.code, issue.pointer) == (code, pointer)
    assert cure in issue.hint
