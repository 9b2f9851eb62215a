"""Answers look-ups of other processes from one buffer: `ros2 run tf2_ros buffer_server`."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from tf2_msgs.action import LookupTransform
from tf2_msgs.msg import TF2Error
from tf2_py import (
    ConnectivityException,
    ExtrapolationException,
    InvalidArgumentException,
    LookupException,
    TimeoutException,
    TransformException,
)
from tf2_py.times import NANOSECONDS, nanoseconds

import rclpy
from rclpy.action import ActionServer
from rclpy.clock import Clock
from rclpy.clock_type import ClockType
from rclpy.duration import Duration
from rclpy.task import Future
from rclpy.time import Time
from tf2_ros.buffer import Buffer
from tf2_ros.stopped import STOPPED
from tf2_ros.transform_listener import TransformListener

_CODES = (
    (ConnectivityException, TF2Error.CONNECTIVITY_ERROR),
    (LookupException, TF2Error.LOOKUP_ERROR),
    (ExtrapolationException, TF2Error.EXTRAPOLATION_ERROR),
    (InvalidArgumentException, TF2Error.INVALID_ARGUMENT_ERROR),
    (TimeoutException, TF2Error.TIMEOUT_ERROR),
    (TransformException, TF2Error.TRANSFORM_ERROR),
)
_BUFFER_SECONDS = 120.0


class BufferServer:
    """The action ``ns`` of a node; goals wait for their transform up to their timeout.

    A goal cannot be cancelled: it ends with its timeout.
    """

    def __init__(self, buffer: Buffer, node: Any, ns: str) -> None:
        self.buffer = buffer
        self.node = node
        self._clock = Clock(clock_type=ClockType.STEADY_TIME)
        self.action_server = ActionServer(node, LookupTransform, ns, self._execute)

    async def _execute(self, handle: Any) -> Any:
        goal = handle.request
        arrival = self._arrival(goal)
        timeout = nanoseconds(goal.timeout, "duration")
        waited = not arrival.done() and timeout > 0
        if waited:
            await self._first_of(arrival, timeout)
        arrival.cancel()
        result = LookupTransform.Result()
        try:
            result.transform = self._look_up(goal)
        except TransformException as failure:
            result.error.error = next(code for kind, code in _CODES if isinstance(failure, kind))
            result.error.error_string = str(failure)
        if waited and result.error.error != TF2Error.NO_ERROR:
            handle.abort()
        else:
            handle.succeed()
        return result

    async def _first_of(self, arrival: Future, timeout: int) -> None:
        """Wait for a transform or the end of a timeout in nanoseconds."""
        woken = Future()

        def wake(*_: Any) -> None:
            if not woken.done():
                woken.set_result(None)

        arrival.add_done_callback(wake)
        timer = self.node.create_timer(timeout / NANOSECONDS, wake, clock=self._clock)
        try:
            await woken
        finally:
            self.node.destroy_timer(timer)

    def _arrival(self, goal: Any) -> Future:
        buffer = self.buffer
        return _ask(goal, buffer.wait_for_transform_async, buffer.wait_for_transform_full_async)

    def _look_up(self, goal: Any) -> Any:
        buffer = self.buffer
        return _ask(goal, buffer.lookup_transform_core, buffer.lookup_transform_full_core)

    def destroy(self) -> None:
        """Destroy the action server."""
        self.action_server.destroy()


def _ask(goal: Any, plain: Callable[..., Any], full: Callable[..., Any]) -> Any:
    """Ask what a goal asks for: by one time, or by two and a frame that does not move."""
    source_time = Time.from_msg(goal.source_time)
    if not goal.advanced:
        return plain(goal.target_frame, goal.source_frame, source_time)
    target_time = Time.from_msg(goal.target_time)
    return full(goal.target_frame, target_time, goal.source_frame, source_time, goal.fixed_frame)


def main(arguments: list[str] | None = None) -> None:
    """Run the node `tf_buffer`; its parameter `buffer_size` says how many seconds it keeps."""
    rclpy.init(args=sys.argv if arguments is None else arguments)
    try:
        node = rclpy.create_node("tf_buffer")
        seconds = node.declare_parameter("buffer_size", _BUFFER_SECONDS).value
        buffer = Buffer(Duration(seconds=seconds), node)
        TransformListener(buffer, node)
        BufferServer(buffer, node, "tf2_buffer_server")
        rclpy.spin(node)
    except STOPPED:
        return
    finally:
        rclpy.try_shutdown()
