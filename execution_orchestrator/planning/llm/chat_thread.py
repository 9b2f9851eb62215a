"""A chat model in a thread of its own, so that the loop that drives the robot does not wait."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Mapping, Sequence
from typing import Any

from execution_orchestrator.planning.llm.chat import Answer, ChatModel, Message

CLOSE_TIMEOUT = 5.0  # seconds


class ChatInThread:
    """Runs another chat model on a loop and thread of its own, begun when it is first asked.

    Writing a large schema, reading an answer and setting up TLS take tens of milliseconds: they are
    not taken from the loop that drives the robot. A cancelled answer is cancelled there, too.
    """

    def __init__(self, model: ChatModel) -> None:
        self._model = model
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None

    async def answer(
        self, messages: Sequence[Message], *, schema: Mapping[str, Any] | None, max_tokens: int
    ) -> Answer:
        """Return the answer.

        Raises:
            ChatError: there is none.

        """
        asking = self._model.answer(list(messages), schema=schema, max_tokens=max_tokens)
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(asking, self._running()))

    async def open(self) -> None:
        """Begin the thread and open the model in it.

        Raises:
            ChatError: something is missing.

        """
        opening = asyncio.run_coroutine_threadsafe(self._model.open(), self._running())
        await asyncio.wrap_future(opening)

    async def close(self) -> None:
        """Let go of the connections and end the thread."""
        loop, thread = self._loop, self._thread
        if loop is None or thread is None:
            return
        closing = asyncio.run_coroutine_threadsafe(self._model.close(), loop)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(asyncio.wrap_future(closing), CLOSE_TIMEOUT)
        loop.call_soon_threadsafe(loop.stop)
        await asyncio.to_thread(thread.join, CLOSE_TIMEOUT)
        self._loop = self._thread = None

    def _running(self) -> asyncio.AbstractEventLoop:
        if self._loop is None:
            loop = self._loop = asyncio.new_event_loop()

            def work() -> None:
                asyncio.set_event_loop(loop)
                try:
                    loop.run_forever()
                finally:
                    loop.close()

            # A daemon: a server that does not let go must not keep the node from ending.
            self._thread = threading.Thread(target=work, name="language model", daemon=True)
            self._thread.start()
        return self._loop
