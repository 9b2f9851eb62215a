"""Sign-ins, sign-outs and refusals for the journal, at most twenty a minute."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

from starlette.concurrency import run_in_threadpool

from execution_orchestrator.engine.inputs import Caller
from execution_orchestrator.monitoring.web.source import WebSource

PER_MINUTE = 20


class Noted:
    """Hands what is to be noted to the source; ``now`` are seconds that only go forward."""

    def __init__(self, source: WebSource, now: Callable[[], float] = time.monotonic) -> None:
        self._source = source
        self._now = now
        self._newest: deque[float] = deque(maxlen=PER_MINUTE)

    async def note(self, caller: Caller, what: str, refusal: str = "") -> None:
        """Note it, unless the last minute had twenty already."""
        now = self._now()
        if len(self._newest) == PER_MINUTE and now - self._newest[0] < 60.0:
            return
        self._newest.append(now)
        await run_in_threadpool(self._source.note, caller, what, refusal=refusal)
