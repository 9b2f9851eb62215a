"""Documents as people of other tools write them: one issue at its place, with how it is here."""

from __future__ import annotations

import pytest

from execution_orchestrator.plan.issues import Severity
from execution_orchestrator.runtime.intake import Intake

SPEAK = "action_type: speak, parameters: {text: hi}"
GO = "action_type: navigate_to, parameters: {target_location: kitchen}"


@pytest.fixture(scope="module")
def intake(robot):
    return Intake(robot)


def told(intake, text):
    found = intake.prepare("", text, "").issues
    assert all(issue.hint and issue.line for issue in found)
    return [issue for issue in found if issue.severity is Severity.ERROR]


@pytest.mark.parametrize(
    ("fields", "field", "cure"),
    [
        # of state machines and workflow engines
        (f"{SPEAK}, next: b", "next", "order of the list"),
        (f"{SPEAK}, transitions: {{done: b, failed: c}}", "transitions", "order of the list"),
        (f"{SPEAK}, remapping: {{pose: p}}", "remapping", "actions.ID.output"),
        (f"{SPEAK}, outcomes: [succeeded, aborted]", "outcomes", "router"),
        (f"{SPEAK}, max_attempts: 3", "max_attempts", "retry: {max_attempts: ...}"),
        (f"{SPEAK}, maximum_attempts: 3", "maximum_attempts", "retry: {max_attempts: ...}"),
        (f"{SPEAK}, retryPolicy: {{max_attempts: 3}}", "retryPolicy", "Did you mean retry?"),
        (f"{SPEAK}, TimeoutSeconds: 5", "TimeoutSeconds", "Did you mean timeout?"),
        (f"{SPEAK}, timeout-minutes: 5", "timeout-minutes", "Did you mean timeout?"),
        (f"{SPEAK}, with_items: [a, b]", "with_items", "Did you mean items?"),
        (f"{SPEAK}, upstream: [b]", "upstream", "Did you mean depends_on?"),
        (f"{SPEAK}, trigger_rule: all_done", "trigger_rule", "when_skipped"),
        (f"{SPEAK}, blockingType: HARD", "blockingType", "resources"),
        (f"{SPEAK}, rethrow: true", "rethrow", "catch: [{rethrow: ...}]"),
        (f"{SPEAK}, start_at: '07:00'", "start_at", "beside its actions"),
        (f"{SPEAK}, recovery: spin", "recovery", "Did you mean recovery_plan?"),
        ("uses: speak, parameters: {text: hi}", "uses", "Did you mean action_type?"),
        ("action_type: speak, with: {text: hi}", "with", "Did you mean parameters?"),
        ("navigate_to: {target_location: kitchen}", "navigate_to", "action_type: navigate_to"),
        ("capture_image: ", "capture_image", "action_type: capture_image"),
        # values
        (f"{SPEAK}, timeout: 10s", "timeout", "Write 10,"),
        (f"{SPEAK}, timeout: 5 min", "timeout", "Write 300,"),
        (f"{SPEAK}, timeout: PT1H30M", "timeout", "Write 5400,"),
        (f"{SPEAK}, timeout: 1:30", "timeout", "Write 90,"),
        (f"{SPEAK}, timeout: 500 ms", "timeout", "Write 0.5,"),
        (f"{SPEAK}, timeout: soon", "timeout", "without a unit"),
        (f"{SPEAK}, retry: 3", "retry", "retry: {max_attempts: 3}"),
        (f"{SPEAK}, depends_on: 'b, c'", "depends_on", '["b", "c"]'),
        (f"{SPEAK}, fallback_action: [{{{SPEAK}}}]", "fallback_action", "leave the brackets away"),
        (f"{SPEAK}, fallback_action: spin", "fallback_action", "{action_type: spin"),
        (f"{SPEAK}, recovery_plan: {{{SPEAK}}}", "recovery_plan", "brackets"),
        (f"{SPEAK}, recovery_plan: [spin]", "recovery_plan/0", "{action_type: spin"),
        (f"{SPEAK}, resources: [{{name: base}}]", "resources/0/name", "Did you mean resource?"),
        (f"{SPEAK}, retry: {{backoff: 2}}", "retry/backoff", "Did you mean multiplier?"),
        ("action_type: speak, parameters: [{key: text}]", "parameters", "{name: value}"),
        ("action_type: speak, parameters: {text: 5}", "parameters/text", 'quotes: "5"'),
        ("action_type: speak, parameters: {text: true}", "parameters/text", 'quotes: "true"'),
    ],
)
def test_one_issue_says_how_it_is_written_here(intake, fields, field, cure):
    (issue,) = told(intake, f"actions: [{{id: a, {fields}}}]")
    assert issue.pointer == f"/actions/0/{field}"
    assert cure in issue.hint


@pytest.mark.parametrize(
    ("text", "pointer", "cure"),
    [
        (f"steps: [{{id: a, {SPEAK}}}]", "/steps", "Did you mean actions?"),
        (f"plan: {{actions: [{{id: a, {SPEAK}}}]}}", "/plan", "the document itself"),
        (f"retry: {{max_attempts: 2}}\nactions: [{{id: a, {SPEAK}}}]", "/retry", "to an action"),
        (f"actions: {{a: {{{SPEAK}}}}}", "/actions", "begin every action with a dash"),
        (f"actions: {{id: a, {SPEAK}}}", "/actions", "brackets"),
        ("actions: [speak]", "/actions/0", "{action_type: speak"),
        (f"schedule: '0 7 * * *'\nactions: [{{id: a, {SPEAK}}}]", "/schedule", '{cron: "0 7'),
        (f"signals: {{go: boolean}}\nactions: [{{id: a, {SPEAK}}}]", "/signals/go", "JSON Schema"),
        (f"actions: [{{id: go-there, {GO}}}]", "/actions/0/id", "go_there"),
        # YAML
        (f"actions:\n\t- {{id: a, {SPEAK}}}", "", "spaces"),
        ("actions:\n- action_type: speak\n  parameters:\n    text: Look: a cup", "", "quotes"),
        ("actions:\n- action_type: speak\n   parameters: {text: hi}", "", "Indent"),
        ("actions:\n- id: a\n  action_type: speak\n  parameters: {text: {{ robot.battery }}}",
         "/actions/0/parameters/text", '"{{ ... }}"'),
        (f"actions: [{{{SPEAK}}}]\n---\nactions: [{{{SPEAK}}}]", "", "---"),
        (f"```yaml\nactions: [{{{SPEAK}}}]\n```", "", "```"),
        ('{"version": 1, // plan\n"actions": []}', "", "comment"),
        ('<root BTCPP_format="4"/>', "", "import FILE"),
        (f"actions: [{{id: a, {SPEAK}, <<: {{timeout: 3}}}}]", "/actions/0/<<", "merge keys"),
        (f"actions: [{{id: a, {SPEAK}}}, {{id: b, <<: {{{SPEAK}}}}}]", "/actions/1/<<", "merge"),
    ],
)  # fmt: skip
def test_one_issue_of_a_document(intake, text, pointer, cure):
    (issue,) = told(intake, text)
    assert issue.pointer == pointer
    assert cure in issue.hint


def test_only_the_fields_of_its_kind_are_listed(intake):
    (issue,) = told(intake, f"actions: [{{id: a, {SPEAK}, xyzzy: 1}}]")
    assert "retry" in issue.hint
    assert "max_iterations" not in issue.hint
