"""Displays say of an execution what the engine says, where they once said something else."""

from __future__ import annotations

import pytest

from execution_orchestrator.engine import inputs as s
from execution_orchestrator.engine.recovery.policy import load_recovery_policy
from execution_orchestrator.engine.status import (
    ACTION_NUMBERS,
    EXECUTION_NUMBERS,
    ActionStatus,
    ExecutionStatus,
)
from execution_orchestrator.msg import ActionStatus as ActionMessage
from execution_orchestrator.msg import ExecutionStatus as ExecutionMessage
from execution_orchestrator.observation.reasons import reason_now
from test.unit.engine.driving import action
from test.unit.observation.observed import Observed

CLEARING = load_recovery_policy(
    {"version": 1, "tables": {"default": [{"strategies": ["clear_costmaps", "abort"]}]}}
)


def test_the_numbers_are_those_of_the_messages() -> None:
    for status, number in EXECUTION_NUMBERS.items():
        assert getattr(ExecutionMessage, status.value) == number
    for one, number in ACTION_NUMBERS.items():
        assert getattr(ActionMessage, one.value) == number
    assert set(EXECUTION_NUMBERS) == set(ExecutionStatus)
    assert set(ACTION_NUMBERS) == set(ActionStatus)


def test_what_was_done_is_undone_while_it_recovers() -> None:
    rig = Observed()
    rig.submit("e", action("a", compensation=action("undo_a")), action("b", "a"))
    rig.succeed("a")
    rig.fail("b", recoverable=False)
    assert rig.shown().status is ExecutionStatus.RECOVERING
    assert rig.progress().phase == "compensating"
    assert rig.shown_action("undo_a").status == ActionStatus.DISPATCHED


def test_of_two_recoveries_one_is_left() -> None:
    rig = Observed(recovery=CLEARING)
    rig.submit("e", action("a", recovery="default"), action("b", recovery="default"))
    rig.fail("a")
    rig.fail("b")
    first, second = list(rig.machine.state.runs)
    rig.feed(s.StrategyFinished(run_id=first, outcome="RETRY", reason="cleared"))
    assert rig.shown().status is ExecutionStatus.RECOVERING
    rig.feed(s.StrategyFinished(run_id=second, outcome="RETRY", reason="cleared"))
    assert rig.shown().status is ExecutionStatus.EXECUTING


def test_a_pause_in_a_recovery_goes_on_recovering() -> None:
    rig = Observed(recovery=CLEARING)
    rig.submit("e", action("a", recovery="default"))
    rig.fail("a")
    rig.feed(s.Pause(execution_id="e"))
    assert rig.shown().status is ExecutionStatus.PAUSED
    rig.feed(s.Resume(execution_id="e"))
    assert rig.shown().status is ExecutionStatus.RECOVERING


def test_a_start_in_pause_is_paused_from_the_beginning() -> None:
    rig = Observed()
    rig.submit("e", action("a"), options=s.SubmitOptions(start_paused=True))
    assert rig.shown().status is ExecutionStatus.PAUSED
    assert rig.shown().reason == "accepted in pause"


def test_what_a_pause_does_not_stop_is_told_until_it_has_ended() -> None:
    rig = Observed()
    rig.submit("e", action("a", kind="dock"), action("b", pausable="cancel"), action("c", "a"))

    def reasons() -> tuple[str, str]:
        record = rig.shown()
        servers = rig.observation.servers
        return (
            rig.observation.reason_now(record),
            reason_now(record, record.actions["a"], servers, rig.now),
        )

    assert "to its end" not in "".join(reasons())
    rig.feed(s.Pause(execution_id="e", reason="lunch"))
    whole, dock = reasons()
    assert whole == "lunch; a goes on to its end"
    assert dock == "goes on to its end: a pause does not stop dock"
    rig.succeed("a")
    assert reasons() == ("lunch", "")


def test_of_many_that_a_pause_does_not_stop_three_are_named() -> None:
    rig = Observed()
    rig.submit("e", *(action(f"a{number}") for number in range(5)))
    rig.feed(s.Pause(execution_id="e", reason="lunch"))
    told = rig.observation.reason_now(rig.shown())
    assert told == "lunch; a0, a1, a2 and 2 more go on to their end"


@pytest.mark.parametrize(
    ("comment", "told"),
    [("", "the plan was refused"), ("too far", "the plan was refused: too far")],
)
def test_a_refusal_says_why_if_it_was_said(comment: str, told: str) -> None:
    rig = Observed()
    rig.submit("e", action("a"), options=s.SubmitOptions(confirm_plan=True))
    rig.feed(s.Confirm(execution_id="e", approve=False, comment=comment))
    assert rig.shown().reason == told
