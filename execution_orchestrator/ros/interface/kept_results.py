"""How much of the results of ended goals stays in memory for clients that ask late.

rclpy keeps each result for ``result_timeout`` seconds, however many and however large they are.
What is beyond the limits here loses its details, which `~/get_execution` still has; how the
execution ended stays.
"""

from __future__ import annotations

import sys
from collections import deque
from typing import Any

from execution_orchestrator.action import ExecuteCommand
from execution_orchestrator.msg import ExecutionError, Rollback

TOO_OLD = "its details are no longer kept for this goal: ~/get_execution has them"
_PLAIN = (str, bytes, int, float)
# Results without details share its parts.
_NOTHING = ExecuteCommand.Result()
_ROLLBACKS: dict[int, Rollback] = {}


class KeptResults:
    """Results that were handed over, at most ``most`` of them and ``most_bytes`` of memory."""

    def __init__(self, *, most: int, most_bytes: int) -> None:
        self._most = most
        self._most_bytes = most_bytes
        self._kept: deque[tuple[Any, int]] = deque()
        self.bytes = 0

    def add(self, result: Any) -> None:
        """Take note of a result message; the newest always stays whole."""
        size = memory_of(result)
        self._kept.append((result, size))
        self.bytes += size
        while len(self._kept) > 1 and (
            len(self._kept) > self._most or self.bytes > self._most_bytes
        ):
            oldest, size = self._kept.popleft()
            self.bytes -= size
            _shorten(oldest)


def memory_of(message: Any) -> int:
    """Return the bytes of memory that a message takes, with all its parts."""
    taken, seen, left = 0, set(), [message]
    while left:
        one = left.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        taken += sys.getsizeof(one)
        if isinstance(one, list | tuple):
            left.extend(one)
        elif not isinstance(one, _PLAIN) and hasattr(one, "get_fields_and_field_types"):
            left.extend(getattr(one, name) for name in one.get_fields_and_field_types())
    return taken


def _shorten(result: Any) -> None:
    """Leave of a message, which rclpy still holds, how the execution ended."""
    result.rollback = _ROLLBACKS.setdefault(
        result.rollback.state, Rollback(state=result.rollback.state)
    )
    error = result.error
    result.error = (
        ExecutionError(
            type=error.type,
            code=error.code,
            message=error.message,
            action_id=error.action_id,
            severity=error.severity,
            stamp=error.stamp,
        )
        if error.type
        else _NOTHING.error
    )
    for name in ("deviations", "issues", "actions", "resource_usage", "metrics", "analysis"):
        setattr(result, name, getattr(_NOTHING, name))
    result.output = result.rehearsal = ""
    result.message = f"{result.message} ({TOO_OLD})"
