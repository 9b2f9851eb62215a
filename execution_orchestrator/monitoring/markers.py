"""What of a plan can be shown on a map: the places of actions, their order and status."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from execution_orchestrator.observation.progress import progress_of
from execution_orchestrator.observation.record import ActionRecord, ExecutionRecord
from execution_orchestrator.plan.tree import every

PLACE_PARAMETERS = ("target_location", "pose", "dock_pose", "object_id")
NOTES = 5  # failures and recoveries that are written next to a target; the first one always
REASON = 60  # characters of the reason of what failed, or was skipped, before it began
WITHOUT_ATTEMPT = ("FAILED", "SKIPPED", "CANCELLED")
# They differ for people who cannot tell red from green, and have contrast to a light map.
COLOURS = {
    "SUCCEEDED": (0.0, 0.45, 0.25),
    "FAILED": (0.80, 0.08, 0.08),
    "RUNNING": (0.05, 0.35, 0.90),
    "DISPATCHED": (0.05, 0.35, 0.90),
    "RECOVERING": (0.95, 0.50, 0.0),
    "CANCELING": (0.50, 0.20, 0.65),
    "CANCELLED": (0.50, 0.20, 0.65),
    "SKIPPED": (0.45, 0.33, 0.20),
}
OTHER = (0.15, 0.20, 0.30)  # what has not begun
ARROW = (0.35, 0.09, 0.09)  # metres: length, width, height
TEXT_HEIGHT = 0.16  # metres
SPACE = 0.09  # metres between two words: RViz takes it from scale.x
# From a name (of a place, of a known object) to its flat pose, None if nothing is known of it.
Locate = Callable[[str], Mapping[str, Any] | None]
# Where the actions of an execution that have begun were to act, by their keys.
Begun = dict[str, list[Mapping[str, Any]]]


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


def targets(
    record: ExecutionRecord, locate: Locate = lambda _: None, begun: Begun | None = None
) -> list[Target]:
    """Return the places of a plan's actions in plan order; what has no place yet is left out.

    ``begun`` keeps the place of an action from its first dispatch on: an object that was picked up
    is somewhere else afterwards, the pick is not.
    """
    begun = {} if begun is None else begun
    found = []
    for action in every(record.plan.get("actions") or ()):
        known = record.actions.get(action["id"])
        if known is None:
            continue
        places = begun.get(known.key)
        if places is None:
            places = _places(
                {**(action.get("parameters") or {}), **(known.parameters or {})}, locate
            )
            if known.attempt and places:
                begun[known.key] = places
        notes = _notes(record, known)
        for place in places:
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
            notes = ()  # only next to the first of several places
    return found


def summary(record: ExecutionRecord, now: float) -> str:
    """Return the text above the robot: progress, and the running actions."""
    progress = progress_of(record, now)
    lines = [
        record.command or record.execution_id,
        f"{record.status.lower()}, {progress.percentage:.0f} %",
    ]
    return "\n".join([*lines, *progress.running[:3]])


def _notes(record: ExecutionRecord, action: ActionRecord) -> tuple[str, ...]:
    """Return failures and recoveries in their order, or why an action failed before it began."""
    if not action.attempts and action.status in WITHOUT_ATTEMPT:
        why = action.error.code if action.error is not None else action.reason
        return (why[:REASON],) if why else ()
    happened = [(a.ended or a.dispatched, a.error_code) for a in action.attempts if a.error_code]
    for recovery in record.recoveries:
        if recovery.key == action.key:
            ends = {True: ": helped", False: ": no help", None: ""}[recovery.helped]
            happened.append((recovery.started, f"-> {recovery.strategy}{ends}"))
    notes = [words for _, words in sorted(happened, key=lambda pair: pair[0])]
    if len(notes) > NOTES:
        notes = [notes[0], "...", *notes[2 - NOTES :]]
    return tuple(notes)


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
