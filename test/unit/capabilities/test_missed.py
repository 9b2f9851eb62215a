"""What a goal that succeeded left undone."""

import pytest

from execution_orchestrator.capabilities.adapter import GenericAdapter
from execution_orchestrator.plan.capability import CapabilitySpec


def adapter(**missed):
    result = {"missed": {"field": "missed", "what": "waypoints", **missed}} if missed else {}
    return GenericAdapter(
        CapabilitySpec.model_validate(
            {"description": "Drive", "interface": {"name": "drive"}, "result": result}
        )
    )


@pytest.mark.parametrize(
    ("value", "told"),
    [([], ""), ([1, 2], "2 waypoints missed"), (0, ""), (3, "3 waypoints missed"), (None, "")],
)
def test_it_is_counted(value, told):
    assert adapter(rule="partial").missed({"missed": value}) == told
    assert adapter(rule="partial").missed({}) == ""
    assert adapter().missed({"missed": value}) == ""


def test_its_rule_is_one_of_three():
    assert adapter(rule="fail").spec.result.missed_is("fail")
    assert not adapter(rule="deviation").spec.result.missed_is("partial")
    assert not adapter().spec.result.missed_is("partial")


PLACED = {"rule": "partial", "place": "index", "code": "why", "unexplained": [0, 600]}


@pytest.mark.parametrize(
    ("missed", "first"),
    [
        ([], None),
        ([{"index": 1, "why": 208}], None),
        ([{"index": 2, "why": 0}, {"index": 3, "why": 0}], 2),
        ([{"index": 1, "why": 208}, {"index": 4, "why": 600}], 1),
        ([1, 2], None),  # Humble has indices only
        (3, None),
    ],
)
def test_what_was_missed_without_a_reason_is_where_it_goes_on(missed, first):
    assert adapter(**PLACED).goes_on_from({"missed": missed}) == first
    assert adapter(rule="partial").goes_on_from({"missed": missed}) is None
