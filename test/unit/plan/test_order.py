from hypothesis import given
from hypothesis import strategies as st

from execution_orchestrator.plan.model import Action
from execution_orchestrator.plan.validation.order import Order


def action(name, after=None):
    return Action(id=name, action_type="noop", depends_on=after)


@st.composite
def graphs(draw):
    count = draw(st.integers(1, 12))
    after = {
        n: draw(st.lists(st.integers(0, n - 1), unique=True)) if n else [] for n in range(count)
    }
    written = draw(st.permutations(range(count)))
    return after, written


def reaches(after, start):
    found, left = set(), list(after[start])
    while left:
        name = left.pop()
        if name not in found:
            found.add(name)
            left += after[name]
    return found


@given(graphs())
def test_what_comes_before_does_not_depend_on_where_it_is_written(graph):
    after, written = graph
    order = Order([action(f"a{n}", [f"a{m}" for m in after[n]]) for n in written])
    for one in after:
        at = written.index(one)
        found = {n for n in after if order.is_before(written.index(n), at)}
        assert found == reaches(after, one)


def test_without_dependencies_the_list_is_a_sequence():
    order = Order([action("a"), action("b"), action("c")])
    assert order.is_before(0, 2)
    assert not order.is_before(2, 0)
    assert not order.is_before(1, 1)


def test_in_a_declared_sequence_a_dependency_takes_nothing_away_from_the_others():
    order = Order([action("a"), action("b"), action("c", ["a"]), action("d")], "sequence")
    assert order.is_before(0, 2)
    assert not order.is_before(1, 2)
    assert order.is_before(2, 3)


def test_side_by_side_nobody_is_before_anybody():
    order = Order([action("a"), action("b")], "dependencies")
    assert not order.is_before(0, 1)


def test_a_cycle_is_no_reason_to_give_up():
    order = Order([action("a", ["b"]), action("b", ["a"]), action("c", [])])
    assert not order.is_before(2, 0)
