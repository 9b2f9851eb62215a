"""What is known about an endpoint of a topic."""

from enum import IntEnum


class TopicEndpointTypeEnum(IntEnum):
    INVALID = 0
    PUBLISHER = 1
    SUBSCRIPTION = 2


class TypeHash:
    """A version and 32 bytes."""

    def __init__(self, version=-1, value=bytes(32)):
        self.version = version
        self.value = value

    @classmethod
    def from_text(cls, text):
        if not text.startswith("RIHS01_"):
            return cls()
        try:
            return cls(1, bytes.fromhex(text[7:]))
        except ValueError:
            return cls()

    def __eq__(self, other):
        return isinstance(other, TypeHash) and (self.version, self.value) == (
            other.version,
            other.value,
        )

    def __str__(self):
        if self.version <= 0 or len(self.value) != 32:
            return "INVALID"
        return f"RIHS{self.version:02}_{self.value.hex()}"

    def __repr__(self):
        return f"TypeHash(version={self.version}, value={self.value.hex()})"


class TopicEndpointInfo:
    """Node, type, kind, GID and QoS of an endpoint."""

    def __init__(
        self, node_name="", node_namespace="", topic_type="", topic_type_hash=None,
        endpoint_type=TopicEndpointTypeEnum.INVALID, endpoint_gid=(), qos_profile=None,
    ):  # fmt: skip
        self.node_name = node_name
        self.node_namespace = node_namespace
        self.topic_type = topic_type
        self.topic_type_hash = topic_type_hash or TypeHash()
        self.endpoint_type = TopicEndpointTypeEnum(endpoint_type)
        self.endpoint_gid = list(endpoint_gid)
        self.qos_profile = qos_profile

    def __str__(self):
        gid = ".".join(format(x, "02x") for x in self.endpoint_gid)
        qos = self.qos_profile
        depth = f" ({qos.depth})" if qos.history.short_key == "keep_last" else ""
        return "\n".join(
            (
                f"Node name: {self.node_name}",
                f"Node namespace: {self.node_namespace}",
                f"Topic type: {self.topic_type}",
                f"Topic type hash: {self.topic_type_hash}",
                f"Endpoint type: {self.endpoint_type.name}",
                f"GID: {gid}",
                "QoS profile:",
                f"  Reliability: {qos.reliability.name}",
                f"  History (Depth): {qos.history.name}{depth}",
                f"  Durability: {qos.durability.name}",
                f"  Lifespan: {qos.lifespan}",
                f"  Deadline: {qos.deadline}",
                f"  Liveliness: {qos.liveliness.name}",
                f"  Liveliness lease duration: {qos.liveliness_lease_duration}",
            )
        )
