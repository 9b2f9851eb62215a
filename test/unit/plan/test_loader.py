import json

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from execution_orchestrator.plan.document import Limits
from execution_orchestrator.plan.loader import load_plan

GOOD = "actions:\n- {id: a, action_type: speak, parameters: {text: hi}}\n"


def codes(text, **options):
    result = load_plan(text, **options)
    assert (result.plan is None) == bool(result.issues)
    return [issue.code for issue in result.issues]


def test_yaml_and_json_give_the_same_plan():
    assert load_plan(GOOD).plan == load_plan(json.dumps(yaml.safe_load(GOOD))).plan


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "PLAN_EMPTY"),
        ("   \n", "PLAN_EMPTY"),
        ("{", "PLAN_SYNTAX"),
        ("a: b: c", "PLAN_SYNTAX"),
        ("[1, 2]", "PLAN_NOT_AN_OBJECT"),
        ("just words", "PLAN_NOT_AN_OBJECT"),
        ("actions: []", "PLAN_FIELD_INVALID"),
        ("version: 2\n" + GOOD, "PLAN_FIELD_INVALID"),
        ("colour: red\n" + GOOD, "PLAN_FIELD_UNKNOWN"),
        ("actions: [{id: a}]", "PLAN_FIELD_MISSING"),
        ("timeout: .nan\n" + GOOD, "PLAN_NUMBER_NOT_FINITE"),
        ("timeout: .inf\n" + GOOD, "PLAN_NUMBER_NOT_FINITE"),
        ("timeout: -1.0\n" + GOOD, "PLAN_FIELD_INVALID"),
        ("a: &x [1]\nb: *x\n" + GOOD, "PLAN_ALIAS"),
        ("command: a\ncommand: b\n" + GOOD, "PLAN_DUPLICATE_KEY"),
        ("timeout: 123456789012345678901234567890\n" + GOOD, "PLAN_NUMBER_TOO_LARGE"),
        ("x: !!python/object/apply:os.system [ls]\n" + GOOD, "PLAN_FIELD_UNKNOWN"),
        ("[" * 500 + "]" * 500, "PLAN_TOO_DEEP"),
    ],
)
def test_bad_input_is_named(text, code):
    assert code in codes(text)


def test_a_document_over_the_limit_is_refused_without_being_parsed():
    assert codes("x" * (50 * 1024 * 1024)) == ["PLAN_TOO_LARGE"]
    assert codes(GOOD, limits=Limits(max_bytes=10)) == ["PLAN_TOO_LARGE"]


def test_everything_wrong_is_told_at_once_with_its_line():
    text = "actions:\n- {id: a}\n- {action_type: speak, timeot: 3}\n- {action_type: x, priority: 900}\n"
    result = load_plan(text)
    places = {(issue.pointer, issue.line) for issue in result.issues}
    assert (
        places
        == {
            ("/actions/0/action_type", 2),
            ("/actions/1/timeot", 3),
            ("/actions/2/priority", 4),
        }
        or len(places) >= 3
    )


@pytest.mark.parametrize("word", ["yes", "on", "'true'", "1", "TRUE", "null"])
@pytest.mark.parametrize("field", ["critical", "require_confirmation", "confirmation_default"])
def test_only_true_and_false_are_booleans(field, word):
    result = load_plan(f"actions: [{{id: a, action_type: return, {field}: {word}}}]")
    if word == "TRUE":
        assert getattr(result.plan.actions[0], field) is True
        return
    (issue,) = result.issues
    assert (issue.code, issue.pointer) == ("PLAN_FIELD_INVALID", f"/actions/0/{field}")
    assert "true or false" in issue.message
    assert issue.hint


def test_yes_and_dates_stay_text():
    plan = load_plan(
        "actions:\n- {action_type: speak, parameters: {text: yes, when: 2026-01-01}}\n"
    ).plan
    assert plan.actions[0].parameters == {"text": "yes", "when": "2026-01-01"}


@given(st.text(max_size=300))
def test_no_text_raises(text):
    codes(text)


@given(st.binary(max_size=300))
def test_no_bytes_raise(data):
    codes(data.decode("utf-8", "replace"))


DATA = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)
KEYS = st.sampled_from(["version", "actions", "timeout", "ordering", "confidence", "id"])


@given(st.dictionaries(KEYS, DATA))
def test_no_structure_raises(document):
    codes(json.dumps(document))
