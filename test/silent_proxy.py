"""A way between two processes that can fall silent as a network does: nothing comes through, nothing is closed."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from typing import Self

CHUNK = 65536  # bytes that are read at once


class SilentProxy:
    """Passes TCP connections on to an address; while it is cut, it passes nothing and says nothing.

    What was sent meanwhile arrives when it is mended, late, as it does after lost packets. A context
    manager; it lives in a thread of its own.
    """

    def __init__(self, address: str) -> None:
        host, _, port = address.rpartition(":")
        self._target = (host, int(port))
        self._loop = asyncio.new_event_loop()
        self._open = asyncio.Event()
        self._open.set()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._ways: set[asyncio.Task[None]] = set()
        self.address = ""

    def __enter__(self) -> Self:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(10.0)
        return self

    def __exit__(self, *failure: object) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(10.0)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10.0)
        self._loop.close()

    def cut(self) -> None:
        """Let nothing through any more, from the moment that this returns."""
        done = threading.Event()
        self._loop.call_soon_threadsafe(self._open.clear)
        self._loop.call_soon_threadsafe(done.set)
        done.wait(10.0)

    def mend(self) -> None:
        """Let through what comes, and what has been sent meanwhile."""
        self._loop.call_soon_threadsafe(self._open.set)

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._accepted, "127.0.0.1", 0)
        port = self._server.sockets[0].getsockname()[1]
        self.address = f"127.0.0.1:{port}"

    async def _close(self) -> None:
        self._server.close()
        for way in self._ways:
            way.cancel()
        await asyncio.gather(*self._ways, return_exceptions=True)

    async def _accepted(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._ways.add(asyncio.current_task())  # type: ignore[arg-type]
        await self._open.wait()
        try:
            there, back = await asyncio.open_connection(*self._target)
        except OSError:
            writer.close()
            return
        ways = [
            asyncio.create_task(self._pass_on(*ends)) for ends in ((reader, back), (there, writer))
        ]
        self._ways.update(ways)
        try:
            # Closed with the test, it ends here: asyncio's streams log a cancelled handler as an error.
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            for end in (writer, back):
                end.close()
            self._ways.difference_update((*ways, asyncio.current_task()))

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while read := await reader.read(CHUNK):
                await self._open.wait()
                writer.write(read)
                await writer.drain()
        await self._open.wait()
