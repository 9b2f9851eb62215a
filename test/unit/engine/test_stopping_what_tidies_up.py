"""A compensation or a finally can be paused, and a second cancel stops it."""

from __future__ import annotations

from typing import Any

from execution_orchestrator.engine import effects as fx
from execution_orchestrator.engine import inputs as s
from execution_orchestrator.engine.status import ActionStatus, ExecutionStatus
from test.unit.engine.driving import Rig, action


def undoing() -> Rig:
    """Two actions are done and are being undone: the undoing of the second runs."""
    rig = Rig()
    rig.submit(
        "e",
        action("a", compensation=action("undo_a")),
        action("b", "a", compensation=action("undo_b", pausable="cancel", idempotent=True)),
        action("c", "b"),
    )
    for key in ("a", "b"):
        rig.succeed(key)
    rig.fail("c", recoverable=False)
    assert rig.sent[-1] == "undo_b"
    rig.feed(s.GoalAccepted(goal_id=rig.goal("undo_b")))
    assert rig.execution().status is ExecutionStatus.RECOVERING
    return rig


def with_finally() -> Rig:
    """The finally of a cancelled execution runs."""
    rig = Rig()
    tried: dict[str, Any] = {
        "id": "tried",
        "action_type": "try",
        "actions": [action("work")],
        "finally": [action("tidy", pausable="cancel", idempotent=True)],
    }
    rig.submit("e", tried)
    rig.feed(s.GoalAccepted(goal_id=rig.goal("work")))
    rig.feed(s.Cancel(execution_id="e"))
    rig.feed(s.GoalCancelled(goal_id=rig.goal("work")))
    assert rig.sent == ["work", "tidy"]
    rig.feed(s.GoalAccepted(goal_id=rig.goal("tidy")))
    return rig


def test_a_compensation_is_paused_and_goes_on() -> None:
    rig = undoing()
    assert rig.feed(s.Pause(execution_id="e")).refusal == ""
    assert [one.goal_id for one in rig.of(fx.CancelGoal)] == [rig.goal("undo_b")]
    rig.feed(s.GoalCancelled(goal_id=rig.goal("undo_b")))
    assert rig.execution().status is ExecutionStatus.PAUSED
    rig.restart()
    rig.wait(100.0)
    assert rig.sent.count("undo_b") == 1
    rig.feed(s.Resume(execution_id="e"))
    assert rig.execution().status is ExecutionStatus.RECOVERING
    rig.succeed("undo_b")
    rig.succeed("undo_a")
    assert rig.execution().status is ExecutionStatus.FAILED
    rig.check()


def test_a_cancel_stops_a_compensation() -> None:
    rig = undoing()
    assert rig.feed(s.Cancel(execution_id="e")).refusal == ""
    rig.feed(s.GoalCancelled(goal_id=rig.goal("undo_b")))
    assert rig.execution().status is ExecutionStatus.CANCELLED
    assert "undo_a" not in rig.sent
    told = rig.record().reason
    assert told.startswith("a client cancelled it; c failed: it broke; the rollback is incomplete")
    rig.check()


def test_a_cancel_of_everything_leaves_a_compensation_alone() -> None:
    rig = undoing()
    rig.feed(s.Cancel())
    assert not rig.of(fx.CancelGoal)
    assert rig.action("undo_b").status is ActionStatus.RUNNING


def test_a_second_cancel_before_anything_is_undone_changes_nothing() -> None:
    rig = Rig()
    rig.submit("e", action("a", compensation=action("undo_a")), action("b", "a"))
    rig.succeed("a")
    rig.feed(s.Cancel(execution_id="e", compensate=True))
    assert "already" in rig.feed(s.Cancel(execution_id="e")).refusal
    rig.feed(s.GoalCancelled(goal_id=rig.goal("b")))
    assert rig.sent[-1] == "undo_a"


def test_a_finally_of_what_is_cancelled_is_paused_and_goes_on() -> None:
    rig = with_finally()
    assert rig.feed(s.Pause(execution_id="e")).refusal == ""
    rig.feed(s.GoalCancelled(goal_id=rig.goal("tidy")))
    rig.feed(s.Resume(execution_id="e"))
    rig.succeed("tidy")
    assert rig.execution().status is ExecutionStatus.CANCELLED
    assert rig.sent == ["work", "tidy", "tidy"]


def test_a_second_cancel_stops_a_finally() -> None:
    rig = with_finally()
    assert rig.feed(s.Cancel(execution_id="e")).refusal == ""
    assert [one.goal_id for one in rig.of(fx.CancelGoal)] == [rig.goal("tidy")]
    rig.feed(s.GoalCancelled(goal_id=rig.goal("tidy")))
    assert rig.execution().status is ExecutionStatus.CANCELLED


def test_who_starts_in_pause_is_resumed() -> None:
    rig = Rig()
    rig.submit("e", action("a"), options=s.SubmitOptions(start_paused=True))
    assert rig.execution().status is ExecutionStatus.PAUSED
    assert rig.sent == []
    assert rig.feed(s.Resume(execution_id="e")).refusal == ""
    assert rig.sent == ["a"]


def test_who_stops_a_finally_is_told_what_was_not_tidied_up() -> None:
    rig = with_finally()
    rig.feed(s.Cancel(execution_id="e"))
    rig.feed(s.GoalCancelled(goal_id=rig.goal("tidy")))
    assert rig.record().reason == "a client cancelled it; not tidied up: tidy"
    rig.check()


def test_an_emergency_stop_tells_which_finally_it_kept_from_beginning() -> None:
    rig = Rig()
    tried = {
        "id": "tried",
        "action_type": "try",
        "actions": [action("work")],
        "finally": [action("tidy"), action("close", "tidy")],
    }
    later = {**tried, "id": "later", "depends_on": ["tried"]}
    later |= {"actions": [action("more")], "finally": [action("other")]}
    rig.submit("e", tried, later)
    rig.feed(s.GoalAccepted(goal_id=rig.goal("work")))
    rig.feed(s.EmergencyStop(reason="smoke"))
    rig.feed(s.GoalCancelled(goal_id=rig.goal("work")))
    assert rig.record().reason == "emergency stop: smoke; not tidied up: tidy, close"
    rig.check()


def test_a_cancel_that_let_a_finally_end_tells_of_nothing() -> None:
    rig = with_finally()
    rig.succeed("tidy")
    assert rig.record().reason == "a client cancelled it"
    rig.check()
