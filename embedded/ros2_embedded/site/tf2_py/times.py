"""Times and durations as nanoseconds, from whatever ROS programs pass for them."""

from typing import Any

NANOSECONDS = 10**9


def nanoseconds(value: Any, what: str = "time") -> int:
    """Return a time or duration, of rclpy or as a message, in nanoseconds.

    Raises:
        TypeError: it has neither `nanoseconds` nor `sec` and `nanosec`.

    """
    if hasattr(value, "nanoseconds"):
        return int(value.nanoseconds)
    if hasattr(value, "sec") and hasattr(value, "nanosec"):
        return int(value.sec) * NANOSECONDS + int(value.nanosec)
    raise TypeError(f"{what} must have sec and nanosec, or nanoseconds.")


def shown(stamp: int) -> str:
    """Return a time as error messages and reports show it: seconds with six digits."""
    return f"{stamp / 1e9:.6f}"
