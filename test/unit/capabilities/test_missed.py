"""What a goal that succeeded left undone."""

import pytest

from execution_orchestrator.capabilities.adapter import GenericAdapter
from execution_orchestrator.capabilities.document import ResultEntry


def adapter(**missed):
    result = {"missed": {"field": "missed", "what": "waypoint", **missed}} if missed else {}
    return GenericAdapter(
        goal={}, result=ResultEntry.model_validate(result), feedback=None, settings={}, frame="map"
    )


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ([], ""),
        ([1, 2], "2 waypoints missed"),
        (0, ""),
        ([1], "1 waypoint missed"),
        (3, "3 waypoints missed"),
        (None, ""),
    ],
)
def test_it_is_counted(value, told):
    assert adapter(rule="partial").missed({"missed": value}) == told
    assert adapter(rule="partial").missed({}) == ""
    assert adapter().missed({"missed": value}) == ""


def test_its_rule_is_one_of_three():
    assert adapter(rule="fail").result.missed_is("fail")
    assert not adapter(rule="deviation").result.missed_is("partial")
    assert not adapter().result.missed_is("partial")


@pytest.mark.parametrize(
    ("result", "blank", "done"),
    [
        ({"success": True}, {"success": False}, True),
        # As Nav2's docking, whose message type has it true: nobody has said anything.
        ({"success": True}, {"success": True}, False),
        ({"success": False, "reached": True}, {"success": True, "reached": False}, True),
        ({"success": False}, {"success": False}, False),
    ],
)
def test_a_result_says_that_it_is_done_by_what_somebody_filled_in(result, blank, done):
    entry = ResultEntry(success="success", done_if=["stalled", "reached"])
    told = GenericAdapter(goal={}, result=entry, feedback=None, settings={}, frame="map")
    assert told.says_done(result, blank) is done


def test_a_server_that_gives_nothing_else_says_it_in_its_log():
    entry = ResultEntry(done_if_said=["already docked"])
    told = GenericAdapter(goal={}, result=entry, feedback=None, settings={}, frame="map")
    assert told.heard_done(["docking_server: Robot is already docked, no need to dock"])
    assert not told.heard_done(["docking_server: the dock is not there"])
    assert not told.heard_done([])
