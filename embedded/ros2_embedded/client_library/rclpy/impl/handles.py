"""Handles for programs that build their own Waitable the way upstream's C extension wants it."""

import ctypes

from ros2_embedded.idl import deserialize, serialize
from ros2_embedded.wire.library import function
from ros2_embedded.wire.waitset import Guard

from rclpy import timer as clock_timer
from rclpy.destroyable import Handle
from rclpy.event_handler import information, status_of, watch_of
from rclpy.impl.wire_policies import to_wire
from rclpy.service import RequestId, ServiceInfo

_triggered = function("dds_triggered", ctypes.c_int32, ctypes.c_int32)


class _Waited(Handle):
    """A handle with a condition to wait for."""

    condition = 0

    def ready(self):
        """Say whether there is something to take."""
        return _triggered(self.condition) > 0


class Client(_Waited):
    """Sends requests."""

    def __init__(self, node_handle, srv_type, name, qos_profile):
        node = node_handle.node
        self._type = srv_type
        self._endpoint = node._participant.service_client(
            node.resolve_service_name(name), srv_type, to_wire(qos_profile)
        )
        self._endpoint.strangers.report_to(node.get_logger().warning)
        super().__init__("client", self._endpoint.close)
        self.condition = self._endpoint.reader.condition

    def service_server_is_available(self):
        return self._endpoint.is_ready()

    def send_request(self, request):
        """Send a request; returns its sequence number."""
        return self._endpoint.send(serialize(request))

    def take_response(self, response_type):
        """Return (header, response), or (None, None)."""
        for number, data in self._endpoint.take():
            header = ServiceInfo(RequestId(self._endpoint.writer.handle, number, 0))
            return header, deserialize(data, response_type)
        return None, None


class Service(_Waited):
    """Takes requests."""

    def __init__(self, node_handle, srv_type, name, qos_profile):
        node = node_handle.node
        self._endpoint = node._participant.service_server(
            node.resolve_service_name(name), srv_type, to_wire(qos_profile)
        )
        self._endpoint.strangers.report_to(node.get_logger().warning)
        super().__init__("service", self._endpoint.close)
        self.condition = self._endpoint.reader.condition

    def service_take_request(self, request_type):
        """Return (request, header), or (None, None)."""
        taken = self._endpoint.take()
        if taken is None:
            return None, None
        identity, data, stamp = taken
        return deserialize(data, request_type), ServiceInfo(RequestId(*identity), stamp)

    def service_send_response(self, response, request_id):
        """Answer a request."""
        self._endpoint.send(request_id, serialize(response))


class Subscription(_Waited):
    """Takes messages."""

    def __init__(self, node_handle, msg_type, topic, qos_profile):
        node = node_handle.node
        self._reader = node._participant.subscription(
            node.resolve_topic_name(topic), msg_type, to_wire(qos_profile)
        )
        super().__init__("subscription", self._reader.close)
        self.condition = self._reader.condition

    def take_message(self, msg_type, raw):
        """Return (message or bytes, information), or None."""
        for data, stamp, _ in self._reader.take():
            message = data if raw else deserialize(data, msg_type)
            return message, {"source_timestamp": stamp}
        return None


class GuardCondition(_Waited):
    """Is triggered by the program."""

    def __init__(self, context_handle):
        self._guard = Guard(context_handle.participant.entity)
        super().__init__("guard condition", self._guard.close)
        self.condition = self._guard.condition

    def trigger_guard_condition(self):
        self._guard.trigger()

    def ready(self):
        """Say whether it was triggered, and take the trigger back."""
        triggered = super().ready()
        self._guard.clear()
        return triggered


class Timer(Handle):
    """Is ready once a period."""

    def __init__(self, clock_handle, context_handle, period_nanoseconds, autostart=True):
        self.timer = clock_timer.Timer(
            None, None, period_nanoseconds, clock_handle, context=context_handle._context,
            autostart=autostart,
        )  # fmt: skip
        super().__init__("timer", self.timer.destroy)
        self.is_timer_ready = self.ready = self.timer.is_ready
        self.is_timer_canceled = self.timer.is_canceled
        self.cancel_timer = self.timer.cancel
        self.reset_timer = self.timer.reset
        self.time_since_last_call = self.timer.time_since_last_call
        self.time_until_next_call = self.timer.time_until_next_call

    def call_timer(self):
        """Note that the period is over: the next one begins."""
        self.timer._take(None)

    def get_timer_period(self):
        return self.timer.timer_period_ns

    def change_timer_period(self, nanoseconds):
        self.timer.timer_period_ns = nanoseconds


class EventHandle(_Waited):
    """An event of a publisher or subscription, for programs that wait for it themselves."""

    def __init__(self, parent_handle, event_type):
        endpoint = parent_handle.endpoint
        self._status, self._information = status_of(event_type)
        self._watch = watch_of(endpoint)
        self._watch.hold(self._status)
        super().__init__("event", self._release)
        self.condition = endpoint.entity

    def _release(self):
        self._watch.release(self._status)

    def ready(self):
        return self._watch.changed(self._status)

    def take_event(self):
        """Return the information; None if the publisher or subscription is gone."""
        values = self._watch.read(self._status)
        return None if values is None else information(self._information, values)
