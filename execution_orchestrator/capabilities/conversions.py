"""Named conversions from a plan's values to message fields (``as:`` in goal templates)."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from execution_orchestrator.capabilities.geometry import (
    PoseError,
    frame_of,
    point_fields,
    pose_fields,
    pose_stamped_fields,
)

NANOSECONDS = 1_000_000_000
MAX_SECONDS = 2**31 - 1


class ConversionError(ValueError):
    """A value that cannot become what the field needs; the message says why."""


@dataclass(frozen=True, slots=True)
class ConversionContext:
    """The data that conversions use besides the value.

    ``frame`` is the frame of coordinates that name none, ``places`` the named places (flat
    poses), ``objects`` the known objects by id (mappings with a ``pose``). ``stretch`` is how much
    longer than usual the action may take: time allowances in goals grow with it.
    """

    frame: str = "map"
    places: Mapping[str, Any] = field(default_factory=dict)
    objects: Mapping[str, Any] = field(default_factory=dict)
    stretch: float = 1.0


Conversion = Callable[[Any, ConversionContext], Any]


def located(value: object, context: ConversionContext) -> object:
    """Replace the name of a place or of a known object by its pose.

    Raises:
        ConversionError: nothing of that name is known.

    """
    if not isinstance(value, str):
        return value
    if value in context.places:
        return context.places[value]
    known = context.objects.get(value)
    if isinstance(known, Mapping) and isinstance(known.get("pose"), Mapping):
        return known["pose"]
    names = sorted({*context.places, *context.objects})
    listed = ", ".join(names[:12]) if names else "none"
    raise ConversionError(f"no place or object is called {value!r}; known: {listed}")


def distance_to(
    place: object,
    locate: Callable[[Any], object],
    pose_in: Callable[[str], Mapping[str, Any] | None],
) -> float | None:
    """Metres as the crow flies from a robot to a place, or to the first of a list.

    ``locate`` gives the pose of a named place, ``pose_in`` the robot's in a frame. None: nobody
    knows where one of them is.
    """
    if isinstance(place, list):
        place = place[0] if place else None
    try:
        target = locate(place)
        there = pose_fields(target)["position"]
    except (ConversionError, PoseError):
        return None
    pose = pose_in(frame_of(target, "map"))
    if pose is None:
        return None
    here = pose["position"]
    return round(math.hypot(there["x"] - here["x"], there["y"] - here["y"]), 2)


def duration_fields(seconds: object) -> dict[str, int]:
    """Fields of builtin_interfaces/Duration.

    Raises:
        ConversionError: the value is not a number of seconds the message can hold.

    """
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        raise ConversionError(f"{seconds!r} is not a number of seconds")
    if not math.isfinite(seconds) or abs(seconds) > MAX_SECONDS:
        raise ConversionError(f"{seconds} s does not fit into a duration")
    whole, rest = divmod(round(seconds * NANOSECONDS), NANOSECONDS)
    return {"sec": int(whole), "nanosec": int(rest)}


def seconds_of(fields: object) -> float:
    """Seconds of a Duration's or Time's fields, or of a plain number."""
    if isinstance(fields, Mapping):
        return float(fields.get("sec", 0)) + float(fields.get("nanosec", 0)) / NANOSECONDS
    return float(fields) if isinstance(fields, int | float) else 0.0


def _pose_stamped(value: Any, context: ConversionContext) -> Any:
    return pose_stamped_fields(located(value, context), context.frame)


def _pose_stamped_list(value: Any, context: ConversionContext) -> Any:
    if not isinstance(value, Sequence) or isinstance(value, str) or not value:
        raise ConversionError("a list with at least one pose is needed")
    return [_pose_stamped(pose, context) for pose in value]


def _goals(value: Any, context: ConversionContext) -> Any:
    poses = _pose_stamped_list(value, context)
    return {"header": dict(poses[0]["header"]), "goals": poses}


def _point_stamped(value: Any, context: ConversionContext) -> Any:
    value = located(value, context)
    return {
        "header": {"frame_id": frame_of(value, context.frame)},
        "point": point_fields(value),
    }


def _polygon_stamped(value: Any, context: ConversionContext) -> Any:
    corners = value.get("points", value.get("corners")) if isinstance(value, Mapping) else value
    if not isinstance(corners, Sequence) or isinstance(corners, str) or len(corners) < 3:
        raise ConversionError("an area is a list of at least three corners {x, y}")
    return {
        "header": {"frame_id": frame_of(value, context.frame)},
        "polygon": {"points": [point_fields(corner) for corner in corners]},
    }


def _size(value: Any, _: ConversionContext) -> Any:
    if isinstance(value, Mapping) and "width" in value:
        width = value["width"]
        # A region on the floor plan names no height; it is not bounded there.
        depth = value.get("depth", width if "z" in value else 0.0)
        value = {"x": width, "y": value.get("height", width), "z": depth}
    return point_fields(value)


def _json(value: Any, _: ConversionContext) -> Any:
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True)


def _octets(value: Any, context: ConversionContext) -> Any:
    return list(str(_json(value, context)).encode())


def _allowance(value: Any, context: ConversionContext) -> Any:
    duration_fields(value)  # of a wrong value it says what is wrong
    return duration_fields(min(value * context.stretch, MAX_SECONDS))


def _offset_x(value: Any, _: ConversionContext) -> Any:
    return {"x": float(value), "y": 0.0, "z": 0.0}


CONVERSIONS: dict[str, Conversion] = {
    "pose": lambda value, context: pose_fields(located(value, context)),
    "pose_stamped": _pose_stamped,
    "pose_stamped_list": _pose_stamped_list,
    "goals": _goals,
    "point": lambda value, context: point_fields(located(value, context)),
    "point_stamped": _point_stamped,
    "polygon_stamped": _polygon_stamped,
    "size": _size,
    "offset_x": _offset_x,
    "duration": lambda value, _: duration_fields(value),
    "allowance": _allowance,
    "json": _json,
    "octets": _octets,
    "string": lambda value, _: str(value),
    "float": lambda value, _: float(value),
    "integer": lambda value, _: int(value),
    "present": lambda value, _: value is not None,
    "boolean": lambda value, _: bool(value),
    "list": lambda value, _: list(value) if isinstance(value, list | tuple) else [value],
}


def register_conversion(name: str, conversion: Conversion) -> None:
    """Add a conversion for goal templates; the shipped names cannot be replaced.

    Raises:
        ValueError: the name is taken.

    """
    if CONVERSIONS.get(name, conversion) is not conversion:
        raise ValueError(f"the conversion {name!r} exists already")
    CONVERSIONS[name] = conversion


def convert(name: str, value: Any, context: ConversionContext) -> Any:
    """Apply a conversion.

    Raises:
        ConversionError: the value cannot be converted; the message gives the cause.

    """
    try:
        return CONVERSIONS[name](value, context)
    except PoseError as failure:
        raise ConversionError(str(failure)) from None
    except (TypeError, ValueError, KeyError, AttributeError) as failure:
        if isinstance(failure, ConversionError):
            raise
        raise ConversionError(f"{value!r} cannot become a {name}: {failure}") from None
