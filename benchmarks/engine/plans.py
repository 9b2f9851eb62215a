"""Plans of no-op actions, already resolved."""

from __future__ import annotations

from typing import Any


def chain(count: int) -> dict[str, Any]:
    """Return actions of which each waits for the one before."""
    return {
        "version": 1,
        "actions": [_noop(n, [f"a{n - 1}"] if n else []) for n in range(count)],
    }


def fan_out(count: int) -> dict[str, Any]:
    """Return actions that may all run at once."""
    return {"version": 1, "actions": [_noop(n, []) for n in range(count)]}


def _noop(number: int, after: list[str]) -> dict[str, Any]:
    return {
        "id": f"a{number}",
        "action_type": "noop",
        "depends_on": after,
        "parameters": {},
        "timeout": 60.0,
        "on_failure": "abort",
        "idempotent": True,
    }
