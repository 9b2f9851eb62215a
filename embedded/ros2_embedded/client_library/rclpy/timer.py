"""Timers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rclpy.clock import EVERY_JUMP, Clock, ClockChange
from rclpy.destroyable import Entity, Handle
from rclpy.utilities import get_default_context


class Timer(Entity):
    """Made by Node.create_timer; times are nanoseconds of its clock."""

    def __init__(
        self, callback: Callable[[], Any] | None, callback_group: Any, timer_period_ns: float,
        clock: Clock, *, context: Any = None, autostart: bool = True,
    ) -> None:  # fmt: skip
        self._context = get_default_context() if context is None else context
        self._clock = clock
        self._period = int(timer_period_ns)
        if self._period < 0:
            raise ValueError("timer period must be greater than or equal to zero")
        self.callback = callback
        self.callback_group = callback_group
        self._wake = None
        self._last = clock._now()
        self._next = self._last + self._period
        self._cancelled = not autostart
        self._jump = (
            clock.create_jump_callback(
                EVERY_JUMP, pre_callback=self._before_jump, post_callback=self._after_jump
            )
            if clock.clock_type == 1
            else None
        )
        self._credit: int | None = None
        self._handle = Handle("timer", self._close)

    def _close(self) -> None:
        if self._jump is not None:
            self._jump.unregister()
        if self._wake is not None:
            self._wake()

    # Time begins or ends to be simulated: what was left of the period stays what is left.
    def _before_jump(self) -> None:
        self._credit = self._next - self._clock._now()

    def _after_jump(self, jump: Any) -> None:
        now = self._clock._now()
        if jump.clock_change in (ClockChange.ROS_TIME_ACTIVATED, ClockChange.ROS_TIME_DEACTIVATED):
            if now and self._credit is not None:
                self._last = now
                self._next = now + min(self._credit, self._period)
        elif now < self._last:
            self._last = now
            self._next = now + self._period
        if self._wake is not None:
            self._wake()

    @property
    def clock(self) -> Clock:
        """The clock that times it."""
        return self._clock

    @property
    def timer_period_ns(self) -> int:
        """The period in nanoseconds."""
        with self._handle:
            return self._period

    @timer_period_ns.setter
    def timer_period_ns(self, value: float) -> None:
        with self._handle:
            self._period = int(value)
            self._next = self._last + self._period
        if self._wake is not None:
            self._wake()

    def is_ready(self) -> bool:
        """Say whether the callback is due."""
        with self._handle:
            return not self._cancelled and self._clock._now() >= self._next

    def is_canceled(self) -> bool:
        """Say whether it waits for reset()."""
        with self._handle:
            return self._cancelled

    def cancel(self) -> None:
        """Stop calling until reset()."""
        with self._handle:
            self._cancelled = True

    def reset(self) -> None:
        """Start again: the next call is a whole period from now."""
        with self._handle:
            self._last = self._clock._now()
            self._next = self._last + self._period
            self._cancelled = False
        if self._wake is not None:
            self._wake()

    def time_since_last_call(self) -> int:
        """Return nanoseconds."""
        with self._handle:
            return self._clock._now() - self._last

    def time_until_next_call(self) -> int | None:
        """Return nanoseconds, negative if overdue; None while it is cancelled."""
        with self._handle:
            if self._cancelled:
                return None
            return self._next - self._clock._now()

    # ------------------------------------------------------------ for the executor
    def _left(self) -> int | None:
        """Nanoseconds until the callback is due; None while that is not a matter of waiting."""
        if self._cancelled or self._handle._close is None:
            return None
        left = self._next - self._clock._now()
        if left > 0 and self._clock._override is not None:
            return None
        return left

    def _take(self, executor: Any) -> Any:
        if self._cancelled or self._handle._close is None:
            return None
        now = self._clock._now()
        if now < self._next:
            return None
        self._last = now
        self._next += self._period
        if self._next < now:
            # Whole periods were missed: keep the phase instead of catching up.
            self._next = (
                now + self._period - (now - self._next) % self._period if self._period else now
            )
        return self.callback, ()
