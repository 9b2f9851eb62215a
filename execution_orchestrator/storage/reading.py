"""Reads a row of the journal; an unreadable one raises an error with place and cure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from execution_orchestrator.engine.codec import decode_in_this_schema, decode_own
from execution_orchestrator.engine.events import EVENTS, Event, ExecutionAccepted
from execution_orchestrator.engine.logic import Logic
from execution_orchestrator.engine.upcasting import NewerSchemaError
from execution_orchestrator.storage.journal import StorageError
from execution_orchestrator.storage.refusals import CHECK, REPAIR
from execution_orchestrator.storage.rows import Content, UnknownTypeError, json_of

NEWER = "it was written by a newer version: install that version (or a later one) again"
# An unknown field would be lost silently; engine/upcasting.py removes fields of older releases.
_KNOWN = {kind: frozenset({"type", "schema", *kind.__struct_fields__}) for kind in EVENTS}
_LOGIC = frozenset(Logic)
_TAGS = frozenset(str(kind.__struct_config__.tag) for kind in EVENTS)
_FIELDS = msgspec.json.Decoder(dict[str, msgspec.Raw])
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
    own = decode_own(data.encode(errors="surrogatepass"))
    if own is not None and not (
        type(own) is ExecutionAccepted and not _LOGIC.issuperset(own.logic)
    ):
        return own
    try:
        event, current = decode_in_this_schema(data)
    except ValueError as failure:
        problem, newer = _explained(data, failure)
        raise UnreadableEventError(place, sequence, problem, newer=newer) from failure
    unknown = _FIELDS.decode(current).keys() - _KNOWN[type(event)]
    what = "fields"
    if isinstance(event, ExecutionAccepted) and not _LOGIC.issuperset(event.logic):
        unknown, what = {*event.logic} - _LOGIC, "rules"
    if unknown:
        names = ", ".join(sorted(unknown))
        raise UnreadableEventError(
            place,
            sequence,
            f"({type(event).type}) has {what} that this version does not know: {names}",
            newer=True,
        )
    return event


def _explained(data: str | bytes, failure: ValueError) -> tuple[str, bool]:
    """Return why a row cannot be read, and whether a newer version wrote it."""
    try:
        content: Any = _ANYTHING.decode(data)
    except (msgspec.MsgspecError, UnicodeError):
        return "is no JSON", False
    if isinstance(failure.__cause__, NewerSchemaError):
        return str(failure.__cause__), True
    kind = content.get("type") if isinstance(content, dict) else None
    if isinstance(kind, str) and kind not in _TAGS:
        return f"is of the type {kind}, which this version does not know", True
    return f"cannot be read ({failure})", False
