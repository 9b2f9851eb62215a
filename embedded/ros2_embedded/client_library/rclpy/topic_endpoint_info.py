"""What is known of the publishers and subscriptions of a topic."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, Any

from rclpy.qos import QoSHistoryPolicy, QoSPresetProfiles, QoSProfile
from rclpy.type_hash import TypeHash


class TopicEndpointTypeEnum(IntEnum):
    """Kinds of endpoints."""

    INVALID = 0
    PUBLISHER = 1
    SUBSCRIPTION = 2


_FIELDS = {
    "node_name": (str, ""),
    "node_namespace": (str, ""),
    "topic_type": (str, ""),
    "topic_type_hash": (TypeHash, None),
    "endpoint_type": (TopicEndpointTypeEnum, TopicEndpointTypeEnum.INVALID),
    "endpoint_gid": (list, None),
    "qos_profile": (QoSProfile, None),
}


def _field(name: str, kind: Any) -> Any:
    def read(self: Any) -> Any:
        return getattr(self, f"_{name}")

    def write(self: Any, value: Any) -> None:
        if kind is TopicEndpointTypeEnum and isinstance(value, int):
            value = kind(value)
        if kind in (TypeHash, QoSProfile) and isinstance(value, dict):
            value = kind(**value)
        assert isinstance(value, kind), f"{name} must be of type {kind.__name__}, not {value!r}"
        if kind is list:
            assert all(isinstance(one, int) for one in value)
        setattr(self, f"_{name}", value)

    return property(read, write)


class TopicEndpointInfo:
    """One publisher or subscription."""

    __slots__ = [f"_{name}" for name in _FIELDS]

    if TYPE_CHECKING:
        node_name: str
        node_namespace: str
        topic_type: str
        topic_type_hash: TypeHash
        endpoint_type: TopicEndpointTypeEnum
        endpoint_gid: list[int]
        qos_profile: QoSProfile

    def __init__(self, **kwargs: Any) -> None:
        assert all(key in _FIELDS for key in kwargs), (
            f"Invalid arguments passed to constructor: {kwargs.keys()!r}"
        )
        fresh = {
            "topic_type_hash": TypeHash(),
            "endpoint_gid": [],
            "qos_profile": QoSPresetProfiles.UNKNOWN.value,
        }
        for name, (_, default) in _FIELDS.items():
            setattr(self, name, kwargs.get(name, fresh.get(name, default)))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, TopicEndpointInfo):
            return False
        return all(getattr(self, slot) == getattr(other, slot) for slot in self.__slots__)

    __hash__ = None  # type: ignore[assignment]

    def __str__(self) -> str:
        qos = self.qos_profile
        history = qos.history.name
        if qos.history.value == QoSHistoryPolicy.KEEP_LAST:
            history = f"{history} ({qos.depth})"
        return "\n".join(
            (
                f"Node name: {self.node_name}",
                f"Node namespace: {self.node_namespace}",
                f"Topic type: {self.topic_type}",
                f"Topic type hash: {self.topic_type_hash}",
                f"Endpoint type: {self.endpoint_type.name}",
                "GID: " + ".".join(format(one, "02x") for one in self.endpoint_gid),
                "QoS profile:",
                f"  Reliability: {qos.reliability.name}",
                f"  History (Depth): {history}",
                f"  Durability: {qos.durability.name}",
                f"  Lifespan: {qos.lifespan}",
                f"  Deadline: {qos.deadline}",
                f"  Liveliness: {qos.liveliness.name}",
                f"  Liveliness lease duration: {qos.liveliness_lease_duration}",
            )
        )


for _name, (_kind, _) in _FIELDS.items():
    setattr(TopicEndpointInfo, _name, _field(_name, _kind))
