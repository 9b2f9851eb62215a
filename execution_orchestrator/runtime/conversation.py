"""What was said before: the earlier commands of a conversation, with what came of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from execution_orchestrator.observation.observation import Observation
from execution_orchestrator.observation.record import ExecutionRecord
from execution_orchestrator.plan.expressions import has_template
from execution_orchestrator.planning.ports import EarlierCommand

MAX_EARLIER = 12  # commands of one conversation that are remembered
MAX_ACTIONS = 60  # of each, the last ones


class Conversations:
    """Reads the records, so that a conversation is as durable as the journal.

    ``now`` is the execution time in seconds.
    """

    def __init__(self, observation: Observation, now: Callable[[], float]) -> None:
        self._observation = observation
        self._now = now

    def earlier(self, conversation_id: str, than: str = "") -> tuple[EarlierCommand, ...]:
        """Return the newest commands of a conversation before execution ``than``, oldest first.

        Commands that name no conversation are one together.
        """
        before = self._observation.executions.get(than)
        found = [
            record
            for record in self._observation.executions.values()
            if record.execution_id != than
            and record.goal is not None
            and not record.schedule_id  # what a schedule begins is no part of a conversation
            and record.goal.conversation_id == conversation_id
            and (before is None or record.accepted <= before.accepted)
        ]
        found.sort(key=lambda record: record.accepted)
        return tuple(map(self._command_of, found[-MAX_EARLIER:]))

    def running(self, than: str = "") -> tuple[EarlierCommand, ...]:
        """Return all commands and plans that have not ended, but not execution ``than``."""
        found = [
            record
            for record in self._observation.executions.values()
            if not record.is_final and record.execution_id != than
        ]
        found.sort(key=lambda record: record.accepted)
        return tuple(map(self._command_of, found))

    def _command_of(self, record: ExecutionRecord) -> EarlierCommand:
        # Without an action yet, a plan that is being made may still come to nothing.
        understood = str(record.plan.get("command") or "")
        # One that set a schedule has no plan of its own: each firing makes one.
        schedule = self._observation.schedules.get(record.execution_id)
        if schedule is not None:
            understood = schedule.as_set.command
        return EarlierCommand(
            execution_id=record.execution_id,
            command=understood or record.command,
            status=record.status.value,
            message=record.reason,
            planned=bool(record.plan.get("actions")) or schedule is not None,
            age=max(0.0, self._now() - record.accepted),
            actions=tuple(_actions(record)),
            waits_for=tuple(_signals(record)),
        )


def _signals(record: ExecutionRecord) -> Iterator[str]:
    """Yield the names of the signals that an execution waits for now."""
    for action in record.actions.values():
        waits = action.started is not None and action.ended is None
        place = record.tree.find(action.key)
        if action.action_type == "wait_for_signal" and waits and place is not None:
            yield str(place.action.get("signal", ""))


def _actions(record: ExecutionRecord) -> list[Mapping[str, Any]]:
    ended = [
        action
        for action in record.actions.values()
        if action.ended is not None and action.started is not None and not action.is_control_flow
    ]
    ended.sort(key=lambda action: action.ended or 0.0)
    listed: list[Mapping[str, Any]] = []
    for action in ended[-MAX_ACTIONS:]:
        place = record.tree.find(action.key)
        written = (place.action.get("parameters") or {}) if place is not None else {}
        listed.append(
            {
                "id": action.key,
                "action_type": action.action_type,
                "status": str(action.status),
                "parameters": {k: v for k, v in written.items() if not has_template(v)},
                "output": action.output,
            }
        )
    return listed
