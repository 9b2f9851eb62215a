"""Events of what grippers hold."""

from __future__ import annotations

from typing import Any

from execution_orchestrator.engine import events as e
from execution_orchestrator.engine.state import OrchestratorState


def _grasped(state: OrchestratorState, event: e.ObjectGrasped) -> None:
    held = state.held.setdefault(event.robot, {})
    held.pop(event.object_id, None)
    held[event.object_id] = event.held_as
    state.put_down.pop(event.robot, None)


def _released(state: OrchestratorState, event: e.ObjectReleased) -> None:
    held = state.held.get(event.robot, {})
    held.pop(event.object_id, None)
    if not held:
        state.held.pop(event.robot, None)
    state.put_down[event.robot] = (event.by, event.object_id)


HANDLERS: dict[type[e.Event], Any] = {e.ObjectGrasped: _grasped, e.ObjectReleased: _released}
