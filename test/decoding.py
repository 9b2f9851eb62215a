"""Reads events back, for tests that need nothing else of the codec."""

from __future__ import annotations

from execution_orchestrator.engine.codec import decode_in_this_schema
from execution_orchestrator.engine.events import Event


def decode_event(data: bytes | str) -> Event:
    """Return the event of its JSON."""
    return decode_in_this_schema(data)
