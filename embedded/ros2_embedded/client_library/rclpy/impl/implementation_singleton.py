"""The names of upstream's C extension that programs reach for, on this runtime."""

from types import SimpleNamespace

from rclpy import exceptions, qos
from rclpy.arguments import UnknownROSArgsError
from rclpy.event_handler import QoSPublisherEventType, QoSSubscriptionEventType
from rclpy.impl import handles
from rclpy.impl.wait_set import WaitSet
from rclpy.qos import QoSCompatibility
from rclpy.utilities import get_rmw_implementation_identifier

rclpy_implementation = SimpleNamespace(
    Client=handles.Client,
    EventHandle=handles.EventHandle,
    GuardCondition=handles.GuardCondition,
    InvalidHandle=exceptions.InvalidHandle,
    NodeNameNonExistentError=exceptions.NodeNameNonExistentError,
    QoSCompatibility=QoSCompatibility,
    RCLError=exceptions.RCLError,
    RCLInvalidROSArgsError=exceptions.RCLInvalidROSArgsError,
    RMWError=exceptions.RMWError,
    Service=handles.Service,
    Subscription=handles.Subscription,
    Timer=handles.Timer,
    TimerCancelledError=exceptions.TimerCancelledError,
    UnknownROSArgsError=UnknownROSArgsError,
    WaitSet=WaitSet,
    UnsupportedEventTypeError=exceptions.UnsupportedEventTypeError,
    rmw_qos_profile_t=SimpleNamespace(predefined=lambda name: getattr(qos, name)),
    rcl_publisher_event_type_t=QoSPublisherEventType,
    rcl_subscription_event_type_t=QoSSubscriptionEventType,
    rclpy_get_rmw_implementation_identifier=get_rmw_implementation_identifier,
)
