"""The changes between two states of the node, one line each, for logs and pipes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from execution_orchestrator.cli.view.formatting import (
    FINAL_EXECUTION_STATUS,
    execution_name,
)
from execution_orchestrator.cli.view.recoveries import heard
from execution_orchestrator.cli.view.unseen import Unseen
from execution_orchestrator.engine.status import ACTION_NAMES, EXECUTION_NAMES


class StateLines:
    """Remembers what was printed and yields only what is new."""

    def __init__(self) -> None:
        self._executions: dict[str, int] = {}
        self._actions: dict[tuple[str, str], tuple[int, int]] = {}
        self._recoveries = Unseen()
        self._alerts = Unseen()
        self._stopped = False
        self._motion = ""
        self._unstored = False

    def news(self, state: Any, recoveries: Sequence[Any], alerts: Sequence[Any]) -> Iterator[str]:
        """Yield a line for every change since the last call."""
        if state is not None:
            yield from self._state(state)
        for event in self._recoveries.of(recoveries):
            yield f"{event.execution_id} {event.action_id} recovery {heard(event)}"
        for alert in self._alerts.of(alerts):
            change = "raised" if alert.active else "cleared"
            yield f"alert {alert.alert_id} {change}: {alert.message}"

    def _state(self, state: Any) -> Iterator[str]:
        if state.emergency_stopped != self._stopped:
            self._stopped = state.emergency_stopped
            yield (
                f"EMERGENCY STOP: {state.emergency_reason}"
                if self._stopped
                else "emergency stop reset"
            )
        if state.robot_motion_reason != self._motion:
            self._motion = state.robot_motion_reason
            if self._motion:
                yield f"EMERGENCY STOP: {self._motion}"
        if bool(state.storage_failure) != self._unstored:
            self._unstored = bool(state.storage_failure)
            yield (
                f"NOTHING NEW BEGINS: {state.storage_failure}"
                if self._unstored
                else "the journal is written again"
            )
        for execution in state.executions:
            status = execution.status.value
            if self._executions.get(execution.execution_id) != status:
                self._executions[execution.execution_id] = status
                yield (
                    f"{execution.execution_id} {EXECUTION_NAMES.get(status, '?')} "
                    f"{execution.progress.percentage:.0f}% {execution_name(execution)}"
                    + (f" ({execution.reason})" if execution.reason else "")
                )
            yield from self._action_changes(execution)
            if status in FINAL_EXECUTION_STATUS:
                self._forget_actions(execution)
        present = {execution.execution_id for execution in state.executions}
        for gone in self._executions.keys() - present:
            del self._executions[gone]

    def _action_changes(self, execution: Any) -> Iterator[str]:
        if execution.status.value in FINAL_EXECUTION_STATUS:
            return
        for action in execution.actions:
            key = (execution.execution_id, action.action_id)
            seen = (action.status.value, action.attempt)
            if self._actions.get(key) != seen:
                self._actions[key] = seen
                yield (
                    f"{execution.execution_id} {action.action_id} "
                    f"{ACTION_NAMES.get(action.status.value, '?')}"
                    + (f" attempt {action.attempt}" if action.attempt > 1 else "")
                    + (f" ({action.reason})" if action.reason else "")
                )

    def _forget_actions(self, execution: Any) -> None:
        for action in execution.actions:
            self._actions.pop((execution.execution_id, action.action_id), None)
