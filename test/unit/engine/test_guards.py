"""Guards stop what they are for the moment they do not hold, and nothing of it runs meanwhile."""

import pytest

from execution_orchestrator.engine import effects as fx
from execution_orchestrator.engine import events as e
from execution_orchestrator.engine import inputs as s
from execution_orchestrator.engine.recovery.policy import RecoveryPolicy
from execution_orchestrator.engine.status import ActionStatus
from test.unit.engine.driving import ARM, Rig, action


def guarded(name, *after, policy="fail", text="robot.clear", **more):
    return action(name, *after, guard=text, on_guard_failed=policy, **more)


def a_rig(**config):
    rig = Rig(**config)
    clear(rig, True, tell=False)
    return rig


def clear(rig, value, *, tell=True):
    rig.world = {"robot": {"clear": value, "battery": 1.0}, "objects": []}
    if tell:
        rig.feed(s.WorldChanged())


def cancelled(rig, key):
    assert rig.goal(key) in [effect.goal_id for effect in rig.of(fx.CancelGoal)]
    rig.feed(s.GoalCancelled(goal_id=rig.goal(key)))


def test_a_goal_is_stopped_the_moment_its_guard_does_not_hold():
    rig = a_rig()
    rig.submit("e", guarded("a"))
    rig.feed(s.GoalAccepted(goal_id=rig.goal("a")))
    clear(rig, False)
    assert rig.record().actions["a"].reason == "robot.clear no longer holds"
    assert not rig.execution().is_final, "the server has to confirm its end"
    cancelled(rig, "a")
    assert rig.execution().status == "FAILED"
    assert rig.action("a").error.code == "GUARD_FAILED"
    rig.check()


def test_skip_goes_on_with_what_comes_behind_it_and_is_told():
    rig = a_rig()
    rig.submit("e", guarded("a", policy="skip"), action("b", "a"))
    clear(rig, False)
    cancelled(rig, "a")
    assert rig.action("a").status is ActionStatus.SKIPPED
    rig.succeed("b")
    assert rig.execution().status == "COMPLETED"
    assert "a: left out by its guard: robot.clear no longer holds" in rig.record().reason
    rig.check()


def test_when_skipped_says_what_a_skip_by_the_guard_means_to_the_others():
    rig = a_rig()
    rig.submit("e", guarded("a", policy="skip", when_skipped="skip"), action("b", "a"))
    clear(rig, False)
    cancelled(rig, "a")
    assert rig.action("b").status is ActionStatus.SKIPPED
    assert rig.record().actions["b"].reason == "a was skipped"
    rig.check()


def test_wait_sends_the_goal_again_without_counting_an_attempt():
    rig = a_rig()
    rig.submit("e", guarded("a", policy="wait", retry={"max_attempts": 1}))
    for _ in range(3):
        clear(rig, False)
        cancelled(rig, "a")
        assert rig.action("a").status is ActionStatus.WAITING
        assert rig.record().actions["a"].reason == "waits until robot.clear again"
        clear(rig, True)
    assert rig.sent == ["a"] * 4
    assert rig.action("a").attempts_failed == 0
    rig.succeed("a")
    assert rig.execution().status == "COMPLETED"
    rig.check()


def test_nothing_begins_before_its_guard_holds():
    rig = a_rig()
    clear(rig, False, tell=False)
    rig.submit("e", guarded("a", policy="wait"))
    assert rig.sent == []
    assert rig.record().actions["a"].reason == "waits until robot.clear"
    clear(rig, True)
    assert rig.sent == ["a"]
    rig.check()


@pytest.mark.parametrize(("policy", "status"), [("fail", "FAILED"), ("skip", "COMPLETED")])
def test_a_guard_that_never_held_ends_the_action_before_it_moved(policy, status):
    rig = a_rig()
    clear(rig, False, tell=False)
    rig.submit("e", guarded("a", policy=policy))
    assert rig.sent == []
    assert rig.execution().status == status
    rig.check()


def test_the_condition_is_asked_once_and_the_guard_all_the_time():
    rig = a_rig()
    rig.world["robot"]["battery"] = 1.0
    rig.submit("e", guarded("a", policy="wait", condition="robot.battery > 0.5"))
    clear(rig, False)
    cancelled(rig, "a")
    rig.world = {"robot": {"clear": True, "battery": 0.1}, "objects": []}
    rig.feed(s.WorldChanged())
    assert rig.sent == ["a", "a"]
    rig.check()


def test_what_waits_for_a_resource_gives_its_place_up():
    rig = a_rig(resources=ARM)
    arm = {"resources": [{"resource": "arm"}]}
    rig.submit("e", action("holder", **arm), guarded("a", policy="wait", **arm))
    clear(rig, False)
    assert rig.action("a").waiting_kind == "guard"
    rig.succeed("holder")
    assert rig.sent == ["holder"]
    clear(rig, True)
    assert rig.sent == ["holder", "a"]
    rig.check()


def test_a_block_that_waits_goes_on_where_it_was():
    rig = a_rig()
    inside = [action("a"), action("b", "a"), action("c", "b")]
    rig.submit("e", guarded("s", kind="sequence", policy="wait", actions=inside))
    rig.succeed("a")
    clear(rig, False)
    cancelled(rig, "b")
    assert rig.record().actions["b"].reason == "waits until robot.clear again, the guard of s"
    assert rig.sent == ["a", "b"]
    clear(rig, True)
    rig.succeed("b")
    rig.succeed("c")
    assert rig.sent == ["a", "b", "b", "c"]
    assert rig.execution().status == "COMPLETED"
    rig.check()


def test_what_is_done_during_the_wait_starts_nothing_in_the_block():
    rig = a_rig()
    inside = [action("a"), action("b", "a")]
    rig.submit("e", guarded("s", kind="sequence", policy="wait", actions=inside))
    clear(rig, False)
    rig.succeed("a")  # its server was faster than the cancel
    assert rig.sent == ["a"]
    assert rig.action("b").waiting_kind == "guard"
    clear(rig, True)
    assert rig.sent == ["a", "b"]
    rig.check()


def test_a_block_fails_when_everything_in_it_has_ended_and_its_fallback_is_not_guarded():
    rig = a_rig()
    inside = [action("a"), action("b")]
    rig.submit(
        "e",
        guarded("p", kind="parallel", actions=inside, fallback_action=action("home")),
    )
    clear(rig, False)
    for key in ("a", "b"):
        assert rig.sent.count("home") == 0
        rig.feed(s.GoalCancelled(goal_id=rig.goal(key)))
    assert rig.sent == ["a", "b", "home"]
    clear(rig, True)
    clear(rig, False)
    rig.succeed("home")
    assert rig.execution().status == "COMPLETED"
    rig.check()


def test_the_finally_of_a_guarded_try_runs():
    rig = a_rig()
    rig.submit(
        "e",
        guarded(
            "t",
            kind="try",
            policy="skip",
            actions=[action("a")],
            catch=[{"errors": [], "actions": [action("c")]}],
            **{"finally": [action("f")]},
        ),
    )
    clear(rig, False)
    cancelled(rig, "a")
    assert rig.sent == ["a", "f"]
    rig.succeed("f")
    assert rig.action("t").status is ActionStatus.SKIPPED
    rig.check()


def test_a_server_that_does_not_stop_keeps_what_it_holds():
    rig = a_rig(resources=ARM, cancel_timeout=3.0)
    arm = {"resources": [{"resource": "arm"}], "server": "arm"}
    rig.submit("e", guarded("a", policy="skip", **arm), action("b", "a", **arm))
    clear(rig, False)
    rig.wait(4.0)
    assert list(rig.machine.state.quarantined) == [rig.goal("a")]
    assert rig.action("a").status is ActionStatus.FAILED, "nobody knows whether it stopped"
    assert rig.sent == ["a"]
    rig.check()


def test_a_recovery_is_stopped_and_goes_on_with_the_next_strategy():
    policy = RecoveryPolicy.model_validate(
        {"tables": {"nav": [{"strategies": ["back_up", "retry"]}]}}
    )
    rig = a_rig(recovery=policy)
    retry = {"max_attempts": 2, "initial_delay": 1.0}
    rig.submit("e", guarded("a", policy="wait", recovery="nav", retry=retry))
    rig.fail("a")
    assert len(rig.of(fx.RunStrategy)) == 1
    clear(rig, False)
    assert len(rig.of(fx.AbandonStrategy)) == 1
    assert rig.action("a").waiting_kind == "guard"
    clear(rig, True)
    rig.wait(5.0)
    assert rig.sent == ["a", "a"]
    rig.check()


def test_a_guard_is_for_what_runs_on_in_a_pause_too():
    rig = a_rig()
    rig.submit("e", guarded("a", policy="wait"))
    rig.feed(s.Pause(execution_id="e"))
    clear(rig, False)
    cancelled(rig, "a")
    clear(rig, True)
    assert rig.sent == ["a"]
    rig.feed(s.Resume(execution_id="e"))
    assert rig.sent == ["a", "a"]
    rig.check()


def test_a_finally_that_waits_for_a_guard_goes_on_when_all_is_stopped():
    rig = a_rig()
    inside = action("t", kind="try", actions=[action("a")], **{"finally": [action("f")]})
    rig.submit("e", guarded("s", kind="sequence", policy="wait", actions=[inside]))
    rig.succeed("a")
    clear(rig, False)
    cancelled(rig, "f")
    rig.feed(s.Cancel(execution_id="e"))
    assert rig.sent == ["a", "f", "f"]
    rig.succeed("f")
    assert rig.execution().status == "CANCELLED"
    rig.check()


def test_a_cancel_ends_what_waits_for_its_guard():
    rig = a_rig()
    rig.submit("e", guarded("a", policy="wait"))
    clear(rig, False)
    cancelled(rig, "a")
    rig.feed(s.Cancel(execution_id="e"))
    assert rig.execution().status == "CANCELLED"
    rig.check()


def test_a_value_that_nobody_has_told_lets_nothing_begin():
    rig = Rig()
    rig.submit("e", guarded("a", policy="wait"))
    assert rig.sent == []
    clear(rig, True)
    assert rig.sent == ["a"]
    rig.check()


def test_a_value_that_is_no_longer_told_stops_it_but_not_right_after_a_restart():
    rig = a_rig()
    rig.submit("e", guarded("a", policy="wait"))
    rig.world = {"robot": {}, "objects": []}
    rig.restart()
    rig.feed(s.GoalAccepted(goal_id=rig.goal("a")))
    rig.feed(s.WorldChanged())
    assert rig.action("a").status is ActionStatus.RUNNING
    clear(rig, True)
    rig.world = {"robot": {}, "objects": []}
    rig.feed(s.WorldChanged())
    assert rig.action("a").status is ActionStatus.CANCELING
    rig.check()


@pytest.mark.parametrize("policy", ["fail", "skip", "wait"])
def test_a_stop_that_a_dead_process_began_is_finished(policy):
    rig = a_rig()
    rig.submit("e", guarded("a", policy=policy))
    clear(rig, False)
    for at, event in enumerate(rig.journal):
        if isinstance(event, e.GuardFailed):
            del rig.journal[at + 1 :]
            break
    rig.restart()
    cancelled(rig, "a")
    expected = {"fail": "FAILED", "skip": "COMPLETED", "wait": "EXECUTING"}
    assert rig.execution().status == expected[policy]
    rig.check()


def test_what_cannot_be_decided_fails():
    rig = a_rig()
    rig.submit("e", guarded("a", policy="wait", text="robot.clear + 1 == 2"))
    assert rig.execution().status == "FAILED"
    assert "its guard cannot be decided" in rig.action("a").error.message
    rig.check()


def test_what_tidies_up_begins_though_the_time_of_its_block_passed_while_that_was_stopped():
    rig = a_rig()
    block = guarded("try", kind="try", actions=[action("a")], catch=[], timeout=10.0)
    rig.submit("e", {**block, "finally": [action("off")]})
    rig.feed(s.GoalAccepted(goal_id=rig.goal("a")))
    rig.wait(9.0)
    clear(rig, False)
    rig.wait(2.0)
    rig.feed(s.GoalCancelled(goal_id=rig.goal("a")))
    assert rig.sent == ["a", "off"]
    rig.check()
