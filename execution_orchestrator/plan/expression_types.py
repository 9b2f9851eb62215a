"""Types of values in expressions, as far as they are known before a plan runs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Type:
    """A type of CEL; ``name`` is ``dyn`` where it is unknown.

    ``number`` is what JSON calls a number: it may come as an int or a double.
    ``element`` is that of a list. ``fields`` are those of a map that has these and, unless it is
    ``open``, no others; None where any may be there. ``values`` are those that a text may have,
    where only some are possible. ``nullable``: it may be null when it is looked at.
    ``bounds``: the least and the largest number that it can be.
    """

    name: str
    element: Type | None = None
    fields: Mapping[str, Type] | None = None
    values: tuple[str, ...] = ()
    open: bool = False
    nullable: bool = False
    bounds: tuple[float, float] | None = None

    def __str__(self) -> str:
        """Return the type as a sentence names it."""
        return _WORDS.get(self.name, self.name)


_WORDS = {
    "bool": "true or false", "int": "a whole number", "uint": "a whole number without a sign",
    "double": "a number with a point", "number": "a number", "string": "a text", "bytes": "bytes",
    "list": "a list", "map": "a mapping", "null": "null", "duration": "a duration",
    "timestamp": "a time", "type": "a type",
}  # fmt: skip
DYN = Type("dyn")
BOOL, INT, UINT, DOUBLE, NUMBER = (Type(n) for n in ("bool", "int", "uint", "double", "number"))
STRING, BYTES, NULL = Type("string"), Type("bytes"), Type("null")
DURATION, TIMESTAMP, TYPE = Type("duration"), Type("timestamp"), Type("type")
LIST, MAP = Type("list"), Type("map")
# What is remembered of an object; whoever detects it may tell more.
KNOWN_OBJECT = Type(
    "map",
    fields={
        "id": STRING, "class": STRING, "confidence": DOUBLE, "pose": MAP, "age": DOUBLE,
        "last_seen": DOUBLE,
    },
    open=True,
)  # fmt: skip
NUMERIC = frozenset({"int", "uint", "double", "number"})
_MOST_LEVELS = 12  # of a schema; what is below is unknown


def one_of(values: Iterable[str]) -> Type:
    """Return the type of a text that is one of these."""
    return Type("string", values=tuple(values))


def list_of(element: Type) -> Type:
    """Return the type of a list."""
    return Type("list", element)


def map_of(fields: Mapping[str, Type] | None = None) -> Type:
    """Return the type of a map with these fields and no others, or with any."""
    return Type("map", None, fields)


def common(one: Type, other: Type) -> Type:
    """Return the type of something that is one or the other."""
    if one == other:
        return one
    if one.name == other.name:
        return Type(one.name)
    return NUMBER if {one.name, other.name} <= NUMERIC - {"uint"} else DYN


def of_schema(schema: Any, level: int = 0) -> Type:
    """Return the type that a JSON Schema describes; unknown where the schema is open."""
    if not isinstance(schema, Mapping) or level > _MOST_LEVELS:
        return DYN
    kind = schema.get("type")
    if kind in ("number", "integer"):
        return NUMBER
    if kind in ("string", "boolean", "null"):
        return {"string": STRING, "boolean": BOOL, "null": NULL}[kind]
    if kind == "array":
        return list_of(of_schema(schema.get("items"), level + 1))
    if kind == "object" or (kind is None and "properties" in schema):
        known = schema.get("properties")
        if not isinstance(known, Mapping) or schema.get("additionalProperties", False):
            return MAP
        return map_of({name: of_schema(one, level + 1) for name, one in known.items()})
    return DYN


def of_value(value: Any, level: int = 0) -> Type:
    """Return the type of plain data; the type of a template in it is unknown."""
    if isinstance(value, str):
        return DYN if "{{" in value else STRING
    if isinstance(value, bool):
        return BOOL
    if isinstance(value, int | float):
        return NUMBER
    if value is None:
        return NULL
    if level > _MOST_LEVELS:
        return DYN
    if isinstance(value, Mapping):
        return map_of({str(key): of_value(item, level + 1) for key, item in value.items()})
    elements = [of_value(item, level + 1) for item in value]
    made = elements[0] if elements else DYN
    for element in elements[1:]:
        made = common(made, element)
    return list_of(made)
