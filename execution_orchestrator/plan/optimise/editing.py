"""Walks the blocks of a resolved plan and makes changed copies; nothing is changed in place."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Action = dict[str, Any]
# (path in front of the block's ids, its actions) -> its new actions
EditBlock = Callable[[str, list[Action]], list[Action]]
_LISTS = ("actions", "then", "else", "default", "finally")
_BRANCHES = ("cases", "catch")


def with_blocks(plan: Mapping[str, Any], edit: EditBlock, path: str = "") -> dict[str, Any]:
    """Return a copy of a plan with every nested block edited, the innermost first.

    The blocks of fallbacks, compensations and recovery plans stay as they are: they run when
    something went wrong, and then exactly as written.
    """
    made = dict(plan)
    for name in _LISTS:
        if isinstance(plan.get(name), list):
            made[name] = _edited(plan[name], edit, path)
    for name in _BRANCHES:
        if plan.get(name):
            made[name] = [
                {**branch, "actions": _edited(branch["actions"], edit, path)}
                for branch in plan[name]
            ]
    if isinstance(plan.get("plan"), Mapping):
        made["plan"] = with_blocks(plan["plan"], edit, path)
    return made


def _edited(block: list[Action], edit: EditBlock, path: str) -> list[Action]:
    return edit(path, [with_blocks(action, edit, path_inside(path, action)) for action in block])


def path_inside(path: str, action: Mapping[str, Any]) -> str:
    """Return what stands before the ids of an action's parts: only some kinds are a scope."""
    scope = action["action_type"] in ("subplan", "foreach")
    return f"{path}{action['id']}/" if scope else path


def with_timeout(action: Action, seconds: float) -> Action:
    """Return an action with another timeout; one that is learned may become as long as it."""
    made = {**action, "timeout": seconds}
    learned = action.get("adaptive_timeout")
    if learned and learned["maximum"] == action["timeout"]:
        made["adaptive_timeout"] = {**learned, "maximum": seconds}
    return made


def with_actions(plan: Mapping[str, Any], edit: Callable[[str, Action], Action]) -> dict[str, Any]:
    """Return a copy of a plan with every action edited; ``edit`` gets its key, too."""
    return with_blocks(
        plan, lambda path, block: [edit(f"{path}{action['id']}", action) for action in block]
    )
