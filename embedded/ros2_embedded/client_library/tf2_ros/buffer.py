"""Remembers transforms and answers where a frame is in another one."""

import math
import threading

from builtin_interfaces.msg import Time as TimeMessage
from geometry_msgs.msg import TransformStamped

from rclpy.duration import Duration
from rclpy.task import Future
from rclpy.time import Time
from tf2_ros.exceptions import (
    ConnectivityException,
    InvalidArgumentException,
    LookupException,
    TransformException,
)
from tf2_ros.frame_history import FrameHistory
from tf2_ros.geometry import IDENTITY, compose, inverse

_NORM_TOLERANCE = 1e-2
_DEEPEST = 1000  # frames; a longer chain is a loop


class Buffer:
    """A cache of transforms; thread safe."""

    def __init__(self, cache_time=None, node=None):
        self.cache_time = cache_time if cache_time is not None else Duration(seconds=10)
        self._frames = {}
        self._names = set()
        self._changed = threading.Condition(threading.RLock())
        self._waiting = []  # (future, function that raises while there is no answer)
        self.registration = {}
        del node  # accepted as upstream does; services of the buffer are not offered

    # ------------------------------------------------------------ filling
    def set_transform(self, transform, authority):
        """Remember a geometry_msgs/TransformStamped.

        Raises:
            InvalidArgumentException: its frames or its rotation make no sense.

        """
        self._set(transform, False)

    def set_transform_static(self, transform, authority):
        """Remember a transform that never changes; raises InvalidArgumentException."""
        self._set(transform, True)

    def _set(self, message, static):
        child = message.child_frame_id.lstrip("/")
        parent = message.header.frame_id.lstrip("/")
        if not child or not parent or child == parent:
            raise InvalidArgumentException(
                f"a transform from '{parent}' to '{child}' needs two different frames"
            )
        moved, turned = message.transform.translation, message.transform.rotation
        rotation = (turned.x, turned.y, turned.z, turned.w)
        position = (moved.x, moved.y, moved.z)
        norm = math.sqrt(sum(x * x for x in rotation))
        if not all(math.isfinite(x) for x in position) or not abs(norm - 1) < _NORM_TOLERANCE:
            raise InvalidArgumentException(
                f"the transform from '{parent}' to '{child}' is not finite, or its quaternion "
                "does not have the length 1"
            )
        transform = (position, tuple(x / norm for x in rotation))
        stamp = message.header.stamp.sec * 10**9 + message.header.stamp.nanosec
        with self._changed:
            history = self._frames.get(child)
            if history is None:
                history = self._frames[child] = FrameHistory(self.cache_time.nanoseconds)
            self._names.update((child, parent))
            if static:
                history.static = (parent, transform)
            else:
                history.add(stamp, parent, transform)
            self._changed.notify_all()
            waiting, self._waiting = self._waiting, []
        for future, attempt in waiting:
            self._try(future, attempt)

    def clear(self):
        """Forget everything that is not static."""
        with self._changed:
            for history in self._frames.values():
                history.clear()

    # ------------------------------------------------------------ asking
    def _chain(self, frame):
        """Return the frames from this one up to its root."""
        chain = [frame]
        while True:
            history = self._frames.get(chain[-1])
            if history is None or not history.known:
                return chain
            chain.append(history.parent)
            if len(chain) > _DEEPEST:
                raise ConnectivityException(f"the frames above '{frame}' form a loop")

    def _find(self, target, source, stamp):
        """Return (transform of source in target, nanoseconds); 0 asks for the latest."""
        target, source = target.lstrip("/"), source.lstrip("/")
        for frame in (target, source):
            if frame not in self._names and target != source:
                raise LookupException(
                    f'"{frame}" passed to lookupTransform argument '
                    f"{'target' if frame == target else 'source'}_frame does not exist. "
                )
        up_source, up_target = self._chain(source), self._chain(target)
        common = next((frame for frame in up_source if frame in up_target), None)
        if common is None:
            raise ConnectivityException(
                f"Could not find a connection between '{target}' and '{source}' because they are "
                "not part of the same tree. Tf has two or more unconnected trees."
            )
        from_source = up_source[: up_source.index(common)]
        from_target = up_target[: up_target.index(common)]
        if stamp == 0:
            newest = [self._frames[frame].latest for frame in (*from_source, *from_target)]
            stamp = min((one for one in newest if one is not None), default=0)
        return compose(
            inverse(self._to_root(from_target, stamp)), self._to_root(from_source, stamp)
        ), stamp

    def _to_root(self, frames, stamp):
        whole = IDENTITY
        for frame in frames:
            whole = compose(self._frames[frame].at(stamp, frame), whole)
        return whole

    def lookup_transform(self, target_frame, source_frame, time, timeout=Duration()):
        """Return the pose of the source frame in the target frame as a TransformStamped.

        Raises:
            LookupException, ConnectivityException, ExtrapolationException: there is none, also
                not after the timeout.

        """
        return self._wait_for(
            lambda: self._answer(target_frame, source_frame, _nanoseconds(time)), timeout
        )

    def lookup_transform_full(
        self, target_frame, target_time, source_frame, source_time, fixed_frame, timeout=Duration()
    ):
        """Return where the source frame was at one time in the target frame of another time."""
        return self._wait_for(
            lambda: self._answer_full(
                target_frame, _nanoseconds(target_time), source_frame, _nanoseconds(source_time),
                fixed_frame,
            ),
            timeout,
        )  # fmt: skip

    def _answer(self, target, source, stamp):
        with self._changed:
            transform, found = self._find(target, source, stamp)
        return _message(target, source, found, transform)

    def _answer_full(self, target, target_stamp, source, source_stamp, fixed):
        with self._changed:
            first, _ = self._find(fixed, source, source_stamp)
            second, found = self._find(target, fixed, target_stamp)
        return _message(target, source, found, compose(second, first))

    def _wait_for(self, attempt, timeout):
        seconds = timeout.nanoseconds / 1e9
        answer = []

        def try_once():
            try:
                answer[:] = [attempt()]
            except TransformException:
                return False
            return True

        with self._changed:
            if seconds > 0 and self._changed.wait_for(try_once, seconds):
                return answer[0]
        return attempt()

    def can_transform(
        self, target_frame, source_frame, time, timeout=Duration(), return_debug_tuple=False
    ):
        """Say whether lookup_transform would answer."""
        try:
            self.lookup_transform(target_frame, source_frame, time, timeout)
        except TransformException as failure:
            return (False, str(failure)) if return_debug_tuple else False
        return (True, "") if return_debug_tuple else True

    def can_transform_full(
        self, target_frame, target_time, source_frame, source_time, fixed_frame,
        timeout=Duration(), return_debug_tuple=False,
    ):  # fmt: skip
        """Say whether lookup_transform_full would answer."""
        try:
            self.lookup_transform_full(
                target_frame, target_time, source_frame, source_time, fixed_frame, timeout
            )
        except TransformException as failure:
            return (False, str(failure)) if return_debug_tuple else False
        return (True, "") if return_debug_tuple else True

    # ------------------------------------------------------------ waiting with futures
    def _try(self, future, attempt):
        if future.cancelled():
            return
        try:
            answer = attempt()
        except TransformException:
            with self._changed:
                self._waiting.append((future, attempt))
            return
        future.set_result(answer)

    def wait_for_transform_async(self, target_frame, source_frame, time):
        """Return a Future that is done, with True, as soon as there is an answer."""
        future = Future()
        self._try(
            future, lambda: bool(self._answer(target_frame, source_frame, _nanoseconds(time)))
        )
        return future

    async def lookup_transform_async(self, target_frame, source_frame, time):
        """Await the answer of lookup_transform."""
        await self.wait_for_transform_async(target_frame, source_frame, time)
        return self.lookup_transform(target_frame, source_frame, time)

    # ------------------------------------------------------------ frames
    def all_frames_as_yaml(self):
        """Return every frame with its parent as YAML."""
        with self._changed:
            lines = [
                f"{frame}: {{parent: '{history.parent}'}}"
                for frame, history in sorted(self._frames.items())
                if history.known
            ]
        return "\n".join(lines)


def _nanoseconds(time):
    if isinstance(time, Time):
        return time.nanoseconds
    if isinstance(time, TimeMessage):
        return time.sec * 10**9 + time.nanosec
    raise TypeError(f"a time has to be an rclpy.time.Time, not {type(time)}")


def _message(target, source, stamp, transform):
    message = TransformStamped(child_frame_id=source)
    message.header.frame_id = target
    message.header.stamp.sec, message.header.stamp.nanosec = divmod(stamp, 10**9)
    moved, turned = message.transform.translation, message.transform.rotation
    moved.x, moved.y, moved.z = transform[0]
    turned.x, turned.y, turned.z, turned.w = transform[1]
    return message
