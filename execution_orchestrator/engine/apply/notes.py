"""Facts that are kept for people and change nothing of what runs."""

from __future__ import annotations

from typing import Any

from execution_orchestrator.engine import events as e
from execution_orchestrator.engine.state import OrchestratorState


def _noted(state: OrchestratorState, event: Any) -> None:
    """Leave the state as it is."""


HANDLERS: dict[type[e.Event], Any] = {
    e.SuccessChecked: _noted,
    e.AlertRaised: _noted,
    e.AlertCleared: _noted,
    e.StorageRestored: _noted,
    e.ClockAnchored: _noted,
    e.ClockJumped: _noted,
}
