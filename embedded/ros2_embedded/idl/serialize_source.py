"""The source of a serializer, field by field."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ros2_embedded.idl.array_bytes import bytes_of
from ros2_embedded.idl.catalog import definition
from ros2_embedded.idl.codec import FORMAT, INLINE_LIMIT, SIZE, Writer, field_count
from ros2_embedded.idl.definition import FieldType, MessageDefinition
from ros2_embedded.idl.errors import SerializationError

SerializerOf = Callable[[str], Callable[[bytearray, Any], None]]


def write_message(
    writer: Writer, kind: MessageDefinition, expression: str, serializer_of: SerializerOf
) -> None:
    """Write all fields of the message that ``expression`` names."""
    _fields(writer, kind, expression, serializer_of)
    flush(writer)


def flush(writer: Writer) -> None:
    """Emit the pending run of fixed-size values."""
    layouts, expressions = writer.take_run()
    if layouts:
        writer.line(f"out += {layouts}[len(out) + 4 & 7].pack({', '.join(expressions)})")


def _fields(
    writer: Writer, kind: MessageDefinition, expression: str, serializer_of: SerializerOf
) -> None:
    if not kind.fields:
        writer.add("B", "0")  # an empty struct has one dummy byte on the wire
    for field in kind.fields:
        _field(writer, field.type, f"{expression}._{field.name}", serializer_of)


def _field(writer: Writer, kind: FieldType, value: str, serializer_of: SerializerOf) -> None:
    if not kind.array:
        _single(writer, kind, value, serializer_of)
        return
    name = writer.fresh("v")
    flush(writer)
    writer.line(f"{name} = {value}")
    if kind.array == "static":
        writer.names["SerializationError"] = SerializationError
        writer.line(f"if len({name}) != {kind.size}:")
        writer.line(
            f"    raise SerializationError('{value.lstrip('m.')}: {kind.size} elements expected, "
            f"not %d' % len({name}))"
        )
    else:
        if kind.array == "bounded":
            writer.names["SerializationError"] = SerializationError
            writer.line(f"if len({name}) > {kind.size}:")
            writer.line(
                f"    raise SerializationError('{value.lstrip('m.')}: at most {kind.size} "
                f"elements, not %d' % len({name}))"
            )
        writer.add("I", f"len({name})")
        flush(writer)
    if kind.is_primitive:
        _primitives(writer, kind, name)
        return
    writer.line(f"for item in {name}:")
    writer.indent += 1
    if kind.is_message:
        writer.line(f"{_function(writer, kind.base, serializer_of)}(out, item)")
    else:
        _single(writer, kind.element, "item", serializer_of)
        flush(writer)
    writer.indent -= 1


def _primitives(writer: Writer, kind: FieldType, name: str) -> None:
    size = SIZE[kind.base]
    writer.names["bytes_of"] = bytes_of
    if size > 1:
        writer.line(f"if len({name}): out += PADDING[-len(out) + 4 & {size - 1}]")
    writer.line(f"out += bytes_of({name}, '{kind.base}')")


def _single(writer: Writer, kind: FieldType, value: str, serializer_of: SerializerOf) -> None:
    if kind.is_message:
        nested = definition(kind.base)
        if field_count(nested) <= INLINE_LIMIT:
            _fields(writer, nested, value, serializer_of)
        else:
            flush(writer)
            writer.line(f"{_function(writer, kind.base, serializer_of)}(out, {value})")
    elif kind.base == "string":
        name = writer.fresh("s")
        writer.line(f"{name} = {value}.encode()")
        writer.add("I", f"len({name}) + 1")
        flush(writer)
        writer.line(f"out += {name}")
        writer.line("out.append(0)")
    elif kind.base == "wstring":
        name = writer.fresh("w")
        writer.names["wide"] = wide
        writer.line(f"{name} = wide({value})")
        writer.add("I", f"len({name}) >> 2")
        flush(writer)
        writer.line(f"out += {name}")
    elif kind.base == "byte":
        writer.add("B", f"{value}[0]")
    else:
        writer.add(FORMAT[kind.base], value)


def _function(writer: Writer, name: str, serializer_of: SerializerOf) -> str:
    alias = "write_" + name.replace("/", "_")
    writer.names.setdefault(alias, serializer_of(name))
    return alias


def wide(text: str) -> bytes:
    """Return the UTF-16 code units of a text, each in four bytes, as rmw_cyclonedds sends them."""
    units = text.encode("utf-16-le")
    return b"".join(units[i : i + 2] + b"\0\0" for i in range(0, len(units), 2))
