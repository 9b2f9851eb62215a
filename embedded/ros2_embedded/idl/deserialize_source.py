"""The source of a deserializer, field by field.

Every length that comes from the wire is compared with the bytes that are left before anything is
allocated for it, so that a damaged sample costs no more memory than its own size.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ros2_embedded.idl.array_bytes import array_of, numpy_of
from ros2_embedded.idl.catalog import definition
from ros2_embedded.idl.codec import FORMAT, INLINE_LIMIT, SIZE, Writer, field_count
from ros2_embedded.idl.definition import FieldType, MessageDefinition
from ros2_embedded.idl.errors import DeserializationError

DeserializerOf = Callable[[str], Callable[..., Any]]
ClassOf = Callable[[str], type]


class _Source:
    def __init__(self, reader: Writer, deserializer_of: DeserializerOf, class_of: ClassOf) -> None:
        self.reader = reader
        self.deserializer_of = deserializer_of
        self.class_of = class_of
        self.end_of_run: list[str] = []

    # ---------------------------------------------------------------- runs
    def flush(self) -> None:
        """Read the pending run of fixed-size values in one call."""
        layouts, targets = self.reader.take_run()
        if layouts:
            self.reader.line(f"s = {layouts}[p & 7]")
            self.reader.line(f"({', '.join(targets)},) = s.unpack_from(data, p + 4)")
            self.reader.line("p += s.size")
        for line in self.end_of_run:
            self.reader.line(line)
        self.end_of_run = []

    def length(self, name: str, least_size: int) -> None:
        """Read a count and check it against what is left; ``least_size`` is bytes an element."""
        self.reader.add("I", name)
        self.flush()
        self.reader.names["too_short"] = too_short
        self.reader.line(f"if {name} * {least_size} > end - p: too_short({name})")

    # ---------------------------------------------------------------- fields
    def message(self, kind: MessageDefinition, target: str, order: str) -> None:
        alias = "C_" + kind.name.replace("/", "_")
        self.reader.names.setdefault(alias, self.class_of(kind.name))
        self.reader.line(f"{target} = {alias}.__new__({alias})")
        if not kind.fields:
            self.reader.add("B", "_")
        for field in kind.fields:
            self.field(field.type, f"{target}._{field.name}", order)

    def field(self, kind: FieldType, target: str, order: str) -> None:
        if not kind.array:
            self.single(kind, target, order)
        elif kind.is_primitive:
            self.primitives(kind, target, order)
        else:
            self.items(kind, target, order)

    def single(self, kind: FieldType, target: str, order: str) -> None:
        reader = self.reader
        if kind.is_message:
            nested = definition(kind.base)
            if field_count(nested) <= INLINE_LIMIT:
                name = reader.fresh("n")
                self.message(nested, name, order)
                reader.line(f"{target} = {name}")
            else:
                self.flush()
                reader.line(f"{target}, p = {self.function(kind.base)}(data, p, end)")
        elif kind.base == "string":
            name = reader.fresh("c")
            self.length(name, 1)
            reader.line(f"{target} = str(data[p + 4:p + 3 + {name}], 'utf-8') if {name} else ''")
            reader.line(f"p += {name}")
        elif kind.base == "wstring":
            name = reader.fresh("c")
            reader.names["narrow"] = narrow
            self.length(name, 4)
            reader.line(f"{target} = narrow(data[p + 4:p + 4 + {name} * 4], '{order}')")
            reader.line(f"p += {name} * 4")
        elif kind.base == "byte":
            reader.add("B", target)
            self.end_of_run.append(f"{target} = bytes(({target},))")
        else:
            reader.add(FORMAT[kind.base], target)

    def primitives(self, kind: FieldType, target: str, order: str) -> None:
        reader, size = self.reader, SIZE[kind.base]
        if kind.array == "static":
            self.flush()
            count = str(kind.size)
            if size > 1:
                reader.line(f"p += -p & {size - 1}")
            reader.names["too_short"] = too_short
            reader.line(f"if {kind.size * size} > end - p: too_short({kind.size})")
        else:
            count = reader.fresh("c")
            self.length(count, size)
            self.bound(kind, count)
            if size > 1:
                reader.line(f"if {count}: p += -p & {size - 1}")
                reader.line(f"if {count} * {size} > end - p: too_short({count})")
        # A view, so that an image is copied once.
        reader.names["view"] = memoryview
        chunk = f"view(data)[p + 4:p + 4 + {count} * {size}]"
        if kind.base == "bool":
            reader.line(f"{target} = list(map(bool, {chunk}))")
        elif kind.base == "byte":
            reader.line(f"{target} = [bytes((b,)) for b in {chunk}]")
        else:
            maker = "numpy_of" if kind.array == "static" else "array_of"
            reader.names[maker] = numpy_of if kind.array == "static" else array_of
            reader.line(f"{target} = {maker}({chunk}, '{kind.base}', '{order}')")
        reader.line(f"p += {count} * {size}")

    def items(self, kind: FieldType, target: str, order: str) -> None:
        reader = self.reader
        values, item = reader.fresh("a"), reader.fresh("i")
        if kind.array == "static":
            self.flush()
            count = str(kind.size)
        else:
            count = reader.fresh("c")
            self.length(count, 4 if kind.is_text else 1)
            self.bound(kind, count)
        reader.line(f"{values} = []")
        reader.line(f"for _ in range({count}):")
        reader.indent += 1
        if kind.is_message:
            reader.line(f"{item}, p = {self.function(kind.base)}(data, p, end)")
        else:
            self.single(kind.element, item, order)
            self.flush()
        reader.line(f"{values}.append({item})")
        reader.indent -= 1
        reader.line(f"{target} = {values}")

    def bound(self, kind: FieldType, count: str) -> None:
        if kind.array == "bounded":
            self.reader.line(f"if {count} > {kind.size}: too_short({count})")

    def function(self, name: str) -> str:
        alias = "read_" + name.replace("/", "_")
        self.reader.names.setdefault(alias, self.deserializer_of(name))
        return alias


def read_message(
    reader: Writer,
    kind: MessageDefinition,
    target: str,
    deserializer_of: DeserializerOf,
    class_of: ClassOf,
) -> None:
    """Write the source that reads all fields into ``target``."""
    source = _Source(reader, deserializer_of, class_of)
    source.message(kind, target, reader.order)
    source.flush()


def too_short(count: int) -> None:
    """Refuse a count that the data cannot hold or the type does not allow."""
    raise DeserializationError(f"the data is too short for {count} elements, or that is too many")


def narrow(units: Any, order: str) -> str:
    """Return the text of UTF-16 code units of four bytes each."""
    raw = bytes(units)
    if order == "<":
        pairs = b"".join(raw[i : i + 2] for i in range(0, len(raw), 4))
        return pairs.decode("utf-16-le")
    pairs = b"".join(raw[i + 2 : i + 4] for i in range(0, len(raw), 4))
    return pairs.decode("utf-16-be")
