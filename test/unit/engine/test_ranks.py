"""Who goes first of those that wait equally long: the longest way to the end of the plan."""

import pytest

from execution_orchestrator.engine.program import Program
from execution_orchestrator.plan.tree import ranks_of


def action(name, seconds=0.0, after=(), kind="drive", **blocks):
    return {
        "id": name,
        "action_type": kind,
        "depends_on": list(after),
        "estimated_duration": seconds,
        **blocks,
    }


INNER = [action("inner", 15.0), action("last", 5.0, ["inner"])]
PLAN = [
    action("block", after=(), kind="sequence", actions=INNER),
    action("after", 2.0, ["block"]),
    action("alone", 16.0),
]


def test_what_is_nested_counts_what_comes_after_its_block():
    root = Program({"actions": PLAN}).root
    block, after, alone = root.blocks["actions"]
    inner, last = block.blocks["actions"]
    ranks = {node.id: node.rank for node in (block, after, alone, inner, last)}
    expected = {"block": 22.0, "after": 2.0, "alone": 16.0, "inner": 22.0, "last": 7.0}
    assert ranks == pytest.approx(expected)
    assert [node.index for node in (block, inner, last, after, alone)] == [1, 2, 3, 4, 5]


def test_the_schedule_that_is_predicted_breaks_ties_alike():
    found = ranks_of(PLAN)
    assert found[id(INNER[0])] == pytest.approx(22.0)
    assert found[id(PLAN[0])] == pytest.approx(22.0)
    assert found[id(PLAN[2])] == pytest.approx(16.0)
