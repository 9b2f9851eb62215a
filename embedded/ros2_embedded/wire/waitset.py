"""Waits for any of many conditions without polling."""

from __future__ import annotations

import ctypes as ct
from typing import Any

from ros2_embedded.wire.library import (
    DDS_INFINITY,
    checked,
    create_guardcondition,
    create_waitset,
    delete,
    set_guardcondition,
    waitset_attach,
    waitset_detach,
    waitset_wait,
)

ROOM = 64


class Guard:
    """A condition set by the program."""

    def __init__(self, participant: int) -> None:
        self.condition = checked(create_guardcondition(participant), "creating a guard condition")

    def trigger(self) -> None:
        """Wake whoever waits for it."""
        if self.condition:
            set_guardcondition(self.condition, True)

    def clear(self) -> None:
        """Take the trigger back."""
        if self.condition:
            set_guardcondition(self.condition, False)

    def close(self) -> None:
        """Remove it; a second time does nothing."""
        condition, self.condition = self.condition, 0
        if condition:
            delete(condition)


class WaitSet:
    """A set of conditions, each with the object it stands for."""

    def __init__(self, participant: int) -> None:
        self._entity = checked(create_waitset(participant), "creating a wait set")
        self._attached: dict[int, Any] = {}
        self._buffer = (ct.c_ssize_t * ROOM)()

    def attach(self, condition: int, owner: Any) -> None:
        """Wait for this condition too."""
        if condition and condition not in self._attached:
            checked(waitset_attach(self._entity, condition, condition), "attaching a condition")
            self._attached[condition] = owner

    def detach(self, condition: int) -> None:
        """Do not wait for it any more; it may be gone already."""
        if self._attached.pop(condition, None) is not None:
            waitset_detach(self._entity, condition)

    def __contains__(self, condition: int) -> bool:
        return condition in self._attached

    def conditions(self) -> list[int]:
        """Return what is attached."""
        return list(self._attached)

    def wait(self, nanoseconds: int | None) -> list[Any]:
        """Return the owners of the conditions that are true, or nothing after the time."""
        limit = DDS_INFINITY if nanoseconds is None else max(nanoseconds, 0)
        count = waitset_wait(self._entity, self._buffer, ROOM, limit)
        if count <= 0:
            return []
        attached = self._attached
        return [
            attached[condition]
            for condition in self._buffer[: min(count, ROOM)]
            if condition in attached
        ]

    def close(self) -> None:
        """Remove it; a second time does nothing."""
        entity, self._entity = self._entity, 0
        if entity:
            delete(entity)
