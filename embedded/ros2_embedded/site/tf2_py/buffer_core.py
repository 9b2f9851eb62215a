"""Remembers transforms and answers where a frame is in another one."""

from __future__ import annotations

import math
import threading
from typing import Any

from geometry_msgs.msg import TransformStamped

from rclpy.impl.rcutils_logger import RcutilsLogger
from tf2_py.exceptions import (
    ConnectivityException,
    ExtrapolationException,
    InvalidArgumentException,
    LookupException,
    TransformException,
)
from tf2_py.frame_history import Entry, FrameHistory
from tf2_py.geometry import IDENTITY, Rigid, Vector, compose, inverse, normalized
from tf2_py.times import NANOSECONDS, nanoseconds, shown

_LOGGER = RcutilsLogger()  # without a name, as tf2 logs
_CACHE_SECONDS = 10
_LENGTH_TOLERANCE = 1e-2  # of a quaternion's squared length
_DEEPEST = 1000  # frames; a longer chain is a loop


class BufferCore:
    """A cache of transforms; thread safe. Frames have no leading slash.

    ``cache_time``, a Duration or its message, says for how long transforms are kept: 10 s.
    """

    def __init__(self, cache_time: Any = None) -> None:
        self._keep = (
            _CACHE_SECONDS * NANOSECONDS
            if cache_time is None
            else nanoseconds(cache_time, "duration")
        )
        self._lock = threading.RLock()
        self._frames: dict[str, FrameHistory] = {}
        self._names: dict[str, None] = {}  # all frames, in the order they became known

    # ------------------------------------------------------------ filling
    def set_transform(self, transform: Any, authority: str) -> None:
        """Remember a geometry_msgs/TransformStamped; one that makes no sense is logged only."""
        self._set(transform, authority, static=False)

    def set_transform_static(self, transform: Any, authority: str) -> None:
        """Remember a transform that never changes; one that makes no sense is logged only."""
        self._set(transform, authority, static=True)

    def _set(self, message: Any, authority: str, *, static: bool) -> None:
        child = message.child_frame_id.removeprefix("/")
        parent = message.header.frame_id.removeprefix("/")
        moved, turned = message.transform.translation, message.transform.rotation
        position = (float(moved.x), float(moved.y), float(moved.z))
        rotation = (float(turned.x), float(turned.y), float(turned.z), float(turned.w))
        complaints = _complaints(child, parent, position, rotation, authority)
        if complaints:
            for complaint in complaints:
                _LOGGER.error(complaint)
            return
        stamp = nanoseconds(message.header.stamp)
        with self._lock:
            self._names.setdefault(child)
            self._names.setdefault(parent)
            history = self._frames.get(child)
            if history is None or history.static != static:
                history = self._frames[child] = FrameHistory(self._keep, static=static)
            kept = history.add(Entry(stamp, parent, (position, normalized(rotation))))
        if not kept:
            _LOGGER.warning(
                f"TF_OLD_DATA ignoring data from the past for frame {child} at time "
                f"{shown(stamp)} according to authority {authority}\n"
                "Possible reasons are listed at http://wiki.ros.org/tf/Errors%20explained"
            )

    def clear(self) -> None:
        """Forget everything that is not static."""
        with self._lock:
            for history in self._frames.values():
                history.clear()

    # ------------------------------------------------------------ asking
    def lookup_transform_core(self, target_frame: str, source_frame: str, time: Any) -> Any:
        """Return the pose of the source frame in the target frame as a TransformStamped.

        ``time`` 0 asks for the latest time at which all frames between are known.

        Raises:
            LookupException: there is no such frame.
            ConnectivityException: the frames are not in one tree.
            ExtrapolationException: the time lies outside of what is known.
            InvalidArgumentException: a frame's name is empty or starts with a slash.

        """
        transform, stamp = self._find(target_frame, source_frame, nanoseconds(time))
        return _message(target_frame, source_frame, stamp, transform)

    def can_transform_core(
        self, target_frame: str, source_frame: str, time: Any
    ) -> tuple[bool, str]:
        """Say whether lookup_transform_core would answer, and if not, why."""
        invalid = self._invalid(target_frame=target_frame, source_frame=source_frame)
        if invalid and target_frame != source_frame:
            return False, invalid
        try:
            self._find(target_frame, source_frame, nanoseconds(time))
        except TransformException as failure:
            return False, str(failure)
        return True, ""

    def _trouble(self, frame: str) -> str:
        """Return what is wrong with a frame's name, or an empty text."""
        if not frame:
            return "in tf2 frame_ids cannot be empty"
        if frame.startswith("/"):
            return "in tf2 frame_ids cannot start with a '/'"
        return "" if frame in self._names else "frame does not exist"

    def _check(self, where: str, frame: str) -> None:
        trouble = self._trouble(frame)
        if trouble.startswith("in tf2"):
            raise InvalidArgumentException(
                f'Invalid argument "{frame}" passed to {where} - {trouble}'
            )
        if trouble:
            raise LookupException(f'"{frame}" passed to {where} does not exist. ')

    def _invalid(self, **frames: str) -> str:
        """Return what can_transform says of the first frame with a wrong name."""
        for argument, frame in frames.items():
            trouble = self._trouble(frame)
            if trouble:
                return (
                    f'Invalid frame ID "{frame}" passed to canTransform argument {argument} - '
                    f"{trouble}"
                )
        return ""

    def _find(self, target: str, source: str, stamp: int) -> tuple[Rigid, int]:
        """Return (transform of source in target, nanoseconds); 0 asks for the latest."""
        with self._lock:
            if target == source:
                known = self._frames.get(target)
                return IDENTITY, stamp or (known.latest if known is not None else 0)
            self._check("lookupTransform argument target_frame", target)
            self._check("lookupTransform argument source_frame", source)
            if stamp == 0:
                stamp = self._latest_common(target, source)
            return self._between(target, source, stamp), stamp

    def _between(self, target: str, source: str, stamp: int) -> Rigid:
        """Return the source frame in the target frame at a time."""
        wanted = f", when looking up transform from frame [{source}] to frame [{target}]"
        passed: dict[str, Rigid] = {source: IDENTITY}  # a frame -> the source frame in it
        frame, missing = source, None
        while frame != target:
            try:
                entry = self._frames[frame].at(stamp) if frame in self._frames else None
            except ExtrapolationException as failure:
                missing = failure  # the target may still lie below
                break
            if entry is None:
                break
            source_there = compose(entry.transform, passed[frame])
            frame = entry.parent
            self._stop_at_loop(frame, passed)
            passed[frame] = source_there
        target_there, frame, below = IDENTITY, target, {target: IDENTITY}
        while frame not in passed:
            try:
                entry = self._frames[frame].at(stamp) if frame in self._frames else None
            except ExtrapolationException as failure:
                raise ExtrapolationException(str(failure) + wanted) from None
            if entry is None:
                if missing is not None:
                    raise ExtrapolationException(str(missing) + wanted)
                raise _not_connected(target, source)
            target_there = compose(entry.transform, target_there)
            frame = entry.parent
            self._stop_at_loop(frame, below)
            below[frame] = target_there
        return compose(inverse(target_there), passed[frame])

    def _stop_at_loop(self, frame: str, passed: dict[str, Any]) -> None:
        if frame in passed or len(passed) > _DEEPEST:
            raise LookupException(
                "The tf tree is invalid because it contains a loop.\n" + self.all_frames_as_string()
            )

    def _latest_common(self, target: str, source: str) -> int:
        up_source, up_target = self._ancestry(source), self._ancestry(target)
        common = next((frame for frame in up_source if frame in up_target), None)
        if common is None:
            raise _not_connected(target, source)
        stamps = [
            stamp
            for ancestry in (up_source, up_target)
            for frame, stamp in ancestry.items()
            if stamp and frame not in _from(ancestry, common)
        ]
        if target == source and up_source[source]:
            stamps = [up_source[source]]
        return min(stamps, default=0)

    def _ancestry(self, frame: str) -> dict[str, int]:
        """Return the latest stamp of each frame from this one up to its root."""
        found: dict[str, int] = {}
        while True:
            history = self._frames.get(frame)
            newest = history.newest if history is not None else None
            self._stop_at_loop(frame, found)
            found[frame] = history.latest if history is not None else 0
            if newest is None:
                return found
            frame = newest.parent

    # ------------------------------------------------------------ frames
    def all_frames_as_string(self) -> str:
        """Return a line for each frame that has, or had, a parent."""
        with self._lock:
            return "".join(
                f"Frame {name} exists with parent "
                f"{history.newest.parent if history.newest is not None else 'NO_PARENT'}.\n"
                for name, history in self._histories()
            )

    def _histories(self) -> list[tuple[str, FrameHistory]]:
        return [(name, self._frames[name]) for name in self._names if name in self._frames]


def _from(ancestry: dict[str, int], frame: str) -> list[str]:
    """Return this frame and those above it."""
    frames = list(ancestry)
    return frames[frames.index(frame) :]


def _complaints(
    child: str,
    parent: str,
    position: Vector,
    rotation: tuple[float, float, float, float],
    authority: str,
) -> list[str]:
    """Return what makes a transform unusable."""
    start = f'Ignoring transform for child_frame_id "{child}" from authority "{authority}" because'
    found = []
    if child == parent:
        found.append(
            f'TF_SELF_TRANSFORM: Ignoring transform from authority "{authority}" with frame_id '
            f'and  child_frame_id "{child}" because they are the same'
        )
    if not child:
        found.append(
            f'TF_NO_CHILD_FRAME_ID: Ignoring transform from authority "{authority}" because '
            "child_frame_id not set "
        )
    if not parent:
        found.append(
            f'TF_NO_FRAME_ID: Ignoring transform with child_frame_id "{child}"  from authority '
            f'"{authority}" because frame_id not set'
        )
    shown_rotation = "({:f} {:f} {:f} {:f})".format(*rotation)
    if any(math.isnan(number) for number in (*position, *rotation)):
        found.append(
            f"TF_NAN_INPUT: {start} of a nan value in the transform ({{:f}} {{:f}} {{:f}}) ".format(
                *position
            )
            + shown_rotation
        )
    if not abs(sum(x * x for x in rotation) - 1.0) < _LENGTH_TOLERANCE:
        found.append(
            f"TF_DENORMALIZED_QUATERNION: {start} of an invalid quaternion in the transform "
            + shown_rotation
        )
    return found


def _not_connected(target: str, source: str) -> ConnectivityException:
    return ConnectivityException(
        f"Could not find a connection between '{target}' and '{source}' because they are not "
        "part of the same tree.Tf has two or more unconnected trees."
    )


def _message(target: str, source: str, stamp: int, transform: Rigid) -> Any:
    message = TransformStamped(child_frame_id=source)
    message.header.frame_id = target
    message.header.stamp.sec, message.header.stamp.nanosec = divmod(stamp, NANOSECONDS)
    moved, turned = message.transform.translation, message.transform.rotation
    moved.x, moved.y, moved.z = transform[0]
    turned.x, turned.y, turned.z, turned.w = transform[1]
    return message
