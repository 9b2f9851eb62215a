"""Order, resources, timeouts, retries, cancel, pause, restart."""

from __future__ import annotations

import pytest

from execution_orchestrator.engine import effects as fx
from execution_orchestrator.engine import events as e
from execution_orchestrator.engine import inputs as s
from execution_orchestrator.engine.status import ActionStatus, ExecutionStatus
from test.unit.engine.driving import ARM, Rig, action

RETRY = {"max_attempts": 3, "initial_delay": 1.0, "multiplier": 2.0, "jitter": 0.0}
ON_ARM = [{"resource": "arm"}]


def test_an_action_starts_when_its_dependencies_are_done_not_when_a_wave_is() -> None:
    rig = Rig()
    rig.submit("e", action("a"), action("b"), action("c", "a"))
    assert rig.sent == ["a", "b"]
    rig.succeed("a")
    assert rig.sent == ["a", "b", "c"]
    rig.succeed("b")
    rig.succeed("c", answer=42)
    assert rig.execution().status is ExecutionStatus.COMPLETED
    assert rig.execution().output["c"] == {"answer": 42}
    rig.check()


def test_two_executions_never_share_an_arm_and_the_waiting_one_says_why() -> None:
    rig = Rig(resources=ARM)
    rig.submit("one", action("scan", resources=ON_ARM))
    rig.submit("two", action("pick", resources=ON_ARM))
    assert rig.sent == ["scan"]
    assert (
        rig.record("two").actions["pick"].reason == "waits for arm, held by scan in execution one"
    )
    rig.succeed("scan")
    assert rig.sent == ["scan", "pick"]
    rig.check()


def test_an_action_that_needs_two_resources_is_not_overtaken_for_ever() -> None:
    rig = Rig(resources=ARM, reserve_after=5.0, max_running_executions=50)
    both = [{"resource": "arm"}, {"resource": "base"}]
    rig.submit("arm", action("long", resources=ON_ARM))
    rig.submit("both", action("both", resources=both))
    rig.submit("b0", action("b0", resources=[{"resource": "base"}]))
    assert rig.sent == ["long", "b0"]
    rig.now += 6.0
    rig.submit("b1", action("b1", resources=[{"resource": "base"}]))
    rig.succeed("b0")
    assert "b1" not in rig.sent
    rig.succeed("long")
    assert rig.sent[-1] == "both"
    rig.succeed("both")
    assert rig.sent[-1] == "b1"


def test_a_more_urgent_execution_preempts_what_allows_it() -> None:
    rig = Rig(resources=ARM)
    rig.submit("low", action("tidy", resources=ON_ARM, preemptible=True), priority=0)
    rig.submit("high", action("save", resources=ON_ARM), priority=50)
    assert "PREEMPTED" in rig.types()
    rig.feed(s.GoalCancelled(goal_id=rig.goal("tidy")))
    assert rig.sent == ["tidy", "save"]
    rig.succeed("save")
    assert rig.sent == ["tidy", "save", "tidy"]
    assert rig.action("tidy", "low").attempt == 2
    rig.succeed("tidy")
    assert rig.execution("low").status is ExecutionStatus.COMPLETED


def test_retries_back_off_and_each_has_a_goal_id_of_its_own() -> None:
    rig = Rig()
    rig.submit("e", action("a", retry=RETRY))
    ids = {rig.goal("a")}
    for delay in (1.0, 2.0):
        rig.fail("a")
        before = len(rig.sent)
        rig.wait(delay - 0.01)
        assert len(rig.sent) == before
        rig.wait(0.02)
        assert len(rig.sent) == before + 1
        ids.add(rig.goal("a"))
    rig.fail("a")
    assert len(ids) == 3
    assert rig.execution().status is ExecutionStatus.FAILED
    assert list(rig.machine.state.dead_letters) == ["e/a/3"]
    rig.check()


def test_an_error_that_nothing_can_help_is_not_retried() -> None:
    rig = Rig()
    rig.submit("e", action("a", retry=RETRY))
    rig.fail("a", recoverable=False)
    assert rig.execution().status is ExecutionStatus.FAILED
    assert rig.sent == ["a"]


def test_a_timeout_cancels_the_goal_before_the_attempt_counts_as_failed() -> None:
    rig = Rig()
    rig.submit("e", action("a", timeout=5.0))
    rig.feed(s.GoalAccepted(goal_id=rig.goal("a")))
    rig.wait(5.1)
    assert [one.goal_id for one in rig.of(fx.CancelGoal)] == [rig.goal("a")]
    assert rig.action("a").status is ActionStatus.CANCELING
    rig.feed(s.GoalCancelled(goal_id=rig.goal("a")))
    failed = rig.action("a")
    assert failed.outcome == "timed_out"
    assert failed.error is not None
    assert failed.error.code == "ACTION_TIMEOUT"


OUTCOMES = {
    "rejected": (s.GoalRejected, "GOAL_REJECTED"),
    "cancelled": (s.GoalCancelled, "GOAL_CANCELLED"),
    "vanished": (s.GoalLost, "GOAL_LOST"),
}


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_rejected_cancelled_and_vanished_are_different_outcomes(outcome: str) -> None:
    incoming, code = OUTCOMES[outcome]
    rig = Rig()
    rig.submit("e", action("a"))
    rig.feed(incoming(goal_id=rig.goal("a")))
    failed = rig.action("a")
    assert failed.outcome == outcome
    assert failed.error is not None
    assert failed.error.code == code


def test_what_somebody_else_cancelled_does_not_begin_again_by_itself() -> None:
    rig = Rig()
    rig.submit("e", action("a", retry={"max_attempts": 3}))
    rig.feed(s.GoalCancelled(goal_id=rig.goal("a")))
    rig.wait(60.0)
    assert rig.action("a").status is ActionStatus.FAILED
    assert rig.action("a").attempt == 1


def test_a_cancel_before_the_acceptance_is_sent_at_once_and_again() -> None:
    rig = Rig()
    rig.submit("e", action("a"))
    rig.feed(s.Cancel(execution_id="e", reason="enough"))
    assert len(rig.of(fx.CancelGoal)) == 1
    rig.feed(s.GoalAccepted(goal_id=rig.goal("a")))
    assert len(rig.of(fx.CancelGoal)) == 1
    assert not rig.execution().is_final
    rig.feed(s.GoalCancelled(goal_id=rig.goal("a")))
    assert rig.execution().status is ExecutionStatus.CANCELLED
    rig.check()


def test_a_server_that_never_confirms_a_cancel_does_not_hold_the_execution() -> None:
    rig = Rig(cancel_timeout=4.0)
    rig.submit("e", action("a"))
    rig.feed(s.Cancel(execution_id="e"))
    rig.wait(4.1)
    assert rig.execution().status is ExecutionStatus.CANCELLED
    assert "did not confirm" in rig.record().actions["a"].reason


def test_cancel_undoes_what_was_done_last_first() -> None:
    rig = Rig()
    undo = {"action_type": "undo", "depends_on": []}
    rig.submit(
        "e",
        action("a", compensation={**undo, "id": "undo_a"}),
        action("b", "a", compensation={**undo, "id": "undo_b"}),
        action("c", "b"),
    )
    rig.succeed("a")
    rig.succeed("b")
    rig.feed(s.Cancel(execution_id="e", compensate=True))
    rig.feed(s.GoalCancelled(goal_id=rig.goal("c")))
    assert rig.sent[-1] == "undo_b"
    assert rig.execution().status is ExecutionStatus.RECOVERING
    rig.fail("undo_b")
    assert rig.sent[-1] == "undo_a"
    rig.succeed("undo_a")
    assert rig.execution().status is ExecutionStatus.CANCELLED
    rig.check()


def test_pause_stops_the_robot_and_resume_sends_the_goal_again() -> None:
    rig = Rig()
    rig.submit("e", action("drive", pausable="cancel"), action("next", "drive"))
    rig.feed(s.Pause(execution_id="e", reason="somebody is in the way"))
    assert len(rig.of(fx.CancelGoal)) == 1
    rig.feed(s.GoalCancelled(goal_id=rig.goal("drive")))
    assert rig.sent == ["drive"]
    assert rig.execution().status is ExecutionStatus.PAUSED
    rig.feed(s.Resume(execution_id="e"))
    assert rig.sent == ["drive", "drive"]
    rig.succeed("drive")
    assert rig.sent[-1] == "next"
    rig.check()


def test_a_restart_asks_for_the_running_goal_and_sends_nothing_twice() -> None:
    rig = Rig()
    rig.submit("e", action("a", timeout=60.0), action("b", "a"))
    goal = rig.goal("a")
    rig.restart()
    assert [one.goal_id for one in rig.of(fx.Reattach)] == [goal]
    assert "timeout:e/a" in rig.timers
    assert rig.sent == ["a"]
    rig.feed(s.GoalSucceeded(goal_id=goal))
    assert rig.sent == ["a", "b"]


def test_a_goal_the_server_never_saw_is_sent_again_after_a_restart() -> None:
    rig = Rig()
    rig.submit("e", action("a"))
    first = rig.goal("a")
    rig.restart()
    rig.feed(s.GoalLost(goal_id=first, never_seen=True))
    assert rig.sent == ["a", "a"]
    assert rig.goal("a") != first


def test_the_same_execution_id_attaches() -> None:
    rig = Rig()
    rig.submit("e", action("a"))
    step = rig.submit("e", action("a"))
    assert (step.events, step.refusal, step.ids) == ([], "", ("e",))


def test_a_full_queue_refuses_with_a_reason() -> None:
    rig = Rig(max_running_executions=1, queue_capacity=1)
    rig.submit("one", action("a"))
    rig.submit("two", action("a"))
    assert "queue is full" in rig.submit("three", action("a")).refusal
    assert "three" not in rig.machine.state.executions


def test_an_emergency_stop_cancels_everything_and_refuses_goals_until_the_reset() -> None:
    rig = Rig()
    rig.submit("e", action("a", compensation={"id": "u", "action_type": "undo"}))
    rig.feed(s.EmergencyStop(reason="red button"))
    assert rig.of(fx.SafeStop)
    assert rig.of(fx.CancelGoal)
    rig.feed(s.GoalCancelled(goal_id=rig.goal("a")))
    assert rig.execution().status is ExecutionStatus.CANCELLED
    assert "emergency stop" in rig.submit("f", action("a")).refusal
    rig.feed(s.ResetEmergencyStop())
    assert not rig.submit("f", action("a")).refusal


def test_a_reset_is_refused_while_the_robot_is_seen_moving() -> None:
    rig = Rig()
    rig.feed(s.EmergencyStop(reason="red button"))
    for motion in ("stopping", "moving"):
        rig.machine.replay(
            e.RobotSeenAtStop(time=1001.0, motion=motion, reason="the robot still moves (0.42 m/s)")
        )
        assert "still moves (0.42 m/s)" in rig.feed(s.ResetEmergencyStop()).refusal
    rig.machine.replay(e.RobotSeenAtStop(time=1002.0, motion="standing", reason="it stands"))
    assert not rig.feed(s.ResetEmergencyStop()).refusal
    assert rig.of(fx.EndSafeStop)


def test_a_node_comes_back_stopped() -> None:
    rig = Rig()
    rig.feed(s.EmergencyStop(reason="red button"))
    assert [one.reason for one in rig.of(fx.SafeStop)] == ["red button"]
    rig.restart()
    assert [one.reason for one in rig.of(fx.SafeStop)][-1] == "red button"


def test_a_rate_limit_spaces_the_starts_of_a_capability() -> None:
    rig = Rig()
    rig.submit("e", action("a", rate_limit=2.0), action("b", rate_limit=2.0))
    assert rig.sent == ["a"]
    rig.wait(0.51)
    assert rig.sent == ["a", "b"]
    rig.check()


def test_a_deadline_ends_an_execution_as_failed() -> None:
    rig = Rig()
    rig.submit("e", action("a"), deadline=1010.0)
    rig.wait(10.1)
    rig.feed(s.GoalCancelled(goal_id=rig.goal("a")))
    assert rig.execution().status is ExecutionStatus.FAILED
    assert rig.execution().error is not None
    assert rig.execution().error.code == "EXECUTION_DEADLINE"


def test_leases_of_outside_holders_wait_expire_and_keep_actions_out() -> None:
    rig = Rig(resources=ARM)
    demand = (s.LeaseDemand(resource="arm"),)
    rig.feed(s.AllocateLease(request_id="r", demands=demand, holder="a person", duration=5.0))
    (answer,) = rig.of(fx.LeaseAnswered)
    assert len(answer.lease_ids) == 1
    rig.submit("e", action("a", resources=ON_ARM))
    assert rig.sent == []
    assert rig.record().actions["a"].reason == "waits for arm, held by a person"
    rig.wait(5.1)
    assert rig.sent == ["a"]
    refused = rig.feed(s.AllocateLease(request_id="q", demands=demand, holder="x"))
    assert refused.refusal == "the resources are not free"
    rig.check()


def test_breakpoints_stop_before_an_action_until_somebody_steps() -> None:
    rig = Rig()
    options = s.SubmitOptions(breakpoints=("b",))
    rig.submit("e", action("a"), action("b", "a"), action("c", "b"), options=options)
    rig.succeed("a")
    assert rig.sent == ["a"]
    rig.feed(s.Step(execution_id="e"))
    assert rig.sent == ["a", "b"]
    rig.succeed("b")
    assert rig.sent == ["a", "b"]
    rig.feed(s.Step(execution_id="e", run_to_next_breakpoint=True))
    assert rig.sent == ["a", "b", "c"]


def test_a_refused_confirmation_fails_the_action() -> None:
    rig = Rig()
    rig.submit("e", action("a", require_confirmation=True))
    assert [one.key for one in rig.of(fx.NotifyConfirmationNeeded)] == ["a"]
    rig.feed(s.Confirm(execution_id="e", key="a", approve=False, comment="too dangerous"))
    assert rig.execution().status is ExecutionStatus.FAILED
    assert "too dangerous" in rig.record().actions["a"].reason


@pytest.mark.parametrize("key", ["a", ""])
def test_of_a_question_that_nobody_answered_it_is_not_said_that_somebody_refused(key: str) -> None:
    rig = Rig(confirmation_timeout=5.0)
    options = s.SubmitOptions(confirm_plan=not key)
    rig.submit("e", action("a", require_confirmation=True), options=options)
    rig.wait(5.1)
    assert rig.execution().is_final
    reason = rig.record().actions["a"].reason if key else rig.record().reason
    assert "nobody" in reason
    assert "refused" not in reason
    rig.check()


def test_a_target_in_the_robots_frame_is_the_same_place_when_it_is_sent_again() -> None:
    rig = Rig()
    ahead = {"x": 2.5, "frame": "base_link"}
    rig.world = {"robot": {}, "objects": [], "fix": lambda *_: {"x": 2.5, "frame": "map"}}
    drive = action("a", parameters={"to": ahead}, targets=["to"], retry=RETRY, pausable="cancel")
    rig.submit("e", drive)
    assert rig.of(fx.Dispatch)[0].parameters == {"to": {"x": 2.5, "frame": "map"}}
    rig.world["fix"] = lambda *_: {"x": 4.0, "frame": "map"}
    rig.fail("a")
    rig.wait(1.1)
    assert rig.of(fx.Dispatch)[0].parameters["to"]["x"] == 2.5
    rig.feed(s.Pause(execution_id="e"))
    rig.feed(s.GoalCancelled(goal_id=rig.goal("a")))
    rig.restart()
    rig.feed(s.Resume(execution_id="e"))
    assert rig.of(fx.Dispatch)[0].parameters["to"]["x"] == 2.5
    rig.check()
