"""Nothing but asyncio: a task for every step, each awaited before the next."""

from __future__ import annotations

import asyncio
import time


async def _step() -> None:
    """Do nothing."""


async def _chain(steps: int) -> None:
    for _ in range(steps):
        await asyncio.create_task(_step())


def per_step(steps: int, repeat: int = 3) -> float:
    """Return milliseconds of CPU per step, the best of some runs."""
    best = float("inf")
    for _ in range(repeat):
        began = time.process_time()
        asyncio.run(_chain(steps))
        best = min(best, (time.process_time() - began) / steps * 1e3)
    return best
