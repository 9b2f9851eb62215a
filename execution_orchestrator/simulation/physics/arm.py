"""Kinematics of the arm: two links, then a wrist whose three axes meet in one point.

The tool's x axis points out of the gripper, its y axis is the one along which the jaws move.
With every joint at 0 the arm stretches forward along base_link's x. Positive lift, elbow and
wrist 1 bend downwards (rotation about y, REP 103).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np

from execution_orchestrator.simulation.geometry import Array, rotation, transform, wrapped
from execution_orchestrator.simulation.physics.robot_model import (
    FOREARM,
    JOINT_LIMITS,
    SHOULDER,
    TOOL,
    UPPER_ARM,
)

Joints = tuple[float, float, float, float, float, float]


def arm_points(joints: Sequence[float]) -> Array:
    """Shoulder, elbow, wrist and tool tip in base_link, metres, as a (4, 3) array."""
    pan, lift, elbow = joints[:3]
    outward = np.array([math.cos(pan), math.sin(pan), 0.0])
    up = np.array([0.0, 0.0, 1.0])
    shoulder = np.array(SHOULDER)
    middle = shoulder + UPPER_ARM * (math.cos(lift) * outward - math.sin(lift) * up)
    bend = lift + elbow
    wrist = middle + FOREARM * (math.cos(bend) * outward - math.sin(bend) * up)
    tip = wrist + TOOL * _orientation(joints)[:, 0]
    return np.stack([shoulder, middle, wrist, tip])


def forward(joints: Sequence[float]) -> Array:
    """Pose of the tool (gripper_link) in base_link."""
    pose = np.eye(4)
    pose[:3, :3] = _orientation(joints)
    pose[:3, 3] = arm_points(joints)[3]
    return pose


def link_transforms(joints: Sequence[float]) -> list[Array]:
    """Transform of each joint's link to the one before; the tool's last."""
    pan, lift, elbow, one, two, three = joints
    return [
        transform(SHOULDER, (0.0, 0.0, pan)),
        transform((0.0, 0.0, 0.0), (0.0, lift, 0.0)),
        transform((UPPER_ARM, 0.0, 0.0), (0.0, elbow, 0.0)),
        transform((FOREARM, 0.0, 0.0), (0.0, one, 0.0)),
        transform((0.0, 0.0, 0.0), (0.0, 0.0, two)),
        transform((0.0, 0.0, 0.0), (three, 0.0, 0.0)),
        transform((TOOL, 0.0, 0.0)),
    ]


def inverse_kinematics(target: Array) -> list[Joints]:
    """Every joint position within the limits that puts the tool at a pose in base_link."""
    turned = target[:3, :3]
    center = target[:3, 3] - TOOL * turned[:, 0] - np.array(SHOULDER)
    height = float(center[2])
    found: list[Joints] = []
    pan = math.atan2(center[1], center[0]) if np.hypot(center[0], center[1]) > 1e-6 else 0.0
    for pan_angle, out in (
        (pan, float(np.hypot(center[0], center[1]))),
        (wrapped(pan + math.pi), -float(np.hypot(center[0], center[1]))),
    ):
        for lift, elbow in _two_links(out, height):
            before = rotation(0.0, 0.0, pan_angle) @ rotation(0.0, lift + elbow, 0.0)
            for wrist in _wrist(before.T @ turned):
                joints = (pan_angle, wrapped(lift), wrapped(elbow), *wrist)
                if within_limits(joints):
                    found.append(joints)
    return found


def within_limits(joints: Sequence[float]) -> bool:
    """Whether every joint is within its limits."""
    return all(
        low <= value <= high for value, (low, high) in zip(joints, JOINT_LIMITS, strict=True)
    )


def distance(one: Sequence[float], two: Sequence[float]) -> float:
    """Largest way a joint has to go, radians."""
    return max(abs(a - b) for a, b in zip(one, two, strict=True))


def reach() -> float:
    """Metres from the shoulder to the tool when the arm is stretched."""
    return UPPER_ARM + FOREARM + TOOL


def _orientation(joints: Sequence[float]) -> Array:
    pan, lift, elbow, one, two, three = joints
    return (
        rotation(0.0, 0.0, pan)
        @ rotation(0.0, lift + elbow + one, 0.0)
        @ rotation(0.0, 0.0, two)
        @ rotation(three, 0.0, 0.0)
    )


def _two_links(out: float, height: float) -> Iterator[tuple[float, float]]:
    squared = out * out + height * height
    cosine = (squared - UPPER_ARM**2 - FOREARM**2) / (2 * UPPER_ARM * FOREARM)
    if abs(cosine) > 1.0 + 1e-9:
        return
    bend = math.acos(max(-1.0, min(1.0, cosine)))
    for elbow in (bend, -bend) if bend > 1e-9 else (0.0,):
        ahead = math.atan2(-height, out)
        inner = math.atan2(FOREARM * math.sin(elbow), UPPER_ARM + FOREARM * math.cos(elbow))
        yield ahead - inner, elbow


def _wrist(turned: Array) -> Iterator[tuple[float, float, float]]:
    """Angles about y, z, x that make up a rotation."""
    two = math.asin(max(-1.0, min(1.0, float(turned[1, 0]))))
    if math.cos(two) < 1e-6:
        # Both other axes coincide; wrist 1 alone does it.
        yield math.atan2(turned[0, 2], turned[2, 2]), two, 0.0
        return
    one = math.atan2(-turned[2, 0], turned[0, 0])
    three = math.atan2(-turned[1, 2], turned[1, 1])
    yield one, two, three
    yield wrapped(one + math.pi), wrapped(math.pi - two), wrapped(three + math.pi)
