"""Policies of a topic that parameters may change."""

from rcl_interfaces.msg import ParameterDescriptor, SetParametersResult

import rclpy.qos
from rclpy.duration import Duration
from rclpy.exceptions import ParameterAlreadyDeclaredException
from rclpy.publisher import Publisher
from rclpy.qos import (
    QoSDurabilityPolicy,
    QoSHistoryPolicy,
    QoSLivelinessPolicy,
    QoSPolicyKind,
    QoSReliabilityPolicy,
)
from rclpy.subscription import Subscription

# What the callback of QoSOverridingOptions returns.
QosCallbackResult = SetParametersResult


class InvalidQosOverridesError(Exception):
    """The callback refused the overrides."""


class QoSOverridingOptions:
    """Which policies may be overridden, and who judges the result."""

    def __init__(self, policy_kinds, *, callback=None, entity_id=None):
        self._policy_kinds = policy_kinds
        self._callback = callback
        self._entity_id = entity_id

    @property
    def policy_kinds(self):
        return self._policy_kinds

    @property
    def callback(self):
        return self._callback

    @property
    def entity_id(self):
        return self._entity_id

    @classmethod
    def with_default_policies(cls, *, callback=None, entity_id=None):
        """History, depth and reliability."""
        return cls(
            (QoSPolicyKind.HISTORY, QoSPolicyKind.DEPTH, QoSPolicyKind.RELIABILITY),
            callback=callback,
            entity_id=entity_id,
        )


_ENUMS = {
    QoSPolicyKind.LIVELINESS: QoSLivelinessPolicy,
    QoSPolicyKind.RELIABILITY: QoSReliabilityPolicy,
    QoSPolicyKind.HISTORY: QoSHistoryPolicy,
    QoSPolicyKind.DURABILITY: QoSDurabilityPolicy,
}
_TIMES = (QoSPolicyKind.LIFESPAN, QoSPolicyKind.DEADLINE, QoSPolicyKind.LIVELINESS_LEASE_DURATION)


def _declare_qos_parameters(entity_type, node, topic_name, qos, options):
    """Declare a parameter for each policy and put its value into ``qos``."""
    if not issubclass(entity_type, (Publisher, Subscription)):
        raise TypeError("Argument `entity_type` should be a subclass of Publisher or Subscription")
    kind = "publisher" if issubclass(entity_type, Publisher) else "subscription"
    suffix = "" if options.entity_id is None else f"_{options.entity_id}"
    about = f"for {kind} `{topic_name}` with id `{options.entity_id}`"
    for policy in options.policy_kinds:
        if policy is QoSPolicyKind.LIFESPAN and kind == "subscription":
            continue
        name = f"qos_overrides.{topic_name}.{kind}{suffix}.{policy.name.lower()}"
        descriptor = ParameterDescriptor(
            description=f"{policy.name.lower()} {about}", read_only=True
        )
        try:
            parameter = node.declare_parameter(
                name, _get_qos_policy_parameter(qos, policy), descriptor
            )
        except ParameterAlreadyDeclaredException:
            parameter = node.get_parameter(name)
        _override(qos, policy, parameter.value)
    if options.callback is not None:
        result = options.callback(qos)
        if not result.successful:
            raise InvalidQosOverridesError(
                f"Provided QoS overrides {about}, are not valid: {result.reason}"
            )


def _get_qos_policy_parameter(qos, policy):
    value = getattr(qos, policy.name.lower())
    if isinstance(value, rclpy.qos.QoSPolicyEnum):
        if value.name == "UNKNOWN":
            raise ValueError("User provided QoS profile is invalid")
        return value.name.lower()
    return value.nanoseconds if isinstance(value, Duration) else value


def _override(qos, policy, value):
    if policy in _ENUMS:
        try:
            value = _ENUMS[policy][value.upper()]
        except KeyError:
            raise RuntimeError(
                f"Unexpected QoS override for policy `{policy.name.lower()}`: `{value}`"
            ) from None
    if policy in _TIMES:
        value = Duration(nanoseconds=value)
    setattr(qos, policy.name.lower(), value)
