"""Rigid transforms as (translation, quaternion) of plain floats, quaternions as (x, y, z, w)."""

import math

Vector = tuple[float, float, float]
Quaternion = tuple[float, float, float, float]
Rigid = tuple[Vector, Quaternion]

AXES: tuple[Vector, Vector, Vector] = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))
IDENTITY: Rigid = ((0.0, 0.0, 0.0), (0.0, 0.0, 0.0, 1.0))
_NEARLY_THE_SAME = 0.9995  # cosine; below the sine would divide by next to nothing


def multiply(a: Quaternion, b: Quaternion) -> Quaternion:
    """Return the product of two quaternions."""
    ax, ay, az, aw = a
    bx, by, bz, bw = b
    return (
        aw * bx + ax * bw + ay * bz - az * by,
        aw * by - ax * bz + ay * bw + az * bx,
        aw * bz + ax * by - ay * bx + az * bw,
        aw * bw - ax * bx - ay * by - az * bz,
    )


def conjugate(q: Quaternion) -> Quaternion:
    """Return the inverse of a unit quaternion."""
    return (-q[0], -q[1], -q[2], q[3])


def normalized(q: Quaternion) -> Quaternion:
    """Return the quaternion of length 1 in the same direction; it must not be zero."""
    norm = math.sqrt(q[0] * q[0] + q[1] * q[1] + q[2] * q[2] + q[3] * q[3])
    return (q[0] / norm, q[1] / norm, q[2] / norm, q[3] / norm)


def rotate(q: Quaternion, v: Vector) -> Vector:
    """Rotate a vector by a unit quaternion."""
    x, y, z, _ = multiply(multiply(q, (*v, 0.0)), conjugate(q))
    return (x, y, z)


def add(a: Vector, b: Vector) -> Vector:
    """Return the sum of two vectors."""
    return (a[0] + b[0], a[1] + b[1], a[2] + b[2])


def compose(outer: Rigid, inner: Rigid) -> Rigid:
    """Return the transform that applies ``inner`` first."""
    return add(outer[0], rotate(outer[1], inner[0])), multiply(outer[1], inner[1])


def inverse(transform: Rigid) -> Rigid:
    """Return the opposite transform."""
    turned = conjugate(transform[1])
    x, y, z = rotate(turned, transform[0])
    return (-x, -y, -z), turned


def interpolate(first: Rigid, second: Rigid, ratio: float) -> Rigid:
    """Return what lies at ``ratio`` (0 to 1) between two transforms."""
    (ax, ay, az), (bx, by, bz) = first[0], second[0]
    position = (ax + (bx - ax) * ratio, ay + (by - ay) * ratio, az + (bz - az) * ratio)
    return position, slerp(first[1], second[1], ratio)


def slerp(a: Quaternion, b: Quaternion, ratio: float) -> Quaternion:
    """Turn from one unit quaternion to another on the shorter way."""
    cosine = a[0] * b[0] + a[1] * b[1] + a[2] * b[2] + a[3] * b[3]
    if cosine < 0.0:
        b, cosine = (-b[0], -b[1], -b[2], -b[3]), -cosine
    if cosine > _NEARLY_THE_SAME:
        first, second = 1 - ratio, ratio
    else:
        angle = math.acos(cosine)
        first = math.sin((1 - ratio) * angle) / math.sin(angle)
        second = math.sin(ratio * angle) / math.sin(angle)
    return normalized(
        (
            a[0] * first + b[0] * second,
            a[1] * first + b[1] * second,
            a[2] * first + b[2] * second,
            a[3] * first + b[3] * second,
        )
    )


def from_roll_pitch_yaw(roll: float, pitch: float, yaw: float) -> Quaternion:
    """Return the rotation about the fixed x, then y, then z axis, in radians."""
    turns = (roll, pitch, yaw)
    (sr, sp, sy), (cr, cp, cy) = (
        [math.sin(a / 2) for a in turns],
        [math.cos(a / 2) for a in turns],
    )
    return (
        sr * cp * cy - cr * sp * sy,
        cr * sp * cy + sr * cp * sy,
        cr * cp * sy - sr * sp * cy,
        cr * cp * cy + sr * sp * sy,
    )


def to_roll_pitch_yaw(q: Quaternion) -> Vector:
    """Return a unit quaternion as turns about the fixed x, then y, then z axis, in radians."""
    x, y, z, w = q
    sine = max(-1.0, min(1.0, 2 * (w * y - z * x)))
    return (
        math.atan2(2 * (w * x + y * z), 1 - 2 * (x * x + y * y)),
        math.asin(sine),
        math.atan2(2 * (w * z + x * y), 1 - 2 * (y * y + z * z)),
    )
