"""ExecuteCommand goals by the execution they wait for."""

from __future__ import annotations

from typing import Any

from execution_orchestrator.storage.journal import JournalEntry

MAX_EVENTS = 200  # kept between two feedback messages of one goal


class WaitingGoal:
    """One accepted goal; several may wait for the same execution."""

    def __init__(self, handle: Any, execution_id: str) -> None:
        self.handle = handle
        self.execution_id = execution_id
        self.sent = float("-inf")
        self.due = False
        self._entries: list[JournalEntry] = []

    def note(self, entry: JournalEntry) -> None:
        """Keep an event for the next feedback; the oldest go when there are too many."""
        self._entries.append(entry)
        del self._entries[:-MAX_EVENTS]
        self.due = True

    def take_entries(self) -> list[JournalEntry]:
        """Return the events since the last feedback."""
        taken, self._entries = self._entries, []
        self.due = False
        return taken


class GoalRegistry:
    """Waiting goals, found by execution and by goal."""

    def __init__(self) -> None:
        self._by_execution: dict[str, list[WaitingGoal]] = {}
        self._by_goal: dict[bytes, WaitingGoal] = {}

    def add(self, handle: Any, execution_id: str) -> WaitingGoal:
        """Let a goal wait for an execution."""
        goal = WaitingGoal(handle, execution_id)
        self._by_execution.setdefault(execution_id, []).append(goal)
        self._by_goal[bytes(handle.goal_id.uuid)] = goal
        return goal

    def waiting_for(self, execution_id: str) -> list[WaitingGoal]:
        """Return the goals that wait for an execution."""
        return self._by_execution.get(execution_id, [])

    def of(self, handle: Any) -> WaitingGoal | None:
        """Return the entry of a goal handle, None when it waits for nothing (any more)."""
        return self._by_goal.get(bytes(handle.goal_id.uuid))

    def take(self, execution_id: str) -> list[WaitingGoal]:
        """Remove and return the goals of an execution that has ended."""
        goals = self._by_execution.pop(execution_id, [])
        for goal in goals:
            self._by_goal.pop(bytes(goal.handle.goal_id.uuid), None)
        return goals

    def all(self) -> list[WaitingGoal]:
        """Return every waiting goal."""
        return list(self._by_goal.values())
