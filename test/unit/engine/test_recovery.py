"""From a failed attempt to a retry, a strategy, a fallback, another plan, or the end."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from execution_orchestrator.engine import effects as fx
from execution_orchestrator.engine import inputs as s
from execution_orchestrator.engine.config import BreakerSettings
from execution_orchestrator.engine.recovery.built_in import BUILT_IN
from execution_orchestrator.engine.recovery.policy import RecoveryPolicy, load_recovery_policy
from execution_orchestrator.engine.status import ActionStatus, BreakerStatus, ExecutionStatus
from test.unit.engine.driving import Rig, action, error, plan


def policy(*strategies: Any, **rule: Any) -> RecoveryPolicy:
    """Return tables with one rule for the table `nav`."""
    return load_recovery_policy({"tables": {"nav": [{"strategies": list(strategies), **rule}]}})


def answer(rig: Rig, outcome: str, **more: Any) -> None:
    """Let the strategy that runs say how to go on."""
    (run,) = rig.of(fx.RunStrategy)
    rig.feed(s.StrategyFinished(run_id=run.run_id, outcome=outcome, **more))


def test_strategies_are_tried_in_order_and_change_the_parameters_of_the_retry() -> None:
    rig = Rig(recovery=policy("clear_costmaps", "alternative_goal"))
    rig.submit("e", action("go", recovery="nav", parameters={"x": 1.0, "y": 2.0}))
    rig.fail("go")
    (run,) = rig.of(fx.RunStrategy)
    assert (run.strategy, run.run, run.parameters) == ("clear_costmaps", 0, {"x": 1.0, "y": 2.0})
    assert rig.execution().status is ExecutionStatus.RECOVERING
    answer(rig, "NEXT", reason="the service is not there")
    assert rig.of(fx.RunStrategy)[0].strategy == "alternative_goal"
    answer(rig, "RETRY", reason="another place", parameters={"x": 1.5}, delay=2.0)
    rig.wait(2.1)
    assert rig.goals["go"].parameters == {"x": 1.5, "y": 2.0}
    rig.succeed("go")
    assert rig.execution().status is ExecutionStatus.COMPLETED
    rig.check()


def test_when_no_strategy_is_left_that_is_said_and_the_action_fails() -> None:
    rig = Rig(recovery=policy("clear_costmaps"))
    rig.submit("e", action("go", recovery="nav"))
    rig.fail("go")
    answer(rig, "NEXT")
    assert rig.execution().status is ExecutionStatus.FAILED
    told = [event.description() for event in rig.journal]
    assert "recovery of go: ABORT, no strategy is left" in told


def test_a_strategy_that_never_answers_is_passed_over() -> None:
    rig = Rig(recovery=policy("spin", "back_up"), strategy_timeout=5.0)
    rig.submit("e", action("go", recovery="nav"))
    rig.fail("go")
    rig.wait(5.1)
    assert rig.action("go").recovery == "back_up"


def test_a_restart_runs_the_strategy_again() -> None:
    rig = Rig(recovery=policy("spin"))
    rig.submit("e", action("go", recovery="nav"))
    rig.fail("go")
    first = rig.of(fx.RunStrategy)[0]
    rig.restart()
    again = rig.of(fx.RunStrategy)[0]
    assert (again.run_id, again.since, again.again) == (first.run_id, first.since, False)
    assert not first.again


def test_a_strategy_that_nobody_waits_for_is_abandoned() -> None:
    rig = Rig(recovery=policy("spin"), strategy_timeout=5.0)
    rig.submit("e", action("go", recovery="nav"))
    rig.fail("go")
    run = rig.of(fx.RunStrategy)[0].run_id
    rig.feed(s.Cancel(execution_id="e"))
    assert [one.run_id for one in rig.of(fx.AbandonStrategy)] == [run]


def test_the_fallback_action_takes_over() -> None:
    rig = Rig()
    rig.submit("e", action("a", fallback_action=action("plan_b")), action("c", "a"))
    rig.fail("a", recoverable=False)
    assert rig.sent == ["a", "plan_b"]
    rig.succeed("plan_b", by="b")
    assert rig.action("a").output == {"by": "b"}
    rig.succeed("c")
    assert rig.execution().status is ExecutionStatus.COMPLETED
    rig.check()


def test_the_recovery_plan_runs_and_then_the_action_again() -> None:
    rig = Rig()
    rig.submit("e", action("a", recovery_plan=[action("fix")]))
    rig.fail("a")
    assert rig.sent == ["a", "fix"]
    rig.succeed("fix")
    rig.wait(1.0)
    assert rig.sent == ["a", "fix", "a"]
    rig.succeed("a")
    assert rig.execution().status is ExecutionStatus.COMPLETED


def test_replanning_keeps_what_is_achieved() -> None:
    rig = Rig(recovery=policy("replan"))
    rig.submit("e", action("a"), action("b", "a", recovery="nav"))
    rig.succeed("a", cup=1)
    rig.fail("b")
    (ask,) = rig.of(fx.Replan)
    assert ask.history["a"]["status"] == "SUCCEEDED"
    other = plan(action("a"), action("c", "a", parameters={"cup": "{{ actions.a.output.cup }}"}))
    rig.feed(s.ReplanFinished(execution_id="e", run_id=ask.run_id, plan=other))
    assert rig.sent == ["a", "b", "c"]
    assert rig.goals["c"].parameters == {"cup": 1}
    rig.succeed("c")
    assert rig.execution().status is ExecutionStatus.COMPLETED
    rig.check()


def test_without_another_plan_the_execution_fails() -> None:
    rig = Rig(recovery=policy("replan"))
    rig.submit("e", action("b", recovery="nav"))
    rig.fail("b")
    (ask,) = rig.of(fx.Replan)
    rig.feed(s.ReplanFinished(execution_id="e", run_id=ask.run_id, reason="no idea"))
    assert rig.execution().status is ExecutionStatus.FAILED
    rig.check()


def test_restoring_a_checkpoint_does_again_only_what_came_after_it() -> None:
    rig = Rig(checkpoint_every=1)
    rig.submit("e", action("a"), action("b", "a"), action("c", "b"))
    rig.succeed("a")
    (first,) = rig.execution().checkpoints
    rig.succeed("b")
    rig.feed(s.RestoreCheckpoint(execution_id="e", checkpoint_id=first))
    rig.feed(s.GoalCancelled(goal_id=rig.goal("c")))
    assert rig.sent == ["a", "b", "c", "b"]
    assert rig.action("b").attempt == 2
    rig.succeed("b")
    rig.succeed("c")
    assert rig.execution().status is ExecutionStatus.COMPLETED
    rig.check()


def test_the_breaker_opens_then_lets_one_trial_through() -> None:
    rig = Rig(breaker=BreakerSettings(threshold=2, reset_timeout=10.0))
    down = [action(f"a{i}", server="nav", on_failure="continue") for i in range(2)]
    rig.submit("e", *down, action("b", "a0", "a1", server="nav"), action("c", "a0", server="nav"))
    rig.fail("a0", "CONNECTIVITY", recoverable=False)
    rig.fail("a1", "CONNECTIVITY", recoverable=False)
    server = rig.machine.state.servers["nav"]
    assert server.breaker is BreakerStatus.OPEN
    assert rig.action("b").status is ActionStatus.READY
    rig.succeed("c")
    assert server.breaker is BreakerStatus.CLOSED
    assert rig.sent[-1] == "b"
    rig.check()


def test_a_trial_that_fails_keeps_the_breaker_open() -> None:
    rig = Rig(breaker=BreakerSettings(threshold=1, reset_timeout=10.0))
    rig.submit("e", action("a", server="nav", retry={"max_attempts": 3, "initial_delay": 0.1}))
    rig.fail("a", "CONNECTIVITY")
    rig.wait(5.0)
    assert rig.sent == ["a"]
    rig.wait(6.0)
    assert rig.sent == ["a", "a"]
    rig.fail("a", "CONNECTIVITY")
    rig.wait(5.0)
    assert rig.sent == ["a", "a"]
    assert rig.machine.state.servers["nav"].breaker is BreakerStatus.OPEN


def test_a_dead_letter_can_be_retried_and_waits_longer_when_that_fails() -> None:
    rig = Rig(dead_letter_backoff=10.0)
    rig.submit("e", action("a", parameters={"x": 1}))
    rig.fail("a", recoverable=False)
    letter = "e/a/1"
    assert "not to be retried" in rig.feed(s.RetryDeadLetter(dead_letter_id=letter)).refusal
    rig.now += 11.0
    step = rig.feed(s.RetryDeadLetter(dead_letter_id=letter, execution_id="again"))
    assert step.ids == ("again",)
    assert rig.goals["a"].parameters == {"x": 1}
    rig.fail("a", recoverable=False)
    state = rig.machine.state.dead_letters[letter]
    assert (state.status, state.retry_after - rig.now) == ("waiting", 20.0)
    rig.now += 21.0
    rig.feed(s.RetryDeadLetter(dead_letter_id=letter, execution_id="third"))
    rig.succeed("a")
    assert letter not in rig.machine.state.dead_letters
    rig.check()


def test_a_dead_letter_is_for_what_is_left_of_its_action() -> None:
    rig = Rig(dead_letter_backoff=0.0)
    resume = {"into": "distance", "how": "subtract"}

    def fails_after(way: float) -> None:
        rig.feed(s.GoalAccepted(goal_id=rig.goal("a")))
        rig.feed(s.GoalProgress(goal_id=rig.goal("a"), reached=way))
        rig.fail("a", recoverable=False)

    block = action("b", kind="sequence", actions=[action("a", parameters={"distance": 1.0}, resume=resume)])  # fmt: skip
    rig.submit("e", block)
    for way, left in ((0.4, 0.6), (0.5, 0.1)):
        fails_after(way)
        (letter,) = rig.machine.state.dead_letters
        rig.check()
        assert rig.feed(s.RetryDeadLetter(dead_letter_id=letter)).refusal == ""
        assert rig.goals["a"].parameters == {"distance": pytest.approx(left)}


def test_a_dead_letter_of_which_nothing_is_left_is_for_all_of_it() -> None:
    rig = Rig(dead_letter_backoff=0.0)
    more = {"resume": {"into": "distance", "how": "subtract"}, "postconditions": ["false"]}
    rig.submit("e", action("a", parameters={"distance": 1.0}, **more))
    for _ in range(2):
        rig.feed(s.GoalAccepted(goal_id=rig.goal("a")))
        rig.feed(s.GoalProgress(goal_id=rig.goal("a"), reached=1.0))
        rig.succeed("a")
        (letter,) = rig.machine.state.dead_letters
        assert rig.feed(s.RetryDeadLetter(dead_letter_id=letter)).refusal == ""
        assert rig.goals["a"].parameters == {"distance": 1.0}


def test_a_dead_letter_whose_retry_missed_some_of_it_is_for_all_of_it() -> None:
    rig = Rig(dead_letter_backoff=0.0)
    resume = {"into": "first", "how": "set", "items": "poses"}
    rig.submit("e", action("a", parameters={"poses": [1, 2, 3]}, resume=resume))
    rig.fail("a", recoverable=False)
    (letter,) = rig.machine.state.dead_letters
    rig.feed(s.RetryDeadLetter(dead_letter_id=letter))
    rig.feed(s.GoalAccepted(goal_id=rig.goal("a")))
    rig.feed(s.GoalProgress(goal_id=rig.goal("a"), reached=2.0))
    missed = {"deviations": ("1 waypoint missed",), "partial": True}
    rig.feed(s.GoalSucceeded(goal_id=rig.goal("a"), output={}, **missed))
    assert rig.feed(s.RetryDeadLetter(dead_letter_id=letter)).refusal == ""
    assert rig.goals["a"].parameters == {"poses": [1, 2, 3]}


def test_a_goal_that_may_have_been_done_is_not_sent_again() -> None:
    retry = {"max_attempts": 3, "initial_delay": 0.1}
    for idempotent, sent in ((True, 2), (False, 1)):
        rig = Rig()
        rig.submit("e", action("a", retry=retry, idempotent=idempotent))
        rig.feed(s.GoalLost(goal_id=rig.goal("a"), reason="the server died"))
        rig.wait(1.0)
        assert len(rig.sent) == sent


def test_the_first_rule_that_matches_decides() -> None:
    tables = load_recovery_policy(
        {
            "tables": {
                "nav": [
                    {"errors": ["TIMEOUT_X"], "strategies": ["spin"]},
                    {"errors": ["NAVIGATION"], "strategies": ["back_up", "abort"]},
                    {"strategies": ["retry"]},
                ]
            }
        }
    )

    def names(kind: str, *, recoverable: bool = True) -> list[str]:
        known = tables.strategies("nav", error(kind, recoverable=recoverable))
        return [entry.strategy for entry in known]

    assert names("TIMEOUT") == ["spin", "recovery_plan", "fallback"]
    assert names("NAVIGATION") == ["back_up", "abort"]
    assert names("SENSOR") == ["retry", "recovery_plan", "fallback"]
    assert names("SENSOR", recoverable=False) == ["recovery_plan", "fallback"]
    assert tables.names() - set(BUILT_IN) == {"spin", "back_up"}


def test_a_wrong_table_names_every_place() -> None:
    with pytest.raises(ValidationError) as caught:
        load_recovery_policy(
            {"tables": {"nav": [{"errors": ["timeout"], "strategies": []}]}, "colour": 1}
        )
    places = {one["loc"] for one in caught.value.errors()}
    assert ("colour",) in places
    assert ("tables", "nav", 0, "errors") in places
    assert ("tables", "nav", 0, "strategies") in places


def test_of_dead_letters_the_newest_are_kept() -> None:
    rig = Rig(dead_letters_kept=2)
    for name in ("first", "second", "third"):
        rig.submit(name, action(name))
        rig.fail(name, recoverable=False)
    assert list(rig.machine.state.dead_letters) == ["second/second/1", "third/third/1"]
