"""A server that somebody else uses, or that lacks a node it needs, is waited for."""

from __future__ import annotations

import pytest

from execution_orchestrator.engine import effects as fx
from execution_orchestrator.engine import inputs as s
from execution_orchestrator.engine.recovery.policy import load_recovery_policy
from execution_orchestrator.engine.resources import JUST_FOUND
from execution_orchestrator.engine.status import ActionStatus, ExecutionStatus
from execution_orchestrator.plan.errors import ErrorInfo, ErrorType
from test.unit.engine.driving import Rig, action

TAKEN = "GOAL_TAKEN_OVER"
INACTIVE = "SERVER_INACTIVE"
RETRY_AND_SPIN = load_recovery_policy({"tables": {"nav": [{"strategies": ["retry", "spin"]}]}})


def drive(name: str = "go", **more: object) -> dict[str, object]:
    return action(name, server="navigate", recovery="nav", resources=["base"], **more)


def hinder(rig: Rig, code: str = TAKEN, reason: str = "somebody else uses navigate") -> None:
    rig.feed(s.ServerHindered(server="navigate", code=code, reason=reason))


def free(rig: Rig) -> None:
    rig.feed(s.ServerHindered(server="navigate"))


def taken_over(rig: Rig, code: str = TAKEN, reason: str = "somebody else uses navigate") -> None:
    hinder(rig, code, reason)
    known = ErrorInfo(type=ErrorType.RESOURCE_UNAVAILABLE, code=code, message=reason)
    rig.feed(s.GoalAccepted(goal_id=rig.goal("go")))
    rig.feed(s.GoalFailed(goal_id=rig.goal("go"), error=known))


@pytest.mark.parametrize("code", [TAKEN, INACTIVE, "DEPENDENCY_GONE"])
def test_a_goal_that_was_taken_over_waits_and_its_attempt_does_not_count(code: str) -> None:
    rig = Rig(recovery=RETRY_AND_SPIN)
    rig.submit("e", drive())
    taken_over(rig, code, "said why")
    go = rig.action("go")
    assert (go.status, go.attempts_failed) == (ActionStatus.READY, 0)
    assert rig.record().actions["go"].reason == "said why"
    assert rig.execution().status is ExecutionStatus.EXECUTING
    rig.wait(60.0)
    assert rig.sent == ["go"]
    free(rig)
    assert rig.sent == ["go", "go"]
    rig.succeed("go")
    assert rig.execution().status is ExecutionStatus.COMPLETED
    assert "RECOVERY_INITIATED" not in rig.types()
    rig.check()


def test_what_waits_for_a_resource_behind_a_server_that_is_free_says_so() -> None:
    rig = Rig()
    rig.submit("other", action("holds", server="other", resources=["base"]))
    hinder(rig, JUST_FOUND, "navigate was just found")
    rig.submit("e", drive())
    assert rig.record().actions["go"].reason == "navigate was just found"
    free(rig)
    assert rig.record().actions["go"].reason == "waits for base, held by holds in execution other"
    said = len(rig.journal)
    rig.wait(1.0)
    assert len(rig.journal) == said
    rig.succeed("holds")
    assert rig.sent == ["holds", "go"]
    rig.succeed("go")
    assert rig.execution().status is ExecutionStatus.COMPLETED
    rig.check()


def test_a_plan_for_a_server_that_cannot_be_used_waits_with_the_reason() -> None:
    rig = Rig()
    hinder(rig, INACTIVE, "bt_navigator is inactive: paused by somebody?")
    rig.submit("e", drive())
    assert rig.sent == []
    assert rig.record().actions["go"].reason == "bt_navigator is inactive: paused by somebody?"
    hinder(rig, "DEPENDENCY_GONE", "bt_navigator is gone since 07:31:04")
    assert rig.record().actions["go"].reason == "bt_navigator is gone since 07:31:04"
    free(rig)
    assert rig.sent == ["go"]


def test_the_wait_is_bounded_and_nothing_recovers_after_it() -> None:
    rig = Rig(recovery=RETRY_AND_SPIN)
    hinder(rig)
    rig.submit("e", drive(patience=30.0))
    rig.wait(20.0)
    hinder(rig, INACTIVE, "bt_navigator is inactive")  # another reason does not begin anew
    rig.wait(9.0)
    assert rig.execution().status is ExecutionStatus.EXECUTING
    rig.wait(1.5)
    failed = rig.action("go")
    assert failed.status is ActionStatus.FAILED
    assert failed.error is not None
    assert (failed.error.code, failed.error.message) == (
        INACTIVE,
        "bt_navigator is inactive; waited 30 s",
    )
    assert rig.of(fx.RunStrategy) == []
    rig.check()


def test_what_the_plan_wrote_for_the_case_is_done_after_the_wait() -> None:
    rig = Rig()
    hinder(rig)
    rig.submit("e", drive(patience=5.0, fallback_action=action("ask_for_help")))
    rig.wait(6.0)
    assert rig.sent == ["ask_for_help"]


def test_a_pause_ends_the_wait_and_resuming_begins_another() -> None:
    rig = Rig()
    hinder(rig)
    rig.submit("e", drive(patience=10.0))
    rig.wait(8.0)
    rig.feed(s.Pause(execution_id="e"))
    rig.wait(20.0)
    rig.feed(s.Resume(execution_id="e"))
    rig.wait(8.0)
    assert rig.action("go").status is ActionStatus.READY
    rig.wait(3.0)
    assert rig.action("go").status is ActionStatus.FAILED
    rig.check()


def test_fail_and_take_are_for_other_users_only() -> None:
    for policy, sent in (("fail", []), ("take", ["go"])):
        rig = Rig()
        hinder(rig)
        rig.submit("e", drive(when_taken=policy))
        assert rig.sent == sent
        assert (rig.execution().status is ExecutionStatus.FAILED) is (policy == "fail")
        paused = Rig()
        hinder(paused, INACTIVE, "paused")
        paused.submit("e", drive(when_taken=policy))
        assert paused.sent == []
        assert paused.execution().status is ExecutionStatus.EXECUTING


def test_a_goal_that_takes_its_server_back_does_so_a_few_times_only() -> None:
    rig = Rig(max_takes=3)
    rig.submit("e", drive(when_taken="take"))
    for _ in range(4):
        taken_over(rig)
    assert rig.sent == ["go"] * 4
    assert rig.execution().status is ExecutionStatus.FAILED


def test_a_person_is_asked_whether_to_take_it_and_the_end_of_the_others_answers_too() -> None:
    for approve, status in ((True, ActionStatus.DISPATCHED), (False, ActionStatus.FAILED)):
        rig = Rig()
        rig.submit("e", drive(when_taken="ask"))
        taken_over(rig)
        (asked,) = rig.of(fx.NotifyConfirmationNeeded)
        assert asked.question == "somebody else uses navigate; may go take it over?"
        rig.feed(s.Confirm(execution_id="e", key="go", approve=approve))
        assert rig.action("go").status is status
        rig.check()
    rig = Rig()
    rig.submit("e", drive(when_taken="ask"))
    taken_over(rig)
    free(rig)
    assert rig.sent == ["go", "go"]


def test_a_cancel_during_the_wait_ends_it() -> None:
    rig = Rig()
    hinder(rig)
    rig.submit("e", drive())
    rig.feed(s.Cancel(execution_id="e"))
    assert rig.execution().status is ExecutionStatus.CANCELLED
    assert not [name for name in rig.timers if name.startswith("held_back")]
    rig.check()


def test_after_a_restart_it_is_looked_at_anew() -> None:
    rig = Rig()
    hinder(rig)
    rig.submit("e", drive())
    rig.restart()
    assert rig.sent == ["go"]


def test_others_that_need_another_server_go_on() -> None:
    rig = Rig()
    hinder(rig)
    rig.submit("e", drive(), action("look", server="camera"))
    assert rig.sent == ["look"]


def test_a_notice_about_a_running_goal_is_its_reason_until_it_is_over() -> None:
    rig = Rig()
    rig.submit("e", drive())
    rig.feed(s.GoalAccepted(goal_id=rig.goal("go")))
    rig.feed(s.GoalNoticed(goal_id=rig.goal("go"), notice="no position since 07:31:04"))
    assert rig.record().actions["go"].reason == "no position since 07:31:04"
    rig.feed(s.GoalNoticed(goal_id=rig.goal("go")))
    assert rig.record().actions["go"].reason == ""


def test_a_result_that_says_done_all_the_same_keeps_the_warning() -> None:
    rig = Rig()
    rig.submit("e", drive())
    rig.feed(s.GoalSucceeded(goal_id=rig.goal("go"), output={}, warning="it was not docked"))
    assert rig.record().actions["go"].reason == "it was not docked"
    assert rig.execution().status is ExecutionStatus.COMPLETED


@pytest.mark.parametrize("may_run", [False, True])
def test_a_goal_that_is_lost_with_its_server_waits_for_it(may_run: bool) -> None:
    rig = Rig(recovery=RETRY_AND_SPIN)
    rig.submit("e", drive(idempotent=True))
    goal = rig.goal("go")
    rig.feed(s.GoalAccepted(goal_id=goal))
    hinder(rig, "DEPENDENCY_GONE", "bt_navigator is gone since 07:31:04")
    rig.feed(s.GoalLost(goal_id=goal, reason="navigate vanished", may_run=may_run))
    if may_run:
        rig.feed(s.GoalLost(goal_id=goal, reason="navigate vanished; the robot stands"))
    go = rig.action("go")
    assert (go.status, go.attempts_failed) == (ActionStatus.READY, 0)
    assert "bt_navigator is gone since 07:31:04" in rig.record().actions["go"].reason
    assert rig.sent == ["go"]
    free(rig)
    assert rig.sent == ["go", "go"]
    assert "RECOVERY_INITIATED" not in rig.types()
    rig.check()


def test_a_lost_goal_that_may_not_be_sent_twice_fails() -> None:
    rig = Rig(recovery=RETRY_AND_SPIN)
    rig.submit("e", drive())
    rig.feed(s.GoalAccepted(goal_id=rig.goal("go")))
    hinder(rig, "DEPENDENCY_GONE", "bt_navigator is gone since 07:31:04")
    rig.feed(s.GoalLost(goal_id=rig.goal("go"), reason="navigate vanished"))
    assert rig.action("go").status is ActionStatus.FAILED
    assert rig.sent == ["go"]


def test_that_a_server_was_just_found_is_no_reason_why_a_goal_was_lost() -> None:
    """After a restart: the goal of before is cancelled, and its server does not answer."""
    rig = Rig()
    rig.submit("e", drive())
    goal = rig.goal("go")
    rig.feed(s.GoalAccepted(goal_id=goal))
    hinder(rig, JUST_FOUND, "navigate was just found: does somebody use it?")
    rig.feed(s.Cancel(execution_id="e", reason="enough"))
    rig.feed(s.GoalLost(goal_id=goal, reason="navigate is silent", may_run=True))
    told = rig.record().actions["go"].reason
    assert "navigate is silent" in told
    assert "just found" not in told


def test_a_server_that_came_back_before_its_goal_was_lost_has_had_an_attempt() -> None:
    """A server that every goal of one kind kills is found again each time."""
    rig = Rig(recovery=RETRY_AND_SPIN)
    rig.submit("e", drive(idempotent=True))
    rig.feed(s.GoalAccepted(goal_id=rig.goal("go")))
    hinder(rig, JUST_FOUND, "navigate was just found: does somebody use it?")
    rig.feed(s.GoalLost(goal_id=rig.goal("go"), reason="navigate does not know the goal"))
    assert rig.action("go").attempts_failed == 1
    assert "RECOVERY_INITIATED" in rig.types()


def test_a_goal_that_others_take_over_again_and_again_fails_in_the_end() -> None:
    rig = Rig(max_hindrances=2)
    rig.submit("e", drive())
    for _ in range(3):
        taken_over(rig)
        free(rig)
    assert rig.sent == ["go", "go", "go"]
    assert rig.execution().status is ExecutionStatus.FAILED
    assert rig.record().actions["go"].error.code == TAKEN
