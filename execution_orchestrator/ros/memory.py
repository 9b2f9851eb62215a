"""What the node takes of the machine's memory stays what it needs.

glibc gives each thread a heap of its own and keeps what was freed in the middle of one. A node that
makes and forgets executions for days would take ever more: in 2,000 runs of 200 actions some 1.6 MB
more in each 100. With one heap, of which free pages go back now and then, it does not.
"""

from __future__ import annotations

import asyncio
import ctypes

PERIOD = 30.0  # seconds between two times
M_ARENA_MAX = -8  # of malloc.h


def use_one_heap() -> None:
    """Let all threads share one heap; before the first thread begins. Nothing without glibc."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(M_ARENA_MAX, 1)


async def give_back() -> None:
    """Give free pages of the heap back to the system, now and then. Nothing without glibc."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    while trim is not None:
        await asyncio.sleep(PERIOD)
        trim(0)  # about a millisecond
