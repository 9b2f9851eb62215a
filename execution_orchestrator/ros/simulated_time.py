"""Simulated time as a node hears it on ``/clock``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def simulated_time(node: Any) -> Callable[[], float | None] | None:
    """Return a function for the node's simulated time, None if the node does not use it.

    The function returns seconds, None while nothing was published on ``/clock``.
    """
    if not node.get_parameter("use_sim_time").value:
        return None
    clock = node.get_clock()

    def read() -> float | None:
        nanoseconds = clock.now().nanoseconds
        return nanoseconds / 1e9 if nanoseconds else None

    return read
