"""Signals that arrive, and actions that wait for one.

Values are kept, in the order they came, until an action has waited for each; expressions see the
newest of each name.
"""

from __future__ import annotations

import msgspec

from execution_orchestrator.engine import events as e
from execution_orchestrator.engine import guards
from execution_orchestrator.engine.attempts import complete
from execution_orchestrator.engine.cancellation import chosen_executions
from execution_orchestrator.engine.inputs import SignalSent
from execution_orchestrator.engine.state import ActionState
from execution_orchestrator.engine.turn import Turn
from execution_orchestrator.plan.signals import MAX_SIGNAL_BYTES, MAX_UNREAD, signal_problem


def on_signal(turn: Turn, incoming: SignalSent) -> None:
    """Take a value in for an execution, or refuse it with the reason."""
    if not incoming.execution_id:
        turn.refuse("a signal has to name an execution")
        return
    for execution in chosen_executions(turn, incoming.execution_id):
        turn.ids = (execution.execution_id,)
        name = incoming.name
        if execution.goal is not None:
            turn.refuse("its plan is still being made; send the signal again once it waits or runs")
            return
        problem = signal_problem(execution.program.signals, name, incoming.value)
        size = len(msgspec.json.encode(incoming.value))
        if problem:
            turn.refuse(problem)
        elif size > MAX_SIGNAL_BYTES:
            turn.refuse(f"the value has {size} bytes, at most {MAX_SIGNAL_BYTES} are allowed")
        elif len(execution.unread.get(name, ())) >= MAX_UNREAD:
            turn.refuse(f"{MAX_UNREAD} values of {name} are waiting to be taken already")
        else:
            turn.emit(
                e.SignalReceived(**turn.execution(execution), name=name, value=incoming.value)
            )
            guards.look_at(turn, execution.execution_id)


def take(turn: Turn, action: ActionState) -> bool:
    """Complete a waiting action with the oldest unread value; returns False if there is none."""
    name = action.node.data["signal"]
    unread = action.execution.unread.get(name)
    if not unread:
        return False
    complete(turn, action, unread[0], f"the signal {name} came", signal=name)
    return True
