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
_BACK_AND_FORTH = {"drive_on_heading": "back_up", "back_up": "drive_on_heading"}


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
        return _motion("spin", -angle)
    if kind in _BACK_AND_FORTH and isinstance(distance, int | float):
        return _motion(_BACK_AND_FORTH[kind], distance)
    return _OPPOSITE.get(kind, "")


def same_motion(last: EarlierCommand) -> str:
    """Return the command that moves the robot as the last one did; "" if it was no single motion.

    "And back" means something else after it was done.
    """
    if len(last.actions) != 1:
        return ""
    kind, given = str(last.actions[0].get("action_type")), last.actions[0].get("parameters") or {}
    amount = given.get("angle" if kind == "spin" else "distance")
    known = kind == "spin" or kind in _BACK_AND_FORTH
    return _motion(kind, amount) if known and isinstance(amount, int | float) else ""


def _motion(kind: str, amount: float) -> str:
    if kind == "spin":
        return f"turn {'left' if amount > 0 else 'right'} {abs(math.degrees(amount)):.6g} degrees"
    return f"{'drive forward' if kind == 'drive_on_heading' else 'back up'} {amount:g} metres"
