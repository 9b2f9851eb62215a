"""The requests of people and programs to the node, from its journal."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from execution_orchestrator.engine import events as ev
from execution_orchestrator.engine.inputs import Caller
from execution_orchestrator.storage.journal import Journal, JournalEntry

ROS_CLIENT = "a ROS client"
PAGE = 500  # events read at once
MOST_READ = 20_000  # events that are looked through for those of one question
LONGEST = 160  # characters of what was asked for


@dataclass(frozen=True, slots=True)
class Deed:
    """A request at ``time`` (Unix seconds); ``refused`` says why it was not done."""

    sequence: int
    time: float
    who: str
    what: str
    execution_id: str = ""
    action_id: str = ""
    refused: str = ""

    def has(self, words: list[str]) -> bool:
        """Return whether all of these words (in small letters) are in it."""
        text = f"{self.who} {self.what} {self.execution_id} {self.action_id} {self.refused}".lower()
        return all(word in text for word in words)


def deeds(
    journal: Journal, *, words: str = "", since: float = 0.0, before: int = 0, limit: int = 200
) -> list[Deed]:
    """Return what was asked for, the newest first.

    ``words`` are all in it, ``since`` is Unix seconds, ``before`` a position in the journal (0: its
    end).

    Raises:
        StorageError: the journal cannot be read.

    """
    wanted = words.lower().split()
    found: list[Deed] = []
    for entry in _backwards(journal, before):
        if entry.event.wall < since:
            break
        deed = _deed(entry)
        if deed.has(wanted):
            found.append(deed)
        if len(found) >= limit:
            break
    return found


def _backwards(journal: Journal, before: int) -> Iterator[JournalEntry]:
    for _ in range(MOST_READ // PAGE):
        page = journal.commands(before=before, limit=PAGE)
        yield from page
        if len(page) < PAGE:
            return
        before = page[-1].sequence


def _deed(entry: JournalEntry) -> Deed:
    event = entry.event
    who, what, refused = "", event.description(), ""
    if isinstance(event, ev.CommandGiven):
        who, refused = str(event.caller), event.refusal
        what = f"{event.command} ({event.about})" if event.about else event.command
    elif isinstance(event, ev.ExecutionRequested):
        goal = event.goal
        who = event.options.requester or str(Caller(through=ROS_CLIENT))
        # A comment above a plan says less than its first fields, which name its command.
        lines = (line for line in goal.plan.splitlines() if not line.lstrip().startswith("#"))
        what = f"run: {goal.command or ' '.join(' '.join(lines).split())}"
    elif isinstance(event, ev.RequestRefused):
        who, what, refused = event.requester or "somebody", event.request, event.reason
    return Deed(
        sequence=entry.sequence,
        time=event.wall,
        who=who,
        what=what if len(what) <= LONGEST else f"{what[: LONGEST - 1]}…",
        execution_id=event.execution_id,
        action_id=event.key,
        refused=refused,
    )
