"""Clocks: system, steady, and ROS time that a simulator may drive."""

from __future__ import annotations

import threading
import time as _time
from collections.abc import Callable
from enum import IntEnum
from typing import Any, NamedTuple

from rclpy.clock_type import ClockType
from rclpy.duration import Duration
from rclpy.exceptions import NotInitializedException
from rclpy.time import Time
from rclpy.utilities import get_default_context


class ClockChange(IntEnum):
    """What happened to the source of a clock."""

    ROS_TIME_NO_CHANGE = 1
    ROS_TIME_ACTIVATED = 2
    ROS_TIME_DEACTIVATED = 3
    SYSTEM_TIME_NO_CHANGE = 4


class JumpThreshold:
    """How far time has to jump before a callback is called."""

    def __init__(
        self,
        *,
        min_forward: Duration | None,
        min_backward: Duration | None,
        on_clock_change: bool = True,
    ) -> None:
        if min_forward is not None and min_forward.nanoseconds <= 0:
            raise ValueError("min_forward must be a positive non-zero duration")
        if min_backward is not None and min_backward.nanoseconds >= 0:
            raise ValueError("min_backward must be a negative non-zero duration")
        if min_forward is None and min_backward is None and not on_clock_change:
            raise ValueError("At least one jump threshold must be enabled")
        self.min_forward = min_forward
        self.min_backward = min_backward
        self.on_clock_change = on_clock_change

    def _passed(self, change: Any, delta: int) -> bool:
        if change in (ClockChange.ROS_TIME_ACTIVATED, ClockChange.ROS_TIME_DEACTIVATED):
            return self.on_clock_change
        forward, backward = self.min_forward, self.min_backward
        return (forward is not None and delta >= forward.nanoseconds) or (
            backward is not None and delta <= backward.nanoseconds
        )


class TimeJump(NamedTuple):
    """A jump of time."""

    clock_change: ClockChange
    delta: Duration


#: Nothing is too small to be told.
EVERY_JUMP = JumpThreshold(
    min_forward=Duration(nanoseconds=1), min_backward=Duration(nanoseconds=-1), on_clock_change=True
)


class JumpHandle:
    """A registered pair of callbacks."""

    def __init__(
        self,
        *,
        clock: Any,
        threshold: JumpThreshold,
        pre_callback: Callable[[], Any] | None,
        post_callback: Callable[[Any, Any], Any] | None,
    ) -> None:
        if pre_callback is None and post_callback is None:
            raise ValueError("One of pre_callback or post_callback must be callable")
        if pre_callback is not None and not callable(pre_callback):
            raise ValueError("pre_callback must be callable if given")
        if post_callback is not None and not callable(post_callback):
            raise ValueError("post_callback must be callable if given")
        self._clock = clock
        self._threshold = threshold
        self._pre_callback = pre_callback
        self._post_callback = post_callback
        clock._jump_handles.append(self)

    def unregister(self) -> None:
        """Stop calling."""
        clock, self._clock = self._clock, None
        if clock is not None:
            clock._jump_handles.remove(self)

    def __enter__(self) -> JumpHandle:
        return self

    def __exit__(self, *_: object) -> None:
        self.unregister()


class Clock:
    """Tells the time of its type."""

    _clock_type: ClockType
    _jump_handles: list[JumpHandle]
    _lock: threading.Lock
    _override: int | None  # nanoseconds, while ROS time is active
    _ros_time: int

    def __new__(cls, *, clock_type: ClockType = ClockType.SYSTEM_TIME) -> Any:
        if not isinstance(clock_type, ClockType):
            raise TypeError("Clock type must be a ClockType enum")
        self = object.__new__(
            ROSClock if clock_type is ClockType.ROS_TIME and cls is Clock else cls
        )
        self._clock_type = clock_type
        self._jump_handles = []
        self._lock = threading.Lock()
        self._override = None
        self._ros_time = 0
        return self

    @property
    def clock_type(self) -> ClockType:
        """Which time it tells."""
        return self._clock_type

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def __repr__(self) -> str:
        return f"Clock(clock_type={self.clock_type.name})"

    def _now(self) -> int:
        """Nanoseconds."""
        override = self._override
        if override is not None:
            return override
        if self._clock_type is ClockType.STEADY_TIME:
            return _time.monotonic_ns()
        return _time.time_ns()

    def now(self) -> Time:
        """Return the current time."""
        return Time(nanoseconds=self._now(), clock_type=self._clock_type)

    def create_jump_callback(
        self,
        threshold: JumpThreshold,
        *,
        pre_callback: Callable[[], Any] | None = None,
        post_callback: Callable[[TimeJump], Any] | None = None,
    ) -> JumpHandle:
        """Call back before and after a jump of time that passes the threshold."""
        post: Any = post_callback
        if post_callback is not None and callable(post_callback):

            def tell(change: Any, delta: Any) -> None:
                post_callback(TimeJump(change, Duration(nanoseconds=delta)))

            post = tell
        return JumpHandle(
            clock=self, threshold=threshold, pre_callback=pre_callback, post_callback=post
        )

    def _jump(self, change: Any, delta: int, apply: Callable[[], Any]) -> None:
        """Announce a jump, make it, and tell that it happened."""
        handles = [one for one in list(self._jump_handles) if one._threshold._passed(change, delta)]
        for one in handles:
            if one._pre_callback is not None:
                one._pre_callback()
        apply()
        for one in handles:
            if one._post_callback is not None:
                one._post_callback(change, delta)

    def sleep_until(self, until: Time, context: Any = None) -> bool:
        """Sleep; True when the time was reached, False when it jumped or the context ended."""
        if context is None:
            context = get_default_context()
        if not context.ok():
            raise NotInitializedException()
        if until.clock_type != self._clock_type:
            raise ValueError("until's clock type does not match this clock's type")
        condition = threading.Condition()
        source_changed = False

        def wake(*_: object) -> None:
            with condition:
                condition.notify_all()

        def jumped(jump: Any) -> None:
            nonlocal source_changed
            source_changed = source_changed or jump.clock_change in (
                ClockChange.ROS_TIME_ACTIVATED,
                ClockChange.ROS_TIME_DEACTIVATED,
            )
            wake()

        stop = context._on_end(wake)
        try:
            with self.create_jump_callback(EVERY_JUMP, post_callback=jumped), condition:
                while context.ok() and not source_changed:
                    missing = until.nanoseconds - self._now()
                    if missing <= 0:
                        return True
                    condition.wait(None if self._override is not None else missing / 1e9)
        finally:
            stop()
        return False

    def sleep_for(self, rel_time: Duration, context: Any = None) -> bool:
        """Sleep for a duration of this clock's time."""
        return self.sleep_until(self.now() + rel_time, context)


class ROSClock(Clock):
    """ROS time: the system's, or that of /clock while it is active."""

    def __new__(cls) -> Any:
        return super().__new__(cls, clock_type=ClockType.ROS_TIME)

    @property
    def ros_time_is_active(self) -> bool:
        """Whether /clock drives it."""
        return self._override is not None

    def _set_ros_time_is_active(self, enabled: bool) -> None:
        if enabled == self.ros_time_is_active:
            return
        change = ClockChange.ROS_TIME_ACTIVATED if enabled else ClockChange.ROS_TIME_DEACTIVATED

        def apply() -> None:
            self._override = self._ros_time if enabled else None

        self._jump(change, 0, apply)

    def set_ros_time_override(self, time: Time) -> None:
        """Set the time that is told while ROS time is active."""
        if not isinstance(time, Time):
            raise TypeError(
                "Time must be specified as rclpy.time.Time. Received type: {}".format(type(time))
            )
        nanoseconds = time.nanoseconds
        if self._override is None:
            self._ros_time = nanoseconds
            return
        delta = nanoseconds - self._override

        def apply() -> None:
            self._ros_time = self._override = nanoseconds

        self._jump(ClockChange.ROS_TIME_NO_CHANGE, delta, apply)
