"""How much of the results of ended goals stays in memory for clients that ask late.

rclpy keeps each result for ``result_timeout`` seconds, however many and however large they are.
What is beyond the limits here loses its details, which `~/get_execution` still has; how the
execution ended stays.
"""

from __future__ import annotations

from collections import deque
from typing import Any

from rclpy.serialization import serialize_message

from execution_orchestrator.msg import PlanAnalysis, Rollback

TOO_OLD = "its details are no longer kept for this goal: ~/get_execution has them"


class KeptResults:
    """Results that were handed over, at most ``most`` of them and ``most_bytes`` together."""

    def __init__(self, *, most: int, most_bytes: int) -> None:
        self._most = most
        self._most_bytes = most_bytes
        self._kept: deque[tuple[Any, int]] = deque()
        self.bytes = 0

    def add(self, result: Any) -> None:
        """Take note of a result message; the newest always stays whole."""
        size = len(serialize_message(result))
        self._kept.append((result, size))
        self.bytes += size
        while len(self._kept) > 1 and (
            len(self._kept) > self._most or self.bytes > self._most_bytes
        ):
            oldest, size = self._kept.popleft()
            self.bytes -= size
            _shorten(oldest)


def _shorten(result: Any) -> None:
    """Leave of a message, which rclpy still holds, how the execution ended."""
    for name, kind in result.get_fields_and_field_types().items():
        if kind.startswith("sequence<"):
            setattr(result, name, [])
    result.analysis = PlanAnalysis()
    result.rollback = Rollback(state=result.rollback.state)
    result.output = ""
    result.message = f"{result.message} ({TOO_OLD})"
