"""What an interface file says, as plain data."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

PRIMITIVES = frozenset(
    {
        "bool", "byte", "char", "float32", "float64", "int8", "uint8", "int16", "uint16",
        "int32", "uint32", "int64", "uint64",
    }
)  # fmt: skip


@dataclass(frozen=True)
class FieldType:
    """A type: a primitive, ``string``, ``wstring`` or a message such as ``std_msgs/msg/Header``.

    ``array`` is "" for a single value, "static", "bounded" or "unbounded"; ``size`` its size or
    bound; ``string_bound`` the longest text, 0 if there is no bound.
    """

    base: str
    array: str = ""
    size: int = 0
    string_bound: int = 0

    @property
    def is_primitive(self) -> bool:
        """Whether one element is a number, a bool or an octet."""
        return self.base in PRIMITIVES

    @property
    def is_text(self) -> bool:
        """Whether one element is a string."""
        return self.base in ("string", "wstring")

    @property
    def is_message(self) -> bool:
        """Whether one element is a message."""
        return "/" in self.base

    @property
    def element(self) -> FieldType:
        """The type of one element."""
        return FieldType(self.base, string_bound=self.string_bound)


@dataclass(frozen=True)
class Field:
    """A field; ``default`` is None where the file gives none."""

    name: str
    type: FieldType
    default: Any = None


@dataclass(frozen=True)
class Constant:
    """A constant of a message."""

    name: str
    type: str
    value: Any


@dataclass(frozen=True)
class MessageDefinition:
    """A message, or one part of a service or an action; ``name`` is ``package/msg/Name``."""

    name: str
    fields: tuple[Field, ...] = ()
    constants: tuple[Constant, ...] = field(default=())

    @property
    def package(self) -> str:
        """The package it belongs to."""
        return self.name.split("/", 1)[0]

    @property
    def short_name(self) -> str:
        """The name without package and folder."""
        return self.name.rsplit("/", 1)[1]
