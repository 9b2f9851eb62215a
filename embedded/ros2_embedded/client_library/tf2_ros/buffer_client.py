"""Asks the buffer of another process for transforms."""

from __future__ import annotations

import threading
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
from tf2_py.times import nanoseconds

from rclpy.action import ActionClient
from rclpy.duration import Duration
from rclpy.time import Time
from tf2_ros.buffer_interface import BufferInterface

_RAISED = {
    TF2Error.LOOKUP_ERROR: LookupException,
    TF2Error.CONNECTIVITY_ERROR: ConnectivityException,
    TF2Error.EXTRAPOLATION_ERROR: ExtrapolationException,
    TF2Error.INVALID_ARGUMENT_ERROR: InvalidArgumentException,
    TF2Error.TIMEOUT_ERROR: TimeoutException,
}


class BufferClient(BufferInterface):
    """A client of a buffer server's action ``ns``; something else has to spin its node.

    ``timeout_padding`` (a Duration, or seconds) is added to the time a look-up may take, and one
    period of ``check_frequency`` (Hz), in which other implementations look for the answer.
    """

    def __init__(
        self,
        node: Any,
        ns: str,
        check_frequency: float = 10.0,
        timeout_padding: Duration | float = Duration(seconds=2),
    ) -> None:
        super().__init__()
        self.node = node
        self.action_client = ActionClient(node, LookupTransform, action_name=ns)
        self.check_frequency = check_frequency
        self.timeout_padding = timeout_padding

    def lookup_transform(
        self, target_frame: str, source_frame: str, time: Any, timeout: Duration = Duration()
    ) -> Any:
        """Return the pose of the source frame in the target frame as a TransformStamped.

        Raises:
            LookupException, ConnectivityException, ExtrapolationException,
                InvalidArgumentException: what the server says.
            TimeoutException: there is no server, or it did not answer in time.

        """
        goal = LookupTransform.Goal(
            target_frame=target_frame,
            source_frame=source_frame,
            source_time=Time(nanoseconds=nanoseconds(time)).to_msg(),
            timeout=timeout.to_msg(),
            advanced=False,
        )
        return self._ask(goal, timeout)

    def lookup_transform_full(
        self,
        target_frame: str,
        target_time: Any,
        source_frame: str,
        source_time: Any,
        fixed_frame: str,
        timeout: Duration = Duration(),
    ) -> Any:
        """Return the source frame of one time in the target frame of another; raises as above."""
        goal = LookupTransform.Goal(
            target_frame=target_frame,
            source_frame=source_frame,
            source_time=Time(nanoseconds=nanoseconds(source_time)).to_msg(),
            timeout=timeout.to_msg(),
            target_time=Time(nanoseconds=nanoseconds(target_time)).to_msg(),
            fixed_frame=fixed_frame,
            advanced=True,
        )
        return self._ask(goal, timeout)

    def can_transform(
        self, target_frame: str, source_frame: str, time: Any, timeout: Duration = Duration()
    ) -> bool:
        """Say whether lookup_transform would answer."""
        try:
            self.lookup_transform(target_frame, source_frame, time, timeout)
        except TransformException:
            return False
        return True

    def can_transform_full(
        self,
        target_frame: str,
        target_time: Any,
        source_frame: str,
        source_time: Any,
        fixed_frame: str,
        timeout: Duration = Duration(),
    ) -> bool:
        """Say whether lookup_transform_full would answer."""
        try:
            self.lookup_transform_full(
                target_frame, target_time, source_frame, source_time, fixed_frame, timeout
            )
        except TransformException:
            return False
        return True

    def _ask(self, goal: Any, timeout: Duration) -> Any:
        if not self.action_client.server_is_ready():
            raise TimeoutException("The BufferServer is not ready.")
        padding = self.timeout_padding
        seconds = timeout.nanoseconds / 1e9 + (
            padding.nanoseconds / 1e9 if isinstance(padding, Duration) else padding
        )
        seconds += 1 / self.check_frequency
        handle = self._wait(self.action_client.send_goal_async(goal), seconds)
        if not handle.accepted:
            raise TimeoutException(
                "The LookupTransform goal sent to the BufferServer did not come back with "
                "accepted status. Something is likely wrong with the server."
            )
        return _transform(self._wait(handle.get_result_async(), seconds).result)

    def _wait(self, future: Any, seconds: float) -> Any:
        done = threading.Event()
        future.add_done_callback(lambda _: done.set())
        if not done.wait(seconds):
            raise TimeoutException(
                "The LookupTransform goal sent to the BufferServer did not come back in the "
                "specified time. Something is likely wrong with the server."
            )
        return future.result()

    def destroy(self) -> None:
        """Destroy the action client."""
        self.action_client.destroy()


def _transform(result: Any) -> Any:
    error = result.error
    if error.error != TF2Error.NO_ERROR:
        raise _RAISED.get(error.error, TransformException)(error.error_string)
    return result.transform
