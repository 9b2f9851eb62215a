"""The whole path: stimuli, machine, journal on disk, effects. SQLite in WAL mode."""

from __future__ import annotations

import asyncio
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.engine.machine import WIDE
from benchmarks.engine.plans import chain, fan_out
from execution_orchestrator.engine import stimuli as s
from execution_orchestrator.engine.effects import Dispatch, Reattach
from execution_orchestrator.engine.machine import Machine
from execution_orchestrator.runtime.orchestrator import Orchestrator
from execution_orchestrator.runtime.ports import Report
from execution_orchestrator.storage.database import open_database
from execution_orchestrator.storage.journal import Journal


class NoOpDriver:
    """Reaches every goal at once."""

    def dispatch(self, effect: Dispatch, report: Report) -> None:
        """Accept and succeed."""
        report(s.GoalAccepted(goal_id=effect.goal_id))
        report(s.GoalSucceeded(goal_id=effect.goal_id, output={}))

    def reattach(self, effect: Reattach, report: Report) -> None:
        """Say that nothing is known."""
        report(s.GoalLost(goal_id=effect.goal_id, never_seen=True))

    def cancel(self, goal_id: str) -> None:
        """Ignore it: every goal has ended already."""


async def _run(plan: dict[str, Any], directory: Path) -> float:
    database = open_database(directory)
    orchestrator = Orchestrator(
        machine=Machine(WIDE), journal=Journal(database), driver=NoOpDriver()
    )
    await orchestrator.start()
    began = time.perf_counter()
    ended = asyncio.ensure_future(orchestrator.ended("e"))
    await asyncio.sleep(0)
    orchestrator.post(
        s.Submit(execution_id="e", plan=plan, options=s.SubmitOptions(checkpoint_every=0))
    )
    async with asyncio.timeout(120.0):
        await ended
    taken = time.perf_counter() - began
    await orchestrator.stop()
    database.close()
    return taken


def per_action(plan: dict[str, Any], repeat: int = 3) -> float:
    """Return milliseconds per action, the best of some runs."""
    best = float("inf")
    for _ in range(repeat):
        with tempfile.TemporaryDirectory() as directory:
            taken = asyncio.run(_run(plan, Path(directory)))
        best = min(best, taken / len(plan["actions"]) * 1e3)
    return best


def figures() -> list[tuple[str, float, str, float]]:
    """Return (name, value, unit, goal)."""
    level = "durable (survives kill -9)"
    return [
        (f"{level}, chain of 1,000, per action", per_action(chain(1000)), "ms", 0.14),
        (f"{level}, fan-out of 1,000, per action", per_action(fan_out(1000)), "ms", 0.14),
    ]
