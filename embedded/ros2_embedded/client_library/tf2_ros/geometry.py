"""Rigid transforms as (translation, quaternion) of plain floats, quaternions as (x, y, z, w)."""

import math

IDENTITY = ((0.0, 0.0, 0.0), (0.0, 0.0, 0.0, 1.0))


def multiply(a, b):
    """Return the product of two quaternions."""
    ax, ay, az, aw = a
    bx, by, bz, bw = b
    return (
        aw * bx + ax * bw + ay * bz - az * by,
        aw * by - ax * bz + ay * bw + az * bx,
        aw * bz + ax * by - ay * bx + az * bw,
        aw * bw - ax * bx - ay * by - az * bz,
    )


def conjugate(q):
    """Return the inverse of a unit quaternion."""
    return (-q[0], -q[1], -q[2], q[3])


def rotate(q, v):
    """Rotate a vector by a unit quaternion."""
    x, y, z, _ = multiply(multiply(q, (*v, 0.0)), conjugate(q))
    return (x, y, z)


def compose(outer, inner):
    """Return the transform that applies ``inner`` first."""
    moved = rotate(outer[1], inner[0])
    position = tuple(a + b for a, b in zip(outer[0], moved, strict=True))
    return position, multiply(outer[1], inner[1])


def inverse(transform):
    """Return the opposite transform."""
    turned = conjugate(transform[1])
    x, y, z = rotate(turned, transform[0])
    return (-x, -y, -z), turned


def interpolate(first, second, ratio):
    """Return what lies at ``ratio`` (0 to 1) between two transforms."""
    position = tuple(a + (b - a) * ratio for a, b in zip(first[0], second[0], strict=True))
    return position, slerp(first[1], second[1], ratio)


def slerp(a, b, ratio):
    """Turn from one unit quaternion to another on the shorter way."""
    cosine = sum(x * y for x, y in zip(a, b, strict=True))
    if cosine < 0.0:
        b, cosine = tuple(-x for x in b), -cosine
    if cosine > 0.9995:
        mixed = [x + (y - x) * ratio for x, y in zip(a, b, strict=True)]
    else:
        angle = math.acos(cosine)
        first = math.sin((1 - ratio) * angle) / math.sin(angle)
        second = math.sin(ratio * angle) / math.sin(angle)
        mixed = [x * first + y * second for x, y in zip(a, b, strict=True)]
    norm = math.sqrt(sum(x * x for x in mixed))
    return tuple(x / norm for x in mixed)
