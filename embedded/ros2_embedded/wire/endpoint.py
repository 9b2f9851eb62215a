"""Readers and writers of bytes."""

from __future__ import annotations

import ctypes as ct
import threading
from typing import Any

from ros2_embedded.wire.library import (
    PUBLICATION_HANDLE,
    SOURCE_TIMESTAMP,
    VALID_DATA,
    checked,
    clayer,
    create_readcondition,
    create_reader,
    create_writer,
    delete,
    get_matched_publications,
    get_matched_subscriptions,
    guid_of,
    handle_of,
    wait_for_acks,
)
from ros2_embedded.wire.policies import Policies, delete_qos, make_qos

ANY_STATE = 0x7F  # every sample, view and instance state
UNREAD = 0x02 | 0x0C | 0x70  # samples not read yet
BATCH = 16
_take = clayer.ddspy_take
_write = clayer.ddspy_write


class Writer:
    """A DDS writer."""

    def __init__(self, participant: int, topic: int, policies: Policies, user_data: bytes) -> None:
        qos = make_qos(policies, user_data)
        try:
            self.entity = checked(create_writer(participant, topic, qos, None), "creating a writer")
        finally:
            delete_qos(qos)
        self.policies = policies
        self.participant = participant
        self.event_watch: Any = None
        self.watch_types: Any = None
        self.guid = guid_of(self.entity)
        self.handle = handle_of(self.entity)

    def write(self, data: Any) -> None:
        """Send one sample: bytes with the CDR header, padded here to a multiple of four."""
        rest = -len(data) & 3
        if rest:
            data += b"\0\0\0"[:rest]
        code = _write(self.entity, data)
        if code < 0:
            checked(code, "writing a sample")

    def matched_handles(self) -> list[int]:
        """Return the instance handles of the matched readers."""
        return _handles(get_matched_subscriptions, self.entity)

    def matched_count(self) -> int:
        """Return how many readers are matched."""
        return _count(get_matched_subscriptions, self.entity)

    def wait_for_acks(self, nanoseconds: int) -> bool:
        """Wait until every reliable reader has everything; False when the time was not enough."""
        return bool(wait_for_acks(self.entity, nanoseconds) == 0)

    def close(self) -> None:
        """Remove it from the domain; a second time does nothing."""
        entity, self.entity = self.entity, 0
        if entity:
            delete(entity)


class Reader:
    """A DDS reader with a condition that is true while it has samples."""

    def __init__(self, participant: int, topic: int, policies: Policies, user_data: bytes) -> None:
        qos = make_qos(policies, user_data)
        try:
            self.entity = checked(create_reader(participant, topic, qos, None), "creating a reader")
        finally:
            delete_qos(qos)
        self.condition = checked(
            create_readcondition(self.entity, UNREAD), "creating a read condition"
        )
        self.policies = policies
        self.participant = participant
        self.event_watch: Any = None
        self.watch_types: Any = None
        self.guid = guid_of(self.entity)
        self._lock = threading.Lock()

    def take(self, count: int = 1) -> list[tuple[bytes, int, int]]:
        """Take up to ``count`` samples as (bytes, source timestamp, publication handle)."""
        with self._lock:
            if not self.entity:
                return []
            taken = _take(self.entity, ANY_STATE, count)
        if type(taken) is int:
            checked(taken, "taking samples")
        return [
            (data, info[SOURCE_TIMESTAMP], info[PUBLICATION_HANDLE])
            for data, info in taken
            if info[VALID_DATA]
        ]

    def matched_handles(self) -> list[int]:
        """Return the instance handles of the matched writers."""
        return _handles(get_matched_publications, self.entity)

    def matched_count(self) -> int:
        """Return how many writers are matched."""
        return _count(get_matched_publications, self.entity)

    def close(self) -> None:
        """Remove it from the domain; a second time does nothing."""
        with self._lock:
            entity, self.entity = self.entity, 0
        if entity:
            delete(entity)


def _count(function: Any, entity: int) -> int:
    return max(0, function(entity, None, 0)) if entity else 0


def _handles(function: Any, entity: int) -> list[int]:
    if not entity:
        return []
    room = 16
    while True:
        found = (ct.c_uint64 * room)()
        count = function(entity, found, room)
        if count <= room:
            return list(found[: max(count, 0)])
        room = count
