"""What of a plan can be shown on a map: where actions act, in what order, and how they stand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from execution_orchestrator.monitoring.metrics.record import ExecutionRecord
from execution_orchestrator.plan.analysis import children

PLACE_PARAMETERS = ("target_location", "pose")
TEXT_LINES = 4  # failures and recoveries that stay readable beside a target


@dataclass(frozen=True)
class Target:
    """An action with a place: metres in ``frame``; ``status`` as in ActionStatus.msg."""

    key: str
    frame: str
    x: float
    y: float
    z: float
    yaw: float
    status: str
    text: str


def targets(record: ExecutionRecord) -> list[Target]:
    """Return the places of a plan's actions in plan order; a pose from a template is left out."""
    found = []
    for action in _actions(record.plan):
        place = _place(action)
        known = record.actions.get(action["id"])
        if place is None or known is None:
            continue
        notes = [f"{a.error_code}" for a in known.attempts if a.error_code]
        notes += [r.strategy for r in record.recoveries if r.key == known.key]
        found.append(
            Target(
                known.key,
                str(place.get("frame") or "map"),
                float(place["x"]),
                float(place["y"]),
                float(place.get("z") or 0.0),
                float(place.get("yaw") or 0.0),
                known.status,
                "\n".join([known.key, *notes[-TEXT_LINES:]]),
            )
        )
    return found


def _actions(plan: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    stack = list(plan.get("actions", ()))
    while stack:
        action = stack.pop(0)
        yield action
        stack[:0] = children(action)


def _place(action: Mapping[str, Any]) -> Mapping[str, Any] | None:
    for name in PLACE_PARAMETERS:
        place = (action.get("parameters") or {}).get(name)
        if isinstance(place, Mapping) and all(
            isinstance(place.get(axis), int | float) for axis in ("x", "y")
        ):
            return place
    return None
