"""What a goal that succeeded left undone."""

import pytest

from execution_orchestrator.capabilities.adapter import GenericAdapter
from execution_orchestrator.plan.capability import CapabilitySpec


def adapter(**missed):
    return mapped(missed={"field": "missed", "what": "waypoint", **missed}) if missed else mapped()


def mapped(**result):
    return GenericAdapter(
        CapabilitySpec.model_validate(
            {"description": "Drive", "interface": {"name": "drive"}, "result": result}
        )
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


def test_which_were_missed_is_told():
    several = [{"index": index} for index in (1, 4, 5, 6, 7, 9)]
    told = adapter(rule="partial", place="index").missed({"missed": several})
    assert told == "6 waypoints missed (index 1, 4, 5, 6, 7, ...)"


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
    told = mapped(success="success", done_if=["stalled", "reached"])
    assert told.says_done(result, blank) is done


def test_a_server_that_gives_nothing_else_says_it_in_its_log():
    told = mapped(done_if_said=["already docked"])
    assert told.heard_done(["docking_server: Robot is already docked, no need to dock"])
    assert not told.heard_done(["docking_server: the dock is not there"])
    assert not told.heard_done([])


def going_on(how, place="index", **result):
    missed = {"field": "missed", "what": "waypoint", "rule": "partial", "place": place}
    spec = mapped(missed=missed, **result).spec.model_dump(exclude_unset=True)
    resume = {"from": "current", "into": "first", "how": how}
    return GenericAdapter(CapabilitySpec.model_validate({**spec, "resume": resume}))


@pytest.mark.parametrize(
    ("how", "missed", "reached", "told"),
    [
        ("set", [{"index": 1}, {"index": 3}], 3.0, "1 waypoint missed (index 1)"),
        ("skip", [0, 1, 2], 2.0, "2 waypoints missed (index 0, 1)"),
        ("set", [{"index": 3}], 3.0, ""),
        ("set", [{"index": 1}], None, ""),  # nothing is known: all of it is done again
        ("set", 2, 3.0, ""),
        ("keep", [{"index": 0}], 1.0, ""),
    ],
)
def test_of_a_goal_that_goes_on_what_was_left_out_before_counts(how, missed, reached, told):
    adapted = going_on(how)
    assert adapted.missed(adapted.left_out_before({"missed": missed}, reached)) == told
    once = adapter(rule="partial", place="index")
    assert once.left_out_before({"missed": missed}, reached) == {}


@pytest.mark.parametrize(
    ("missed", "left_out"),
    [([3], [3]), ([3, 0], [3, 0]), ([1], []), ([1, 3, 1], [1, 3]), ([1, 0], [1, 0])],
)
def test_of_a_later_round_all_was_passed_but_where_it_ended(missed, left_out):
    adapted = going_on("set")
    found = adapted.left_out_before({"missed": missed}, 1.0, later_round=True)
    assert found.get("missed", []) == left_out


def test_what_was_missed_is_told_as_the_output_tells_it():
    output = {"missed_waypoints": "missed", "many": {"field": "missed", "as": "count"}, "x": "x"}
    adapted = going_on("set", output=output)
    missed = [{"index": 0}, {"index": 2}]
    left_out = adapted.left_out_before({"missed": missed, "x": 7}, 2.0)
    assert adapted.output_of_missed(left_out) == {"missed_waypoints": [{"index": 0}], "many": 1}
    assert going_on("set").output_of_missed(left_out) == {"missed": [{"index": 0}]}
    assert adapted.output_of_missed({}) == {}


@pytest.mark.parametrize(
    ("missed", "moved"),
    [([{"index": 0}], [{"index": 2}]), ([0, 1], [2, 3]), ([{"why": 1}], [{"why": 1}]), (2, 2)],
)
def test_a_shorter_list_is_counted_in_that_of_the_plan(missed, moved):
    assert going_on("skip").counted_in_plan({"missed": missed}, 2) == {"missed": moved}
    assert going_on("skip").counted_in_plan({"missed": missed}, 0) == {"missed": missed}


def test_a_part_of_a_part_of_the_result_is_counted_too():
    spec = going_on("skip").spec.model_dump()
    spec["result"]["missed"]["field"] = "told.missed"
    adapted = GenericAdapter(CapabilitySpec.model_validate(spec))
    result = {"told": {"missed": [0], "x": 1}, "y": 2}
    assert adapted.counted_in_plan(result, 2) == {"told": {"missed": [2], "x": 1}, "y": 2}
