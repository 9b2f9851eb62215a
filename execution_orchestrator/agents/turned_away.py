"""Requests that the HTTP server refused before a client was known, for the node's journal."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import Any

from execution_orchestrator.agents.rates import RateLimit

Message = Mapping[str, Any]
App = Callable[[Any, Any, Any], Awaitable[None]]
Note = Callable[[str, str, str, Mapping[str, Any]], Coroutine[Any, Any, None]]
REASONS = {
    401: "no token that is known",
    403: "a page of another origin",
    413: "its body is too large",
    421: "it was meant for another host",
    503: "too many sessions or connections",
}
NOTED_PER_MINUTE = 10  # so that strangers do not fill the journal
TOLD = ("origin", "host", "user-agent", "content-length")  # headers, with what a person looks for
MOST_HEADER = 200  # characters


class TurnedAway:
    """Wraps an ASGI application and calls ``note`` with each request that it refuses.

    It is called with who asked, what for, why not, and the headers that matter.
    """

    def __init__(self, app: App, note: Note) -> None:
        self._app = app
        self._note = note
        self._noted = RateLimit(NOTED_PER_MINUTE, 60.0)
        self._noting: set[asyncio.Task[None]] = set()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve one request."""

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._look(scope, int(message["status"]))
            await send(message)

        await self._app(scope, receive, sent if scope["type"] == "http" else send)

    def _look(self, scope: Mapping[str, Any], status: int) -> None:
        if status not in REASONS or self._noted.wait() > 0.0:
            return
        headers = {
            name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]
        }
        noted = {name: headers[name][:MOST_HEADER] for name in TOLD if name in headers}
        host, port = scope.get("client") or ("nobody", 0)
        work = self._note(
            f"somebody at {host}:{port}",
            f"HTTP {scope['method']} {scope['path'][:MOST_HEADER]}",
            REASONS[status],
            noted,
        )
        # The answer does not wait for the node.
        task = asyncio.get_running_loop().create_task(work)
        self._noting.add(task)
        task.add_done_callback(self._noting.discard)
