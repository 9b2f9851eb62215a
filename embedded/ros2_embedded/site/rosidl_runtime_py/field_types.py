"""Reads the types of fields as messages tell them: `sequence<geometry_msgs/Pose, 5>`."""

from __future__ import annotations

import re
from typing import NamedTuple

_SEQUENCE = re.compile(r"sequence<(?P<item>.+?)(, (?P<bound>\d+))?>")
_ACTION_PART = re.compile(r"Goal|Result|Feedback|SendGoal_|GetResult_")
_ARRAY = re.compile(r"(?P<item>[^\[]+)\[(?P<size>\d+)\]")


class FieldType(NamedTuple):
    """The type of a field; `size` is that of a fixed array, `bound` that of a sequence."""

    item: str
    is_sequence: bool = False
    size: int | None = None
    bound: int | None = None

    @property
    def is_nested(self) -> bool:
        """Whether it is an array or a sequence."""
        return self.is_sequence or self.size is not None

    @property
    def message(self) -> str | None:
        """The full name of the message type of the field or its items; None for primitives."""
        if "/" not in self.item:
            return None
        package, name = self.item.split("/", 1)
        # Names of messages have no underscores, those of the parts of services and actions do.
        part = name.partition("_")[2]
        folder = "msg" if not part else "action" if _ACTION_PART.match(part) else "srv"
        return f"{package}/{folder}/{name}"

    @property
    def item_name(self) -> str:
        """The type of the field or its items, in words."""
        if self.message is not None:
            return self.message
        return re.sub(r"<\d+>", "", self.item)


def parse_field_type(text: str) -> FieldType:
    """Read the type of a field."""
    if match := _SEQUENCE.fullmatch(text):
        bound = match["bound"]
        return FieldType(match["item"], is_sequence=True, bound=int(bound) if bound else None)
    if match := _ARRAY.fullmatch(text):
        return FieldType(match["item"], size=int(match["size"]))
    return FieldType(text)
