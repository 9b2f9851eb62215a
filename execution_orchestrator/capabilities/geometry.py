"""Poses as plans write them, turned into the fields of geometry_msgs (REP 103: metres, radians)."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

POSITION_KEYS = ("x", "y", "z")
ANGLE_KEYS = ("roll", "pitch", "yaw")
BASES = frozenset({"base_link", "base_footprint"})  # frames of a robot's body (REP 105, REP 120)
CROWDED = 0.13  # metres between the middles of two objects that the gripper still passes


class PoseError(ValueError):
    """A value that is no pose; the message names the part and the cure."""


def quaternion_from_euler(roll: float, pitch: float, yaw: float) -> dict[str, float]:
    """Orientation of rotations about the fixed axes x, y, z, in radians (REP 103)."""
    cr, sr = math.cos(roll / 2), math.sin(roll / 2)
    cp, sp = math.cos(pitch / 2), math.sin(pitch / 2)
    cy, sy = math.cos(yaw / 2), math.sin(yaw / 2)
    return {
        "x": sr * cp * cy - cr * sp * sy,
        "y": cr * sp * cy + sr * cp * sy,
        "z": cr * cp * sy - sr * sp * cy,
        "w": cr * cp * cy + sr * sp * sy,
    }


def yaw_from_quaternion(orientation: Mapping[str, float]) -> float:
    """Heading about z in radians, -pi to pi."""
    x, y, z, w = (float(orientation.get(key, 0.0)) for key in ("x", "y", "z", "w"))
    return math.atan2(2.0 * (w * z + x * y), 1.0 - 2.0 * (y * y + z * z))


def orientation_within(
    orientation: Mapping[str, float], frame: Mapping[str, float]
) -> dict[str, float]:
    """Return an orientation as seen from a turned frame; both are unit quaternions."""
    ax, ay, az, aw = -frame["x"], -frame["y"], -frame["z"], frame["w"]
    bx, by, bz, bw = (orientation[key] for key in ("x", "y", "z", "w"))
    return {
        "x": aw * bx + ax * bw + ay * bz - az * by,
        "y": aw * by - ax * bz + ay * bw + az * bx,
        "z": aw * bz + ax * by - ay * bx + az * bw,
        "w": aw * bw - ax * bx - ay * by - az * bz,
    }


def pose_fields(value: object) -> dict[str, Any]:
    """Fields of geometry_msgs/Pose from {x, y, z, roll, pitch, yaw} or from a whole pose.

    Raises:
        PoseError: the value has no position, or one of its numbers is not finite.

    """
    if not isinstance(value, Mapping):
        raise PoseError(f"a pose is a mapping such as {{x: 1.0, y: 2.0, yaw: 0.0}}, not {value!r}")
    if "pose" in value and isinstance(value["pose"], Mapping):
        return pose_fields(value["pose"])
    source = value.get("position", value)
    if not isinstance(source, Mapping) or "x" not in source or "y" not in source:
        raise PoseError("a pose needs at least x and y in metres")
    position = {key: _number(source.get(key, 0.0), key) for key in POSITION_KEYS}
    turned = value.get("orientation")
    if isinstance(turned, Mapping) and not any(key in turned for key in ANGLE_KEYS):
        orientation = _unit(
            {key: _number(turned.get(key, 0.0), f"orientation.{key}") for key in ("x", "y", "z")}
            | {"w": _number(turned.get("w", 1.0), "orientation.w")}
        )
    else:
        angles = turned if isinstance(turned, Mapping) else value
        orientation = quaternion_from_euler(
            *(_number(angles.get(key, 0.0), key) for key in ANGLE_KEYS)
        )
    return {"position": position, "orientation": orientation}


def frame_of(value: object, default: str) -> str:
    """Coordinate frame a value is given in: ``frame``, ``frame_id`` or its header's.

    A leading slash is taken away: ROS 1 had it, tf2 refuses it.
    """
    if not isinstance(value, Mapping):
        return default
    header = value.get("header")
    candidates = (
        value.get("frame"),
        value.get("frame_id"),
        header.get("frame_id") if isinstance(header, Mapping) else None,
    )
    return next((str(found) for found in candidates if found), default).lstrip("/")


def pose_stamped_fields(value: object, frame: str) -> dict[str, Any]:
    """Fields of geometry_msgs/PoseStamped; ``frame`` is used when the value names none.

    The stamp stays zero, which tf2 reads as "the latest transform".

    Raises:
        PoseError: the value is no pose.

    """
    return {"header": {"frame_id": frame_of(value, frame)}, "pose": pose_fields(value)}


def point_fields(value: object) -> dict[str, float]:
    """Fields of geometry_msgs/Point from {x, y, z}, a pose, or a list of two or three numbers.

    Raises:
        PoseError: the value has no position.

    """
    if isinstance(value, list | tuple) and len(value) in (2, 3):
        return {key: _number(part, key) for key, part in zip(POSITION_KEYS, value, strict=False)}
    position: dict[str, float] = pose_fields(value)["position"]
    return position


def crowds(spot: Mapping[str, Any], pose: object) -> bool:
    """Whether an object at ``pose`` would be in the way of one that is put down at ``spot``."""
    if not isinstance(pose, Mapping) or not {"x", "y"} <= pose.keys():
        return False
    return math.hypot(spot["x"] - float(pose["x"]), spot["y"] - float(pose["y"])) < CROWDED


def flat_pose(pose: Mapping[str, Any], frame: str) -> dict[str, Any]:
    """Return a pose as plans write it: {x, y, z, yaw, frame}, the whole orientation beside it.

    What is None in place of a number stays None.
    """
    position = pose["position"]
    orientation = pose["orientation"]
    known = all(part is not None for part in orientation.values())
    return {
        "x": position["x"],
        "y": position["y"],
        "z": position["z"],
        "yaw": yaw_from_quaternion(orientation) if known else None,
        "orientation": dict(orientation),
        "frame": frame,
    }


def each_pose(value: object, change: Callable[[Any], Any]) -> Any:
    """Return what ``change`` makes of a pose, or of each of a list where it makes something.

    None: it makes nothing of it, or of none of them.
    """
    if not isinstance(value, list):
        return change(value)
    changed = [change(pose) for pose in value]
    if all(pose is None for pose in changed):
        return None
    return [old if new is None else new for old, new in zip(value, changed, strict=True)]


def shifted(pose: Mapping[str, Any], dx: float, dy: float, dz: float) -> dict[str, Any]:
    """Return the pose moved by metres along the axes of its frame."""
    position = pose["position"]
    return {
        "position": {
            "x": position["x"] + dx,
            "y": position["y"] + dy,
            "z": position["z"] + dz,
        },
        "orientation": dict(pose["orientation"]),
    }


def _number(value: object, name: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise PoseError(f"{name} is {value!r}; a number is needed")
    try:
        number = float(value)
    except OverflowError:
        number = math.inf  # an integer of hundreds of digits
    if not math.isfinite(number):
        raise PoseError(f"{name} is {number}; it must be finite")
    return number


def _unit(quaternion: dict[str, float]) -> dict[str, float]:
    norm = math.hypot(*quaternion.values())  # squares of large numbers would be infinite
    if norm == 0.0:
        raise PoseError("the orientation is all zeros; leave it out or give a unit quaternion")
    if not math.isfinite(norm):
        raise PoseError("the orientation is too large; leave it out or give a unit quaternion")
    return {key: part / norm for key, part in quaternion.items()}
