"""The command that undoes another one: "undo that"."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from execution_orchestrator.planning.grammar.memory import DRIVES
from execution_orchestrator.planning.grammar.tree import CommandError
from execution_orchestrator.planning.ports import EarlierCommand

_ENDED = frozenset({"COMPLETED", "PARTIALLY_COMPLETED", "FAILED", "CANCELLED"})
# Actions that leave nothing behind which could be undone.
_HARMLESS = frozenset({"detect_objects", "scan_environment", "wait"})
_OPPOSITE = {
    "dock": "undock",
    "undock": "dock",
    "open_gripper": "close the gripper",
    "close_gripper": "open the gripper",
}


def undone(last: EarlierCommand | None) -> str:
    """Return the command that undoes the last one: what was carried goes back, and so does it.

    Raises:
        CommandError: there is none, it is not over, or cannot be undone.

    """
    if last is None:
        raise CommandError("no earlier command of this conversation is known that could be undone")
    if last.status not in _ENDED:
        raise CommandError(f'"{last.command}" is not over yet; say "stop" to end it')
    done = [
        action
        for action in last.actions
        if action.get("status") == "SUCCEEDED" and action.get("action_type") not in _HARMLESS
    ]
    kinds = [str(action.get("action_type")) for action in done]
    picked = kinds.count("pick_up_object")
    if picked:
        return "put it back" if picked == 1 else "put them back"
    if len(done) == 1:
        made = _opposite(done[0])
        if made:
            return made
    raise CommandError(
        f'what "{last.command}" did cannot be undone by a command; say what is to be done instead'
    )


def _opposite(action: Mapping[str, Any]) -> str:
    kind, given = str(action.get("action_type")), action.get("parameters") or {}
    if kind in DRIVES:
        return "go back"
    angle, distance = given.get("angle"), given.get("distance")
    if kind == "spin" and isinstance(angle, int | float):
        return f"turn {'right' if angle > 0 else 'left'} {abs(math.degrees(angle)):.6g} degrees"
    if kind == "drive_on_heading" and isinstance(distance, int | float):
        return f"back up {distance:g} metres"
    if kind == "back_up" and isinstance(distance, int | float):
        return f"drive forward {distance:g} metres"
    return _OPPOSITE.get(kind, "")
