"""The order of actions that wait for the same resource or server."""

from __future__ import annotations

# Priority that one second of waiting is worth. A constant: it orders the queues of a replay too.
AGEING = 0.1


# Seconds that others which need less may overtake an action, before its resources are kept for it.
RESERVE_AFTER = 10.0


def urgency(priority: float, since: float) -> float:
    """Return the urgency of an entry that waits since a time (seconds); the largest goes first.

    All age at the same rate, so the order of two waiting entries never changes.
    """
    return priority - AGEING * since
