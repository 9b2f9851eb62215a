"""Handles for programs that build their own Waitable the way upstream's C extension wants it."""

import ctypes

from ros2_embedded.idl import deserialize, serialize
from ros2_embedded.wire.library import function
from ros2_embedded.wire.waitset import Guard

from rclpy.destroyable import Handle
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
        super().__init__("service", self._endpoint.close)
        self.condition = self._endpoint.reader.condition

    def service_take_request(self, request_type):
        """Return (request, header), or (None, None)."""
        taken = self._endpoint.take()
        if taken is None:
            return None, None
        identity, data = taken
        return deserialize(data, request_type), ServiceInfo(RequestId(*identity))

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


class WaitSet:
    """Notes what a Waitable adds, and tells which of it is ready."""

    def __init__(self):
        self.handles = {"client": [], "service": [], "subscription": [], "guard_condition": []}

    def _add(self, kind, handle):
        self.handles[kind].append(handle)
        return len(self.handles[kind]) - 1

    def add_client(self, handle):
        return self._add("client", handle)

    def add_service(self, handle):
        return self._add("service", handle)

    def add_subscription(self, handle):
        return self._add("subscription", handle)

    def add_guard_condition(self, handle):
        return self._add("guard_condition", handle)

    def add_timer(self, handle):
        raise NotImplementedError("timers in a Waitable are not supported; use Node.create_timer")

    def add_event(self, handle):
        raise NotImplementedError(
            "events in a Waitable are not supported; use the event callbacks of the endpoint"
        )

    def is_ready(self, kind, index):
        """Say whether a handle that was added has something to take."""
        return self.handles[kind][index].ready()

    def conditions(self):
        """Return the conditions of everything that was added."""
        return [one.condition for handles in self.handles.values() for one in handles]
