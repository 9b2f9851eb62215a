"""Events as JSON bytes and back."""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import Any

import msgspec

from execution_orchestrator.engine.events import EVENTS, Event
from execution_orchestrator.engine.upcasting import SCHEMA, NewerSchemaError, upcast

_ENCODER = msgspec.json.Encoder()
_SCHEMA = f',"schema":{SCHEMA}}}'.encode()
_EVENT_DECODER: msgspec.json.Decoder[Event] = msgspec.json.Decoder(reduce(or_, EVENTS))


class CodecError(ValueError):
    """Bytes that are not an event; the message names the field."""


def encode_event(event: Event) -> bytes:
    """Return the JSON of an event, on one line, with the number of its schema."""
    return _ENCODER.encode(event)[:-1] + _SCHEMA


def decode_own(data: bytes) -> Event | None:
    """Return an event that was written just so by this release; None: look at it more closely."""
    try:
        event = _EVENT_DECODER.decode(data)
    except msgspec.MsgspecError:
        return None
    # Written again it is the same only if there is nothing in it that is not known here.
    return event if encode_event(event) == data else None


def decode_in_this_schema(data: bytes | str) -> tuple[Event, bytes | str]:
    """Return an event, also one of an earlier release, and its bytes in this version's schema.

    Raises:
        CodecError: the bytes are no event that this version knows.

    """
    try:
        current = upcast(data)
        return _EVENT_DECODER.decode(current), current
    except (msgspec.MsgspecError, NewerSchemaError) as failure:
        raise CodecError(f"no event of this version: {failure}") from failure


def event_data(event: Event) -> dict[str, Any]:
    """Return the details of an event as plain data, without what every event has."""
    data: dict[str, Any] = msgspec.to_builtins(event)
    for common in ("type", "time", "execution_id", "key", "attempt", "offset"):
        data.pop(common, None)
    return data
