"""What stands behind an entity: usable until it is destroyed."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Self

from rclpy.exceptions import InvalidHandle, RCLError

_ending = threading.local()


@contextmanager
def context_is_ending() -> Iterator[None]:
    """Let the handles that this thread destroys meanwhile know that their context ended."""
    _ending.now = True
    try:
        yield
    finally:
        _ending.now = False


class Handle:
    """Guards an entity; using it after its end raises InvalidHandle, or RCLError where it ended
    with its context.

    ``close`` is called once: when destruction was asked for and nobody is inside ``with handle``.
    """

    def __init__(self, kind: str, close: Callable[[], Any], name: str = "") -> None:
        self._kind = kind
        self._close: Callable[[], Any] | None = close
        self._users = 0
        self._requested = False
        self._context_ended = False
        self._lock = threading.Lock()
        self.name = name

    def __enter__(self) -> Handle:
        with self._lock:
            if self._close is None or (self._requested and not self._users):
                if self._context_ended:
                    raise RCLError(f"the context of this {self._kind} is invalid")
                raise InvalidHandle(
                    f"cannot use Destroyable because destruction was requested ({self._kind})"
                )
            self._users += 1
        return self

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._users -= 1
        if self._requested:
            self.destroy_when_not_in_use()

    def __bool__(self) -> bool:
        return self._close is not None and not self._requested

    def destroy_when_not_in_use(self) -> None:
        """End the entity as soon as possible; a second time does nothing."""
        with self._lock:
            if not self._requested:
                self._context_ended = getattr(_ending, "now", False)
            self._requested = True
            if self._users:
                return
            close, self._close = self._close, None
        if close is not None:
            close()


class Entity:
    """What a node makes: it ends with `destroy`, or with the ``with`` block it is used in."""

    _handle: Handle
    event_handlers: Sequence[Any] = ()

    @property
    def handle(self) -> Any:
        """What guards it: using it after its end raises InvalidHandle."""
        return self._handle

    def destroy(self) -> None:
        """End it; a program calls the method of its node for that."""
        for handler in self.event_handlers:
            handler.destroy()
        self._handle.destroy_when_not_in_use()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.destroy()


class ServiceEntity(Entity):
    """One end of a service."""

    srv_name: str

    @property
    def service_name(self) -> str:
        """The full name of the service."""
        with self._handle:
            return self.srv_name
