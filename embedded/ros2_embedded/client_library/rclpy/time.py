"""A point in time of one kind of clock."""

from __future__ import annotations

from functools import total_ordering
from typing import Any

from rclpy.clock_type import ClockType
from rclpy.constants import S_TO_NS
from rclpy.duration import Duration

_LIMIT = 2**63


@total_ordering
class Time:
    """Nanoseconds since the epoch of a clock; only times of the same clock compare."""

    def __init__(
        self,
        *,
        seconds: float = 0,
        nanoseconds: float = 0,
        clock_type: ClockType = ClockType.SYSTEM_TIME,
    ) -> None:
        if not isinstance(clock_type, ClockType):
            raise TypeError("Clock type must be a ClockType enum")
        if seconds < 0:
            raise ValueError("Seconds value must not be negative")
        if nanoseconds < 0:
            raise ValueError("Nanoseconds value must not be negative")
        total = int(seconds * S_TO_NS)
        total += int(nanoseconds)
        if total >= _LIMIT:
            raise OverflowError("Total nanoseconds value is too large to store in C time point.")
        self._nanoseconds = total
        self._clock_type = clock_type

    @property
    def nanoseconds(self) -> int:
        """Nanoseconds since the beginning of the clock."""
        return self._nanoseconds

    def seconds_nanoseconds(self) -> tuple[int, int]:
        """Return whole seconds and the rest in nanoseconds."""
        return divmod(self._nanoseconds, S_TO_NS)

    @property
    def clock_type(self) -> ClockType:
        """The clock it was read from."""
        return self._clock_type

    def __repr__(self) -> str:
        return f"Time(nanoseconds={self._nanoseconds}, clock_type={self._clock_type.name})"

    def __add__(self, other: object) -> Time:
        if isinstance(other, Duration):
            try:
                return Time(
                    nanoseconds=self._nanoseconds + other.nanoseconds, clock_type=self._clock_type
                )
            except OverflowError as failure:
                raise OverflowError("Addition leads to overflow in C storage.") from failure
        return NotImplemented

    def __radd__(self, other: object) -> Time:
        return self.__add__(other)

    def __sub__(self, other: object) -> Any:
        if isinstance(other, Time):
            if self._clock_type != other.clock_type:
                raise TypeError("Can't subtract times with different clock types")
            return Duration(nanoseconds=self._nanoseconds - other.nanoseconds)
        if isinstance(other, Duration):
            try:
                return Time(
                    nanoseconds=self._nanoseconds - other.nanoseconds, clock_type=self._clock_type
                )
            except ValueError as failure:
                raise ValueError("Subtraction leads to negative time.") from failure
        return NotImplemented

    def _other(self, other: object) -> int | None:
        if not isinstance(other, Time):
            return None
        if self._clock_type != other.clock_type:
            raise TypeError("Can't compare times with different clock types")
        return other.nanoseconds

    def __eq__(self, other: object) -> bool:
        value = self._other(other)
        return NotImplemented if value is None else self._nanoseconds == value

    def __lt__(self, other: object) -> bool:
        value = self._other(other)
        return NotImplemented if value is None else self._nanoseconds < value

    def __hash__(self) -> int:
        return hash((self._nanoseconds, self._clock_type))

    def to_msg(self) -> Any:
        from builtin_interfaces.msg import Time as Message

        seconds, nanoseconds = self.seconds_nanoseconds()
        return Message(sec=seconds, nanosec=nanoseconds)

    @classmethod
    def from_msg(cls, msg: Any, clock_type: ClockType = ClockType.ROS_TIME) -> Time:
        from builtin_interfaces.msg import Time as Message

        if not isinstance(msg, Message):
            raise TypeError("Must pass a builtin_interfaces.msg.Time object")
        return cls(seconds=msg.sec, nanoseconds=msg.nanosec, clock_type=clock_type)
