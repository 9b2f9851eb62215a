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

START_TIMEOUT = 600.0  # seconds until all robots are connected


async def measured(address: str, tasks: int) -> tuple[float, str]:
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
    state = await missions.result(await missions.submit(mission))
    return time.monotonic() - begin, state.status


def main() -> int:
    """Measure and print the figures; 1 if a task was lost or done twice."""
    options = asked(__doc__ or "")
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
            ready.wait(START_TIMEOUT)
            took, status = asyncio.run(measured(address, options.tasks))
            ends.set()
            found = [results.get(timeout=60.0) for _ in workers]
        finally:
            for worker in workers:
                worker.join(20.0 if ends.is_set() else 0.0)
                worker.kill()
    done = sum((one["done"] for one in found), start=Counter())
    waits = [wait for one in found for wait in one["waits"]]
    robots = each * options.processes
    run = figures(
        robots=robots,
        tasks=options.tasks,
        took=took,
        waits=waits,
        memory=sum(one["memory"] for one in found) / 1e6,
        used=sum(one["cpu"] for one in found),
        lost=options.tasks - len(done),
        twice=sum(count > 1 for count in done.values()),
    )
    return told({**run, "mission": status}, options.json)


if __name__ == "__main__":
    sys.exit(main())
