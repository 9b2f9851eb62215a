"""Events for many browsers, each with a bounded queue: one that stops reading hurts only itself."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

from execution_orchestrator.monitoring.web.source import JsonObject, WebSource

QUEUE_LENGTH = 1000
MAX_LISTENERS = 32


class TooManyListenersError(RuntimeError):
    """As many browsers as allowed are listening already."""


class EventFeed:
    """Hands every event of the source to every open page."""

    def __init__(self, source: WebSource) -> None:
        self._source = source
        self._queues: set[asyncio.Queue[JsonObject | None]] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._unsubscribe: Callable[[], None] | None = None

    def start(self) -> None:
        """Begin to listen; called in the web server's loop."""
        self._loop = asyncio.get_running_loop()
        self._unsubscribe = self._source.subscribe(self._from_any_thread)

    def stop(self) -> None:
        """End every stream."""
        if self._unsubscribe is not None:
            self._unsubscribe()
        for queue in self._queues:
            _put(queue, None)

    async def listen(self) -> AsyncIterator[JsonObject]:
        """Yield events as they come; a queue that overflowed yields ``{"lost": true}`` instead.

        Raises:
            TooManyListenersError: 32 pages are open already.

        """
        if len(self._queues) >= MAX_LISTENERS:
            raise TooManyListenersError(f"{MAX_LISTENERS} pages are open already")
        queue: asyncio.Queue[JsonObject | None] = asyncio.Queue(QUEUE_LENGTH)
        self._queues.add(queue)
        try:
            while (event := await queue.get()) is not None:
                yield event
        finally:
            self._queues.discard(queue)

    def _from_any_thread(self, event: JsonObject) -> None:
        loop = self._loop
        if loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(self._spread, event)

    def _spread(self, event: JsonObject) -> None:
        for queue in self._queues:
            if queue.full():
                while not queue.empty():
                    queue.get_nowait()
                _put(queue, {"lost": True})
            _put(queue, event)


def _put(queue: asyncio.Queue[JsonObject | None], item: JsonObject | None) -> None:
    if queue.full():
        queue.get_nowait()
    queue.put_nowait(item)
