"""How fast missions get to robots: scripted robots in a few processes, on a real Temporal server.

    python -m benchmarks.fleet --robots 200 --tasks 2000 --processes 4

A scripted robot takes no time to plan and a given time to work, so that what is measured is the way
from a robot that is free to its next task: Temporal, the agent, and the mission's yes.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from benchmarks.fleet.figures import asked, figures, told
from benchmarks.fleet.robots import run_robots
from execution_orchestrator.cli.fleet_demo import temporal_server
from execution_orchestrator.fleet.connection import Connection
from execution_orchestrator.fleet.document import Mission
from execution_orchestrator.fleet.missions import Missions

CUT_SHORT = "cut short"
START_TIMEOUT = 600.0  # seconds until all robots are connected


async def measured(address: str, tasks: int, longest: float | None) -> tuple[float, str]:
    """Submit the tasks as one mission and wait for its end; returns seconds and its status."""
    missions = Missions(await Connection(address=address).wait())
    begin = time.monotonic()
    mission = Mission.model_validate(
        {
            "name": "bench",
            "tasks": [
                {
                    "id": "work",
                    "for_each": list(range(tasks)),
                    "command": "{{ item }}",
                    "needs": {"capabilities": ["work"]},
                }
            ],
        }
    )
    name = await missions.submit(mission)
    try:
        status = (await asyncio.wait_for(missions.result(name), longest)).status
    except TimeoutError:
        status = CUT_SHORT
    return time.monotonic() - begin, status


def main() -> int:
    """Measure and print the figures; 1 if a task was lost or done twice."""
    options = asked(__doc__ or "", may_be_cut_short=True)
    context = multiprocessing.get_context("spawn")
    with (
        tempfile.TemporaryDirectory(prefix="bench-fleet-") as folder,
        temporal_server(Path(folder)) as (address, _),
    ):
        asyncio.run(Connection(address=address).wait())
        ends, results = context.Event(), context.Queue()
        ready = context.Barrier(options.processes + 1)
        each = options.robots // options.processes
        workers = [
            context.Process(
                target=run_robots,
                args=(address, number * each, each, options.seconds, ready, ends, results),
            )
            for number in range(options.processes)
        ]
        for worker in workers:
            worker.start()
        try:
            connecting = time.monotonic()
            ready.wait(START_TIMEOUT)
            print(f"all connected after {time.monotonic() - connecting:.0f} s", flush=True)
            took, status = asyncio.run(measured(address, options.tasks, options.longest))
            ends.set()
            found = [results.get(timeout=60.0) for _ in workers]
        finally:
            for worker in workers:
                worker.join(20.0 if ends.is_set() else 0.0)
                worker.kill()
    done = sum((one["done"] for one in found), start=Counter())
    waits = [wait for one in found for wait in one["waits"]]
    robots = each * options.processes
    # What was left when it was cut short is not lost.
    tasks = len(done) if status == CUT_SHORT else options.tasks
    run = figures(
        robots=robots,
        tasks=tasks,
        took=took,
        waits=waits,
        memory=sum(one["memory"] for one in found) / 1e6,
        used=sum(one["cpu"] for one in found),
        lost=tasks - len(done),
        twice=sum(count > 1 for count in done.values()),
    )
    return told({**run, "mission": status}, options.json)


if __name__ == "__main__":
    sys.exit(main())
