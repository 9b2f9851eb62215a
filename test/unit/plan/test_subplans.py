"""Subplans from files, and what they give back."""

import json

import pytest

from execution_orchestrator.plan.loader import load_plan
from execution_orchestrator.plan.resolve import resolve
from execution_orchestrator.plan.validation import validate
from execution_orchestrator.runtime.plan_folder import PlanFolder

LOOK = "actions: [{id: look, action_type: detect_objects}]"


@pytest.fixture
def folder(tmp_path):
    plans = tmp_path / "plans"
    plans.mkdir()
    (plans / "look.yaml").write_text(LOOK)
    (tmp_path / "secret.yaml").write_text(LOOK)
    return plans


def calling(name, **more):
    action = {"id": "call", "action_type": "subplan", "file": name, **more}
    return json.dumps({"actions": [action]})


def load(folder, text):
    return load_plan(text, library=PlanFolder(folder, 1000))


def codes(folder, text):
    return [issue.code for issue in load(folder, text).issues]


def test_a_file_is_put_in(folder, robot):
    plan = load(folder, calling("look.yaml")).plan
    assert plan.actions[0].plan.actions[0].id == "look"
    assert not [one for one in validate(plan, robot) if one.severity == 3]


def test_a_file_may_name_another(folder):
    (folder / "deep").mkdir()
    (folder / "deep" / "twice.yaml").write_text(
        "actions: [{action_type: sequence, actions: [{action_type: subplan, file: look.yaml}]}]"
    )
    outer = load(folder, calling("deep/twice.yaml")).plan.actions[0].plan
    assert outer.actions[0].actions[0].plan.actions[0].id == "look"


def test_plans_that_contain_each_other_are_found(folder):
    for name, other in (("a.yaml", "b.yaml"), ("b.yaml", "a.yaml")):
        (folder / name).write_text(calling(other))
    result = load(folder, calling("a.yaml"))
    assert [issue.code for issue in result.issues] == ["SUBPLAN_CYCLE"]
    assert "a.yaml -> b.yaml -> a.yaml" in result.issues[0].message


@pytest.mark.parametrize("name", ["../secret.yaml", "/etc/passwd", "none.yaml", "", "."])
def test_nothing_outside_of_the_folder_is_read(folder, name):
    assert codes(folder, calling(name)) == ["SUBPLAN_FILE_UNREADABLE"]


def test_what_is_wrong_in_a_file_is_told_with_its_line(folder):
    (folder / "bad.yaml").write_text("actions:\n- {id: a\n")
    (issue,) = load(folder, calling("bad.yaml")).issues
    assert issue.code == "PLAN_SYNTAX"
    assert issue.message.startswith("bad.yaml, line ")
    assert issue.pointer == "/actions/0/file"
    assert issue.line == 1


def test_a_plan_or_a_file(folder):
    text = calling("look.yaml", plan={"actions": [{"action_type": "speak"}]})
    assert codes(folder, text) == ["SUBPLAN_AMBIGUOUS"]


def test_without_a_folder_that_is_said():
    assert [issue.code for issue in load_plan(calling("look.yaml")).issues] == [
        "SUBPLAN_FILE_UNREADABLE"
    ]


def test_files_that_lead_to_ever_more_files_are_bounded(folder):
    many = json.dumps({"actions": [{"action_type": "subplan", "file": "look.yaml"}] * 11})
    (folder / "many.yaml").write_text(many)
    more = json.dumps({"actions": [{"action_type": "subplan", "file": "many.yaml"}] * 11})
    assert set(codes(folder, more)) == {"SUBPLAN_TOO_MANY"}


def test_outputs_are_expressions_with_or_without_braces(folder, robot):
    outputs = {"bare": "actions.look.output", "braced": "{{ 1 + 1 }}", "number": 3}
    plan = load(folder, calling("look.yaml", outputs=outputs)).plan
    assert resolve(plan, robot)["actions"][0]["outputs"] == {
        "bare": "{{ actions.look.output }}", "braced": "{{ 1 + 1 }}", "number": 3,
    }  # fmt: skip
    wrong = load(folder, calling("look.yaml", outputs={"a": "actions.call.output", "b": "1 +"}))
    found = {issue.pointer: issue.code for issue in validate(wrong.plan, robot)}
    assert found["/actions/0/outputs/a"] == "REFERENCE_UNKNOWN"
    assert found["/actions/0/outputs/b"] == "EXPRESSION_SYNTAX"
