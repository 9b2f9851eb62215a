"""Classes and codecs, each made once."""

from __future__ import annotations

import struct
import threading
from collections.abc import Callable
from typing import Any

from ros2_embedded.idl.catalog import definition
from ros2_embedded.idl.codec import make_deserializer, make_serializer
from ros2_embedded.idl.errors import DeserializationError, SerializationError
from ros2_embedded.idl.message_class import make_class

HEADER = b"\x00\x01\x00\x00"  # plain CDR, little endian
_classes: dict[str, type] = {}
_writers: dict[str, Callable[[bytearray, Any], None]] = {}
_readers: dict[tuple[str, str], Callable[..., Any]] = {}
_lock = threading.RLock()


def message_class(name: str) -> type:
    """Return the class of ``package/msg/Name`` or of a part of a service or action."""
    made = _classes.get(name)
    if made is None:
        with _lock:
            made = _classes.get(name)
            if made is None:
                package, folder, short = name.split("/")
                module = f"{package}.{folder}._{_snake(short)}"
                made = make_class(definition(name), module, message_class)
                _classes[name] = made
    return made


def serialize(message: Any) -> bytearray:
    """Return the CDR of a message, with its 4-byte header.

    Raises:
        SerializationError: a field holds a value its type does not allow.

    """
    kind = type(message)._definition_
    writer = _writers.get(kind.name) or _writer(kind.name)
    out = bytearray(HEADER)
    try:
        writer(out, message)
    except (struct.error, AttributeError, TypeError, ValueError, IndexError) as failure:
        raise SerializationError(f"{kind.name} cannot be serialized: {failure}") from failure
    return out


def deserialize(data: Any, cls: type) -> Any:
    """Return the message in ``data`` (bytes or memoryview with the 4-byte header).

    Raises:
        DeserializationError: the bytes are not a message of that type.

    """
    name = cls._definition_.name  # type: ignore[attr-defined]
    if len(data) < 4 or data[0] != 0 or data[1] > 1:
        raise DeserializationError(f"{name}: the data does not begin with a CDR header")
    order = "<" if data[1] else ">"
    reader = _readers.get((name, order)) or _reader(name, order)
    try:
        return reader(data, 0, len(data) - 4)[0]
    except (struct.error, UnicodeDecodeError, ValueError) as failure:
        if isinstance(failure, DeserializationError):
            raise DeserializationError(f"{name}: {failure}") from None
        raise DeserializationError(f"{name}: {failure}") from failure


def _writer(name: str) -> Callable[[bytearray, Any], None]:
    with _lock:
        if name not in _writers:
            _writers[name] = make_serializer(definition(name), _writer)
        return _writers[name]


def _reader(name: str, order: str) -> Callable[..., Any]:
    key = (name, order)
    with _lock:
        if key not in _readers:
            _readers[key] = make_deserializer(
                definition(name), order, lambda nested: _reader(nested, order), message_class
            )
        return _readers[key]


def _snake(name: str) -> str:
    """Turn CamelCase into snake_case the way rosidl names its modules."""
    out: list[str] = []
    for index, character in enumerate(name):
        previous = name[index - 1] if index else ""
        following = name[index + 1 : index + 2]
        if (
            character.isupper()
            and previous
            and previous != "_"
            and (not previous.isupper() or following.islower())
        ):
            out.append("_")
        out.append(character.lower())
    return "".join(out)
