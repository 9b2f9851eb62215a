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


class _Endpoint:
    """What a reader and a writer have in common."""

    _create: Any
    _matched: Any  # asks Cyclone for the other side

    def __init__(self, participant: int, topic: int, policies: Policies, user_data: bytes) -> None:
        qos = make_qos(policies, user_data)
        try:
            self.entity = checked(
                self._create(participant, topic, qos, None), f"creating a {type(self).__name__}"
            )
        finally:
            delete_qos(qos)
        self.policies = policies
        self.participant = participant
        self.event_watch: Any = None
        self.watch_types: Any = None
        self.guid = guid_of(self.entity)
        self._lock = threading.Lock()

    def matched_handles(self) -> list[int]:
        """Return the instance handles of the matched endpoints."""
        if not self.entity:
            return []
        room = 16
        while True:
            found = (ct.c_uint64 * room)()
            count = self._matched(self.entity, found, room)
            if count <= room:
                return list(found[: max(count, 0)])
            room = count

    def matched_count(self) -> int:
        """Return how many endpoints are matched."""
        return max(0, self._matched(self.entity, None, 0)) if self.entity else 0

    def close(self) -> None:
        """Remove it from the domain; a second time does nothing."""
        with self._lock:
            entity, self.entity = self.entity, 0
        if entity:
            delete(entity)


class Writer(_Endpoint):
    """A DDS writer."""

    _create = staticmethod(create_writer)
    _matched = staticmethod(get_matched_subscriptions)

    def __init__(self, participant: int, topic: int, policies: Policies, user_data: bytes) -> None:
        super().__init__(participant, topic, policies, user_data)
        self.handle = handle_of(self.entity)

    def write(self, data: Any) -> None:
        """Send one sample: bytes with the CDR header, padded here to a multiple of four."""
        rest = -len(data) & 3
        if rest:
            data += b"\0\0\0"[:rest]
        code = _write(self.entity, data)
        if code < 0:
            checked(code, "writing a sample")

    def wait_for_acks(self, nanoseconds: int) -> bool:
        """Wait until every reliable reader has everything; False when the time was not enough."""
        return bool(wait_for_acks(self.entity, nanoseconds) == 0)


class Reader(_Endpoint):
    """A DDS reader with a condition that is true while it has samples."""

    _create = staticmethod(create_reader)
    _matched = staticmethod(get_matched_publications)

    def __init__(self, participant: int, topic: int, policies: Policies, user_data: bytes) -> None:
        super().__init__(participant, topic, policies, user_data)
        self.condition = checked(
            create_readcondition(self.entity, UNREAD), "creating a read condition"
        )

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
