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
