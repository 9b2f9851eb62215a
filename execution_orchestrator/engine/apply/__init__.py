"""The only way the state changes: one function per event that decisions depend on."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from execution_orchestrator.engine.apply import (
    amending,
    executions,
    recoveries,
    resources,
    schedules,
    tasks,
)
from execution_orchestrator.engine.events import EVENTS, Event, PlanAmended
from execution_orchestrator.engine.state import OrchestratorState

Handler = Callable[[OrchestratorState, Any], None]

HANDLERS: dict[type[Event], Handler] = {
    **executions.HANDLERS,
    **tasks.HANDLERS,
    **recoveries.HANDLERS,
    **resources.HANDLERS,
    **schedules.HANDLERS,
    PlanAmended: amending.amended,
}
if wrong := [kind.__name__ for kind in EVENTS if kind.decides != (kind in HANDLERS)]:
    raise NotImplementedError(
        f"`decides` and a function to apply it do not agree: {', '.join(wrong)}"
    )


def apply(state: OrchestratorState, event: Event) -> None:
    """Change the state by one event."""
    if event.decides:
        HANDLERS[type(event)](state, event)
    state.events += 1


def fold(events: Iterable[Event], state: OrchestratorState | None = None) -> OrchestratorState:
    """Return the state after all these events."""
    state = OrchestratorState() if state is None else state
    for event in events:
        apply(state, event)
    # Timers are set again by Machine.resume; what changed on the way does not matter.
    state.timer_changes.clear()
    return state
