"""Every strategy says when it begins and what came of it, and whether that helped is known later."""

from __future__ import annotations

from typing import Any

import pytest

from execution_orchestrator.engine import events as e
from execution_orchestrator.engine import inputs as s
from execution_orchestrator.engine.config import BreakerSettings
from execution_orchestrator.engine.recovery.built_in import BUILT_IN
from execution_orchestrator.engine.recovery.policy import load_recovery_policy
from execution_orchestrator.monitoring.metrics import compute_figures
from execution_orchestrator.observation.reasons import reason_now
from test.unit.engine.driving import ARM, Rig, action
from test.unit.observation.observed import Observed


def rig_with(*strategies: Any) -> Observed:
    tables = {"default": [{"strategies": list(strategies)}]}
    return Observed(recovery=load_recovery_policy({"version": 1, "tables": tables}))


def told(rig: Observed) -> list[tuple[str, str]]:
    return [
        (event.strategy, "begins" if isinstance(event, e.RecoveryInitiated) else event.outcome)
        for event in rig.journal
        if isinstance(event, e.RecoveryInitiated | e.RecoveryFinished)
    ]


@pytest.mark.parametrize(
    ("strategy", "outcome", "succeeded"),
    [
        ("retry", "RETRY", True),
        ("retry_longer_timeout", "RETRY", True),
        ("requeue", "RETRY", True),
        ("skip", "SKIP", True),
        ("abort", "ABORT", False),
    ],
)
def test_a_strategy_of_the_engine_says_its_beginning_and_its_result(
    strategy: str, outcome: str, *, succeeded: bool
) -> None:
    rig = rig_with(strategy)
    rig.submit("e", action("a", recovery="default", retry={"max_attempts": 2}))
    rig.fail("a")
    assert told(rig)[:2] == [(strategy, "begins"), (strategy, outcome)]
    (recovery, *_) = rig.shown().recoveries
    assert (recovery.outcome, recovery.succeeded) == (outcome, succeeded)
    assert recovery.ended is not None
    rig.check()


@pytest.mark.parametrize("strategy", sorted(BUILT_IN))
def test_every_built_in_strategy_has_an_event_for_its_start_and_its_finish(strategy: str) -> None:
    tables = {"default": [{"strategies": [strategy]}]}
    rig = Observed(
        recovery=load_recovery_policy({"version": 1, "tables": tables}),
        checkpoint_every=1,
        replan_written_plans=True,
    )
    rig.submit(
        "e",
        action("before"),
        action(
            "a",
            "before",
            recovery="default",
            on_failure="abort",
            retry={"max_attempts": 2},
            fallback_action=action("other"),
            recovery_plan=[action("repair")],
        ),
    )
    rig.succeed("before")
    rig.fail("a")
    for inner in ("other", "repair"):
        if inner in rig.sent:
            rig.succeed(inner)
    assert told(rig)[0] == (strategy, "begins")
    assert told(rig)[1] == (strategy, BUILT_IN[strategy].outcome)
    (recovery, *_) = rig.shown().recoveries
    assert recovery.outcome == BUILT_IN[strategy].outcome
    assert recovery.ended is not None
    rig.check()


@pytest.mark.parametrize("works", [True, False])
def test_a_fallback_ends_with_its_result(*, works: bool) -> None:
    rig = rig_with("fallback")
    rig.submit("e", action("a", recovery="default", fallback_action=action("other")))
    rig.fail("a")
    assert told(rig) == [("fallback", "begins")]
    if works:
        rig.succeed("other")
    else:
        rig.fail("other", recoverable=False)
    assert told(rig)[1] == ("fallback", "FALLBACK")
    (recovery,) = rig.shown().recoveries
    assert (recovery.succeeded, recovery.helped) == (works, works)
    rig.check()


def test_a_retry_takes_its_timeout_and_its_delay_along() -> None:
    entry = {"strategy": "retry_longer_timeout", "delay": 3.0, "settings": {"factor": 2.0}}
    rig = rig_with(entry)
    rig.submit("e", action("a", recovery="default", timeout=10.0))
    rig.fail("a")
    rig.wait(2.9)
    assert rig.sent == ["a"]
    rig.wait(0.2)
    assert rig.goals["a"].timeout == 20.0


def test_a_recovery_helped_if_the_next_attempt_succeeds_and_not_by_its_own_word() -> None:
    rig = rig_with({"strategy": "clear_costmaps", "max_runs": 2}, "abort")
    rig.submit("e", action("a", recovery="default"))
    for _ in range(2):
        rig.fail("a")
        (run_id,) = rig.machine.state.runs
        rig.feed(s.StrategyFinished(run_id=run_id, outcome="RETRY", reason="cleared"))
        rig.wait(1.0)
    first, second = rig.shown().recoveries
    assert (first.succeeded, first.helped) == (True, False)
    assert (second.succeeded, second.helped) == (True, None)
    rig.succeed("a")
    assert second.helped is True


def test_waiting_for_a_circuit_breaker_has_its_own_reason_and_its_own_figure() -> None:
    rig = Observed(
        resources=ARM,
        breaker=BreakerSettings(threshold=1, reset_timeout=10.0),
        recovery=load_recovery_policy(
            {"version": 1, "tables": {"default": [{"strategies": ["skip"]}]}}
        ),
    )
    arm = [{"resource": "arm"}]
    rig.submit("e", action("a", server="nav", recovery="default"))
    rig.fail("a", "CONNECTIVITY")
    rig.submit("f", action("b", server="nav", resources=arm))
    rig.wait(4.0)
    reason = reason_now(
        rig.shown("f"), rig.shown_action("b", "f"), rig.observation.servers, rig.now
    )
    assert reason == (
        "waits for the circuit breaker of nav: it failed 1 time in a row and is tried again in 6 s"
    )
    rig.wait(6.5)
    rig.succeed("b")
    figures = compute_figures(rig.shown("f"))
    assert figures.breaker_wait == pytest.approx(10.0)
    (lease,) = rig.shown("f").leases.values()
    assert lease.waited == pytest.approx(0.0)
    rig.check()


def test_what_comes_again_in_a_pause_says_that_it_waits_for_its_end() -> None:
    rig = rig_with("retry")
    rig.submit("e", action("a", recovery="default", retry={"max_attempts": 2}))
    rig.fail("a")
    rig.feed(s.Pause(execution_id="e", reason="lunch"))
    rig.wait(60.0)

    def reason() -> str:
        return reason_now(rig.shown(), rig.shown_action("a"), rig.observation.servers, rig.now)

    assert reason() == "comes again, but the execution is paused: lunch"
    rig.feed(s.Resume(execution_id="e"))
    assert "paused" not in reason()
    rig.check()


def test_attempts_that_do_not_count_come_on_top_of_those_that_are_allowed():
    rig = Rig()
    rig.submit("e", action("go", retry={"max_attempts": 2, "initial_delay": 0.5}, recovery="go"))
    rig.feed(s.GoalLost(goal_id=rig.goal("go"), never_seen=True))
    shown = rig.record().actions["go"]
    assert (shown.attempt, shown.attempts_allowed) == (2, 3)
    rig.feed(s.CheckpointRequested(execution_id="e"))
    rig.feed(s.RestoreCheckpoint(execution_id="e"))
    rig.feed(s.GoalCancelled(goal_id=rig.goal("go")))
    shown = rig.record().actions["go"]
    assert (shown.attempt, shown.attempts_allowed) == (3, 4)
