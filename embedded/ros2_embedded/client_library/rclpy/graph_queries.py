"""Questions of a node about the graph."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ros2_embedded.wire import names

from rclpy.exceptions import NodeNameNonExistentError
from rclpy.expand_topic_name import expand_topic_name
from rclpy.impl.wire_policies import from_wire
from rclpy.topic_endpoint_info import TopicEndpointInfo, TopicEndpointTypeEnum
from rclpy.type_hash import TypeHash

_NamesAndTypes = list[tuple[str, list[str]]]


class GraphQueries:
    """Mixed into Node."""

    if TYPE_CHECKING:  # what the node has
        _graph: Any
        _name: str
        _namespace: str
        _context: Any

        def get_name(self) -> str: ...

        def get_namespace(self) -> str: ...

        def resolve_topic_name(self, topic: str, *, only_expand: bool = False) -> str: ...

    def get_node_names(self) -> list[str]:
        """Return the names of all nodes, without namespaces."""
        return [node.name for node in self._graph.nodes()]

    def get_node_names_and_namespaces(self) -> list[tuple[str, str]]:
        """Return (name, namespace) of all nodes."""
        return [(node.name, node.namespace) for node in self._graph.nodes()]

    def get_topic_names_and_types(self, no_demangle: bool = False) -> _NamesAndTypes:
        """Return the topics with their types; with `no_demangle` those of DDS."""
        found: dict[Any, Any] = {}
        for endpoint in self._graph.endpoints():
            topic = endpoint.topic if no_demangle else names.ros_topic(endpoint.topic)
            if topic is not None:
                kind = endpoint.type_name if no_demangle else names.ros_type(endpoint.type_name)
                found.setdefault(topic, set()).add(kind)
        return [(name, sorted(kinds)) for name, kinds in sorted(found.items())]

    def get_service_names_and_types(self) -> _NamesAndTypes:
        """Return the services with their types."""
        found: dict[Any, Any] = {}
        for endpoint in self._graph.endpoints():
            service = names.ros_service(endpoint.topic)
            if service is not None:
                found.setdefault(service, set()).add(names.service_type(endpoint.type_name))
        return [(name, sorted(kinds)) for name, kinds in sorted(found.items())]

    def _of_node(self, node_name: str, node_namespace: str, writers: bool, services: bool) -> Any:
        guids, known = set(), False
        for node in self._graph.nodes():
            if node.name == node_name and node.namespace == node_namespace:
                known = True
                guids |= node.writers if writers else node.readers
        if not known:
            raise NodeNameNonExistentError(
                f"cannot get the endpoints of node {node_namespace.rstrip('/')}/{node_name}: "
                "there is no such node"
            )
        found: dict[Any, Any] = {}
        for endpoint in self._graph.endpoints():
            if endpoint.guid not in guids or endpoint.is_writer != writers:
                continue
            if services:
                # A server reads requests, a client writes them.
                is_request = endpoint.topic.startswith(names.REQUEST)
                name = names.ros_service(endpoint.topic) if is_request else None
                kind = names.service_type(endpoint.type_name)
            else:
                name, kind = names.ros_topic(endpoint.topic), names.ros_type(endpoint.type_name)
            if name is not None:
                found.setdefault(name, set()).add(kind)
        return [(name, sorted(kinds)) for name, kinds in sorted(found.items())]

    def get_publisher_names_and_types_by_node(
        self, node_name: str, node_namespace: str, no_demangle: bool = False
    ) -> _NamesAndTypes:
        """Return the topics a node publishes. Raises NodeNameNonExistentError."""
        return self._of_node(node_name, node_namespace, True, False)

    def get_subscriber_names_and_types_by_node(
        self, node_name: str, node_namespace: str, no_demangle: bool = False
    ) -> _NamesAndTypes:
        """Return the topics a node listens to. Raises NodeNameNonExistentError."""
        return self._of_node(node_name, node_namespace, False, False)

    def get_service_names_and_types_by_node(
        self, node_name: str, node_namespace: str
    ) -> _NamesAndTypes:
        """Return the services a node offers. Raises NodeNameNonExistentError."""
        return self._of_node(node_name, node_namespace, False, True)

    def get_client_names_and_types_by_node(
        self, node_name: str, node_namespace: str
    ) -> _NamesAndTypes:
        """Return the services a node uses. Raises NodeNameNonExistentError."""
        return self._of_node(node_name, node_namespace, True, True)

    def _expand(self, name: str) -> str:
        """Return the full name, not remapped; raises ValueError for an invalid one."""
        if not isinstance(name, str):
            raise TypeError(f"a name has to be a str, not {type(name)}")
        return expand_topic_name(name, self.get_name(), self.get_namespace())

    def _count(self, topic: str, writer: bool) -> int:
        return len(self._graph.endpoints_on(topic, writers=writer))

    def count_publishers(self, topic_name: str) -> int:
        """Return how many publishers a topic has."""
        return self._count(names.topic(self._expand(topic_name)), True)

    def count_subscribers(self, topic_name: str) -> int:
        """Return how many subscriptions a topic has."""
        return self._count(names.topic(self._expand(topic_name)), False)

    def count_clients(self, service_name: str) -> int:
        """Return how many clients a service has."""
        return self._count(names.request(self._expand(service_name)), True)

    def count_services(self, service_name: str) -> int:
        """Return how many servers a service has."""
        return self._count(names.request(self._expand(service_name)), False)

    def _infos(self, topic_name: str, no_mangle: bool, writer: bool) -> list[TopicEndpointInfo]:
        topic = topic_name
        if not no_mangle:
            topic = names.topic(self.resolve_topic_name(self._expand(topic_name)))
        kind = TopicEndpointTypeEnum.PUBLISHER if writer else TopicEndpointTypeEnum.SUBSCRIPTION
        infos = []
        for endpoint in self._graph.endpoints_on(topic, writers=writer):
            owner = self._graph.owner_of(endpoint.guid) or (
                "_NODE_NAME_UNKNOWN_",
                "_NODE_NAMESPACE_UNKNOWN_",
            )
            infos.append(
                TopicEndpointInfo(
                    node_name=owner[0],
                    node_namespace=owner[1],
                    topic_type=endpoint.type_name
                    if no_mangle
                    else names.ros_type(endpoint.type_name),
                    topic_type_hash=TypeHash.from_text(endpoint.user_value("typehash")),
                    endpoint_type=kind,
                    endpoint_gid=list(endpoint.guid),
                    qos_profile=from_wire(endpoint.policies),
                )
            )
        return infos

    def get_publishers_info_by_topic(
        self, topic_name: str, no_mangle: bool = False
    ) -> list[TopicEndpointInfo]:
        """Return name, type and QoS of each publisher of a topic."""
        return self._infos(topic_name, no_mangle, True)

    def get_subscriptions_info_by_topic(
        self, topic_name: str, no_mangle: bool = False
    ) -> list[TopicEndpointInfo]:
        """Return name, type and QoS of each subscription to a topic."""
        return self._infos(topic_name, no_mangle, False)
