"""Events of readers and writers: incompatible QoS, lost samples, matches."""

from __future__ import annotations

import ctypes as ct
from collections.abc import Callable
from enum import IntEnum
from typing import Any

from ros2_embedded.wire.library import function, set_status_mask


class Status(IntEnum):
    """DDS numbers of the statuses."""

    OFFERED_INCOMPATIBLE_QOS = 3
    REQUESTED_INCOMPATIBLE_QOS = 4
    SAMPLE_LOST = 5
    PUBLICATION_MATCHED = 11
    SUBSCRIPTION_MATCHED = 12


_UNSIGNED, _SIGNED, _HANDLE = ct.c_uint32, ct.c_int32, ct.c_uint64
_COUNT = (("total_count", _UNSIGNED), ("total_count_change", _SIGNED))
_INCOMPATIBLE = (*_COUNT, ("last_policy_id", _UNSIGNED))
_MATCHED = (
    *_COUNT,
    ("current_count", _UNSIGNED),
    ("current_count_change", _SIGNED),
    ("last_handle", _HANDLE),
)
_FIELDS: dict[Status, tuple[Any, ...]] = {
    Status.OFFERED_INCOMPATIBLE_QOS: _INCOMPATIBLE,
    Status.REQUESTED_INCOMPATIBLE_QOS: _INCOMPATIBLE,
    Status.SAMPLE_LOST: _COUNT,
    Status.PUBLICATION_MATCHED: _MATCHED,
    Status.SUBSCRIPTION_MATCHED: _MATCHED,
}
# Cyclone counts endpoints of another type among those of incompatible QoS, as of this policy. They
# are no matter of QoS: the graph tells of them (Graph.watch_types).
_TYPE_CONSISTENCY = 24
_STRUCTURES = {
    status: type(status.name, (ct.Structure,), {"_fields_": fields})
    for status, fields in _FIELDS.items()
}
_read = {
    status: function(f"dds_get_{status.name.lower()}_status", ct.c_int32, ct.c_int32, ct.c_void_p)
    for status in Status
}
_changes = function("dds_get_status_changes", ct.c_int32, ct.c_int32, ct.POINTER(ct.c_uint32))


class StatusWatch:
    """Watches the statuses of one reader or writer; its entity serves as the condition."""

    def __init__(self, entity: int) -> None:
        self.condition = entity
        self.served = False  # somebody waits for the condition and calls take()
        self._callbacks: dict[Status, Callable[[dict[str, int]], Any]] = {}

    def watch(self, status: Status, callback: Callable[[dict[str, int]], Any]) -> None:
        """Report this status to ``callback``."""
        self._callbacks[status] = callback
        self._apply()

    def unwatch(self, status: Status) -> None:
        """Report it no more."""
        self._callbacks.pop(status, None)
        self._apply()

    def _apply(self) -> None:
        mask = 0
        for status in self._callbacks:
            mask |= 1 << status
        set_status_mask(self.condition, mask)

    def read(self, status: Status) -> dict[str, int] | None:
        """Return the values of a status, their changes counted from the last time."""
        values = _STRUCTURES[status]()
        if _read[status](self.condition, ct.byref(values)) < 0:
            return None
        return {name: getattr(values, name) for name, _ in _FIELDS[status]}

    def take(self) -> list[tuple[Callable[[dict[str, int]], Any], dict[str, int]]]:
        """Return the callbacks of the statuses that changed, each with the values."""
        bits = ct.c_uint32()
        if _changes(self.condition, ct.byref(bits)) < 0:
            return []
        found = []
        for status, callback in list(self._callbacks.items()):
            if not bits.value & 1 << status:
                continue
            values = self.read(status)
            if values is not None and values.get("last_policy_id") != _TYPE_CONSISTENCY:
                found.append((callback, values))
        return found
