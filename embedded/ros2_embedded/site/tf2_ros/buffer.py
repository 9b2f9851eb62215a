"""The buffer of a node: it waits for transforms that are not there yet."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from tf2_py import BufferCore, TransformException

from rclpy.clock import Clock, JumpThreshold
from rclpy.duration import Duration
from rclpy.logging import get_logger


class Buffer(BufferCore):
    """A cache of transforms that can be waited for; thread safe.

    ``cache_time`` is how long transforms are kept (10 s). With a ``node`` it forgets them when the
    node's time jumps back.
    """

    def __init__(self, cache_time: Duration | None = None, node: Any = None) -> None:
        super().__init__(cache_time)
        self._changed = threading.Condition(self._lock)
        self.clock = node.get_clock() if node is not None else Clock()
        self.jump_handle = self.clock.create_jump_callback(
            JumpThreshold(
                min_forward=None, min_backward=Duration(nanoseconds=-1), on_clock_change=True
            ),
            post_callback=self.time_jump_callback,
        )

    def time_jump_callback(self, time_jump: Any) -> None:
        """Forget the transforms: they belong to another time."""
        del time_jump
        get_logger("tf2_buffer").warning("Detected jump back in time. Clearing tf buffer.")
        self.clear()

    def set_transform(self, transform: Any, authority: str) -> None:
        """Remember a TransformStamped and wake who waits for it."""
        super().set_transform(transform, authority)
        self._wake()

    def set_transform_static(self, transform: Any, authority: str) -> None:
        """Remember a transform that never changes and wake who waits for it."""
        super().set_transform_static(transform, authority)
        self._wake()

    def _wake(self) -> None:
        with self._changed:
            self._changed.notify_all()

    # ------------------------------------------------------------ asking
    def lookup_transform(
        self, target_frame: str, source_frame: str, time: Any, timeout: Duration = Duration()
    ) -> Any:
        """Return the pose of the source frame in the target frame as a TransformStamped.

        Time 0 asks for the latest. The timeout is of real time; nothing has to spin meanwhile but
        what fills the buffer.

        Raises:
            LookupException, ConnectivityException, ExtrapolationException,
                InvalidArgumentException: there is none, also not after the timeout.

        """
        return self._wait(
            lambda: self.lookup_transform_core(target_frame, source_frame, time), timeout
        )

    def _wait(self, attempt: Callable[[], Any], timeout: Duration) -> Any:
        answers: list[Any] = []

        def answered() -> bool:
            try:
                answers[:] = [attempt()]
            except TransformException:
                return False
            return True

        with self._changed:
            seconds = timeout.nanoseconds / 1e9
            if seconds > 0 and self._changed.wait_for(answered, seconds):
                return answers[0]
        return attempt()

    def can_transform(
        self,
        target_frame: str,
        source_frame: str,
        time: Any,
        timeout: Duration = Duration(),
        return_debug_tuple: bool = False,
    ) -> Any:
        """Say whether lookup_transform would answer, with the reason if asked for a tuple."""
        self._wait_until(
            lambda: self.can_transform_core(target_frame, source_frame, time)[0], timeout
        )
        found = self.can_transform_core(target_frame, source_frame, time)
        return found if return_debug_tuple else found[0]

    def _wait_until(self, done: Callable[[], bool], timeout: Duration) -> None:
        if timeout.nanoseconds > 0:
            with self._changed:
                self._changed.wait_for(done, timeout.nanoseconds / 1e9)
