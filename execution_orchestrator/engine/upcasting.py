"""Events of earlier releases in the form of this one.

Every event is written with the number of its schema (``"schema": 2``); one without a number has 1.
A change that removes or renames a field or an event, or gives a field another meaning, adds 1 to
`SCHEMA` and a function that turns the older form into the next one. A new event, or a new field
with a default, needs neither.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

SCHEMA = 2

Content = dict[str, Any]
Upcaster = Callable[[Content], Content]


class NewerSchemaError(ValueError):
    """An event written by a release with a newer schema."""


def _without(*fields: str) -> Upcaster:
    def upcast(content: Content) -> Content:
        return {name: value for name, value in content.items() if name not in fields}

    return upcast


# By the schema an event is in and its ``type`` in the journal: how it becomes one of the next.
UPCASTERS: Mapping[tuple[int, str], Upcaster] = {
    (1, "CheckpointCreated"): _without("achieved"),
    (1, "TaskAttemptFailed"): _without("cancel_goal"),
}
_OLD = frozenset(kind for _, kind in UPCASTERS)


class _Header(msgspec.Struct):
    type: str = ""
    schema: int = 1


_HEADER = msgspec.json.Decoder(_Header)
_CONTENT = msgspec.json.Decoder(Content)


def upcast(data: bytes | str) -> bytes | str:
    """Return the JSON of an event in the schema of this release.

    Raises:
        NewerSchemaError: a newer release wrote it.
        msgspec.MsgspecError: it is no JSON object, or its type or schema is none.

    """
    header = _HEADER.decode(data)
    if header.schema > SCHEMA:
        raise NewerSchemaError(
            f"has the schema {header.schema}, of which this version knows {SCHEMA} at most"
        )
    if header.schema == SCHEMA or header.type not in _OLD:
        return data
    content = _CONTENT.decode(data)
    for schema in range(header.schema, SCHEMA):
        change = UPCASTERS.get((schema, content["type"]))
        if change is not None:
            content = change(content)
    return msgspec.json.encode({**content, "schema": SCHEMA})
