"""What recovery strategies move: leased while they run, journalled before it moves, and stopped.

A strategy holds what it moves, as an action does. Its goal is in the journal before it is sent, so
that the process finds it after a restart, and what ends the strategy waits until the server says
that the goal has ended. A server that does not say so leaves it in quarantine (quarantine.py).
"""

from __future__ import annotations

from execution_orchestrator.engine import events as e
from execution_orchestrator.engine import stopping_below
from execution_orchestrator.engine.effects import AbandonStrategy, AnswerMotion
from execution_orchestrator.engine.inputs import MotionWanted
from execution_orchestrator.engine.program import Demand
from execution_orchestrator.engine.quarantine import motion_again
from execution_orchestrator.engine.resources import allocate, holders
from execution_orchestrator.engine.state import ActionState
from execution_orchestrator.engine.status import CancelIntent
from execution_orchestrator.engine.turn import Turn


def take_resources(turn: Turn, action: ActionState, strategy: str, run_id: str) -> str:
    """Lease what a strategy moves for the action it recovers; say who holds it if that fails."""
    demands = [
        Demand(f"{action.robot}/{name}" if action.robot else name, 1.0, False, {})
        for name in turn.config.strategy_resources.get(strategy, ())
    ]
    if not demands:
        return ""
    resources = turn.config.resources
    leases = allocate(turn.state, resources, demands, run_id)
    if leases is None:
        held = [
            f"{one.lease.resource} by {one.key or one.holder}"
            for demand in demands
            for one in holders(turn.state, resources, demand)
        ]
        return f"held is {', '.join(held)}" if held else "what it moves is not free"
    turn.emit(
        e.ResourceAllocated(
            **turn.attempt(action), leases=leases, priority=action.execution.priority
        )
    )
    return ""


def on_wanted(turn: Turn, incoming: MotionWanted) -> None:
    """Let a strategy move the robot, unless it was abandoned or nothing may move."""
    action = turn.state.runs.get(incoming.run_id)
    refusal = ""
    if action is None or action.stopping is not None:
        refusal = "it is no longer awaited"
    elif turn.state.emergency:
        refusal = "the emergency stop is active"
    elif action.execution.paused:
        refusal = "the execution is paused"
    elif not action.leases and turn.config.strategy_resources.get(action.recovery):
        # A process that died between the two had found them held, and did not come to say so.
        refusal = "what it moves is not free"
    elif action.motion is None:
        turn.emit(
            e.RecoveryMoves(
                **turn.attempt(action),
                run_id=incoming.run_id,
                strategy=action.recovery,
                goal_id=incoming.goal_id,
                interface=incoming.interface,
                server=incoming.server,
                goal=incoming.goal,
            )
        )
    turn.request(AnswerMotion(run_id=incoming.run_id, refusal=refusal))


def stop(turn: Turn, action: ActionState, intent: CancelIntent, reason: str) -> bool:
    """Abandon the strategy an action recovers with; say whether its motion has to end first."""
    turn.request(AbandonStrategy(run_id=action.run_id))
    if action.motion is None:
        return False
    _request_stop(turn, action, intent, reason)
    return True


def stop_what_is_left(turn: Turn, action: ActionState, motion: e.RecoveryMoves) -> None:
    """Cancel a motion that an earlier process began for a strategy and that is not continued."""
    _request_stop(turn, action, CancelIntent.TIMEOUT, "its motion is no longer needed")
    turn.request(motion_again(action, motion))


def _request_stop(turn: Turn, action: ActionState, intent: CancelIntent, reason: str) -> None:
    if action.stopping is None or intent is CancelIntent.CANCEL is not action.stopping:
        turn.emit(
            e.RecoveryStopRequested(
                **turn.attempt(action),
                run_id=action.run_id,
                intent=intent,
                until=turn.now + turn.config.cancel_timeout,
                below_at=stopping_below.due(turn, action),
                reason=reason,
            )
        )
