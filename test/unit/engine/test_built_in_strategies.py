"""The table of built-in recovery strategies is all that the engine knows of them."""

from __future__ import annotations

from typing import Any

import pytest

from execution_orchestrator.engine import events as e
from execution_orchestrator.engine import inputs as s
from execution_orchestrator.engine.recovery.built_in import BUILT_IN, BuiltInStrategy
from execution_orchestrator.engine.recovery.policy import load_recovery_policy
from execution_orchestrator.engine.recovery.strategies import StrategyOutcome
from execution_orchestrator.engine.status import ExecutionStatus
from test.unit.engine.driving import Rig, action

TABLES = load_recovery_policy(
    {
        "tables": {
            "nav": [
                {
                    "recoverable_only": False,
                    "strategies": [one for one in BUILT_IN if one != "replan"],
                }
            ]
        }
    }
)


def tried(rig: Rig) -> list[str]:
    """Return the strategies that were begun, in order."""
    return [event.strategy for event in rig.journal if isinstance(event, e.RecoveryInitiated)]


def test_a_new_entry_of_the_table_is_a_strategy(monkeypatch: pytest.MonkeyPatch) -> None:
    calm = BuiltInStrategy(
        summary="waits for a minute, once for each action",
        reason="a minute later",
        usable=lambda _, failed: failed.key == "a",
        least_delay=60.0,
    )
    monkeypatch.setitem(BUILT_IN, "calm_down", calm)
    rig = Rig(
        recovery=load_recovery_policy({"tables": {"nav": [{"strategies": ["calm_down", "skip"]}]}})
    )
    rig.submit("e", action("a", recovery="nav"), action("b", "a", recovery="nav"))
    rig.fail("a")
    rig.wait(59.0)
    assert rig.sent == ["a"]
    rig.wait(2.0)
    assert rig.sent == ["a", "a"]
    rig.succeed("a")
    rig.fail("b")
    assert tried(rig) == ["calm_down", "skip"]
    assert rig.execution().status is ExecutionStatus.COMPLETED
    rig.check()


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, ["retry_longer_timeout", "requeue", "skip"]),
        ({"retry": {"max_attempts": 2}}, ["retry", "retry_longer_timeout", "requeue", "skip"]),
        (
            {"recovery_plan": [action("mend")]},
            ["retry_longer_timeout", "requeue", "recovery_plan", "skip"],
        ),
    ],
)
def test_each_is_used_when_the_table_says_that_it_can_help(
    fields: dict[str, Any], expected: list[str]
) -> None:
    rig = Rig(recovery=TABLES)
    rig.submit("e", action("a", recovery="nav", **fields))
    for _ in range(10):
        rig.wait(30.0)
        for goal_id, one in list(rig.machine.state.goals.items()):
            if one.key == "a":
                rig.fail("a")
            else:
                rig.feed(s.GoalSucceeded(goal_id=goal_id))
    assert list(dict.fromkeys(tried(rig))) == expected
    rig.check()


def test_every_outcome_is_what_its_summary_and_reason_tell() -> None:
    for name, one in BUILT_IN.items():
        assert one.summary, name
        assert bool(one.block) != bool(one.reason), f"{name} says why, or what it runs does"
        assert one.outcome is not StrategyOutcome.NEXT, name
