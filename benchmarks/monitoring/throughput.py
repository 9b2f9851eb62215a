"""The same plans with nobody watching and with everything on: page listened to, alerts, metrics.

The two are run in turns, because a shared machine is never equally fast for long. What watching
costs is told as the share of one processor that it takes while the engine is busy, the median of
the pairs: an engine that has the processor for itself is slower by just that.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.engine.plans import chain, fan_out
from benchmarks.monitoring.figure import Figure
from benchmarks.monitoring.station import Station, station
from execution_orchestrator.engine import inputs as s


@dataclass(frozen=True)
class Taken:
    """Seconds on the clock, of the processor, and of it in the engine's own thread."""

    wall: float
    processor: float
    engine: float


PAIRS = 7
ACTIONS = 1000
PAGE_TIMEOUT = 30.0  # seconds for the page to open
PLANS = 4  # one after the other in each run


async def run(place: Station, plan: dict[str, object]) -> Taken:
    """Return what it takes from the submission to the end."""
    began, process, thread = time.perf_counter(), time.process_time(), time.thread_time()
    for _ in range(PLANS):
        execution_id = f"e{place.journal.last_sequence}"
        ended = asyncio.ensure_future(place.orchestrator.ended(execution_id))
        await asyncio.sleep(0)
        options = s.SubmitOptions(checkpoint_every=0)
        place.orchestrator.post(s.Submit(execution_id=execution_id, plan=plan, options=options))
        await ended
    return Taken(
        time.perf_counter() - began, time.process_time() - process, time.thread_time() - thread
    )


async def pair(plan: dict[str, object]) -> tuple[Taken, Taken]:
    """Return what it takes without and with monitoring."""
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as two:
        async with station(Path(one), watched=False) as alone:
            await run(alone, plan)  # the first of everything takes longer, on both sides
            without = await run(alone, plan)
        async with station(Path(two), watched=True) as seen:
            assert seen.server is not None
            page = await asyncio.create_subprocess_exec(
                sys.executable,
                *("-m", "benchmarks.monitoring.page", seen.server.url),
                stdout=asyncio.subprocess.PIPE,
            )
            assert page.stdout is not None
            # What a page costs that is open, not what it takes to start one.
            await asyncio.wait_for(page.stdout.readline(), PAGE_TIMEOUT)
            rounds = asyncio.ensure_future(look_at_alerts(seen))
            await run(seen, plan)
            watched = await run(seen, plan)
            rounds.cancel()
            page.terminate()
            await page.wait()
    return without, watched


async def look_at_alerts(place: Station) -> None:
    """Compare the alerts once a second, as the node does."""
    while True:
        await asyncio.sleep(1.0)
        await asyncio.to_thread(place.monitor.check_alerts)


def figures() -> Iterator[Figure]:
    """Measure a chain and a fan-out."""
    for name, plan in (("chain", chain(ACTIONS)), ("fan-out", fan_out(ACTIONS))):
        pairs = [asyncio.run(pair(plan)) for _ in range(PAIRS)]
        count = ACTIONS * PLANS
        what = f"{name} of {ACTIONS}"
        for told, index in (("nobody watches", 0), ("everything watches", 1)):
            speed = count / statistics.median(both[index].wall for both in pairs)
            yield Figure(f"{what}: actions a second, {told}", speed, "/s")
        cost = statistics.median(
            (after.processor - before.processor) / after.wall for before, after in pairs
        )
        own = statistics.median(after.engine / before.engine for before, after in pairs)
        yield Figure(f"{what}: cost of monitoring, of one processor", 100 * cost, "%", 5.0)
        yield Figure(f"{what}: more work in the engine's own thread", 100 * (own - 1), "%", 5.0)
