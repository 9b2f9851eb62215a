"""The buffer of a node: it waits for transforms that are not there yet."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from tf2_msgs.srv import FrameGraph
from tf2_py import BufferCore, TransformException

from rclpy.clock import Clock, JumpThreshold
from rclpy.duration import Duration
from rclpy.logging import get_logger
from rclpy.task import Future
from tf2_ros.buffer_interface import BufferInterface


class Buffer(BufferCore, BufferInterface):
    """A cache of transforms that can be waited for; thread safe.

    ``cache_time`` is how long transforms are kept (10 s). With a ``node`` its frames can be asked
    for by the service `tf2_frames`, and it forgets them when the node's time jumps back.
    """

    def __init__(self, cache_time: Duration | None = None, node: Any = None) -> None:
        BufferCore.__init__(self, cache_time)
        BufferInterface.__init__(self)
        self._changed = threading.Condition(self._lock)
        self._waiting: list[tuple[Future, Callable[[], Any]]] = []
        if node is not None:
            self.srv = node.create_service(FrameGraph, "tf2_frames", self._answer_frames)
        self.clock = node.get_clock() if node is not None else Clock()
        self.jump_handle = self.clock.create_jump_callback(
            JumpThreshold(
                min_forward=None, min_backward=Duration(nanoseconds=-1), on_clock_change=True
            ),
            post_callback=self.time_jump_callback,
        )

    def _answer_frames(self, request: Any, response: Any) -> Any:
        del request
        response.frame_yaml = self.all_frames_as_yaml()
        return response

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
            waiting, self._waiting = self._waiting, []
        for future, attempt in waiting:
            self._try(future, attempt)

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

    def lookup_transform_full(
        self,
        target_frame: str,
        target_time: Any,
        source_frame: str,
        source_time: Any,
        fixed_frame: str,
        timeout: Duration = Duration(),
    ) -> Any:
        """Return where the source frame was at one time in the target frame of another time.

        Raises what lookup_transform raises.
        """
        return self._wait(
            lambda: self.lookup_transform_full_core(
                target_frame, target_time, source_frame, source_time, fixed_frame
            ),
            timeout,
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

    def can_transform_full(
        self,
        target_frame: str,
        target_time: Any,
        source_frame: str,
        source_time: Any,
        fixed_frame: str,
        timeout: Duration = Duration(),
        return_debug_tuple: bool = False,
    ) -> Any:
        """Say whether lookup_transform_full would answer, with the reason if asked for a tuple."""
        frames = (target_frame, target_time, source_frame, source_time, fixed_frame)
        self._wait_until(lambda: self.can_transform_full_core(*frames)[0], timeout)
        found = self.can_transform_full_core(*frames)
        return found if return_debug_tuple else found[0]

    def _wait_until(self, done: Callable[[], bool], timeout: Duration) -> None:
        if timeout.nanoseconds > 0:
            with self._changed:
                self._changed.wait_for(done, timeout.nanoseconds / 1e9)

    # ------------------------------------------------------------ waiting with futures
    def wait_for_transform_async(self, target_frame: str, source_frame: str, time: Any) -> Future:
        """Return a Future of the transform, done as soon as there is one."""
        future = Future()
        self._try(
            future, lambda: self.lookup_transform_core(target_frame, source_frame, time)
        )  # fmt: skip
        return future

    def wait_for_transform_full_async(
        self,
        target_frame: str,
        target_time: Any,
        source_frame: str,
        source_time: Any,
        fixed_frame: str,
    ) -> Future:
        """Return a Future of the transform between two times, done as soon as there is one."""
        future = Future()
        self._try(
            future,
            lambda: self.lookup_transform_full_core(
                target_frame, target_time, source_frame, source_time, fixed_frame
            ),
        )
        return future

    def _try(self, future: Future, attempt: Callable[[], Any]) -> None:
        if future.cancelled():
            return
        with self._changed:
            try:
                answer = attempt()
            except TransformException:
                self._waiting.append((future, attempt))
                return
        future.set_result(answer)

    async def lookup_transform_async(self, target_frame: str, source_frame: str, time: Any) -> Any:
        """Await the transform; raises what lookup_transform raises."""
        await self.wait_for_transform_async(target_frame, source_frame, time)
        return self.lookup_transform_core(target_frame, source_frame, time)

    async def lookup_transform_full_async(
        self,
        target_frame: str,
        target_time: Any,
        source_frame: str,
        source_time: Any,
        fixed_frame: str,
    ) -> Any:
        """Await the transform between two times; raises what lookup_transform raises."""
        frames = (target_frame, target_time, source_frame, source_time, fixed_frame)
        await self.wait_for_transform_full_async(*frames)
        return self.lookup_transform_full_core(*frames)
