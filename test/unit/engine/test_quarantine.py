"""A cancel that nobody confirms is not an end: what the goal holds stays with it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from execution_orchestrator.engine import effects as fx
from execution_orchestrator.engine import events as e
from execution_orchestrator.engine import inputs as s
from execution_orchestrator.engine.codec import encode_event
from execution_orchestrator.engine.status import AttemptOutcome, ExecutionStatus
from execution_orchestrator.observation import Observation
from test.decoding import decode_event
from test.unit.engine.driving import ARM, Rig, action, error

ON_BASE = [{"resource": "base"}]
RETRY = {"max_attempts": 3, "initial_delay": 1.0, "multiplier": 2.0, "jitter": 0.0}


def drive(name: str = "drive", *after: str, **more) -> dict:
    return action(name, *after, resources=ON_BASE, server="nav", **more)


def started(**more) -> Rig:
    """An execution whose only action drives; a second one waits for the base."""
    rig = Rig(resources=ARM, cancel_timeout=3.0)
    rig.submit("e", drive(**more), priority=10)
    rig.feed(s.GoalAccepted(goal_id=rig.goal("drive")))
    rig.submit("other", drive("next"))
    return rig


def cancel(rig: Rig) -> None:
    rig.feed(s.Cancel(execution_id="e"))
    rig.wait(3.1)


def time_is_over(rig: Rig) -> None:
    rig.wait(20.0)


def emergency(rig: Rig) -> None:
    rig.feed(s.EmergencyStop())
    rig.wait(3.1)


def fall_silent(rig: Rig) -> None:
    rig.feed(s.GoalLost(goal_id=rig.goal("drive"), reason="it is silent", may_run=True))


def refuse(rig: Rig) -> None:
    rig.feed(s.Cancel(execution_id="e"))
    rig.feed(s.CancelRefused(goal_id=rig.goal("drive"), reason="no"))
    rig.wait(3.1)


def after_restart(rig: Rig) -> None:
    rig.feed(s.Cancel(execution_id="e"))
    rig.restart()
    rig.wait(3.1)


def deadline(rig: Rig) -> None:
    rig.wait(35.0)


WAYS: dict[str, tuple[Callable[[Rig], None], dict]] = {
    "cancel": (cancel, {}),
    "timeout": (time_is_over, {"timeout": 10.0}),
    "refused": (refuse, {}),
    "restart": (after_restart, {}),
    "silent": (fall_silent, {}),
}


@pytest.mark.parametrize("way", WAYS)
def test_what_an_unconfirmed_goal_holds_stays_with_it_until_it_has_ended(way: str) -> None:
    end, more = WAYS[way]
    rig = started(**more)
    end(rig)
    assert rig.execution().is_final
    assert rig.action("drive").outcome in (AttemptOutcome.UNKNOWN, "ABORT")
    assert "the robot may still be moving" in rig.record().reason
    assert list(rig.machine.state.quarantined) == [rig.goal("drive")]
    assert rig.sent == ["drive"], "nobody else may have the base"
    rig.check()
    rig.feed(s.GoalCancelled(goal_id=rig.goal("drive")))
    assert not rig.machine.state.quarantined
    assert rig.sent == ["drive", "next"]
    rig.check()


def test_a_robot_that_stands_is_not_said_to_move_but_nobody_else_gets_it() -> None:
    rig = started(idempotent=False)
    seen = {"reason": "it is silent; the robot stands", "may_run": True, "stands": True}
    rig.feed(s.GoalLost(goal_id=rig.goal("drive"), **seen))
    assert "may still be moving" not in rig.record().reason
    assert "it is silent; the robot stands" in rig.record().reason
    assert "the goal is not confirmed as ended" in rig.record().reason
    assert rig.sent == ["drive"], "its server may go on with it when it answers again"
    rig.feed(s.GoalLost(goal_id=rig.goal("drive"), reason="it is dead"))
    assert rig.sent == ["drive", "next"]


def test_what_must_not_be_done_twice_is_not_sent_again() -> None:
    rig = started(timeout=5.0, retry=RETRY, idempotent=False)
    rig.wait(100.0)
    assert rig.sent == ["drive"]
    assert rig.action("drive").error.code == "GOAL_OUTCOME_UNKNOWN"
    assert rig.execution().status is ExecutionStatus.FAILED


def test_what_may_be_done_twice_is_sent_again_when_the_first_goal_has_ended() -> None:
    rig = started(timeout=5.0, retry=RETRY, idempotent=True)
    rig.wait(100.0)
    assert rig.sent == ["drive"]
    assert "quarantine" in rig.record().actions["drive"].reason
    rig.feed(s.GoalLost(goal_id=rig.goal("drive"), reason="its server died"))
    assert rig.sent == ["drive", "drive"]


def test_a_plan_that_starts_anew_does_not_do_it_twice_either() -> None:
    # Nothing but its server is shared: no resource keeps the second goal back.
    rig = Rig(cancel_timeout=3.0)
    rig.submit("e", action("a"), action("give", "a", server="dispenser", timeout=50.0))
    rig.succeed("a")
    rig.feed(s.CheckpointRequested(execution_id="e"))
    rig.feed(s.GoalAccepted(goal_id=rig.goal("give")))
    rig.feed(s.RestoreCheckpoint(execution_id="e"))
    rig.wait(60.0)
    assert rig.sent == ["a", "give"]
    rig.feed(s.GoalSucceeded(goal_id=rig.goal("give")))
    assert rig.sent == ["a", "give", "give"]


def test_it_survives_restarts_and_is_watched_and_cancelled_again() -> None:
    rig = started()
    cancel(rig)
    goal = rig.goal("drive")
    rig.journal = [decode_event(encode_event(event)) for event in rig.journal]
    rig.restart()
    again = [one for one in rig.of(fx.Reattach) if one.goal_id == goal]
    assert len(again) == 1
    assert again[0].cancel
    assert rig.sent == ["drive"]
    rig.feed(s.GoalAccepted(goal_id=goal))
    assert [one.goal_id for one in rig.of(fx.CancelGoal)] == [goal]
    rig.feed(s.GoalLost(goal_id=goal, reason="its server died"))
    assert rig.sent == ["drive", "next"]


def test_it_survives_a_restart_that_does_not_read_its_execution() -> None:
    rig = started()
    cancel(rig)
    rig.journal = [event for event in rig.journal if event.execution_id != "e"]
    rig.restart()
    assert rig.sent == ["drive"]
    rig.feed(s.ReleaseQuarantine(resource="base", who="Ann"))
    assert rig.sent == ["drive", "next"]


def test_a_crash_between_the_quarantine_and_the_end_of_the_attempt_loses_nothing() -> None:
    rig = started()
    cancel(rig)
    last = next(i for i, one in enumerate(rig.journal) if one.type == "GOAL_QUARANTINED")
    rig.journal = rig.journal[: last + 1]
    rig.restart()
    assert [one.goal_id for one in rig.of(fx.Reattach)] == [rig.goal("drive")]
    rig.wait(5.0)
    assert rig.execution().status is ExecutionStatus.CANCELLED
    assert rig.sent == ["drive"]
    rig.feed(s.GoalCancelled(goal_id=rig.goal("drive")))
    assert rig.sent == ["drive", "next"]


def test_a_person_releases_it_and_a_wrong_name_is_told() -> None:
    rig = started()
    cancel(rig)
    wrong = rig.feed(s.ReleaseQuarantine(goal_id="nothing"))
    assert "drive of e on nav" in wrong.refusal
    assert rig.feed(s.ReleaseQuarantine(goal_id=rig.goal("drive"), who="Ann")).refusal == ""
    assert rig.sent == ["drive", "next"]
    assert "Ann" in rig.journal[[one.type for one in rig.journal].index("QUARANTINE_ENDED")].reason


def test_the_emergency_stop_is_not_reset_while_something_may_move() -> None:
    rig = started()
    rig.feed(s.EmergencyStop())
    assert "drive of e on nav" in rig.feed(s.ResetEmergencyStop()).refusal
    rig.wait(5.0)
    assert "drive of e on nav" in rig.feed(s.ResetEmergencyStop()).refusal
    rig.feed(s.EmergencyStop())
    assert [one.goal_id for one in rig.of(fx.CancelGoal)] == [rig.goal("drive")]
    rig.feed(s.ReleaseQuarantine(goal_id=rig.goal("drive")))
    assert rig.feed(s.ResetEmergencyStop()).refusal == ""


def test_a_pause_that_is_not_confirmed_leaves_the_goal_running() -> None:
    rig = started(pausable="cancel", idempotent=True)
    rig.feed(s.Pause(execution_id="e"))
    rig.wait(5.0)
    assert rig.sent == ["drive"]
    assert "did not confirm" in rig.record().actions["drive"].reason
    rig.feed(s.GoalCancelled(goal_id=rig.goal("drive")))
    assert rig.sent == ["drive", "next"], "the late end is that of the pause"
    rig.feed(s.Resume(execution_id="e"))
    rig.succeed("next")
    assert rig.sent == ["drive", "next", "drive"]


def test_a_pause_that_was_cut_by_a_crash_still_stops_what_it_was_to_stop() -> None:
    rig = started(pausable="cancel", idempotent=True)
    rig.feed(s.Pause(execution_id="e"))
    paused = next(i for i, one in enumerate(rig.journal) if one.type == "EXECUTION_PAUSED")
    rig.journal = rig.journal[: paused + 1]
    rig.restart()
    assert [one.cancel for one in rig.of(fx.Reattach)] == [True]
    rig.feed(s.GoalCancelled(goal_id=rig.goal("drive")))
    rig.feed(s.Resume(execution_id="e"))
    rig.succeed("next")
    assert rig.sent == ["drive", "next", "drive"]


def test_a_pause_does_not_do_twice_what_may_have_been_done_meanwhile() -> None:
    rig = started(pausable="cancel", idempotent=False)
    rig.feed(s.Pause(execution_id="e"))
    rig.wait(3.1)
    rig.feed(s.Resume(execution_id="e"))
    rig.feed(s.GoalLost(goal_id=rig.goal("drive"), reason="its server died"))
    assert rig.sent == ["drive", "next"]
    assert rig.execution().status is ExecutionStatus.FAILED


def test_a_pause_does_not_do_twice_what_vanished() -> None:
    rig = started(pausable="cancel", idempotent=False)
    rig.feed(s.Pause(execution_id="e"))
    rig.feed(s.GoalLost(goal_id=rig.goal("drive"), reason="its server died"))
    rig.feed(s.Resume(execution_id="e"))
    rig.wait(10.0)
    assert rig.sent.count("drive") == 1
    assert rig.action("drive").outcome == AttemptOutcome.VANISHED


def test_a_preempted_goal_that_drives_on_keeps_the_base() -> None:
    rig = Rig(resources=ARM, cancel_timeout=3.0)
    rig.submit("e", drive(preemptible=True, idempotent=True))
    rig.feed(s.GoalAccepted(goal_id=rig.goal("drive")))
    rig.submit("urgent", drive("next"), priority=50)
    rig.wait(20.0)
    assert rig.sent == ["drive"]
    rig.feed(s.GoalCancelled(goal_id=rig.goal("drive")))
    assert rig.sent == ["drive", "next"]


def test_a_return_beside_an_unconfirmed_goal_ends_the_plan_and_says_so() -> None:
    rig = Rig(resources=ARM, cancel_timeout=3.0)
    both = {
        "id": "both",
        "action_type": "parallel",
        "actions": [drive(), action("look", terminate_if="true")],
    }
    rig.submit("e", both)
    rig.feed(s.GoalAccepted(goal_id=rig.goal("drive")))
    rig.succeed("look")
    rig.wait(5.0)
    assert rig.execution().is_final
    assert "the robot may still be moving" in rig.record().reason


def test_a_dead_letter_waits_for_the_end_of_its_goal() -> None:
    rig = started(timeout=5.0)
    rig.wait(60.0)
    letter = next(iter(rig.machine.state.dead_letters))
    assert "may still be moving" in rig.feed(s.RetryDeadLetter(dead_letter_id=letter)).refusal
    rig.feed(s.GoalFailed(goal_id=rig.goal("drive"), error=error()))
    assert rig.feed(s.RetryDeadLetter(dead_letter_id=letter)).refusal == ""


def test_a_deadline_is_no_confirmation() -> None:
    rig = Rig(resources=ARM, cancel_timeout=3.0)
    rig.submit("e", drive(), deadline=1030.0)
    rig.feed(s.GoalAccepted(goal_id=rig.goal("drive")))
    deadline(rig)
    assert rig.execution().status is ExecutionStatus.FAILED
    assert list(rig.machine.state.quarantined) == [rig.goal("drive")]


WAYPOINTS = {
    "parameters": {"poses": ["a", "b", "c"]},
    "resume": {"into": "first", "how": "set"},
    "idempotent": True,
    "pausable": "cancel",
    "retry": RETRY,
}


def pause(rig: Rig) -> None:
    rig.feed(s.Pause(execution_id="e"))
    rig.wait(3.1)


def go_on(rig: Rig) -> None:
    rig.feed(s.Resume(execution_id="e"))
    rig.wait(3.0)


COMES_AGAIN: dict[str, tuple[Callable[[Rig], None], dict]] = {
    "pause": (pause, {}),
    "timeout": (time_is_over, {"timeout": 10.0}),
    "silent": (fall_silent, {}),
}


@pytest.mark.parametrize("restarted", [False, True])
@pytest.mark.parametrize("way", COMES_AGAIN)
def test_what_a_goal_did_while_it_was_given_up_is_not_done_again(way: str, restarted: bool) -> None:
    end, more = COMES_AGAIN[way]
    rig = started(**WAYPOINTS, **more)
    goal = rig.goal("drive")
    end(rig)
    assert goal in rig.machine.state.quarantined
    if restarted:
        rig.restart()
    rig.feed(s.GoalSucceeded(goal_id=goal, output={"missed": 0}))
    go_on(rig)
    assert rig.sent.count("drive") == 1
    assert rig.execution().status is ExecutionStatus.COMPLETED
    assert rig.action("drive").output == {"missed": 0}
    assert rig.sent[-1] == "next"
    rig.check()


@pytest.mark.parametrize("way", COMES_AGAIN)
def test_how_far_a_goal_came_while_it_was_given_up_counts(way: str) -> None:
    end, more = COMES_AGAIN[way]
    rig = started(**WAYPOINTS, **more)
    goal = rig.goal("drive")
    rig.feed(s.GoalProgress(goal_id=goal, reached=1.0))
    end(rig)
    rig.feed(s.GoalProgress(goal_id=goal, reached=2.0))
    rig.feed(s.GoalCancelled(goal_id=goal))
    if rig.sent[-1] == "next":
        rig.succeed("next")  # it had the base meanwhile
    go_on(rig)
    if rig.sent[-1] == "next":
        rig.succeed("next")
    assert rig.sent.count("drive") == 2
    assert rig.goals["drive"].parameters == {"poses": ["a", "b", "c"], "first": 2}
    rig.check()


def test_what_was_done_too_late_for_a_cancelled_execution_changes_nothing() -> None:
    rig = started(**WAYPOINTS)
    cancel(rig)
    rig.feed(s.GoalSucceeded(goal_id=rig.goal("drive")))
    assert rig.execution().status is ExecutionStatus.CANCELLED
    assert rig.action("drive").output is None


def test_what_waits_beside_an_earlier_goal_that_may_run_is_not_told_as_stopped() -> None:
    rig = started(timeout=10.0, idempotent=True, retry=RETRY)
    time_is_over(rig)  # it was not confirmed, and the next attempt waits for the base
    rig.feed(s.Cancel(execution_id="e"))
    told = [event for event in rig.journal if isinstance(event, e.TaskCancelled)]
    assert [(event.key, event.confirmed) for event in told] == [("drive", False)]
    rig.check()


def test_displays_say_that_what_might_move_has_ended():
    rig = started()
    cancel(rig)
    shown = Observation()
    for event in rig.journal:
        shown.apply(event)
    record = shown.executions["e"]
    assert "may still be moving" in shown.reason_now(record)
    before = len(rig.journal)
    rig.feed(s.GoalCancelled(goal_id=rig.goal("drive")))
    for event in rig.journal[before:]:
        shown.apply(event)
    assert shown.reason_now(record).endswith("; meanwhile drive has ended: its server cancelled it")


def test_a_release_of_nothing_says_what_is_missing():
    step = started().feed(s.ReleaseQuarantine())
    assert step.refusal == "neither a goal nor a resource is named; in quarantine: nothing"


def test_breakpoints_at_actions_that_there_are_not_are_refused():
    rig = started()
    step = rig.feed(s.SetBreakpoints(execution_id="e", keys=("drvie",)))
    assert "there is no action 'drvie' to stop before" in step.refusal
    assert "drive" in step.refusal
    assert not rig.feed(s.SetBreakpoints(execution_id="", keys=("next",))).refusal


def test_an_emergency_stop_asks_once_more_for_the_end_of_what_may_still_run() -> None:
    rig = started()
    cancel(rig)
    goal_id = rig.goal("drive")
    assert goal_id in rig.machine.state.quarantined
    rig.feed(s.EmergencyStop())
    assert goal_id in [one.goal_id for one in rig.of(fx.CancelGoal)]
