"""Events of publishers and subscriptions."""

import inspect
import threading
from dataclasses import dataclass
from enum import IntEnum

from ros2_embedded.wire.events import Status, StatusWatch
from ros2_embedded.wire.waitset import Guard

from rclpy.exceptions import UnsupportedEventTypeError
from rclpy.qos import QoSPolicyKind, qos_policy_name_from_kind
from rclpy.waitable import Waitable


class QoSPublisherEventType(IntEnum):
    """Events of a publisher."""

    RCL_PUBLISHER_OFFERED_INCOMPATIBLE_QOS = 2
    RCL_PUBLISHER_INCOMPATIBLE_TYPE = 3
    RCL_PUBLISHER_MATCHED = 4


class QoSSubscriptionEventType(IntEnum):
    """Events of a subscription."""

    RCL_SUBSCRIPTION_REQUESTED_INCOMPATIBLE_QOS = 2
    RCL_SUBSCRIPTION_MESSAGE_LOST = 3
    RCL_SUBSCRIPTION_INCOMPATIBLE_TYPE = 4
    RCL_SUBSCRIPTION_MATCHED = 5


@dataclass
class _Count:
    total_count: int = 0
    total_count_change: int = 0


class QoSMessageLostInfo(_Count):
    """How many messages were lost."""


class IncompatibleTypeInfo(_Count):
    """How many endpoints have another type."""


class _NamedKind(IntEnum):
    def __str__(self):
        return f"{type(self).__name__}.{self.name}"

    def __format__(self, spec):
        return format(str(self), spec)


#: The policies in events: equal to QoSPolicyKind, but written as upstream's C extension does.
_EventPolicyKind = _NamedKind(
    "rmw_qos_policy_kind_t", {f"RMW_QOS_POLICY_{one.name}": one.value for one in QoSPolicyKind}
)


@dataclass
class QoSRequestedIncompatibleQoSInfo:
    """How many endpoints do not fit, and the policy that did not fit last."""

    total_count: int = 0
    total_count_change: int = 0
    last_policy_kind: QoSPolicyKind = QoSPolicyKind.INVALID


QoSOfferedIncompatibleQoSInfo = QoSRequestedIncompatibleQoSInfo


@dataclass
class QoSSubscriptionMatchedInfo:
    """How many endpoints are matched."""

    total_count: int = 0
    total_count_change: int = 0
    current_count: int = 0
    current_count_change: int = 0


QoSPublisherMatchedInfo = QoSSubscriptionMatchedInfo

_PUBLISHER, _SUBSCRIPTION = QoSPublisherEventType, QoSSubscriptionEventType
_STATUS = {
    (_PUBLISHER, 2): (Status.OFFERED_INCOMPATIBLE_QOS, QoSOfferedIncompatibleQoSInfo),
    (_PUBLISHER, 4): (Status.PUBLICATION_MATCHED, QoSPublisherMatchedInfo),
    (_SUBSCRIPTION, 2): (Status.REQUESTED_INCOMPATIBLE_QOS, QoSRequestedIncompatibleQoSInfo),
    (_SUBSCRIPTION, 3): (Status.SAMPLE_LOST, QoSMessageLostInfo),
    (_SUBSCRIPTION, 5): (Status.SUBSCRIPTION_MATCHED, QoSSubscriptionMatchedInfo),
}
# The numbers DDS gives its policies.
_POLICIES = {
    2: QoSPolicyKind.DURABILITY,
    4: QoSPolicyKind.DEADLINE,
    8: QoSPolicyKind.LIVELINESS,
    11: QoSPolicyKind.RELIABILITY,
    13: QoSPolicyKind.HISTORY,
    21: QoSPolicyKind.LIFESPAN,
}


def status_of(event_type):
    """Return the DDS status of an event and the class of its information.

    Raises:
        UnsupportedEventTypeError: there is no such status.

    """
    try:
        return _STATUS[type(event_type), int(event_type)]
    except KeyError:
        raise UnsupportedEventTypeError(
            f"{event_type!r} is not reported by this middleware"
        ) from None


def watch_of(endpoint):
    """Return what watches the statuses of a reader or writer; made when first asked for."""
    if endpoint.event_watch is None:
        endpoint.event_watch = StatusWatch(endpoint.entity)
    return endpoint.event_watch


def information(kind, values):
    values.pop("last_handle", None)
    policy = values.pop("last_policy_id", None)
    if policy is not None:
        kind_of_policy = _POLICIES.get(policy, QoSPolicyKind.INVALID)
        values["last_policy_kind"] = _EventPolicyKind(kind_of_policy)
    return kind(**values)


class EventHandler(Waitable):
    """Calls back when an event of an endpoint happens.

    DDS has one status condition an endpoint; the first handler of an endpoint serves them all.
    """

    def __init__(self, *, callback_group, callback, event_type, parent_impl):
        super().__init__(callback_group)
        self._status, self._kind = status_of(event_type)
        self.event_type = event_type
        self.callback = callback
        self._endpoint = parent_impl
        self._watch = watch_of(parent_impl)
        self._serves = not self._watch.served
        self._watch.served = True
        self._watch.watch(self._status, self._report)

    def conditions(self):
        return [self._endpoint.entity] if self._serves and self._endpoint.entity else []

    def take_data(self):
        return self._watch.take() if self._endpoint.entity else []

    async def execute(self, taken_data):
        for report, values in taken_data:
            result = report(values)
            if inspect.isawaitable(result):
                await result

    def _report(self, values):
        return self.callback(information(self._kind, values))

    def destroy(self):
        self._watch.unwatch(self._status)


QoSEventHandler = EventHandler


class IncompatibleTypeHandler(Waitable):
    """Calls back when somebody uses the topic of an endpoint with another type.

    DDS matches only endpoints of one type and says nothing of the others; the graph knows them.
    """

    def __init__(self, *, callback_group, callback, event_type, parent_impl):
        super().__init__(callback_group)
        self.event_type = event_type
        self.callback = callback
        self._participant = parent_impl.participant
        self._lock = threading.Lock()
        self._guard = None  # made when it is needed: nearly all endpoints never need it
        self._total = self._change = 0
        self._stop = parent_impl.watch_types(self._report)

    def _report(self):
        with self._lock:
            self._total += 1
            self._change += 1
            if self._guard is None:
                self._guard = Guard(self._participant)
        self._guard.trigger()
        self._on_change()

    def conditions(self):
        return [self._guard.condition] if self._guard is not None and self._guard.condition else []

    def take_data(self):
        with self._lock:
            self._guard.clear()
            found = IncompatibleTypeInfo(self._total, self._change)
            self._change = 0
        return [found] if found.total_count_change else []

    async def execute(self, taken_data):
        for info in taken_data:
            result = self.callback(info)
            if inspect.isawaitable(result):
                await result

    def destroy(self):
        self._stop()
        if self._guard is not None:
            self._guard.close()


class _EventCallbacks:
    """The callbacks for the events of an endpoint, given by keyword."""

    _kinds = {}  # name of the keyword -> event type
    _warning = ""

    def __init__(self, *, use_default_callbacks=True, **callbacks):
        for name in callbacks:
            if name not in self._kinds:
                raise TypeError(f"{type(self).__name__} has no callback {name!r}")
        for name in self._kinds:
            setattr(self, name, callbacks.get(name))
        self.use_default_callbacks = use_default_callbacks

    def create_event_handlers(self, callback_group, endpoint, topic_name, logger):
        """Return a handler for each callback."""

        def warn(event):
            policy = qos_policy_name_from_kind(event.last_policy_kind)
            logger.warn(f"{self._warning.format(topic_name)} Last incompatible policy: {policy}")

        def warn_of_type(event):
            logger.warn(
                f"Incompatible type on topic '{topic_name}', no messages will be sent to it."
            )

        defaults = {}
        if self.use_default_callbacks:
            defaults = {"incompatible_qos": warn, "incompatible_type": warn_of_type}
        handlers = []
        for name, event_type in self._kinds.items():
            callback = getattr(self, name) or defaults.get(name)
            if callback is None:
                continue
            make = IncompatibleTypeHandler if name == "incompatible_type" else EventHandler
            handlers.append(
                make(
                    callback_group=callback_group,
                    callback=callback,
                    event_type=event_type,
                    parent_impl=endpoint,
                )
            )
        return handlers


class SubscriptionEventCallbacks(_EventCallbacks):
    """The callbacks for the events of a subscription."""

    _kinds = {
        "incompatible_qos": _SUBSCRIPTION.RCL_SUBSCRIPTION_REQUESTED_INCOMPATIBLE_QOS,
        "message_lost": _SUBSCRIPTION.RCL_SUBSCRIPTION_MESSAGE_LOST,
        "incompatible_type": _SUBSCRIPTION.RCL_SUBSCRIPTION_INCOMPATIBLE_TYPE,
        "matched": _SUBSCRIPTION.RCL_SUBSCRIPTION_MATCHED,
    }
    _warning = (
        "New publisher discovered on topic '{}', offering incompatible QoS. "
        "No messages will be received from it."
    )


class PublisherEventCallbacks(_EventCallbacks):
    """The callbacks for the events of a publisher."""

    _kinds = {
        "incompatible_qos": _PUBLISHER.RCL_PUBLISHER_OFFERED_INCOMPATIBLE_QOS,
        "incompatible_type": _PUBLISHER.RCL_PUBLISHER_INCOMPATIBLE_TYPE,
        "matched": _PUBLISHER.RCL_PUBLISHER_MATCHED,
    }
    _warning = (
        "New subscription discovered on topic '{}', requesting incompatible QoS. "
        "No messages will be sent to it."
    )
