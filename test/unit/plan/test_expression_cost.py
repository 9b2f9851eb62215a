import pytest

from execution_orchestrator.plan.expression_cost import MAX_STEPS, macro_depth
from execution_orchestrator.plan.expressions import Expression, ExpressionError

TEN = "[0,1,2,3,4,5,6,7,8,9]"


def nested(depth, body="true"):
    for level in range(depth):
        body = f"{TEN}.all(v{level}, {body})"
    return body


@pytest.mark.parametrize("depth", range(5))
def test_the_depth_of_loops_in_loops_is_counted(depth):
    assert macro_depth(nested(depth)) == depth


def test_loops_after_each_other_do_not_multiply():
    assert macro_depth("a.map(x, x + 1).filter(y, y > 1).exists ( z , z == 2)") == 1


def test_a_plan_cannot_keep_the_engine_busy():
    with pytest.raises(ExpressionError, match="loops stand inside each other"):
        Expression(nested(6))


def test_a_macro_in_a_text_is_no_loop():
    Expression("'a.all(x, b.all(y, c.all(z, d.all(w, e.all(v, f.all(u, true))))))' != ''")


def test_the_data_counts_too():
    expression = Expression("input.a.exists(x, input.a.exists(y, x == y + 100000.0))")
    assert expression.evaluate({"input": {"a": [1.0] * 20}}) is False
    with pytest.raises(ExpressionError, match=str(MAX_STEPS)):
        expression.evaluate({"input": {"a": [1.0] * 1000}})
