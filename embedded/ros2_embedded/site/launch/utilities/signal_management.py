"""Signals as calls of an event loop."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
from collections.abc import Callable
from types import TracebackType

_MOST_AT_ONCE = 4096  # signals, a byte each


class AsyncSafeSignalManager:
    """Calls handlers of signals in an event loop while its context is entered.

    Handlers that were set by `signal.signal` are called as well. Managers can be nested, and a
    file descriptor that was to be told of signals before is told of them still. Only the main
    thread can enter one: others get a ValueError.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._handlers: dict[int, Callable[[int], object]] = {}
        self._before = -1
        self._sockets: tuple[socket.socket, socket.socket] | None = None

    def __enter__(self) -> AsyncSafeSignalManager:
        """Begin to listen."""
        reading, writing = self._sockets = socket.socketpair()
        reading.setblocking(False)
        writing.setblocking(False)
        try:
            self._before = signal.set_wakeup_fd(writing.fileno(), warn_on_full_buffer=False)
        except ValueError:
            self._close()
            raise
        self._loop.add_reader(reading.fileno(), self._read, reading)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Listen no more."""
        signal.set_wakeup_fd(self._before)
        if self._sockets is not None:
            self._loop.remove_reader(self._sockets[0].fileno())
        self._close()

    def _close(self) -> None:
        for end in self._sockets or ():
            end.close()
        self._sockets = None

    def _read(self, reading: socket.socket) -> None:
        """Call the handlers of the signals that arrived."""
        with contextlib.suppress(BlockingIOError):
            numbers = reading.recv(_MOST_AT_ONCE)
            if self._before != -1:
                os.write(self._before, numbers)
            for number in numbers:
                if number in self._handlers:
                    self._handlers[number](number)

    def handle(
        self, signum: signal.Signals | int, handler: Callable[[int], object] | None
    ) -> Callable[[int], object] | None:
        """Set what a signal calls, None for nothing; returns what it called before.

        Raises ValueError for an unknown signal and for what cannot be called.
        """
        signum = signal.Signals(signum)
        if handler is None:
            return self._handlers.pop(signum, None)
        if not callable(handler):
            raise ValueError("signal handler must be a callable")  # noqa: TRY004 - as documented
        before = self._handlers.get(signum)
        self._handlers[signum] = handler
        return before
