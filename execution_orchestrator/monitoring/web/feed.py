"""Events for many browsers: written once, with a bounded queue for each page.

A page that stops reading loses events and gets the number lost; it delays neither the node nor the
other pages.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence

import msgspec

from execution_orchestrator.monitoring.live_monitor import event_as_json
from execution_orchestrator.monitoring.web.floor import Scene
from execution_orchestrator.monitoring.web.source import WebSource
from execution_orchestrator.storage.journal import JournalEntry

MAX_LISTENERS = 32
WAITING = 2000  # events that may wait to be written
CHUNK = 200  # events written at once
CHUNKS = 20  # written chunks that may wait for one page
PERIOD = 0.05  # seconds between two chunks, so that a flood costs little,
FOR_EACH = 0.0005  # and seconds for each event of the last one
SCENE_PERIOD = 0.1  # seconds between two pictures of the floor
CONNECTED = b": connected\n\n"
LOST = b'event: lost\ndata: "read the events again"\n\n'


class TooManyListenersError(RuntimeError):
    """As many browsers as allowed are listening already."""


class EventFeed:
    """Hands every event of the source to every open page, as server-sent events."""

    def __init__(self, source: WebSource) -> None:
        self._source = source
        self._pages: set[_Page] = set()
        self._waiting: deque[JournalEntry] = deque(maxlen=WAITING)
        self._missed = False
        self._wake = asyncio.Event()
        self._scheduled = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._unsubscribe: Callable[[], None] | None = None
        self._task: asyncio.Task[None] | None = None
        self._floor: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to listen; called in the web server's loop."""
        self._loop = asyncio.get_running_loop()
        self._task = self._loop.create_task(self._write(), name="feed")
        self._floor = self._loop.create_task(self._follow_floor(), name="floor")
        self._unsubscribe = self._source.subscribe(self._from_any_thread)

    def stop(self) -> None:
        """End every stream."""
        if self._unsubscribe is not None:
            self._unsubscribe()
        if self._task is not None:
            self._task.cancel()
        if self._floor is not None:
            self._floor.cancel()
        for page in self._pages:
            page.end()

    async def listen(self) -> AsyncIterator[bytes]:
        """Yield server-sent events as they come; ``event: lost`` counts those that were dropped.

        Raises:
            TooManyListenersError: 32 pages are open already.

        """
        if len(self._pages) >= MAX_LISTENERS:
            raise TooManyListenersError(f"{MAX_LISTENERS} pages are open already")
        page = _Page()
        self._pages.add(page)
        # Said only now: a browser reads the state when it is connected, and what happens after that
        # has to reach it.
        page.put(CONNECTED)
        try:
            async for chunk in page:
                yield chunk
        finally:
            self._pages.discard(page)

    def _from_any_thread(self, entries: Sequence[JournalEntry]) -> None:
        loop = self._loop
        if not self._pages or loop is None or loop.is_closed():
            return
        if len(self._waiting) + len(entries) > WAITING:
            self._missed = True
        self._waiting.extend(entries)
        if not self._scheduled:
            self._scheduled = True
            loop.call_soon_threadsafe(self._wake.set)

    async def _write(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            self._scheduled = False
            while self._waiting or self._missed:
                count = min(CHUNK, len(self._waiting))
                self._spread(self._next_chunk(count))
                await asyncio.sleep(PERIOD + count * FOR_EACH)

    async def _follow_floor(self) -> None:
        """Tell where the robots are when they moved, and the rest when it changed."""
        robots, version = Scene().robots, 0
        while True:
            await asyncio.sleep(SCENE_PERIOD)
            if not self._pages:
                continue
            scene = self._source.scene()
            if scene.version != version:
                version = scene.version
                self._spread_floor("things", scene.things)
            if scene.robots != robots:
                robots = scene.robots
                self._spread_floor("robots", scene.robots)

    def _spread_floor(self, kind: str, what: object) -> None:
        chunk = f"event: {kind}\ndata: ".encode() + msgspec.json.encode(what) + b"\n\n"
        for page in self._pages:
            page.put_if_it_keeps_up(chunk)

    def _next_chunk(self, count: int) -> bytes:
        lead = b""
        if self._missed:
            self._missed = False
            lead = LOST
        events = [event_as_json(self._waiting.popleft()) for _ in range(count)]
        if not events:
            return lead
        return lead + b"data: " + msgspec.json.encode(events) + b"\n\n"

    def _spread(self, chunk: bytes) -> None:
        for page in self._pages:
            page.put(chunk)


class _Page:
    """What waits for one browser."""

    def __init__(self) -> None:
        self._chunks: deque[bytes | None] = deque()
        self._filled = asyncio.Event()

    def put(self, chunk: bytes) -> None:
        if len(self._chunks) >= CHUNKS:
            self._chunks.clear()
            self._chunks.append(LOST)
        self._chunks.append(chunk)
        self._filled.set()

    def put_if_it_keeps_up(self, chunk: bytes) -> None:
        """Leave out what the next one replaces anyway, where something waits already."""
        if len(self._chunks) < CHUNKS // 2:
            self.put(chunk)

    def end(self) -> None:
        self._chunks.append(None)
        self._filled.set()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while True:
            await self._filled.wait()
            self._filled.clear()
            while self._chunks:
                chunk = self._chunks.popleft()
                if chunk is None:
                    return
                yield chunk
