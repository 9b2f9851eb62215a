"""QoS between plain values and Cyclone's dds_qos_t.

Times are nanoseconds; DDS_INFINITY stands for "never". ``depth`` 0 is written as 1.
"""

from __future__ import annotations

import ctypes as ct
from dataclasses import dataclass
from enum import IntEnum

from ros2_embedded.wire.library import DDS_INFINITY, function


class Reliability(IntEnum):
    """DDS values."""

    BEST_EFFORT = 0
    RELIABLE = 1


class Durability(IntEnum):
    """DDS values."""

    VOLATILE = 0
    TRANSIENT_LOCAL = 1


class History(IntEnum):
    """DDS values."""

    KEEP_LAST = 0
    KEEP_ALL = 1


class Liveliness(IntEnum):
    """DDS values."""

    AUTOMATIC = 0
    MANUAL_BY_PARTICIPANT = 1
    MANUAL_BY_TOPIC = 2


@dataclass(frozen=True)
class Policies:
    """The policies ROS uses."""

    reliability: Reliability = Reliability.RELIABLE
    durability: Durability = Durability.VOLATILE
    history: History = History.KEEP_LAST
    depth: int = 10
    deadline: int = DDS_INFINITY
    lifespan: int = DDS_INFINITY
    liveliness: Liveliness = Liveliness.AUTOMATIC
    lease: int = DDS_INFINITY


_QOS = ct.c_void_p
_create_qos = function("dds_create_qos", _QOS)
delete_qos = function("dds_delete_qos", None, _QOS)
_set_reliability = function("dds_qset_reliability", None, _QOS, ct.c_int, ct.c_int64)
_set_durability = function("dds_qset_durability", None, _QOS, ct.c_int)
_set_history = function("dds_qset_history", None, _QOS, ct.c_int, ct.c_int32)
_set_deadline = function("dds_qset_deadline", None, _QOS, ct.c_int64)
_set_lifespan = function("dds_qset_lifespan", None, _QOS, ct.c_int64)
_set_liveliness = function("dds_qset_liveliness", None, _QOS, ct.c_int, ct.c_int64)
_set_user_data = function("dds_qset_userdata", None, _QOS, ct.c_char_p, ct.c_size_t)
_set_representation = function(
    "dds_qset_data_representation", None, _QOS, ct.c_uint32, ct.POINTER(ct.c_int16)
)
_set_autodispose = function("dds_qset_writer_data_lifecycle", None, _QOS, ct.c_bool)
_set_durability_service = function(
    "dds_qset_durability_service", None, _QOS, ct.c_int64, ct.c_int, ct.c_int32, ct.c_int32,
    ct.c_int32, ct.c_int32,
)  # fmt: skip
_get_reliability = function(
    "dds_qget_reliability", ct.c_bool, _QOS, ct.POINTER(ct.c_int), ct.POINTER(ct.c_int64)
)
_get_durability = function("dds_qget_durability", ct.c_bool, _QOS, ct.POINTER(ct.c_int))
_get_history = function(
    "dds_qget_history", ct.c_bool, _QOS, ct.POINTER(ct.c_int), ct.POINTER(ct.c_int32)
)
_get_deadline = function("dds_qget_deadline", ct.c_bool, _QOS, ct.POINTER(ct.c_int64))
_get_lifespan = function("dds_qget_lifespan", ct.c_bool, _QOS, ct.POINTER(ct.c_int64))
_get_liveliness = function(
    "dds_qget_liveliness", ct.c_bool, _QOS, ct.POINTER(ct.c_int), ct.POINTER(ct.c_int64)
)
_get_user_data = function(
    "dds_qget_userdata", ct.c_bool, _QOS, ct.POINTER(ct.c_void_p), ct.POINTER(ct.c_size_t)
)
_free = function("dds_free", None, ct.c_void_p)


def user_data_qos(user_data: bytes) -> int:
    """Return a dds_qos_t with nothing but user data (for a participant); delete it after use."""
    qos: int = _create_qos()
    _set_user_data(qos, user_data, len(user_data))
    return qos


def make_qos(policies: Policies, user_data: bytes) -> int:
    """Return a dds_qos_t for a reader or writer; delete it after use."""
    qos: int = _create_qos()
    _set_reliability(qos, policies.reliability, DDS_INFINITY)
    _set_durability(qos, policies.durability)
    _set_history(qos, policies.history, max(policies.depth, 1))
    if policies.durability is Durability.TRANSIENT_LOCAL:
        _set_durability_service(qos, 0, policies.history, max(policies.depth, 1), -1, -1, -1)
    if policies.deadline != DDS_INFINITY:
        _set_deadline(qos, policies.deadline)
    if policies.lifespan != DDS_INFINITY:
        _set_lifespan(qos, policies.lifespan)
    _set_liveliness(qos, policies.liveliness, policies.lease)
    _set_autodispose(qos, False)
    plain_cdr = (ct.c_int16 * 1)(0)
    _set_representation(qos, 1, plain_cdr)
    _set_user_data(qos, user_data, len(user_data))
    return qos


def read_policies(qos: int) -> Policies:
    """Read the policies of a discovered endpoint."""
    kind, number, time = ct.c_int(), ct.c_int32(), ct.c_int64()
    values: dict[str, object] = {}
    if _get_reliability(qos, ct.byref(kind), ct.byref(time)):
        values["reliability"] = Reliability(kind.value)
    if _get_durability(qos, ct.byref(kind)):
        values["durability"] = Durability(min(kind.value, 1))
    if _get_history(qos, ct.byref(kind), ct.byref(number)):
        values["history"] = History(kind.value)
        values["depth"] = number.value
    if _get_deadline(qos, ct.byref(time)):
        values["deadline"] = time.value
    if _get_lifespan(qos, ct.byref(time)):
        values["lifespan"] = time.value
    if _get_liveliness(qos, ct.byref(kind), ct.byref(time)):
        values["liveliness"] = Liveliness(kind.value)
        values["lease"] = time.value
    return Policies(**values)  # type: ignore[arg-type]


def read_user_data(qos: int) -> bytes:
    """Read the user data of a discovered endpoint."""
    pointer, size = ct.c_void_p(), ct.c_size_t()
    if not _get_user_data(qos, ct.byref(pointer), ct.byref(size)) or not pointer.value:
        return b""
    data = ct.string_at(pointer.value, size.value)
    _free(pointer)
    return data
