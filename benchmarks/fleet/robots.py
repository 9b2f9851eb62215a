"""Scripted robots with their agents, some in a process."""

from __future__ import annotations

import asyncio
import os
import resource
import time
from collections import Counter
from typing import Any

from execution_orchestrator.fleet.agent import Agent, HandedBackError, Watch
from execution_orchestrator.fleet.connection import Connection
from execution_orchestrator.fleet.needs import Offer
from execution_orchestrator.fleet.orders import Control, TaskOrder, TaskOutcome


class ScriptedRobot:
    """Works for a while; notes when it became free and when its next goal would have been sent.

    As an orchestrator does, it has one execution of an id, to which whoever asks again is attached.
    """

    unable = ""
    offer = Offer(frozenset({"work"}))

    def __init__(self, name: str, seconds: float) -> None:
        self.name = name
        self._seconds = seconds
        self._news = asyncio.Event()
        self._running: dict[str, str] = {}
        self._works: dict[str, asyncio.Task[None]] = {}
        self._free_since = 0.0
        self.waits: list[float] = []
        self.done: Counter[str] = Counter()

    @property
    def busy(self) -> list[str]:
        """Return what it works on."""
        return list(self._running)

    def of_missions(self) -> dict[str, str]:
        """Return the missions of what it works on."""
        return dict(self._running)

    async def changed(self, timeout: float) -> None:
        """Return when it is free again, or after ``timeout`` seconds."""
        self._news.clear()
        try:
            await asyncio.wait_for(self._news.wait(), timeout)
        except TimeoutError:
            return

    async def knows(self, execution_id: str) -> bool:
        """Say whether it has been asked for it."""
        return execution_id in self._works

    async def run(self, order: TaskOrder, watch: Watch) -> TaskOutcome:
        """Work, and note how long it was free before."""
        if await watch.claim() == "no":
            raise HandedBackError("not wanted")
        work = self._works.get(order.execution_id)
        if work is None:
            work = self._works[order.execution_id] = asyncio.create_task(self._work(order))
        await asyncio.shield(work)
        return TaskOutcome(self.name, "COMPLETED")

    async def _work(self, order: TaskOrder) -> None:
        if self._free_since:
            self.waits.append(time.monotonic() - self._free_since)
        self._running[order.execution_id] = order.mission
        await asyncio.sleep(self._seconds)
        self.done[order.execution_id] += 1
        del self._running[order.execution_id]
        self._free_since = time.monotonic()
        self._news.set()

    async def control(self, wish: Control) -> str:
        """Do nothing."""
        return wish.what


def run_robots(
    address: str, first: int, count: int, seconds: float, ready: Any, ends: Any, results: Any
) -> None:
    """Run some robots until told to stop, and hand over what they noted."""
    asyncio.run(_robots(address, first, count, seconds, ready, ends, results))


async def _robots(
    address: str, first: int, count: int, seconds: float, ready: Any, ends: Any, results: Any
) -> None:
    robots = [ScriptedRobot(f"bench{first + number}", seconds) for number in range(count)]

    tasks = []
    for number, robot in enumerate(robots):
        # One after another, as in a building, where not all are switched on in the same second.
        client = await Connection(address=address).wait()
        agent = Agent(client, robot, missions=number == 0)
        tasks.append(asyncio.create_task(agent.run()))
    await asyncio.to_thread(ready.wait)
    while not ends.is_set():
        await asyncio.sleep(0.2)
        for task in tasks:
            if task.done():
                task.result()
    use = resource.getrusage(resource.RUSAGE_SELF)
    results.put(
        {
            "waits": [wait for robot in robots for wait in robot.waits],
            "done": sum((robot.done for robot in robots), start=Counter()),
            "cpu": use.ru_utime + use.ru_stime,
            "memory": use.ru_maxrss * 1024,
        }
    )
    results.close()
    results.join_thread()
    os._exit(0)  # hundreds of pollers would wait for their last answers
