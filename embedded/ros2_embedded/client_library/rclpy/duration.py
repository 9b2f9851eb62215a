"""A span of time in nanoseconds."""

from __future__ import annotations

from functools import total_ordering
from typing import Any

from rclpy.constants import S_TO_NS

_LIMIT = 2**63


@total_ordering
class Duration:
    """A span of time; compared and added with nanosecond resolution."""

    def __init__(self, *, seconds: float = 0, nanoseconds: float = 0) -> None:
        total = int(seconds * S_TO_NS)
        total += int(nanoseconds)
        if total >= _LIMIT or total < -_LIMIT:
            raise OverflowError("Total nanoseconds value is too large to store in C duration.")
        self._nanoseconds = total

    @property
    def nanoseconds(self) -> int:
        """The span in nanoseconds."""
        return self._nanoseconds

    def __repr__(self) -> str:
        return f"Duration(nanoseconds={self._nanoseconds})"

    def __str__(self) -> str:
        if self == Infinite:
            return "Infinite"
        return f"{self._nanoseconds} nanoseconds"

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Duration):
            return self._nanoseconds == other.nanoseconds
        return NotImplemented

    def __lt__(self, other: object) -> bool:
        if isinstance(other, Duration):
            return self._nanoseconds < other.nanoseconds
        return NotImplemented

    def __hash__(self) -> int:
        return hash(self._nanoseconds)

    def to_msg(self) -> Any:
        from builtin_interfaces.msg import Duration as Message

        seconds, nanoseconds = divmod(self._nanoseconds, S_TO_NS)
        return Message(sec=seconds, nanosec=nanoseconds)

    @classmethod
    def from_msg(cls, msg: Any) -> Duration:
        from builtin_interfaces.msg import Duration as Message

        if not isinstance(msg, Message):
            raise TypeError("Must pass a builtin_interfaces.msg.Duration object")
        return cls(seconds=msg.sec, nanoseconds=msg.nanosec)


# What the middleware means by "for ever".
Infinite = Duration(nanoseconds=_LIMIT - 1)
