"""Who goes first among those who wait for the same thing."""

from __future__ import annotations

# Priority that one second of waiting is worth. A constant: it orders the queues of a replay too.
AGEING = 0.1


def urgency(priority: float, since: float) -> float:
    """Return the urgency of an entry that waits since a time (seconds); the largest goes first.

    Everybody ages at the same rate, so the order of two that wait never changes.
    """
    return priority - AGEING * since
