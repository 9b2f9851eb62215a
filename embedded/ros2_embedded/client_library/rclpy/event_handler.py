"""Events of publishers and subscriptions: deadlines, liveliness, incompatible QoS, matches.

Each is a DDS status condition that the executor waits for like any other entity.
"""

import ctypes as ct
from collections import namedtuple
from enum import IntEnum

from ros2_embedded.wire.library import function, set_status_mask

from rclpy.qos import qos_policy_name_from_kind
from rclpy.waitable import NumberOfEntities, Waitable

_LOST_FIELDS = ("total_count", "total_count_change")
QoSDeadlineMissedInfo = namedtuple("QoSDeadlineMissedInfo", _LOST_FIELDS)
QoSLivelinessLostInfo = namedtuple("QoSLivelinessLostInfo", _LOST_FIELDS)
QoSMessageLostInfo = namedtuple("QoSMessageLostInfo", _LOST_FIELDS)
QoSLivelinessChangedInfo = namedtuple(
    "QoSLivelinessChangedInfo",
    ("alive_count", "not_alive_count", "alive_count_change", "not_alive_count_change"),
)
QoSIncompatibleInfo = namedtuple(
    "QoSIncompatibleInfo", (*_LOST_FIELDS, "last_policy_kind")
)
MatchedInfo = namedtuple(
    "MatchedInfo", (*_LOST_FIELDS, "current_count", "current_count_change")
)
QoSOfferedDeadlineMissedInfo = QoSRequestedDeadlineMissedInfo = QoSDeadlineMissedInfo
QoSOfferedIncompatibleQoSInfo = QoSRequestedIncompatibleQoSInfo = QoSIncompatibleInfo


class UnsupportedEventTypeError(RuntimeError):
    """The middleware has no such event."""


class QoSPublisherEventType(IntEnum):
    """As rcl numbers them."""

    RCL_PUBLISHER_OFFERED_DEADLINE_MISSED = 0
    RCL_PUBLISHER_LIVELINESS_LOST = 1
    RCL_PUBLISHER_OFFERED_INCOMPATIBLE_QOS = 2
    RCL_PUBLISHER_INCOMPATIBLE_TYPE = 3
    RCL_PUBLISHER_MATCHED = 4


class QoSSubscriptionEventType(IntEnum):
    """As rcl numbers them."""

    RCL_SUBSCRIPTION_REQUESTED_DEADLINE_MISSED = 0
    RCL_SUBSCRIPTION_LIVELINESS_CHANGED = 1
    RCL_SUBSCRIPTION_REQUESTED_INCOMPATIBLE_QOS = 2
    RCL_SUBSCRIPTION_MESSAGE_LOST = 3
    RCL_SUBSCRIPTION_INCOMPATIBLE_TYPE = 4
    RCL_SUBSCRIPTION_MATCHED = 5


PublisherEventType = QoSPublisherEventType
SubscriptionEventType = QoSSubscriptionEventType
_INT = ct.c_uint32
# DDS policy ids -> QoSPolicyKind
_POLICY = {2: 2, 4: 4, 8: 8, 11: 16, 13: 32, 21: 64}


class _Status(ct.Structure):
    _fields_ = (
        ("first", _INT), ("second", _INT), ("third", _INT), ("fourth", _INT),
        ("handle", ct.c_uint64), ("room", ct.c_uint64 * 4),
    )  # fmt: skip


def _reader(name, shape):
    get = function(f"dds_get_{name}_status", ct.c_int32, ct.c_int32, ct.c_void_p)

    def read(entity):
        status = _Status()
        get(entity, ct.byref(status))
        numbers = (status.first, ct.c_int32(status.second).value, status.third, ct.c_int32(status.fourth).value)
        if shape is QoSLivelinessChangedInfo:
            return shape(
                status.first, status.second, ct.c_int32(status.third).value, numbers[3]
            )
        if shape is QoSIncompatibleInfo:
            return shape(numbers[0], numbers[1], _POLICY.get(status.third, 1))
        return shape(*numbers[: len(shape._fields)])

    return read


# event -> (bit of the DDS status mask, how it is read)
_PUBLISHER = {
    QoSPublisherEventType.RCL_PUBLISHER_OFFERED_DEADLINE_MISSED: (1 << 1, _reader("offered_deadline_missed", QoSDeadlineMissedInfo)),
    QoSPublisherEventType.RCL_PUBLISHER_LIVELINESS_LOST: (1 << 9, _reader("liveliness_lost", QoSLivelinessLostInfo)),
    QoSPublisherEventType.RCL_PUBLISHER_OFFERED_INCOMPATIBLE_QOS: (1 << 3, _reader("offered_incompatible_qos", QoSIncompatibleInfo)),
    QoSPublisherEventType.RCL_PUBLISHER_MATCHED: (1 << 11, _reader("publication_matched", MatchedInfo)),
}  # fmt: skip
_SUBSCRIPTION = {
    QoSSubscriptionEventType.RCL_SUBSCRIPTION_REQUESTED_DEADLINE_MISSED: (1 << 2, _reader("requested_deadline_missed", QoSDeadlineMissedInfo)),
    QoSSubscriptionEventType.RCL_SUBSCRIPTION_LIVELINESS_CHANGED: (1 << 10, _reader("liveliness_changed", QoSLivelinessChangedInfo)),
    QoSSubscriptionEventType.RCL_SUBSCRIPTION_REQUESTED_INCOMPATIBLE_QOS: (1 << 4, _reader("requested_incompatible_qos", QoSIncompatibleInfo)),
    QoSSubscriptionEventType.RCL_SUBSCRIPTION_MESSAGE_LOST: (1 << 5, _reader("sample_lost", QoSMessageLostInfo)),
    QoSSubscriptionEventType.RCL_SUBSCRIPTION_MATCHED: (1 << 12, _reader("subscription_matched", MatchedInfo)),
}  # fmt: skip


class EventHandler(Waitable):
    """All events of one endpoint; DDS has one status condition for them together."""

    def __init__(self, *, callback_group, endpoint, callbacks):
        super().__init__(callback_group)
        self._endpoint = endpoint
        self._callbacks = callbacks  # [(bit, read, callback)]
        mask = 0
        for bit, _, _ in callbacks:
            mask |= bit
        set_status_mask(endpoint.entity, mask)

    def conditions(self):
        return [self._endpoint.entity] if self._endpoint.entity else []

    def is_ready(self, wait_set):
        return True

    def take_data(self):
        entity = self._endpoint.entity
        if not entity:
            return []
        found = []
        for _, read, callback in self._callbacks:
            info = read(entity)
            changed = [getattr(info, f) for f in info._fields if f.endswith("_change")]
            if any(changed):
                found.append((callback, info))
        return found

    async def execute(self, taken_data):
        for callback, info in taken_data:
            result = callback(info)
            if hasattr(result, "__await__"):
                await result

    def get_num_entities(self):
        return NumberOfEntities(num_events=1)

    def add_to_wait_set(self, wait_set):
        pass

    def destroy(self):
        self._callbacks = []


QoSEventHandler = EventHandler


def _incompatible_logger(logger, topic, what):
    def log(event):
        policy = qos_policy_name_from_kind(event.last_policy_kind)
        verb = "requesting" if what == "subscription discovered" else "offering"
        logger.warning(
            f"New {what} on topic '{topic}', {verb} incompatible QoS. "
            f"No messages will be exchanged. Last incompatible policy: {policy}"
        )

    return log


class PublisherEventCallbacks:
    """What a program wants to be told about a publisher."""

    def __init__(
        self, *, deadline=None, liveliness=None, incompatible_qos=None, incompatible_type=None,
        matched=None, use_default_callbacks=True,
    ):  # fmt: skip
        self.deadline = deadline
        self.liveliness = liveliness
        self.incompatible_qos = incompatible_qos
        self.incompatible_type = incompatible_type
        self.matched = matched
        self.use_default_callbacks = use_default_callbacks

    def create_event_handlers(self, callback_group, publisher, topic_name, logger):
        incompatible = self.incompatible_qos
        if incompatible is None and self.use_default_callbacks:
            incompatible = _incompatible_logger(logger, topic_name, "subscription discovered")
        kinds = QoSPublisherEventType
        return _handlers(
            callback_group, publisher, _PUBLISHER,
            {
                kinds.RCL_PUBLISHER_OFFERED_DEADLINE_MISSED: self.deadline,
                kinds.RCL_PUBLISHER_LIVELINESS_LOST: self.liveliness,
                kinds.RCL_PUBLISHER_OFFERED_INCOMPATIBLE_QOS: incompatible,
                kinds.RCL_PUBLISHER_MATCHED: self.matched,
            },
        )  # fmt: skip


class SubscriptionEventCallbacks:
    """What a program wants to be told about a subscription."""

    def __init__(
        self, *, deadline=None, incompatible_qos=None, liveliness=None, message_lost=None,
        incompatible_type=None, matched=None, use_default_callbacks=True,
    ):  # fmt: skip
        self.deadline = deadline
        self.incompatible_qos = incompatible_qos
        self.liveliness = liveliness
        self.message_lost = message_lost
        self.incompatible_type = incompatible_type
        self.matched = matched
        self.use_default_callbacks = use_default_callbacks

    def create_event_handlers(self, callback_group, subscription, topic_name, logger):
        incompatible = self.incompatible_qos
        if incompatible is None and self.use_default_callbacks:
            incompatible = _incompatible_logger(logger, topic_name, "publisher discovered")
        kinds = QoSSubscriptionEventType
        return _handlers(
            callback_group, subscription, _SUBSCRIPTION,
            {
                kinds.RCL_SUBSCRIPTION_REQUESTED_DEADLINE_MISSED: self.deadline,
                kinds.RCL_SUBSCRIPTION_LIVELINESS_CHANGED: self.liveliness,
                kinds.RCL_SUBSCRIPTION_REQUESTED_INCOMPATIBLE_QOS: incompatible,
                kinds.RCL_SUBSCRIPTION_MESSAGE_LOST: self.message_lost,
                kinds.RCL_SUBSCRIPTION_MATCHED: self.matched,
            },
        )  # fmt: skip


def _handlers(callback_group, endpoint, table, wanted):
    callbacks = [(*table[kind], callback) for kind, callback in wanted.items() if callback]
    if not callbacks:
        return []
    return [EventHandler(callback_group=callback_group, endpoint=endpoint, callbacks=callbacks)]
