"""How an event is written to its row, and read from there.

The columns say of an event what every event has: type, time, execution, action. The text beside
them is the rest of its JSON. What is large in it, a plan above all, stands compressed in the table
``content``, once for all events that have it: a plan that ran a thousand times takes its room once.
Rows of older releases have the whole event in their text, a large one compressed; they are read
as they are.
"""

from __future__ import annotations

import base64
import hashlib
import zlib
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Connection, Select, delete, insert, select
from sqlalchemy.exc import DBAPIError

from execution_orchestrator.engine.codec import encode_event
from execution_orchestrator.engine.events import EVENTS, Event
from execution_orchestrator.storage.schema import content as content_table
from execution_orchestrator.storage.schema import content_use as use_table
from execution_orchestrator.storage.schema import event as event_table

LARGE = 2000  # bytes of JSON
LEVEL = 6  # a plan of 150 kB takes a millisecond
DIGEST = 16  # bytes
ROW = tuple(
    event_table.c[name] for name in ("seq", "execution_id", "time", "type", "action", "data")
)

# Returns the compressed content of a name, None if there is none.
Content = Callable[[str], bytes | None]

# What the text of a row may begin with, each of the same length.
_WHOLE, _PACKED, _PARTED, _TIMED = '{"type"', '{"zlib"', '{"large', '{"time"'
_BEGINNING = len(_WHOLE)
_BEGINS = {kind.type: f'{{"type":"{kind.__struct_config__.tag}"' for kind in EVENTS}
_COLUMNS = ("type", "execution_id", "key")
_MEMBERS = msgspec.json.Decoder(dict[str, msgspec.Raw])
_NAMES = msgspec.json.Decoder(dict[str, str])
_json = msgspec.json.encode


class Row(NamedTuple):
    """A row of the table of events."""

    seq: int
    execution_id: str
    time: float
    type: str
    action: str
    data: str


class UnknownTypeError(ValueError):
    """A row of a type that this version does not know."""


def rows_of(connection: Connection, query: Select[Any]) -> list[Any]:
    """Return the rows of the table of events as the driver has them, which are read sooner.

    Raises:
        SQLAlchemyError: they cannot be read.

    """
    result = connection.execute(query)
    driver: Any = connection.dialect.dbapi
    try:
        # Columns of numbers and texts need no conversion.
        return list(result.cursor.fetchall()) if result.cursor is not None else []
    except driver.Error as failure:
        raise DBAPIError(None, None, failure) from failure


def row_of(sequence: int, event: Event) -> tuple[Row, dict[str, bytes]]:
    """Return the row of an event, and what is large in it by the name of its content.

    The same event always has the same row: after a connection broke, what was to be written is
    compared with what is there.
    """
    members: dict[str, Any] = _MEMBERS.decode(encode_event(event))
    for name in _COLUMNS:
        members.pop(name, None)
    if not event.offset:
        # The column has the wall time, which is the time of the event as long as no clock was set.
        del members["time"]
    parts: dict[str, bytes] = {}
    large = [name for name, raw in members.items() if len(raw) > LARGE]
    if large:
        found = {name: bytes(members.pop(name)) for name in large}
        names = {name: name_of(part) for name, part in found.items()}
        parts = {names[name]: part for name, part in found.items()}
        members = {"large": names, **members}
    text = _json(members).decode()
    row = Row(sequence, event.execution_id, event.wall, type(event).type, event.key, text)
    return row, parts


# Members of an event's JSON; empty ones are left out there.
@lru_cache(maxsize=4096)
def _execution(name: str) -> str:
    return f',"execution_id":{_json(name).decode()}' if name else ""


@lru_cache(maxsize=4096)
def _key(name: str) -> str:
    return f',"key":{_json(name).decode()}' if name else ""


def json_of(row: Sequence[Any], content: Content) -> str:
    """Return the JSON of the event of a row; its texts may be bytes.

    Raises:
        UnknownTypeError: this version does not know its type.
        ValueError: it is damaged.

    """
    _, execution_id, time, kind, action, data = row
    if not isinstance(data, str):
        execution_id, kind, action, data = map(_as_text, (execution_id, kind, action, data))
    begins = data[:_BEGINNING]
    if begins == _WHOLE:
        return str(data)
    if begins == _PACKED:
        return _unpacked(data)
    if not isinstance(time, (float, int)) or begins[:1] != "{":
        raise ValueError("is no JSON")
    before = _BEGINS.get(kind)
    if before is None:
        raise UnknownTypeError(f"is of the type {kind}, which this version does not know")
    if begins == _PARTED:
        data = _with_large(data, content)
        begins = data[:_BEGINNING]
    own = "" if begins == _TIMED else f',"time":{_json(time).decode()}'
    return f"{before}{own}{_execution(execution_id)}{_key(action)},{data[1:]}"


def _as_text(value: Any) -> str:
    if isinstance(value, bytes):
        return value.decode()
    if isinstance(value, str):
        return value
    raise ValueError("has lost a part of its row")


def _unpacked(data: str) -> str:
    try:
        packed = base64.b64decode(data[len('{"zlib":"') : -len('"}')], validate=True)
        return zlib.decompress(packed).decode()
    except zlib.error as failure:
        raise ValueError(f"cannot be decompressed: {failure}") from failure


def _with_large(data: str, content: Content) -> str:
    """Return a row's text with its large members in place of their names."""
    try:
        rest = _MEMBERS.decode(data)
        names = _NAMES.decode(rest.pop("large"))
    except (msgspec.MsgspecError, KeyError) as failure:
        raise ValueError("is no JSON") from failure
    members = {}
    for member, name in names.items():
        packed = content(name)
        if packed is None:
            raise ValueError(f"misses its {member} ({name})")
        try:
            part = zlib.decompress(packed)
        except zlib.error as failure:
            raise ValueError(f"has a {member} that cannot be decompressed: {failure}") from failure
        if name_of(part) != name:
            raise ValueError(f"has another {member} than it had ({name})")
        members[member] = msgspec.Raw(part)
    return _json(members | rest).decode()


def name_of(part: bytes) -> str:
    """Return the name that a content has: the same for the same content."""
    return hashlib.blake2b(part, digest_size=DIGEST).hexdigest()


class Contents:
    """The table of contents of one database; the newest that were read are kept."""

    KEPT = 32

    def __init__(self, connect: Callable[[], Any]) -> None:
        self._connect = connect
        self._kept: dict[str, bytes] = {}

    def __call__(self, name: str) -> bytes | None:
        """Return a content as it is stored, None if it is not there."""
        if name not in self._kept:
            with self._connect() as connection:
                found = connection.scalar(
                    select(content_table.c.data).where(content_table.c.name == name)
                )
            if found is None:
                return None
            self._kept[name] = bytes(found)
            if len(self._kept) > self.KEPT:
                del self._kept[next(iter(self._kept))]
        return self._kept[name]


def write_contents(connection: Connection, parts: Sequence[tuple[int, dict[str, bytes]]]) -> None:
    """Store the large parts of events, by their positions; those that are there are only used."""
    for sequence, large in parts:
        for name, part in large.items():
            known = select(content_table.c.name).where(content_table.c.name == name)
            if connection.scalar(known) is None:
                packed = zlib.compress(part, LEVEL)
                connection.execute(insert(content_table).values(name=name, data=packed))
            connection.execute(insert(use_table).values(seq=sequence, name=name))


def drop_contents(connection: Connection, sequences: Sequence[int]) -> None:
    """Forget what these events used, and delete the contents that no other event uses."""
    used = use_table.c
    names = list(connection.scalars(select(used.name).where(used.seq.in_(sequences)).distinct()))
    if not names:
        return
    connection.execute(delete(use_table).where(used.seq.in_(sequences)))
    content = content_table.c
    still = select(used.name).where(used.name == content.name).exists()
    connection.execute(delete(content_table).where(content.name.in_(names), ~still))
