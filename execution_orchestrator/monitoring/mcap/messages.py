"""Records and events as the fields of the messages that the node publishes of them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
from anyascii import anyascii

from execution_orchestrator.capabilities.geometry import quaternion_from_euler
from execution_orchestrator.engine import events as ev
from execution_orchestrator.engine.codec import event_data
from execution_orchestrator.monitoring.markers import (
    ARROW,
    COLOURS,
    OTHER,
    SPACE,
    TEXT_HEIGHT,
    Target,
)
from execution_orchestrator.monitoring.web.floor import Grid

Fields = dict[str, Any]
LEVELS = (10, 20, 30, 40)  # of rcl_interfaces/msg/Log for those of events
ADD, DELETEALL = 0, 3
ARROW_TYPE, TEXT_VIEW_FACING = 0, 9


def stamp(seconds: float) -> Fields:
    """builtin_interfaces/Time of Unix seconds."""
    whole = math.floor(seconds)
    return {"sec": whole, "nanosec": min(999_999_999, int((seconds - whole) * 1e9))}


def header(frame: str, seconds: float) -> Fields:
    """std_msgs/Header."""
    return {"stamp": stamp(seconds), "frame_id": frame}


def event(sequence: int, source: ev.Event, correlation_id: str) -> Fields:
    """execution_orchestrator/ExecutionEvent."""
    return {
        "stamp": stamp(source.wall),
        "event_id": str(sequence),
        "sequence": sequence,
        "execution_id": source.execution_id,
        "action_id": source.key,
        "attempt": min(source.attempt, 65_535),
        "type": ev.event_type(source),
        "level": source.level,
        "description": source.description(),
        "data": msgspec.json.encode(event_data(source)).decode(),
        "correlation_id": correlation_id,
    }


def log_line(source: ev.Event, node: str) -> Fields:
    """rcl_interfaces/Log, as the node says it on /rosout."""
    return {
        "stamp": stamp(source.wall),
        "level": LEVELS[min(source.level, len(LEVELS) - 1)],
        "name": node,
        "msg": source.description(),
        "file": "",
        "function": source.key,
        "line": 0,
    }


def transform(frame: str, child: str, seconds: float, place: tuple[float, float, float]) -> Fields:
    """geometry_msgs/TransformStamped of a flat place: metres, radians."""
    x, y, yaw = place
    return {
        "header": header(frame, seconds),
        "child_frame_id": child,
        "transform": {
            "translation": {"x": x, "y": y, "z": 0.0},
            "rotation": _turned(yaw),
        },
    }


def path(frame: str, points: Iterable[tuple[float, float, float, float]]) -> Fields:
    """nav_msgs/Path of (wall time, x, y, yaw)."""
    poses = [
        {"header": header(frame, when), "pose": _pose(x, y, 0.0, yaw)} for when, x, y, yaw in points
    ]
    return {"header": poses[-1]["header"], "poses": poses}


def grid(floor: Grid, seconds: float) -> Fields:
    """nav_msgs/OccupancyGrid."""
    return {
        "header": header(floor.frame, seconds),
        "info": {
            "map_load_time": stamp(seconds),
            "resolution": floor.resolution,
            "width": floor.width,
            "height": floor.height,
            "origin": _pose(floor.x, floor.y, 0.0, floor.yaw),
        },
        "data": list(memoryview(floor.cells).cast("b")),
    }


def image(frame: str, seconds: float, data: bytes) -> Fields:
    """sensor_msgs/CompressedImage."""
    return {"header": header(frame, seconds), "format": "jpeg", "data": data}


def markers(targets: Iterable[Target], seconds: float) -> Fields:
    """visualization_msgs/MarkerArray that replaces the one before it."""
    made = [_marker(DELETEALL, 0, "", 0, Target("", "map", 0.0, 0.0, 0.0, 0.0, ""), seconds)]
    for number, target in enumerate(targets):
        arrow = _marker(ADD, number, "targets", ARROW_TYPE, target, seconds)
        words = _marker(ADD, number, "labels", TEXT_VIEW_FACING, target, seconds)
        words["pose"]["position"]["z"] += TEXT_HEIGHT
        words["scale"] = {"x": SPACE, "y": 0.0, "z": TEXT_HEIGHT}
        words["text"] = anyascii("\n".join((target.key, *target.notes)))
        made += [arrow, words]
    return {"markers": made}


def _marker(
    action: int, number: int, name: str, kind: int, target: Target, seconds: float
) -> Fields:
    red, green, blue = COLOURS.get(target.status, OTHER)
    return {
        "header": header(target.frame, seconds),
        "ns": name,
        "id": number,
        "type": kind,
        "action": action,
        "pose": _pose(target.x, target.y, target.z, target.yaw),
        "scale": dict(zip("xyz", ARROW, strict=True)),
        "color": {"r": red, "g": green, "b": blue, "a": 1.0},
        "lifetime": {"sec": 0, "nanosec": 0},
        "frame_locked": False,
        "text": "",
    }


def _pose(x: float, y: float, z: float, yaw: float) -> Fields:
    return {"position": {"x": x, "y": y, "z": z}, "orientation": _turned(yaw)}


def _turned(yaw: float) -> Mapping[str, float]:
    return quaternion_from_euler(0.0, 0.0, yaw)
