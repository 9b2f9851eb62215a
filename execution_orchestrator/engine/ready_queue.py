"""Who waits for resources, sorted: one queue per kind of demand, indexed by resource.

Everybody ages at the same rate, so the order of two that wait never changes: it is fixed when they
start to wait, and priority with ageing costs nothing at scheduling time.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from execution_orchestrator.engine.program import Demand

# (urgency, rank, -place in the plan, -order, action or lease request): the largest goes first.
Entry = tuple[float, float, int, int, Any]


class Queue:
    """All that wait for the same demands, on the same server."""

    __slots__ = ("demands", "entries", "rate_key", "server", "signature", "takes")

    def __init__(
        self,
        signature: tuple[Any, ...],
        demands: tuple[Demand, ...],
        server: str,
        rate_key: str,
        *,
        takes: bool = False,
    ) -> None:
        self.signature = signature
        self.demands = demands
        self.server = server
        self.rate_key = rate_key
        self.takes = takes  # goals of other clients on the server do not hinder them
        self.entries: list[Entry] = []  # ascending: the best is the last


class ReadyQueues:
    """All queues. ``dirty`` are those whose head may have become servable."""

    __slots__ = ("by_resource", "by_server", "dirty", "full", "queues", "size")

    def __init__(self) -> None:
        self.queues: dict[tuple[Any, ...], Queue] = {}
        self.by_resource: dict[str, list[Queue]] = {}
        self.by_server: dict[str, list[Queue]] = {}
        self.dirty: dict[tuple[Any, ...], Queue] = {}
        self.size = 0
        self.full = False  # an action was not started because too many run

    def queue(
        self,
        signature: tuple[Any, ...],
        demands: tuple[Demand, ...],
        server: str,
        rate_key: str,
        servers: Iterable[str] = (),
        *,
        takes: bool = False,
    ) -> Queue:
        """Return the queue of a signature; ``servers`` are those of which any one will do."""
        found = self.queues.get(signature)
        if found is None:
            found = Queue(signature, demands, server, rate_key, takes=takes)
            self.queues[signature] = found
            for demand in demands:
                self.by_resource.setdefault(demand.resource, []).append(found)
            for name in dict.fromkeys((server, *servers)):
                if name:
                    self.by_server.setdefault(name, []).append(found)
        return found

    def add(self, queue: Queue, entry: Entry) -> None:
        """Add an entry."""
        insort(queue.entries, entry)
        self.size += 1
        self.dirty[queue.signature] = queue

    def remove(self, signature: tuple[Any, ...], entry: Entry) -> None:
        """Remove an entry."""
        queue = self.queues[signature]
        entries = queue.entries
        if entries[-1] is entry:
            entries.pop()
        else:
            index = bisect_left(entries, entry)
            del entries[index]
        self.size -= 1
        # Entries that were held back for this one may be served now.
        self.resources_freed(demand.resource for demand in queue.demands)
        if entries:
            self.dirty[signature] = queue
        else:
            self.dirty.pop(signature, None)

    def resources_freed(self, names: Iterable[str]) -> None:
        """Check again the entries that wait for these resources (or types)."""
        for name in names:
            for queue in self.by_resource.get(name, ()):
                if queue.entries:
                    self.dirty[queue.signature] = queue

    def server_freed(self, server: str) -> None:
        """Check again the entries that wait for this server."""
        for queue in self.by_server.get(server, ()):
            if queue.entries:
                self.dirty[queue.signature] = queue

    def all_dirty(self) -> None:
        """Check all entries again: one more action may run."""
        for queue in self.queues.values():
            if queue.entries:
                self.dirty[queue.signature] = queue
