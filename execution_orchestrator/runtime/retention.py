"""Retention: removes executions from the journal by age and number."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from execution_orchestrator.engine.inputs import PruneHistory
from execution_orchestrator.engine.pruning import superseded
from execution_orchestrator.runtime.orchestrator import Orchestrator
from execution_orchestrator.storage.journal import HistoryEntry, Journal, StorageError

log = logging.getLogger(__name__)
GROUP = 20  # executions that are pruned with one event
CHUNK = 500  # positions that are deleted at once
PAUSE = 0.01  # seconds between two steps of deleting, for everything else


@dataclass(frozen=True)
class Retention:
    """How much is kept of what ended; seconds, 0 for no limit.

    ``period``: between two looks.
    """

    max_age: float = 0.0
    max_executions: int = 0
    period: float = 3600.0


def too_old(entries: Iterable[HistoryEntry], retention: Retention, now: float) -> list[str]:
    """Return the executions beyond the limits, oldest first; one that runs is never among them."""
    ended = sorted(
        ((entry.ended, entry.execution_id) for entry in entries if entry.ended is not None),
        reverse=True,
    )
    kept = retention.max_executions or len(ended)
    oldest = now - retention.max_age if retention.max_age else float("-inf")
    return [name for number, (end, name) in enumerate(ended) if number >= kept or end < oldest][
        ::-1
    ]


class HistoryKeeper:
    """Looks at the history now and then. What may go is the engine's decision."""

    def __init__(
        self,
        orchestrator: Orchestrator,
        journal: Journal,
        retention: Retention,
        now: Callable[[], float],
    ) -> None:
        self._orchestrator = orchestrator
        self._journal = journal
        self._retention = retention
        self._now = now

    async def run(self) -> None:
        """Delete periodically what is too old, until cancelled."""
        while True:
            try:
                await self.look()
            except StorageError as failure:
                # The journal says the same, and stops the robot, as soon as it matters.
                log.error("the history is not shortened: %s", failure)
            except Exception:
                log.exception("the history is not shortened")
            await asyncio.sleep(self._retention.period)

    async def look(self) -> int:
        """Remove executions beyond the limits; returns how many.

        Raises:
            StorageError: the journal cannot be read or written.

        """
        journal = self._journal
        if self._orchestrator.failure:
            raise StorageError(self._orchestrator.failure)
        entries = await asyncio.to_thread(journal.history)
        names = too_old(entries, self._retention, self._now())
        gone = 0
        for start in range(0, len(names), GROUP):
            incoming = PruneHistory(execution_ids=tuple(names[start : start + GROUP]))
            gone += len(self._orchestrator.prune(incoming))
            await asyncio.sleep(PAUSE)
        positions: list[int] = []
        if gone:
            positions = await asyncio.to_thread(self._superseded)
        for start in range(0, len(positions), CHUNK):
            journal.delete_some(positions[start : start + CHUNK])
            await asyncio.sleep(PAUSE)
        # What a node that died had begun to delete is finished here, too.
        for step in (journal.delete_some, journal.give_back_space):
            for _ in iter(step, False):
                await asyncio.sleep(PAUSE)
        if gone:
            log.info("%d executions left the history", gone)
        return gone

    def _superseded(self) -> list[int]:
        return superseded((entry.sequence, entry.event) for entry in self._journal.read_own())
