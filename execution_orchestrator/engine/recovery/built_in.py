"""The recovery strategies that the engine carries out itself: one table.

A new one is an entry in `BUILT_IN`, a row in docs/recovery_reference.md with the same summary, and
a test in test/unit/engine/test_built_in_strategies.py. Strategies that act on the robot are in
capabilities/recovery/ instead.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from execution_orchestrator.engine.recovery.strategies import StrategyOutcome
from execution_orchestrator.engine.state import ActionState
from execution_orchestrator.engine.turn import Turn


@dataclass(frozen=True, slots=True, kw_only=True)
class BuiltInStrategy:
    """One strategy: when it can be used, what it does, how the documentation describes it.

    ``outcome`` and ``reason`` are its result; one with a ``block`` runs that block of the plan
    first, whose end is the result. ``usable`` tells whether it can help an action now.
    ``repeats``: it sends the same goal again, which must not happen when the outcome of the last
    one is unknown, unless the action is idempotent. ``limited``: ``max_runs`` of its entry counts.
    ``for_blocks``: it is tried for actions without a goal of their own (sequence, foreach ...),
    too. ``least_delay`` is in seconds. ``timeout_factor``: the default of its setting ``factor``,
    by which the timeout of the next attempt is multiplied. ``settings`` are all that it has, with
    their types.
    """

    summary: str
    outcome: StrategyOutcome = StrategyOutcome.RETRY
    reason: str = ""
    block: str = ""
    usable: Callable[[Turn, ActionState], bool] = lambda _turn, _action: True
    repeats: bool = False
    limited: bool = True
    for_blocks: bool = False
    least_delay: float = 0.0
    timeout_factor: float | None = None
    settings: Mapping[str, type] = field(default_factory=dict)


def _attempts_are_left(_: Turn, action: ActionState) -> bool:
    recoverable = action.error is None or action.error.recoverable
    return recoverable and action.attempts_failed < action.node.retry.max_attempts


def can_replan(turn: Turn, action: ActionState) -> bool:
    """Say whether the execution may still ask for another plan."""
    execution = action.execution
    return execution.replans < turn.config.max_replans and not execution.compensating


def _replan_helps(turn: Turn, action: ActionState) -> bool:
    replaceable = action.execution.planner or turn.config.replan_written_plans
    # A failure that the plan allows for does not call for another plan.
    critical = action.node.on_failure == "abort"
    return bool(replaceable) and critical and can_replan(turn, action)


def can_restore(turn: Turn, action: ActionState) -> bool:
    """Say whether the execution may still go back to a checkpoint."""
    execution = action.execution
    possible = bool(execution.checkpoints) and not execution.compensating
    return possible and execution.restores < turn.config.max_restores


BUILT_IN: dict[str, BuiltInStrategy] = {
    "retry": BuiltInStrategy(
        summary="sends the goal again, as often and as late as the action's `retry` says",
        reason="the action's own retry policy",
        usable=_attempts_are_left,
        repeats=True,
        limited=False,
        for_blocks=True,
    ),
    "retry_longer_timeout": BuiltInStrategy(
        summary="sends the goal again, with the timeout times `settings.factor`",
        reason="with a longer timeout",
        repeats=True,
        timeout_factor=1.5,
        settings={"factor": float},
    ),
    "requeue": BuiltInStrategy(
        summary="puts the action back into the queue for its resources",
        reason="waits for its resources again",
        repeats=True,
        least_delay=0.1,
    ),
    "recovery_plan": BuiltInStrategy(
        summary="runs the action's `recovery_plan`, then the action again",
        block="recovery_plan",
        usable=lambda _, action: bool(action.node.recovery_plan),
        for_blocks=True,
    ),
    "fallback": BuiltInStrategy(
        summary="runs the action's `fallback_action` in its place",
        outcome=StrategyOutcome.FALLBACK,
        block="fallback",
        usable=lambda _, action: action.node.fallback is not None,
        for_blocks=True,
    ),
    "replan": BuiltInStrategy(
        summary="stops the execution and asks its planner for another plan",
        outcome=StrategyOutcome.REPLAN,
        reason="another plan may help",
        usable=_replan_helps,
    ),
    "checkpoint_restore": BuiltInStrategy(
        summary="stops the execution and continues from its newest checkpoint",
        outcome=StrategyOutcome.CHECKPOINT_RESTORE,
        reason="back to the newest checkpoint",
        usable=can_restore,
    ),
    "skip": BuiltInStrategy(
        summary="skips the action; its dependents run",
        outcome=StrategyOutcome.SKIP,
        reason="the recovery leaves it out",
    ),
    "abort": BuiltInStrategy(
        summary="fails the action at once",
        outcome=StrategyOutcome.ABORT,
        reason="the recovery gives it up",
    ),
}
