"""Topics in the graph, their types, and QoS profiles by short names."""

from __future__ import annotations

from typing import Any

from rclpy import qos
from rclpy.duration import Duration

from ros2_embedded.cli.graph import visible
from ros2_embedded.cli.topic.names import topic_class, wait_for_topic_class

_POLICIES = {
    "history": qos.QoSHistoryPolicy,
    "durability": qos.QoSDurabilityPolicy,
    "reliability": qos.QoSReliabilityPolicy,
    "liveliness": qos.QoSLivelinessPolicy,
}


def get_topic_names_and_types(
    *, node: Any, include_hidden_topics: bool = False
) -> list[tuple[str, list[str]]]:
    """Return the topics with their types."""
    return visible(node.get_topic_names_and_types(), include_hidden=include_hidden_topics)


def get_topic_names(*, node: Any, include_hidden_topics: bool = False) -> list[str]:
    """Return the names of the topics."""
    found = get_topic_names_and_types(node=node, include_hidden_topics=include_hidden_topics)
    return [name for name, _ in found]


def get_msg_class(
    node: Any, topic: str, blocking: bool = False, include_hidden_topics: bool = False
) -> Any:
    """Return the message class of a topic; None if it is not there and shall not be waited for.

    Raises RuntimeError for an invalid name, or if the topic has several types.
    """
    del include_hidden_topics  # who names a hidden topic wants it
    return wait_for_topic_class(node, topic) if blocking else topic_class(node, topic)


def profile_configure_short_keys(
    profile: qos.QoSProfile,
    reliability: str | None = None,
    durability: str | None = None,
    depth: int | None = None,
    history: str | None = None,
    liveliness: str | None = None,
    liveliness_lease_duration_s: float | None = None,
) -> None:
    """Change a profile; policies go by short names such as 'best_effort'."""
    chosen = {
        "history": history,
        "durability": durability,
        "reliability": reliability,
        "liveliness": liveliness,
    }
    for name, key in chosen.items():
        if key:
            setattr(profile, name, _POLICIES[name].get_from_short_key(key))
    if liveliness_lease_duration_s is not None and liveliness_lease_duration_s > 0:
        profile.liveliness_lease_duration = Duration(seconds=liveliness_lease_duration_s)
    if depth is not None and depth > 0:
        profile.depth = depth
    elif profile.durability == qos.QoSDurabilityPolicy.TRANSIENT_LOCAL and profile.depth == 0:
        profile.depth = 1


def qos_profile_from_short_keys(
    preset_profile: str,
    reliability: str | None = None,
    durability: str | None = None,
    depth: int | None = None,
    history: str | None = None,
    liveliness: str | None = None,
    liveliness_lease_duration_s: float | None = None,
) -> qos.QoSProfile:
    """Return a preset by its short name, such as 'sensor_data', with changes."""
    profile = qos.QoSPresetProfiles.get_from_short_key(preset_profile)
    profile_configure_short_keys(
        profile, reliability, durability, depth, history, liveliness, liveliness_lease_duration_s
    )
    return profile
