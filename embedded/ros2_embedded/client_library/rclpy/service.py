"""Services."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, NamedTuple

from ros2_embedded.idl import DeserializationError, deserialize, serialize

from rclpy.callback_groups import CallbackGroup
from rclpy.destroyable import Handle, ServiceEntity
from rclpy.qos import QoSProfile


class RequestId(NamedTuple):
    """Which request of which client a response belongs to."""

    writer_guid: int
    sequence_number: int
    publication: int


class ServiceInfo(NamedTuple):
    """The header of a request."""

    request_id: RequestId
    source_timestamp: int = 0  # nanoseconds since 1970, when the client sent it


class Service(ServiceEntity):
    """Made by Node.create_service."""

    _order = 5

    def __init__(
        self,
        endpoint: Any,
        srv_type: Any,
        srv_name: str,
        callback: Callable[[Any, Any], Any],
        callback_group: CallbackGroup,
        qos_profile: QoSProfile,
        logger: Any,
    ) -> None:
        self._endpoint = endpoint
        self._logger = logger
        self.srv_type = srv_type
        self.srv_name = srv_name
        self.callback = callback
        self.callback_group = callback_group
        self.qos_profile = qos_profile
        self.condition = endpoint.reader.condition
        self._handle = Handle("service", endpoint.close)
        self._request_type = srv_type.Request
        self._response_type = srv_type.Response
        endpoint.strangers.report_to(logger.warning)

    def send_response(self, response: Any, header: Any) -> None:
        """Send the response to a request.

        Raises:
            TypeError: the response or the header is of another type.

        """
        if not isinstance(response, self._response_type):
            raise TypeError()
        if isinstance(header, ServiceInfo):
            header = header.request_id
        if not isinstance(header, RequestId):
            raise TypeError()
        with self._handle:
            self._endpoint.send(header, serialize(response))

    def _take(self, executor: Any) -> Any:
        taken = self._endpoint.take()
        if taken is None:
            return None
        identity, data, stamp = taken
        try:
            request = deserialize(data, self._request_type)
        except DeserializationError as failure:
            self._logger.error(f"A request to '{self.srv_name}' was dropped: {failure}")
            return None
        return self._serve, (request, ServiceInfo(RequestId(*identity), stamp))

    def _serve(self, request: Any, header: Any) -> Any:
        response = self.callback(request, self._response_type())
        if inspect.isawaitable(response):
            return self._serve_later(response, header)
        self.send_response(response, header)
        return None

    async def _serve_later(self, response: Any, header: Any) -> None:
        self.send_response(await response, header)
