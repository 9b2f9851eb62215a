"""QoS profiles of rclpy and policies of DDS."""

from ros2_embedded.wire import policies as wire
from ros2_embedded.wire.library import DDS_INFINITY

from rclpy.duration import Duration, Infinite
from rclpy.qos import (
    DurabilityPolicy,
    HistoryPolicy,
    LivelinessPolicy,
    QoSProfile,
    ReliabilityPolicy,
)

SYSTEM_DEPTH = 10
_FOR_EVER = DDS_INFINITY - 1  # from here on a time means "never"


def to_wire(profile):
    """Return the policies for DDS."""
    best_effort = profile.reliability == ReliabilityPolicy.BEST_EFFORT
    latched = profile.durability == DurabilityPolicy.TRANSIENT_LOCAL
    manual = profile.liveliness == LivelinessPolicy.MANUAL_BY_TOPIC
    keep_all = profile.history == HistoryPolicy.KEEP_ALL
    return wire.Policies(
        reliability=wire.Reliability.BEST_EFFORT if best_effort else wire.Reliability.RELIABLE,
        durability=wire.Durability.TRANSIENT_LOCAL if latched else wire.Durability.VOLATILE,
        history=wire.History.KEEP_ALL if keep_all else wire.History.KEEP_LAST,
        depth=profile.depth or SYSTEM_DEPTH,
        deadline=_nanoseconds(profile.deadline),
        lifespan=_nanoseconds(profile.lifespan),
        liveliness=wire.Liveliness.MANUAL_BY_TOPIC if manual else wire.Liveliness.AUTOMATIC,
        lease=_nanoseconds(profile.liveliness_lease_duration),
    )


def from_wire(policies):
    """Return the profile of a discovered endpoint."""
    reliable = policies.reliability is wire.Reliability.RELIABLE
    latched = policies.durability is wire.Durability.TRANSIENT_LOCAL
    manual = policies.liveliness is wire.Liveliness.MANUAL_BY_TOPIC
    keep_all = policies.history is wire.History.KEEP_ALL
    return QoSProfile(
        history=HistoryPolicy.KEEP_ALL if keep_all else HistoryPolicy.KEEP_LAST,
        depth=policies.depth,
        reliability=ReliabilityPolicy.RELIABLE if reliable else ReliabilityPolicy.BEST_EFFORT,
        durability=DurabilityPolicy.TRANSIENT_LOCAL if latched else DurabilityPolicy.VOLATILE,
        deadline=_duration(policies.deadline),
        lifespan=_duration(policies.lifespan),
        liveliness=LivelinessPolicy.MANUAL_BY_TOPIC if manual else LivelinessPolicy.AUTOMATIC,
        liveliness_lease_duration=_duration(policies.lease),
    )


def _nanoseconds(duration):
    return duration.nanoseconds if 0 < duration.nanoseconds < _FOR_EVER else DDS_INFINITY


def _duration(nanoseconds):
    return Infinite if nanoseconds >= _FOR_EVER else Duration(nanoseconds=nanoseconds)
