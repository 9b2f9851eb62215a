"""The whole path: inputs, machine, journal in a database, effects."""

from __future__ import annotations

import asyncio
import gc
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.engine.machine import WIDE
from execution_orchestrator.engine import inputs as s
from execution_orchestrator.engine.effects import Dispatch, HoldGoal, Reattach, StopBelow
from execution_orchestrator.engine.machine import Machine
from execution_orchestrator.runtime.orchestrator import Orchestrator
from execution_orchestrator.runtime.ports import Report
from execution_orchestrator.storage.database import Durability, open_database
from execution_orchestrator.storage.sql_journal import open_journal


class NoOpDriver:
    """Reaches every goal at once."""

    def dispatch(self, effect: Dispatch, report: Report) -> None:
        """Accept and succeed."""
        report(s.GoalAccepted(goal_id=effect.goal_id))
        report(s.GoalSucceeded(goal_id=effect.goal_id, output={}))

    def reattach(self, effect: Reattach, report: Report) -> None:
        """Say that nothing is known."""
        report(s.GoalLost(goal_id=effect.goal_id, never_seen=True))

    def stop_below(self, effect: StopBelow) -> None:
        """Ignore it: nothing goes on after a cancel."""

    def hold(self, effect: HoldGoal, report: Report) -> None:
        """Ignore it: nothing runs for so long that it could be held."""

    def cancel(self, goal_id: str) -> None:
        """Ignore it: every goal has ended already."""


async def run(
    plan: dict[str, Any], directory: Path, durability: Durability = "normal", url: str = ""
) -> float:
    """Run a plan from its submission to its end; returns seconds of wall time."""
    database = open_database(directory, durability=durability, url=url)
    journal = open_journal(database)
    orchestrator = Orchestrator(machine=Machine(WIDE), journal=journal, driver=NoOpDriver())
    await orchestrator.start()
    execution_id = f"e{journal.last_sequence}"
    ended = asyncio.ensure_future(orchestrator.ended(execution_id))
    await asyncio.sleep(0)
    began = time.perf_counter()
    orchestrator.post(
        s.Submit(execution_id=execution_id, plan=plan, options=s.SubmitOptions(checkpoint_every=0))
    )
    async with asyncio.timeout(120.0):
        await ended
    taken = time.perf_counter() - began
    await orchestrator.stop()
    journal.close()
    database.close()
    return taken


def per_action(
    plan: dict[str, Any], durability: Durability = "normal", url: str = "", repeat: int = 5
) -> list[float]:
    """Return milliseconds of wall time per action in each of some runs."""
    taken = []
    for _ in range(repeat):
        with tempfile.TemporaryDirectory() as directory:
            seconds = asyncio.run(run(plan, Path(directory), durability, url))
        taken.append(seconds / len(plan["actions"]) * 1e3)
    return taken


def restart_seconds(events: int, plan: dict[str, Any], repeat: int = 5) -> list[float]:
    """Return seconds of processor time to read and fold a journal of so many events, of each run.

    Nothing looks for garbage meanwhile: the node does not until it is ready (scripts/orchestrator).

    Raises:
        AssertionError: the journal is shorter than that.

    """
    with tempfile.TemporaryDirectory() as directory:
        place = Path(directory)
        count = 0
        while count < events:
            asyncio.run(run(plan, place))
            database = open_database(place)
            count = open_journal(database).last_sequence
            database.close()
        taken = []
        for _ in range(repeat):
            database = open_database(place)
            journal, machine = open_journal(database), Machine(WIDE)
            gc.collect()
            gc.disable()
            began = time.process_time()
            for entry in journal.read(limit=events):
                machine.replay(entry.event)
            taken.append(time.process_time() - began)
            gc.enable()
            journal.close()
            database.close()
            assert machine.state.events == events
    return taken
