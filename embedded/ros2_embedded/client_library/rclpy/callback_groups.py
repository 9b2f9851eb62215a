"""Which callbacks may run at the same time."""

from __future__ import annotations

import threading
import weakref
from typing import Any


class CallbackGroup:
    """Base of the groups."""

    def __init__(self) -> None:
        super().__init__()
        self.entities: set[weakref.ref[Any]] = set()

    def add_entity(self, entity: Any) -> None:
        self.entities.add(weakref.ref(entity))

    def can_execute(self, entity: Any) -> bool:
        raise NotImplementedError

    def beginning_execution(self, entity: Any) -> bool:
        raise NotImplementedError

    def ending_execution(self, entity: Any) -> None:
        raise NotImplementedError


class ReentrantCallbackGroup(CallbackGroup):
    """Everything at any time."""

    def can_execute(self, entity: Any) -> bool:
        return True

    def beginning_execution(self, entity: Any) -> bool:
        return True

    def ending_execution(self, entity: Any) -> None:
        pass


class MutuallyExclusiveCallbackGroup(CallbackGroup):
    """One at a time."""

    def __init__(self) -> None:
        super().__init__()
        self._active_entity = None
        self._lock = threading.Lock()

    def can_execute(self, entity: Any) -> bool:
        with self._lock:
            return self._active_entity is None

    def beginning_execution(self, entity: Any) -> bool:
        with self._lock:
            if self._active_entity is None:
                self._active_entity = entity
                return True
        return False

    def ending_execution(self, entity: Any) -> None:
        with self._lock:
            self._active_entity = None
