"""Objects seen so far, bounded, with what was last known of each."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from typing import Any


class KnownObjects:
    """Newest sighting of each object; the one not seen for longest goes first."""

    def __init__(self, *, limit: int, max_age: float) -> None:
        self._limit = limit
        self._max_age = max_age
        self._objects: OrderedDict[str, dict[str, Any]] = OrderedDict()
        self._names: frozenset[str] = frozenset()

    @property
    def names(self) -> frozenset[str]:
        """Ids of all objects; safe to ask for on any thread."""
        return self._names

    def seen(self, objects: Iterable[Mapping[str, Any]], now: float) -> bool:
        """Take objects {id, class, confidence, pose, size}; True when anything was taken."""
        changed = False
        for found in objects:
            identity = str(found.get("id") or "")
            if not identity or not isinstance(found.get("pose"), Mapping):
                continue
            self._objects[identity] = {**found, "last_seen": now}
            self._objects.move_to_end(identity)
            changed = True
        while len(self._objects) > self._limit:
            self._objects.popitem(last=False)
        if changed:
            self._names = frozenset(self._objects)
        return changed

    def moved(self, identity: str, changes: Mapping[str, Any]) -> None:
        """Take what an action changed: the object was put down somewhere."""
        if identity in self._objects:
            self._objects[identity] = {**self._objects[identity], **changes}

    def snapshot(self, now: float) -> dict[str, dict[str, Any]]:
        """Objects by id, each with its ``age`` in seconds; those too old are left out."""
        return {
            identity: {**known, "age": now - known["last_seen"]}
            for identity, known in self._objects.items()
            if not self._max_age or now - known["last_seen"] <= self._max_age
        }
