"""Reads a row of the journal; an unreadable one raises an error with place and cure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from execution_orchestrator.engine.codec import (
    decode_in_this_schema,
    decode_own,
    members_in_this_schema,
)
from execution_orchestrator.engine.events import EVENTS, Event, ExecutionAccepted
from execution_orchestrator.engine.logic import Logic
from execution_orchestrator.engine.upcasting import NewerSchemaError
from execution_orchestrator.storage.journal import StorageError
from execution_orchestrator.storage.refusals import CHECK, REPAIR
from execution_orchestrator.storage.rows import Content, UnknownTypeError, json_of

NEWER = "it was written by a newer version: install that version (or a later one) again"
# By the tag of an event in its JSON.
_KINDS = {str(kind.__struct_config__.tag): kind for kind in EVENTS}
_LOGIC = frozenset(Logic)
_ANYTHING = msgspec.json.Decoder()


class UnreadableEventError(StorageError):
    """An event of the journal that this version cannot read.

    ``problem`` says what is wrong with it, without the place; ``newer`` that a newer version wrote
    it, so that nothing is damaged.
    """

    def __init__(self, place: str, sequence: int, problem: str, *, newer: bool) -> None:
        cure = (
            NEWER
            if newer
            else f"`{CHECK}` lists all such events, and `{REPAIR}` saves the others; "
            "or restore a backup"
        )
        super().__init__(f"event {sequence} of the journal {place} {problem}; {cure}")
        self.problem = problem
        self.newer = newer


def read_event(place: str, row: Sequence[Any], content: Content) -> Event:
    """Return the event of a row, as `storage.rows.ROW` names its columns.

    Raises:
        UnreadableEventError: the row is damaged, or has a type or a field that this version
            does not know.

    """
    sequence = row[0]
    try:
        data = json_of(row, content)
    except ValueError as failure:
        newer = isinstance(failure, UnknownTypeError)
        problem = "is no JSON" if isinstance(failure, UnicodeError) else str(failure)
        raise UnreadableEventError(place, sequence, problem, newer=newer) from failure
    return event_of(place, sequence, data)


def event_of(place: str, sequence: int, data: str) -> Event:
    """Return the event that a JSON text is.

    Raises:
        UnreadableEventError: it is damaged, or has a type or a field that this version does not
            know.

    """
    event = decode_own(data)
    if event is None:
        try:
            event = decode_in_this_schema(data)
        except ValueError as failure:
            problem, newer = _explained(data, failure)
            raise UnreadableEventError(place, sequence, problem, newer=newer) from failure
    if type(event) is ExecutionAccepted and not _LOGIC.issuperset(event.logic):
        problem = _unknown(ExecutionAccepted, "rules", {*event.logic} - _LOGIC)
        raise UnreadableEventError(place, sequence, problem, newer=True)
    return event


def _unknown(kind: type[Event], what: str, names: Iterable[str]) -> str:
    listed = ", ".join(sorted(names))
    return f"({kind.type}) has {what} that this version does not know: {listed}"


def _explained(data: str | bytes, failure: ValueError) -> tuple[str, bool]:
    """Return why a row cannot be read, and whether a newer version wrote it."""
    try:
        content: Any = _ANYTHING.decode(data)
    except (msgspec.MsgspecError, UnicodeError):
        return "is no JSON", False
    if isinstance(failure.__cause__, NewerSchemaError):
        return str(failure.__cause__), True
    tag = content.get("type") if isinstance(content, dict) else None
    if isinstance(tag, str):
        kind = _KINDS.get(tag)
        if kind is None:
            return f"is of the type {tag}, which this version does not know", True
        unknown = members_in_this_schema(data).keys() - {"type", *kind.__struct_fields__}
        if unknown:
            return _unknown(kind, "fields", unknown), True
    return f"cannot be read ({failure})", False
