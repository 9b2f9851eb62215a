"""One Temporal server for all tests, and robots that do in this process what a test says."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any

import pytest
from temporalio.client import Client

from execution_orchestrator.fleet.agent import Agent, HandedBackError, Watch
from execution_orchestrator.fleet.connection import Connection
from execution_orchestrator.fleet.missions import Missions
from execution_orchestrator.fleet.needs import Offer
from execution_orchestrator.fleet.orders import Control, TaskOrder, TaskOutcome
from execution_orchestrator.fleet.validation import read_mission
from test import temporal

Work = Callable[["ScriptedRobot", TaskOrder, Watch], Awaitable[TaskOutcome]]


@pytest.fixture(scope="session")
def server() -> Iterator[temporal.Server]:
    with temporal.running() as made:
        yield made


@pytest.fixture
async def client(server: temporal.Server) -> Client:
    return await Connection(address=server.address).wait()


class ScriptedRobot:
    """Remembers what it did, as a robot's own servers would; a dead agent leaves that as it is."""

    def __init__(self, name: str, *capabilities: str, **offer: Any) -> None:
        self.name = name
        self.offer = Offer(frozenset(capabilities), **offer)
        self.unable = ""
        self.cannot = ""  # why it fails before anything begins
        self.began: Counter[str] = Counter()  # by command: how often something physical began
        self.ended: dict[str, TaskOutcome] = {}
        self.running: dict[str, asyncio.Task[TaskOutcome]] = {}
        self.sent: set[str] = set()  # executions that its orchestrator has
        self.watches: dict[str, Watch] = {}
        self.missions: dict[str, str] = {}
        self.controls: list[Control] = []
        self.not_confirmed = ""  # what no server has said of what was cancelled
        self.work: Work = instantly

    @property
    def busy(self) -> list[str]:
        return list(self.running)

    def of_missions(self) -> dict[str, str]:
        return {name: self.missions[name] for name in self.running}

    async def changed(self, timeout: float) -> None:
        await asyncio.sleep(min(timeout, 0.02))

    async def knows(self, execution_id: str) -> bool:
        return execution_id in self.sent

    async def run(self, order: TaskOrder, watch: Watch) -> TaskOutcome:
        name = order.execution_id
        if name not in self.running and name not in self.ended:
            self.sent.add(name)
            if self.cannot:
                return TaskOutcome(self.name, "FAILED", error=self.cannot)
            answer = await watch.claim()
            if answer == "no":
                self.sent.discard(name)
                raise HandedBackError("not wanted")
            self.missions[name] = order.mission
            self.began[order.command] += 1
            self.watches[name] = watch
            self.running[name] = asyncio.create_task(self._keep(order, watch))
        if name in self.running:
            await asyncio.wait([self.running[name]])
        return self.ended[name]

    async def _keep(self, order: TaskOrder, watch: Watch) -> TaskOutcome:
        outcome = await self.work(self, order, watch)
        self.ended[order.execution_id] = outcome
        del self.running[order.execution_id]
        return outcome

    async def control(self, wish: Control) -> str:
        self.controls.append(wish)
        if wish.what == "cancel":
            if wish.execution_id in self.running:
                self.watches[wish.execution_id].stop.set()
                await asyncio.wait([self.running[wish.execution_id]])
            return self.not_confirmed
        return f"{wish.what}: done"


async def instantly(robot: ScriptedRobot, order: TaskOrder, watch: Watch) -> TaskOutcome:
    return TaskOutcome(robot.name, "COMPLETED", output={"did": order.command, **order.context})


def lasting(seconds: float) -> Work:
    async def work(robot: ScriptedRobot, order: TaskOrder, watch: Watch) -> TaskOutcome:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(watch.stop.wait(), seconds)
            return TaskOutcome(robot.name, "CANCELLED")
        return await instantly(robot, order, watch)

    return work


class Fleet:
    """Scripted robots with their agents; each agent can be ended as a dying process would."""

    def __init__(self, client: Client, address: str, *, works_on_missions: bool = True) -> None:
        self.client = client
        self.works_on_missions = works_on_missions
        self.address = address
        self.missions = Missions(client)
        self.agents: dict[str, asyncio.Task[None]] = {}

    def start(self, robot: ScriptedRobot) -> ScriptedRobot:
        self.agents[robot.name] = asyncio.create_task(self._run(robot))
        return robot

    async def _run(self, robot: ScriptedRobot) -> None:
        # One connection has one worker for a queue, and all robots have queues in common.
        client = await Connection(address=self.address).wait()
        await Agent(client, robot, missions=self.works_on_missions).run()

    async def stop(self) -> None:
        for task in self.agents.values():
            task.cancel()
        for ended in await asyncio.gather(*self.agents.values(), return_exceptions=True):
            assert isinstance(ended, asyncio.CancelledError), ended

    async def submit(self, document: str, **inputs: Any) -> str:
        read = read_mission(document, now=0.0)
        assert read.mission is not None, read.issues
        return await self.missions.submit(read.mission, inputs=inputs)

    async def until(self, mission: str, condition: Callable[[dict[str, Any]], bool]) -> None:
        async with asyncio.timeout(60.0):
            while True:
                shown = await self.missions.show(mission)
                if condition({one.key: one for one in shown.state.tasks}):
                    return
                await asyncio.sleep(0.05)


@pytest.fixture
async def fleet(client: Client, server: temporal.Server) -> AsyncIterator[Fleet]:
    made = Fleet(client, server.address)
    yield made
    await made.stop()
