"""Makes the functions that write and read one message type as CDR (XCDR version 1, plain).

Runs of values of fixed size become one `struct` call each. Where such a run starts at an offset
that is only known at run time, one of eight prepared layouts is taken, by the offset modulo 8.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable
from struct import Struct
from typing import Any

from ros2_embedded.idl.catalog import definition
from ros2_embedded.idl.definition import MessageDefinition

FORMAT = {
    "bool": "?", "byte": "B", "char": "B", "int8": "b", "uint8": "B", "int16": "h", "uint16": "H",
    "int32": "i", "uint32": "I", "int64": "q", "uint64": "Q", "float32": "f", "float64": "d",
}  # fmt: skip
SIZE = {
    "bool": 1, "byte": 1, "char": 1, "int8": 1, "uint8": 1, "int16": 2, "uint16": 2, "int32": 4,
    "uint32": 4, "int64": 8, "uint64": 8, "float32": 4, "float64": 8,
}  # fmt: skip
PADDING = (b"", b"\0", b"\0\0", b"\0\0\0", b"\0" * 4, b"\0" * 5, b"\0" * 6, b"\0" * 7)
INLINE_LIMIT = 24  # fields; larger nested messages are called, not copied into the code


class Layouts:
    """One run of fixed-size values in its eight alignments."""

    __slots__ = ("kinds", "order", "structs")

    def __init__(self, kinds: str, order: str) -> None:
        self.kinds = kinds
        self.order = order
        self.structs = tuple(Struct(self._format(offset)) for offset in range(8))

    def _format(self, offset: int) -> str:
        parts = [self.order]
        for kind in self.kinds:
            size = Struct("=" + kind).size
            gap = -offset % size
            parts.append("x" * gap + kind)
            offset += gap + size
        return "".join(parts)


class Writer:
    """Collects the source of a function and what it refers to."""

    def __init__(self, order: str) -> None:
        self.order = order
        self.lines: list[str] = []
        self.names: dict[str, Any] = {"PADDING": PADDING, "array": array}
        self.indent = 1
        self._run: list[tuple[str, str]] = []
        self._layouts: dict[str, str] = {}
        self._count = 0

    def line(self, text: str) -> None:
        self.lines.append("    " * self.indent + text)

    def fresh(self, prefix: str) -> str:
        self._count += 1
        return f"{prefix}{self._count}"

    def add(self, kind: str, expression: str) -> None:
        """Add one fixed-size value to the current run."""
        self._run.append((kind, expression))

    def take_run(self) -> tuple[str, list[str]]:
        """Return the name of the current run's layouts and its expressions, and begin a new one."""
        kinds = "".join(kind for kind, _ in self._run)
        expressions = [expression for _, expression in self._run]
        self._run = []
        if not kinds:
            return "", []
        if kinds not in self._layouts:
            name = self.fresh("L")
            self._layouts[kinds] = name
            self.names[name] = Layouts(kinds, self.order).structs
        return self._layouts[kinds], expressions


def field_count(kind: MessageDefinition) -> int:
    """Count the fields of a message with those of the messages inside it."""
    total = 0
    for field in kind.fields:
        nested = field.type.is_message and not field.type.array
        total += field_count(definition(field.type.base)) if nested else 1
        if total > INLINE_LIMIT:
            return total
    return total


def make_serializer(
    kind: MessageDefinition, serializer_of: Callable[[str], Callable[[bytearray, Any], None]]
) -> Callable[[bytearray, Any], None]:
    """Return a function that appends a message's CDR to a bytearray that begins with the header."""
    from ros2_embedded.idl.serialize_source import write_message  # noqa: PLC0415

    writer = Writer("<")
    write_message(writer, kind, "m", serializer_of)
    return _compile(f"write {kind.name}", "write(out, m)", writer, "")


def make_deserializer(
    kind: MessageDefinition,
    order: str,
    deserializer_of: Callable[[str], Callable[..., Any]],
    class_of: Callable[[str], type],
) -> Callable[[Any, int, int], tuple[Any, int]]:
    """Return a function (data, position, end) -> (message, position); positions follow the header."""
    from ros2_embedded.idl.deserialize_source import read_message  # noqa: PLC0415

    reader = Writer(order)
    reader.line("p = position")
    read_message(reader, kind, "m", deserializer_of, class_of)
    return _compile(f"read {kind.name}", "read(data, position, end)", reader, "return m, p")


def _compile(title: str, signature: str, writer: Writer, last: str) -> Callable[..., Any]:
    body = writer.lines + ([f"    {last}"] if last else [])
    source = f"def {signature}:\n" + ("\n".join(body) or "    pass") + "\n"
    exec(compile(source, f"<{title}>", "exec"), writer.names)
    made: Callable[..., Any] = writer.names[signature.split("(", 1)[0]]
    return made
