"""The table of `capabilities`."""

import pytest

from execution_orchestrator.cli.knowledge import capability_row


@pytest.mark.parametrize(
    ("schema", "needs"),
    [
        ({"required": ["object_id"]}, "object_id"),
        (
            {"anyOf": [{"required": ["dock_id"]}, {"required": ["dock_pose"]}]},
            "dock_id or dock_pose",
        ),
        (
            {"required": ["a"], "oneOf": [{"required": ["b", "c"]}, {"required": ["d"]}]},
            "a, b and c or d",
        ),
        ({"anyOf": [{"type": "object"}]}, ""),
        (None, ""),
    ],
)
def test_what_a_capability_needs_is_told_where_one_of_several_is_enough(schema, needs):
    value = {"parameters": schema, "description": "x", "unavailable": ""}
    assert capability_row("dock", value)["needs"] == needs
