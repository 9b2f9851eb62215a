"""One participant a context: where all endpoints of a process's nodes are made."""

from __future__ import annotations

import threading
from functools import partial
from typing import Any, TypeVar

from ros2_embedded.idl import dds_type_name, interface_name, type_hash
from ros2_embedded.wire import names
from ros2_embedded.wire.domain import enter_domain, leave_domain
from ros2_embedded.wire.endpoint import Reader, Writer
from ros2_embedded.wire.graph import Graph
from ros2_embedded.wire.library import DdsError, checked, create_participant, delete, guid_of
from ros2_embedded.wire.opaque import create_topic
from ros2_embedded.wire.policies import Policies, delete_qos, user_data_qos
from ros2_embedded.wire.service import ServiceClientEndpoint, ServiceServerEndpoint

End = TypeVar("End", Reader, Writer)


class Participant:
    """A DDS participant with a graph; topics are made once a name and type."""

    def __init__(self, domain_id: int) -> None:
        enter_domain(domain_id)
        self.domain_id = domain_id
        qos = user_data_qos(b"enclave=/;")
        try:
            self.entity = checked(
                create_participant(domain_id, qos, None), f"joining domain {domain_id}"
            )
        except DdsError:
            leave_domain(domain_id)
            raise
        finally:
            delete_qos(qos)
        self.guid = guid_of(self.entity)
        self._topics: dict[tuple[str, str], int] = {}
        self._lock = threading.Lock()
        self.graph = Graph(self.entity, self.guid)

    def _topic(self, name: str, type_name: str) -> int:
        with self._lock:
            key = (name, type_name)
            if key not in self._topics:
                self._topics[key] = create_topic(self.entity, name, type_name)
            return self._topics[key]

    def publisher(self, topic: str, message_type: Any, policies: Policies) -> Writer:
        """Return a writer for a ROS topic."""
        return self._endpoint(Writer, topic, message_type, policies)

    def subscription(self, topic: str, message_type: Any, policies: Policies) -> Reader:
        """Return a reader for a ROS topic."""
        return self._endpoint(Reader, topic, message_type, policies)

    def _endpoint(self, kind: type[End], topic: str, message_type: Any, policies: Policies) -> End:
        name, type_name = names.topic(topic), dds_type_name(message_type)
        user_data = f"typehash={type_hash(message_type)};".encode()
        made = kind(self.entity, self._topic(name, type_name), policies, user_data)
        made.watch_types = partial(self.graph.watch_types, name, type_name, kind is Writer)
        return made

    def service_server(
        self, service: str, service_type: Any, policies: Policies
    ) -> ServiceServerEndpoint:
        """Return the two endpoints of a service."""
        return ServiceServerEndpoint(self, service, service_type, policies)

    def service_client(
        self, service: str, service_type: Any, policies: Policies
    ) -> ServiceClientEndpoint:
        """Return the two endpoints of a client."""
        return ServiceClientEndpoint(self, service, service_type, policies)

    def service_topics(self, service: str, service_type: Any) -> tuple[int, int]:
        """Return the request and reply topics of a service."""
        name = interface_name(service_type)
        return (
            self._topic(names.request(service), dds_type_name(f"{name}_Request")),
            self._topic(names.reply(service), dds_type_name(f"{name}_Response")),
        )

    def close(self) -> None:
        """Leave the domain with all endpoints."""
        self.graph.close()
        entity, self.entity = self.entity, 0
        if entity:
            delete(entity)
            leave_domain(self.domain_id)
