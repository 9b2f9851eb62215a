"""Executions that left the memory, for those who ask for one by its name."""

from __future__ import annotations

import asyncio

from execution_orchestrator.observation import Observation
from execution_orchestrator.runtime.orchestrator import Orchestrator


class Past:
    """Reads them from the journal again. Used on the loop's thread."""

    def __init__(self, orchestrator: Orchestrator, observation: Observation) -> None:
        self._orchestrator = orchestrator
        self._observation = observation

    async def recall(self, execution_id: str, *, to_go_on: bool = False) -> bool:
        """Say whether an execution can be shown, and, if asked, whether it could go on.

        Raises:
            StorageError: the journal cannot be read.

        """
        known = execution_id in self._observation.executions
        if known and (not to_go_on or execution_id in self._orchestrator.state.executions):
            return True
        journal = self._orchestrator.journal
        entries = await asyncio.to_thread(journal.of_execution, execution_id)
        events = [entry.event for entry in entries]
        shown = self._observation.recall(execution_id, events)
        if not shown or not to_go_on:
            return shown
        return self._orchestrator.recall(execution_id, events)
