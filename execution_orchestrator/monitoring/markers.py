"""What of a plan can be shown on a map: where actions act, in what order, and how they stand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from execution_orchestrator.observation.progress import progress_of
from execution_orchestrator.observation.record import ActionRecord, ExecutionRecord
from execution_orchestrator.plan.tree import every

PLACE_PARAMETERS = ("target_location", "pose", "dock_pose", "object_id")
NOTES = 4  # failures and recoveries that stay readable beside a target
# From a name (of a place, of a known object) to its flat pose, None if nothing is known of it.
Locate = Callable[[str], Mapping[str, Any] | None]


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
    notes: tuple[str, ...] = ()


def targets(record: ExecutionRecord, locate: Locate = lambda _: None) -> list[Target]:
    """Return the places of a plan's actions in plan order; what has no place yet is left out."""
    found = []
    for action in every(record.plan.get("actions") or ()):
        known = record.actions.get(action["id"])
        if known is None:
            continue
        notes = _notes(record, known)
        for place in _places(action.get("parameters") or {}, locate):
            found.append(
                Target(
                    known.key,
                    str(place.get("frame") or "map"),
                    float(place["x"]),
                    float(place["y"]),
                    float(place.get("z") or 0.0),
                    float(place.get("yaw") or 0.0),
                    known.status,
                    notes,
                )
            )
            notes = ()  # once, beside the first of several places
    return found


def summary(record: ExecutionRecord, now: float) -> str:
    """Return what a person wants to read above the robot: how far it is, and what it does."""
    progress = progress_of(record, now)
    lines = [
        record.command or record.execution_id,
        f"{record.status.lower()}, {progress.percentage:.0f} %",
    ]
    return "\n".join([*lines, *progress.running[:3]])


def _notes(record: ExecutionRecord, action: ActionRecord) -> tuple[str, ...]:
    happened = [(a.ended or a.dispatched, a.error_code) for a in action.attempts if a.error_code]
    happened += [(r.started, f"-> {r.strategy}") for r in record.recoveries if r.key == action.key]
    notes = [words for _, words in sorted(happened, key=lambda pair: pair[0])]
    return tuple(notes[-NOTES:])


def _places(parameters: Mapping[str, Any], locate: Locate) -> list[Mapping[str, Any]]:
    if isinstance(parameters.get("poses"), list):
        found = [_place(value, locate) for value in parameters["poses"]]
        return [place for place in found if place is not None]
    for name in PLACE_PARAMETERS:
        place = _place(parameters.get(name), locate)
        if place is not None:
            return [place]
    return []


def _place(value: object, locate: Locate) -> Mapping[str, Any] | None:
    place = locate(value) if isinstance(value, str) else value
    if isinstance(place, Mapping) and all(
        isinstance(place.get(axis), int | float) for axis in ("x", "y")
    ):
        return place
    return None
