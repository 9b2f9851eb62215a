"""Rigid transforms as 4x4 matrices; metres and radians, REP 103 axes."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def rotation(roll: float, pitch: float, yaw: float) -> Array:
    """Rotation about the fixed axes x, y, z, in radians, as a 3x3 matrix."""
    cr, sr = math.cos(roll), math.sin(roll)
    cp, sp = math.cos(pitch), math.sin(pitch)
    cy, sy = math.cos(yaw), math.sin(yaw)
    return np.array(
        [
            [cy * cp, cy * sp * sr - sy * cr, cy * sp * cr + sy * sr],
            [sy * cp, sy * sp * sr + cy * cr, sy * sp * cr - cy * sr],
            [-sp, cp * sr, cp * cr],
        ]
    )


def transform(position: Sequence[float], rpy: Sequence[float] = (0.0, 0.0, 0.0)) -> Array:
    """Transform with a translation in metres and roll, pitch, yaw in radians."""
    matrix = np.eye(4)
    matrix[:3, :3] = rotation(*rpy)
    matrix[:3, 3] = position
    return matrix


def planar(x: float, y: float, yaw: float) -> Array:
    """Transform of a base on the floor."""
    return transform((x, y, 0.0), (0.0, 0.0, yaw))


def inverse(matrix: Array) -> Array:
    """Inverse of a rigid transform."""
    turned = matrix[:3, :3].T
    result = np.eye(4)
    result[:3, :3] = turned
    result[:3, 3] = -turned @ matrix[:3, 3]
    return result


def yaw_of(matrix: Array) -> float:
    """Heading about z, radians."""
    return math.atan2(matrix[1, 0], matrix[0, 0])


def wrapped(angle: float) -> float:
    """Angle in radians brought to -pi ... pi."""
    return math.atan2(math.sin(angle), math.cos(angle))


def quaternion(matrix: Array) -> tuple[float, float, float, float]:
    """Orientation as x, y, z, w with w not negative."""
    # Numbers of Python: this is called hundreds of times a second, and those of numpy take longer.
    m = matrix.tolist()
    # Each of the four has one large component; the largest keeps the division well conditioned.
    squares = (1 + m[0][0] - m[1][1] - m[2][2], 1 - m[0][0] + m[1][1] - m[2][2],
               1 - m[0][0] - m[1][1] + m[2][2], 1 + m[0][0] + m[1][1] + m[2][2])  # fmt: skip
    largest = squares.index(max(squares))
    root = 2.0 * math.sqrt(squares[largest])
    if largest == 3:
        parts = [(m[2][1] - m[1][2]) / root, (m[0][2] - m[2][0]) / root,
                 (m[1][0] - m[0][1]) / root, root / 4]  # fmt: skip
    else:
        i, j, k = ((0, 1, 2), (1, 2, 0), (2, 0, 1))[largest]
        parts = [0.0, 0.0, 0.0, (m[k][j] - m[j][k]) / root]
        parts[i] = root / 4
        parts[j] = (m[j][i] + m[i][j]) / root
        parts[k] = (m[k][i] + m[i][k]) / root
    sign = -1.0 if parts[3] < 0 else 1.0
    x, y, z, w = (sign * part for part in parts)
    return x, y, z, w


def from_quaternion(position: Sequence[float], xyzw: Sequence[float]) -> Array:
    """Transform from a position in metres and a quaternion x, y, z, w.

    Raises:
        ValueError: the quaternion has no length, or a number is not finite.

    """
    x, y, z, w = xyzw
    length = math.sqrt(x * x + y * y + z * z + w * w)
    if not (math.isfinite(length) and all(map(math.isfinite, position))):
        raise ValueError("the pose has a number that is not finite")
    if length < 1e-6:
        raise ValueError("the orientation is a quaternion of length 0; identity is w: 1.0")
    x, y, z, w = x / length, y / length, z / length, w / length
    matrix = np.eye(4)
    matrix[:3, :3] = [
        [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
        [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
        [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
    ]
    matrix[:3, 3] = position
    return matrix
