import re
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from execution_orchestrator.plan.expressions import (
    ExpressionError,
    as_it_is_written,
    compile_expression,
    is_true,
    render,
    shape_of,
)

SCOPE = {
    "actions": {"look": {"output": {"objects": [{"id": "cup", "pose": {"x": 1.5}}]}}},
    "robot": {"battery": 0.5},
}


def test_a_text_that_is_one_template_keeps_the_type():
    assert render("{{ actions.look.output.objects[0].pose }}", SCOPE) == {"x": 1.5}
    assert render({"a": ["{{ robot.battery }}"]}, SCOPE) == {"a": [0.5]}


def test_templates_inside_a_text_become_text():
    assert (
        render("at {{ robot.battery * 100.0 }} %", SCOPE) == "at 50.0 %"
        or render("at {{ robot.battery * 100.0 }} %", SCOPE) == "at 50 %"
    )


def test_references_and_names_are_known_without_running():
    expression = compile_expression("actions.look.output.objects.exists(o, o.id == 'actions.no')")
    assert expression.actions == {"look"}
    assert expression.names == {"actions"}


@pytest.mark.parametrize("text", ["1 +", "import os", "x" * 5000, "", "a.b("])
def test_what_is_no_expression_is_refused(text):
    with pytest.raises(ExpressionError):
        compile_expression(text)


@pytest.mark.parametrize("text", ["actions.nobody.output", "robot.battery.charge", "1 / 0"])
def test_what_has_no_value_is_told(text):
    with pytest.raises(ExpressionError, match="has no value"):
        compile_expression(text).evaluate(SCOPE)


def test_values_that_an_expression_does_not_name_cost_nothing():
    class NoValue:
        """Nothing that CEL knows."""

    scope = {"item": 5, "tasks": NoValue()}
    assert render("{{ item }}", scope) == 5
    assert is_true("[1].exists(item, item == 1) && item == 5", scope)
    with pytest.raises(ExpressionError):
        render("{{ tasks }}", scope)


def test_a_condition_has_to_be_true_or_false():
    assert is_true("robot.battery > 0.2", SCOPE)
    with pytest.raises(ExpressionError, match="neither true nor false"):
        is_true("1 + 1", SCOPE)


@pytest.mark.parametrize("text", ["''.__class__", "robot.__class__", "actions.__init__"])
def test_python_is_out_of_reach(text):
    with pytest.raises(ExpressionError):
        compile_expression(text).evaluate(SCOPE)


@given(st.text(max_size=60))
def test_any_text_compiles_or_says_why(text):
    try:
        compile_expression(text)
    except ExpressionError as failure:
        assert str(failure)


@pytest.mark.parametrize(
    ("text", "shape", "ids"),
    [
        ("actions.a.output.x", "actions.id__0.output.x", ("a",)),
        ("actions.a.x + actions.b.x", "actions.id__0.x + actions.id__1.x", ("a", "b")),
        ("actions.a.x == 'actions.b'", "actions.id__0.x == 'actions.b'", ("a",)),
        ("actions.a('x')", "actions.a('x')", ()),
        ("actions.in.x", "actions.in.x", ()),
        ("actions.id__1.x", "actions.id__1.x", ()),
        ("robot.battery > 0.2", "robot.battery > 9000000000000000.5", ("0.2",)),
        (
            "actions.a.x == '7 actions.b' && actions.c[0] == 12",
            "actions.id__0.x == '7 actions.b' && actions.id__1[9000000000000002] == "
            "9000000000000003",
            ("a", "c", "0", "12"),
        ),
        # What is written in another way stays, and what stands behind a quote that may not end.
        ("0x1F + 1e5 + 2u + 1234567890 + x1", "0x1F + 1e5 + 2u + 1234567890 + x1", ()),
        (r"actions.a.x == 'a\'b' + 1", r"actions.id__0.x == 'a\'b' + 1", ("a",)),
        ("input.actions.a == true", "input.actions.a == true", ()),
    ],
)
def test_the_shape_of_an_expression_leaves_ids_of_actions_and_numbers_open(text, shape, ids):
    assert shape_of(text) == (shape, ids)
    written = {as_it_is_written(token, ids) for token in re.findall(r"\w+(?:\.5)?", shape)}
    assert written >= set(ids)


def test_expressions_of_one_shape_keep_what_is_their_own():
    one, other = (
        compile_expression("actions.one.output.x"),
        compile_expression("actions.other.output.x"),
    )
    assert (one.actions, other.actions) == ({"one"}, {"other"})
    assert one.names == other.names == {"actions"}
    scope = {"actions": {"one": {"output": {"x": 1}}, "other": {"output": {"x": 2}}}}
    assert (one.evaluate(scope), other.evaluate(scope)) == (1, 2)


def test_an_error_in_an_expression_is_told_in_its_own_words():
    with pytest.raises(ExpressionError, match=r"'actions.mine.x \+ ' is no expression"):
        compile_expression("actions.mine.x + ")


def test_reading_a_plan_loads_no_terminal_library():
    """CEL's package brings a command-line program, which would cost every process 0.3 s."""
    code = (
        "import sys, execution_orchestrator.plan.expressions as used\n"
        "assert used.compile_expression('1 + 1').evaluate({}) == 2\n"
        "assert not {'cel.cli', 'prompt_toolkit', 'typer', 'rich'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], timeout=60, check=True)


@pytest.mark.parametrize(
    ("status", "why"), [("SKIPPED", "it is SKIPPED"), ("PENDING", "it has not run")]
)
def test_an_output_that_is_not_there_is_told_as_what_it_is(status, why):
    expression = compile_expression("actions.look.output.objects.size() > 0")
    scope = {"actions": {"look": {"status": status, "output": None}}}
    with pytest.raises(ExpressionError, match=f"has no value: look has no output: {why}"):
        expression.evaluate(scope)
