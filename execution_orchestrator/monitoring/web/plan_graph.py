"""The graph of a plan for the web page: its shape, read once, and its states, one letter a node.

A plan of two thousand actions has a shape of some hundred kilobytes, which changes only with the
plan or with the next item of a loop, and states of two kilobytes, which change all the time.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from execution_orchestrator.engine.status import ActionStatus
from execution_orchestrator.observation.record import DROPPED, ActionRecord, ExecutionRecord

SHOWN_NODES = 3000  # what a browser lays out within some seconds
STATUSES = (*(str(status) for status in ActionStatus), DROPPED)
LETTERS = {status: chr(ord("a") + index) for index, status in enumerate(STATUSES)}


def states(record: ExecutionRecord) -> dict[str, Any]:
    """Return the state of each node, in the order of the shape of that version."""
    actions = _shown(record)
    return {
        "version": _version(record),
        "states": "".join(LETTERS[action.status] for action in actions),
    }


def shape(record: ExecutionRecord) -> dict[str, Any]:
    """Return nodes and edges; an item of a loop is a node of its own that holds its actions."""
    actions = _shown(record)
    known = {action.key for action in actions}
    items = {item: a.parent for a in actions if (item := _item_of(a)) and a.parent in known}
    return {
        "version": _version(record),
        "letters": {letter: status for status, letter in LETTERS.items()},
        "nodes": [
            {
                "id": action.key,
                "plan": action.plan,
                "parent": _holder(action, known, items),
            }
            for action in actions
        ],
        "items": [{"id": item, "parent": parent} for item, parent in items.items()],
        "edges": [
            {"from": dependency, "to": action.key}
            for action in actions
            for dependency in action.depends_on
            if dependency in known
        ],
        "left_out": len(record.actions) - len(actions),
    }


def _version(record: ExecutionRecord) -> str:
    """Return what is another one as soon as the shape is."""
    return f"{record.accepted}/{len(record.actions)}/{len(record.replannings)}"


def _shown(record: ExecutionRecord) -> list[ActionRecord]:
    return list(record.actions.values())[:SHOWN_NODES]


def _item_of(action: ActionRecord) -> str:
    """Return the scope of an action in an item of a loop, like ``loop[2]``; else an empty text."""
    scope = action.key.rpartition("/")[0]
    return scope if scope.endswith("]") else ""


def _holder(action: ActionRecord, known: set[str], items: Iterable[str]) -> str | None:
    item = _item_of(action)
    # A block in an item holds its own actions; only those of the loop itself are the item's.
    if item in items and action.parent == item.rpartition("[")[0]:
        return item
    return action.parent if action.parent in known else None
