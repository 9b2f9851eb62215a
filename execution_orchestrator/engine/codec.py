"""Events as JSON bytes and back."""

from __future__ import annotations

from functools import cache, reduce
from operator import or_
from typing import Any

import msgspec

from execution_orchestrator.engine.events import EVENTS, Event
from execution_orchestrator.engine.upcasting import SCHEMA, NewerSchemaError, upcast

_ENCODER = msgspec.json.Encoder()
_SCHEMA = f',"schema":{SCHEMA}}}'
_SCHEMA_BYTES = _SCHEMA.encode()
_MEMBERS = msgspec.json.Decoder(dict[str, msgspec.Raw])


class CodecError(ValueError):
    """Bytes that are not an event; the message names the field."""


@cache
def _event_decoder() -> msgspec.json.Decoder[Event]:
    # A node with a new journal, and a command, read no event before they are asked for one.
    return msgspec.json.Decoder(reduce(or_, EVENTS))


def encode_event(event: Event) -> bytes:
    """Return the JSON of an event, on one line, with the number of its schema."""
    return _ENCODER.encode(event)[:-1] + _SCHEMA_BYTES


def decode_own(data: str) -> Event | None:
    """Return an event that a release with this schema wrote; None: look at it more closely."""
    if not data.endswith(_SCHEMA):
        return None
    try:
        return _event_decoder().decode(data[: -len(_SCHEMA)] + "}")
    except (msgspec.MsgspecError, UnicodeError):
        return None


def members_in_this_schema(data: bytes | str) -> dict[str, msgspec.Raw]:
    """Return the members of an event's JSON, also of an earlier release, without its schema.

    Raises:
        CodecError: the bytes are no JSON object, or a newer release wrote them.

    """
    try:
        members = _MEMBERS.decode(upcast(data))
    except (msgspec.MsgspecError, NewerSchemaError) as failure:
        raise CodecError(f"no event of this version: {failure}") from failure
    members.pop("schema", None)
    return members


def decode_in_this_schema(data: bytes | str) -> Event:
    """Return an event, also one of an earlier release.

    Raises:
        CodecError: the bytes are no event that this version knows, or have fields that it does not.

    """
    members = members_in_this_schema(data)
    try:
        return _event_decoder().decode(_ENCODER.encode(members))
    except msgspec.MsgspecError as failure:
        raise CodecError(f"no event of this version: {failure}") from failure


def event_data(event: Event) -> dict[str, Any]:
    """Return the details of an event as plain data, without what every event has."""
    data: dict[str, Any] = msgspec.to_builtins(event)
    for common in ("type", "time", "execution_id", "key", "attempt", "offset"):
        data.pop(common, None)
    return data
