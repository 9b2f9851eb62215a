"""A thousand executions at once on one journal, and how long a result waits for what follows it.

The loop's clock counts what this process computes and nothing else: while nothing is to be done it
leaps to what is due next. So the figures are those of a machine that does nothing else, whatever
this one does; a disk that has to be waited for is not in them.
"""

from __future__ import annotations

import asyncio
import random
import selectors
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from benchmarks.engine.durable import NoOpDriver
from benchmarks.engine.machine import WIDE
from benchmarks.engine.plans import chain
from execution_orchestrator.engine import inputs as s
from execution_orchestrator.engine.effects import Dispatch
from execution_orchestrator.engine.machine import Machine
from execution_orchestrator.runtime.orchestrator import Orchestrator
from execution_orchestrator.runtime.ports import Report
from execution_orchestrator.storage.database import open_database
from execution_orchestrator.storage.sql_journal import open_journal


class _NoWait(selectors.SelectSelector):
    """Leaps over the time until something is due."""

    def __init__(self) -> None:
        super().__init__()
        self.leapt = 0.0  # seconds

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Return what is ready already; a timeout is over at once."""
        if ready := super().select(0.0):
            return ready
        self.leapt += max(0.0, timeout or 0.0)
        return super().select(0.001) if timeout is None else []


class ComputingLoop(asyncio.SelectorEventLoop):
    """A loop whose clock is the processor time of this process, and the time it leapt over."""

    def __init__(self) -> None:
        self._leaps = _NoWait()
        super().__init__(self._leaps)

    def time(self) -> float:
        """Return seconds."""
        return time.process_time() + self._leaps.leapt


class TimedDriver(NoOpDriver):
    """Reaches each goal after a while, and notes how long a result waited for the next goal."""

    def __init__(self, seconds: float, loop: asyncio.AbstractEventLoop) -> None:
        self._seconds = seconds
        self._loop = loop
        self._random = random.Random(22)
        self._reported: dict[str, float] = {}
        self.waits: list[float] = []  # seconds

    def dispatch(self, effect: Dispatch, report: Report) -> None:
        """Accept now, succeed after half to one and a half of the usual time."""
        if (since := self._reported.pop(effect.execution_id, None)) is not None:
            self.waits.append(self._loop.time() - since)
        report(s.GoalAccepted(goal_id=effect.goal_id))
        after = self._seconds * self._random.uniform(0.5, 1.5)
        self._loop.call_later(after, self._succeed, effect, report)

    def _succeed(self, effect: Dispatch, report: Report) -> None:
        self._reported[effect.execution_id] = self._loop.time()
        report(s.GoalSucceeded(goal_id=effect.goal_id, output={}))


@dataclass(frozen=True)
class Crowd:
    """What many executions at once took."""

    per_action: float  # milliseconds of processor time
    middle: float  # milliseconds from a result to the next dispatch, median
    late: float  # the same, 99th percentile
    spread: float  # when the last one ended, as a multiple of when the first one did


async def _run(
    executions: int, plan: dict[str, Any], seconds: float, folder: Path, loop: ComputingLoop
) -> Crowd:
    database = open_database(folder)
    journal = open_journal(database)
    driver = TimedDriver(seconds, loop)
    orchestrator = Orchestrator(machine=Machine(WIDE), journal=journal, driver=driver)
    await orchestrator.start()
    names = [f"e{number}" for number in range(executions)]
    ends: list[float] = []

    async def watched(name: str) -> None:
        await orchestrator.ended(name)
        ends.append(loop.time())

    watching = [asyncio.ensure_future(watched(name)) for name in names]
    await asyncio.sleep(0)
    began, used = loop.time(), time.process_time()
    for name in names:
        options = s.SubmitOptions(checkpoint_every=0)
        orchestrator.post(s.Submit(execution_id=name, plan=plan, options=options))
    await asyncio.gather(*watching)
    used = time.process_time() - used
    await orchestrator.stop()
    journal.close()
    database.close()
    return Crowd(
        per_action=used / executions / len(plan["actions"]) * 1e3,
        middle=median(driver.waits) * 1e3,
        late=quantiles(driver.waits, n=100)[98] * 1e3,
        spread=(max(ends) - began) / (min(ends) - began),
    )


def measure(executions: int = 1000, actions: int = 20, seconds: float = 2.0) -> Crowd:
    """Run chains side by side, all asked for at once; a goal takes so many seconds on average."""
    loop = ComputingLoop()
    try:
        with tempfile.TemporaryDirectory() as folder:
            return loop.run_until_complete(
                _run(executions, chain(actions), seconds, Path(folder), loop)
            )
    finally:
        loop.close()
