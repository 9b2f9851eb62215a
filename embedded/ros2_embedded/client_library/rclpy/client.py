"""Service clients."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

from ros2_embedded.idl import DeserializationError, deserialize, serialize

from rclpy.callback_groups import CallbackGroup
from rclpy.destroyable import Handle, ServiceEntity
from rclpy.exceptions import RCLError
from rclpy.qos import QoSProfile
from rclpy.task import Future

_RECHECK = 0.05  # seconds


class Client(ServiceEntity):
    """Made by Node.create_client."""

    _order = 4

    def __init__(
        self,
        context: Any,
        endpoint: Any,
        srv_type: Any,
        srv_name: str,
        qos_profile: QoSProfile,
        callback_group: CallbackGroup,
        logger: Any,
    ) -> None:
        self.context = context
        self._endpoint = endpoint
        self._logger = logger
        self.srv_type = srv_type
        self.srv_name = srv_name
        self.qos_profile = qos_profile
        self._pending_requests: dict[int, Future] = {}
        self.callback_group = callback_group
        self._lock = threading.Lock()
        self.condition = endpoint.reader.condition
        self._handle = Handle("client", endpoint.close)
        self._response_type = srv_type.Response
        endpoint.strangers.report_to(logger.warning)

    def call(self, request: Any, timeout_sec: float | None = None) -> Any:
        """Call and wait (never in a callback); None after the timeout in seconds."""
        finished = threading.Event()
        future = self.call_async(request)
        future._when_finished(finished.set)
        if not future.done() and not finished.wait(timeout_sec):
            self.remove_pending_request(future)
        failure = future.exception()
        if failure is not None:
            raise failure
        return future.result()

    def call_async(self, request: Any) -> Future:
        """Call; the returned Future completes with the response.

        It ends with an RCLError at once if only servers of another vendor's DDS are there, which never
        answer.

        Raises:
            TypeError: the request is of another type.

        """
        if not isinstance(request, self.srv_type.Request):
            raise TypeError()
        obstacle = self._endpoint.obstacle()
        if obstacle:
            failed = Future()
            failed.set_exception(RCLError(obstacle))
            return failed
        data = serialize(request)
        with self._lock:
            with self._handle:
                number = self._endpoint.send(data)
            future = Future()
            self._pending_requests[number] = future
            future.add_done_callback(self.remove_pending_request)
        return future

    def remove_pending_request(self, future: Future) -> None:
        """Forget a request; its response will be ignored."""
        with self._lock:
            for number, pending in self._pending_requests.items():
                if pending is future:
                    del self._pending_requests[number]
                    break

    def _take(self, executor: Any) -> Any:
        answers = self._endpoint.take()
        if not answers:
            return None
        return self._answer, (answers, executor)

    def _answer(self, answers: Any, executor: Any) -> None:
        for number, data in answers:
            with self._lock:
                future = self._pending_requests.get(number)
            if future is None:
                continue
            future._set_executor(executor)
            try:
                response = deserialize(data, self._response_type)
            except DeserializationError as failure:
                self._logger.error(f"A response of '{self.srv_name}' cannot be read: {failure}")
                future.set_exception(failure)
            else:
                future.set_result(response)

    def service_is_ready(self) -> bool:
        """Say whether a server is matched."""
        with self._handle:
            return self._endpoint.is_ready()

    def wait_for_service(self, timeout_sec: float | None = None) -> bool:
        """Wait for a server; False after the timeout in seconds or the end of the context.

        Without a timeout it is False, too, if the only server there is can never answer.
        """

        def over() -> bool:
            return self.service_is_ready() or (timeout_sec is None and self._in_vain())

        return wait_until(self.context, over, timeout_sec) and self.service_is_ready()

    def _in_vain(self) -> bool:
        return bool(self._endpoint.obstacle())


def wait_until(context: Any, ready: Callable[[], Any], timeout_sec: float | None) -> bool:
    """Wait until ``ready()``, asked after every change of the graph; says whether it is."""
    if ready():
        return True
    if not context.ok():
        return False
    deadline = None if timeout_sec is None else time.monotonic() + timeout_sec
    changed = threading.Event()
    stops = (context.participant.graph.on_change(changed.set), context._on_end(changed.set))
    try:
        while True:
            changed.clear()
            if not context.ok():
                return False
            if ready():
                return True
            left = None if deadline is None else deadline - time.monotonic()
            if left is not None and left <= 0:
                return False
            # Matching can lag behind discovery by a moment that no event tells of.
            changed.wait(_RECHECK if left is None else min(left, _RECHECK))
    finally:
        for stop in stops:
            stop()
