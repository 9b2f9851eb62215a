"""The velocity of a frame, from where it was before and after a time."""

from collections.abc import Callable

from tf2_py.geometry import (
    Rigid,
    Vector,
    add,
    apply,
    conjugate,
    multiply,
    rotate,
    rotation_vector,
)

_FIRST = 1e-5  # seconds; time 0 would ask for the latest transform


def velocity(
    transform: Callable[[str, str, int], Rigid],
    latest: int,
    frames: tuple[str, str, str, str],
    reference_point: Vector,
    time: int,
    interval: int,
) -> tuple[Vector, Vector]:
    """Return (m/s, rad/s) of the first frame, averaged over an interval around a time.

    ``transform`` returns the pose of its second frame in its first one at a time in nanoseconds.
    ``frames`` are the moving one, the one it is seen from, the one the answer is given in, and
    the one of the point the linear velocity is asked for. Raises what ``transform`` raises.
    """
    tracking, observation, reference, point_frame = frames
    span = interval / 1e9
    end_time = min(time / 1e9 + span / 2, latest / 1e9)
    start_time = max(_FIRST + span, end_time) - span
    start = transform(observation, tracking, round(start_time * 1e9))
    end = transform(observation, tracking, round(end_time * 1e9))
    passed = end_time - start_time
    moved = (
        (end[0][0] - start[0][0]) / passed,
        (end[0][1] - start[0][1]) / passed,
        (end[0][2] - start[0][2]) / passed,
    )
    turn = rotation_vector(multiply(conjugate(start[1]), end[1]))
    x, y, z = rotate(start[1], turn)
    turned = (x / passed, y / passed, z / passed)

    there = transform(reference, tracking, time)
    angular = rotate(there[1], turned)
    linear = add(rotate(there[1], moved), _cross(there[0], angular))
    origin = there[0]
    wanted = apply(transform(reference, point_frame, time), reference_point)
    # tf2 multiplies by components here, where a cross product would be expected.
    shift = (
        angular[0] * (wanted[0] - origin[0]),
        angular[1] * (wanted[1] - origin[1]),
        angular[2] * (wanted[2] - origin[2]),
    )
    return add(linear, shift), angular


def _cross(a: Vector, b: Vector) -> Vector:
    return (
        a[1] * b[2] - a[2] * b[1],
        a[2] * b[0] - a[0] * b[2],
        a[0] * b[1] - a[1] * b[0],
    )
