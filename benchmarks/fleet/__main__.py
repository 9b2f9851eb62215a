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
MOST_ITEMS = 400  # tasks of one mission; more are several missions


async def measured(address: str, tasks: int) -> tuple[float, list[str]]:
    """Submit the tasks and wait for the end; returns seconds and the statuses of the missions."""
    missions = Missions(await Connection(address=address).wait())
    begin = time.monotonic()
    names = []
    for first in range(0, tasks, MOST_ITEMS):
        items = list(range(first, min(first + MOST_ITEMS, tasks)))
        mission = Mission.model_validate(
            {
                "name": "bench",
                "tasks": [
                    {
                        "id": "work",
                        "for_each": items,
                        "command": "{{ item }}",
                        "needs": {"capabilities": ["work"]},
                    }
                ],
            }
        )
        names.append(await missions.submit(mission))
    states = [(await missions.result(name)).status for name in names]
    return time.monotonic() - begin, states


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
            took, states = asyncio.run(measured(address, options.tasks))
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
    return told({**run, "missions": dict(Counter(states))}, options.json)


if __name__ == "__main__":
    sys.exit(main())
