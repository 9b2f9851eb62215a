"""A plan can say what it is for; an errand that was not done is not a success."""

from __future__ import annotations

import pytest

from execution_orchestrator.engine import events as e
from execution_orchestrator.engine import inputs as s
from execution_orchestrator.engine.status import ExecutionStatus as Status
from test.unit.engine.driving import Rig, action, plan


@pytest.fixture
def rig():
    made = Rig()
    yield made
    made.check()


def run(rig, *actions, **more):
    rig.feed(s.Submit(execution_id="e", plan=plan(*actions, **more)))


def test_what_the_plan_is_for_is_looked_at_and_journalled(rig):
    run(rig, action("a"), success="actions.a.output.found")
    rig.succeed("a", found=True)
    assert rig.execution().status is Status.COMPLETED
    checked = next(one for one in rig.journal if isinstance(one, e.SuccessChecked))
    assert (checked.success, checked.holds) == ("actions.a.output.found", True)


def test_an_errand_that_was_not_done_fails_and_says_what_was_left_out(rig):
    run(
        rig,
        action("look"),
        action("pick", "look", condition="actions.look.output.found"),
        action("home", "look"),
        success="actions.pick.status == 'SUCCEEDED'",
    )
    rig.succeed("look", found=False)
    rig.succeed("home")
    execution = rig.execution()
    assert execution.status is Status.FAILED
    assert execution.error.code == "GOAL_NOT_ACHIEVED"
    assert "actions.pick.status == 'SUCCEEDED' does not hold" in rig.record().reason
    assert "pick was left out" in rig.record().reason


def test_what_cannot_be_decided_was_not_reached(rig):
    run(rig, action("a"), success="actions.a.output.found")
    rig.succeed("a")
    assert rig.execution().error.code == "GOAL_NOT_ACHIEVED"


def test_without_a_success_critical_actions_that_were_left_out_make_it_partial(rig):
    run(rig, action("a"), action("b", condition="false"), action("c", condition="false"))
    rig.succeed("a")
    execution = rig.execution()
    assert execution.status is Status.PARTIALLY_COMPLETED
    assert rig.record().reason == (
        "every other action did what the plan asked for; b, c were left out, as the conditions say"
    )


def test_what_is_left_out_with_another_is_named_as_well(rig):
    skipped = action("b", "a", condition="false", when_skipped="skip")
    run(rig, action("a"), skipped, action("c", "b"), action("d", "c"))
    rig.succeed("a")
    assert rig.execution().status is Status.PARTIALLY_COMPLETED
    assert rig.record().reason == (
        "every other action did what the plan asked for; b was left out, as the conditions say; "
        "c, d were left out with what comes before"
    )


def test_a_failure_is_told_before_the_success(rig):
    run(rig, action("a"), success="true")
    rig.fail("a", recoverable=False)
    assert rig.execution().status is Status.FAILED
    assert "SUCCESS_CHECKED" not in rig.types()


def test_the_plan_is_judged_by_what_it_says_it_is_for(rig):
    run(rig, action("a"), action("b", condition="false"), success="actions.a.status == 'SUCCEEDED'")
    rig.succeed("a")
    execution = rig.execution()
    assert execution.status is Status.COMPLETED
    assert "b was left out" in rig.record().reason


@pytest.mark.parametrize(
    "optional",
    [
        action("b", kind="return", condition="false"),
        action("b", kind="delay", condition="false", duration=1.0),
        action("b", kind="try", actions=[], **{"finally": [action("c", condition="false")]}),
    ],
    ids=["return", "delay", "finally"],
)
def test_what_is_not_what_the_plan_is_for_may_be_left_out(rig, optional):
    run(rig, action("a"), optional)
    rig.succeed("a")
    assert rig.execution().status is Status.COMPLETED
    assert rig.record().reason == "every action did what the plan asked for"


def test_what_may_be_left_out_is_named_and_is_no_fault(rig):
    run(rig, action("a"), action("b", condition="false", critical=False))
    rig.succeed("a")
    assert rig.execution().status is Status.COMPLETED
    assert rig.record().reason == (
        "every other action did what the plan asked for; b was left out, as the conditions say"
    )


@pytest.mark.parametrize(
    ("caught", "status", "told"),
    [
        ({"catch": [{"errors": [], "actions": [action("c")]}]}, Status.COMPLETED, "was handled"),
        ({"on_error": "continue"}, Status.PARTIALLY_COMPLETED, "that nothing caught"),
    ],
)
def test_an_error_that_was_handled_or_passed_over_is_told(rig, caught, status, told):
    run(rig, action("t", kind="try", actions=[action("a")], **caught))
    rig.fail("a", recoverable=False)
    if "catch" in caught:
        rig.succeed("c")
    assert rig.execution().status is status
    assert f"error {told}: it broke" in rig.record().reason
    assert "every action" not in rig.record().reason


def test_a_loop_over_nothing_is_told(rig):
    run(rig, action("f", kind="foreach", items=[], actions=[action("a")]))
    assert rig.execution().status is Status.COMPLETED
    assert "f: its list was empty, nothing was done" in rig.record().reason


@pytest.mark.parametrize(
    ("items", "status"), [([1, 2], Status.COMPLETED), ([1], Status.PARTIALLY_COMPLETED)]
)
def test_in_a_loop_a_condition_chooses_among_the_items(rig, items, status):
    run(rig, action("each", kind="foreach", items=items,
                    actions=[action("b", condition="item == 2")]))  # fmt: skip
    if len(items) == 2:
        rig.succeed("each[1]/b")
    assert rig.execution().status is status


def test_what_was_left_out_is_named_beside_what_failed(rig):
    run(rig, action("a", critical=False), action("b", condition="false"))
    rig.fail("a", recoverable=False)
    execution = rig.execution()
    assert execution.status is Status.PARTIALLY_COMPLETED
    assert rig.record().reason == (
        "1 action failed or was skipped, the plan allows that; b was left out, as the conditions say"
    )
