"""Shows the traffic of a service to others, on ``<service>/_service_event``."""

import threading
from enum import IntEnum

from ros2_embedded.idl import serialize

from rclpy.impl.wire_policies import to_wire

_GID_LENGTH = 16


class ServiceIntrospectionState(IntEnum):
    """Levels of service introspection."""

    OFF = 0
    METADATA = 1
    CONTENTS = 2


class ServiceEvents:
    """The event publisher of one service or client; silent until it is configured."""

    def __init__(self, endpoint, srv_type, srv_name):
        self._endpoint = endpoint
        self._type = srv_type
        self._topic = f"{srv_name}/_service_event"
        self._state = ServiceIntrospectionState.OFF
        self._writer = None
        self._clock = None
        self._lock = threading.Lock()

    def configure(self, clock, qos_profile, state):
        """Publish nothing, the metadata, or the contents too."""
        with self._lock:
            self._close()
            self._state = ServiceIntrospectionState(state)
            if self._state is not ServiceIntrospectionState.OFF:
                self._clock = clock
                self._writer = self._endpoint.participant.publisher(
                    self._topic, self._type.Event, to_wire(qos_profile)
                )

    def publish(self, kind, client, number, request=None, response=None):
        """Publish an event; ``client`` is the identity in the header of requests."""
        if self._writer is None:
            return
        event = self._type.Event()
        event.info.event_type = kind
        event.info.stamp = self._clock.now().to_msg()
        event.info.client_gid = list(client.to_bytes(8, "little") + bytes(_GID_LENGTH - 8))
        event.info.sequence_number = number
        if self._state is ServiceIntrospectionState.CONTENTS:
            if request is not None:
                event.request = [request]
            if response is not None:
                event.response = [response]
        with self._lock:
            if self._writer is not None:
                self._writer.write(serialize(event))

    def _close(self):
        writer, self._writer = self._writer, None
        if writer is not None:
            writer.close()

    def close(self):
        """Publish no more."""
        with self._lock:
            self._close()
