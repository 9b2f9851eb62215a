"""The interface of the storage: an append-only journal of events.

An event that is not in it has not happened. Only storage/ knows which database it uses.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from msgspec import Struct

from execution_orchestrator.engine.events import Event


class StorageError(RuntimeError):
    """The storage cannot be used; the message names the place and the cure."""


class InUseError(StorageError):
    """Another node holds the lock of the storage."""


class JournalEntry(Struct, frozen=True):
    """An event with its position."""

    sequence: int
    event: Event


@dataclass(frozen=True)
class LivePart:
    """What a node needs at its start; ``ended``: how each execution ended that is not read."""

    ended: dict[str, str]
    entries: list[JournalEntry]


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One execution; ``last`` and ``ended`` (Unix seconds) are None while it runs.

    ``capabilities`` of its plan, error codes and robots are known when it has ended.
    """

    execution_id: str
    first: int
    last: int | None
    accepted: float
    ended: float | None
    status: str
    command: str
    capabilities: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()
    robots: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RunQuery:
    """Which executions are looked for; what is empty or None does not count.

    ``words`` are all in the command, the id or an error code. ``status`` is one of those that an
    execution ends with, or OPEN for those that go on. ``since`` and ``until`` are Unix seconds of
    the acceptance, ``least`` and ``most`` seconds of what it took. The table knows capabilities,
    errors and robots of a run when it has ended: ``going_on`` are ids of runs that match by what
    is known elsewhere.
    """

    words: str = ""
    status: str = ""
    capability: str = ""
    error: str = ""
    robot: str = ""
    since: float | None = None
    until: float | None = None
    least: float | None = None
    most: float | None = None
    going_on: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class KnownNames:
    """The names that runs can be looked for by, sorted."""

    capabilities: tuple[str, ...]
    errors: tuple[str, ...]
    robots: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """Some entries, newest first, and how many match in all."""

    entries: list[HistoryEntry]
    total: int


@dataclass(frozen=True, slots=True)
class Missing:
    """How many events a journal lacks that it once had: the ``newest`` ones, and others.

    ``within`` are between events that are there, ``first`` is the position of the first of them.
    """

    newest: int = 0
    within: int = 0
    first: int = 0

    @property
    def total(self) -> int:
        """How many are missing in all."""
        return self.newest + self.within


class Journal(Protocol):
    """A journal with one writer; what reads may be called from any thread.

    Every method raises StorageError if the storage cannot be used.
    """

    @property
    def last_sequence(self) -> int:
        """Position of the newest event, 0 if there is none."""

    @property
    def missing(self) -> Missing:
        """What was there once, and was not when it was opened."""

    def append(self, events: Sequence[Event]) -> int:
        """Write events in one transaction, all or none; they are durable when this returns.

        Returns the position of the first one.
        """

    def look(self) -> None:
        """See whether the storage is there again after a failure; may take some seconds."""

    def recover(self) -> int:
        """Reconnect after a failure.

        Returns the position of the first event of the append that failed, if it was written all
        the same, else 0.
        """

    def does_not_follow(self, entry: JournalEntry) -> StorageError:
        """Return the error that says that an event contradicts those before it."""

    def live_part(self) -> LivePart:
        """Return the events of unfinished and of the newest ended executions, and what is kept."""

    def read(
        self, *, execution_id: str = "", after: int = 0, limit: int = 0
    ) -> Iterator[JournalEntry]:
        """Yield events at positions above ``after``, oldest first; ``limit`` 0: all of them."""

    def newest(
        self, *, execution_id: str = "", before: int = 0, limit: int = 2000
    ) -> list[JournalEntry]:
        """Return the last events at positions below ``before`` (0: of all), oldest first."""

    def commands(self, *, before: int = 0, limit: int = 500) -> list[JournalEntry]:
        """Return the commands given at positions below ``before`` (0: all), newest first."""

    def of_execution(self, execution_id: str) -> list[JournalEntry]:
        """Return the events of one execution, oldest first."""

    def read_own(self) -> Iterator[JournalEntry]:
        """Yield the events of the orchestrator as a whole, which belong to no execution."""

    def history(self, *, limit: int = 0) -> list[HistoryEntry]:
        """Return what is known of every execution, newest first; ``limit`` 0: of all."""

    def page(
        self,
        *,
        since: float,
        ended: Sequence[str],
        others: Sequence[str],
        everything: bool,
        offset: int,
        limit: int,
    ) -> HistoryPage:
        """Return a page of the executions accepted at ``since`` (Unix seconds) or after.

        Of those that ended it takes the ones with a status of ``ended``, or ``everything``; of
        those that go on the ones named in ``others``.
        """

    def search(self, query: RunQuery, *, offset: int, limit: int) -> HistoryPage:
        """Return a page of the executions that a query means."""

    def known_names(self) -> KnownNames:
        """Return the capabilities, error codes and robots of all runs that ended."""

    def find(self, execution_id: str) -> HistoryEntry | None:
        """Return the entry of one execution, None if there is none of that id."""

    def ended_since(self, since: float) -> list[HistoryEntry]:
        """Return the executions that ended after ``since`` (Unix seconds), the last one first."""

    def count_ended(self) -> dict[str, int]:
        """Return how many executions ended with each status."""

    def executions(self, *, limit: int = 1000) -> list[str]:
        """Return the ids of the executions, newest first."""

    def delete_some(self, sequences: Sequence[int] = ()) -> bool:
        """Delete a batch of pruned events, and these; returns whether more are left."""

    def give_back_space(self) -> bool:
        """Return a batch of free pages to the file system; returns whether more are left."""

    def close(self) -> None:
        """Give up the connection."""
