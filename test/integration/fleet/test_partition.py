"""A robot whose network falls silent: no connection is closed, nothing comes through."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Iterator

import pytest

from execution_orchestrator.fleet.orders import TaskOutcome
from test.integration.fleet.conftest import Fleet, ScriptedRobot, instantly
from test.integration.fleet.test_missions import replayed, robot
from test.silent_proxy import SilentProxy

pytestmark = pytest.mark.timeout(180)


@pytest.fixture
def proxy(server) -> Iterator[SilentProxy]:
    with SilentProxy(server.address) as made:
        yield made


def cut_off(fleet: Fleet, proxy: SilentProxy, *capabilities: str) -> ScriptedRobot:
    """Start a robot that reaches Temporal through the proxy."""
    beside = Fleet(fleet.client, proxy.address, works_on_missions=False)
    made = beside.start(ScriptedRobot(f"r{uuid.uuid4().hex[:6]}", *capabilities))
    fleet.agents.update(beside.agents)
    return made


async def until_note(fleet: Fleet, mission: str, words: str) -> None:
    await fleet.until(mission, lambda tasks: any(words in note for note in tasks["t"].notes))


async def test_what_ended_on_a_robot_while_it_was_cut_off_counts_and_is_not_done_again(
    fleet, proxy
):
    can = f"can_{uuid.uuid4().hex[:6]}"
    robot(fleet)  # works on missions
    away, release = cut_off(fleet, proxy, can), asyncio.Event()

    async def work(self, order, watch):
        await release.wait()
        return await instantly(self, order, watch)

    away.work = work
    mission = await fleet.submit(
        f"{{name: away, tasks: [{{id: t, command: t, needs: {{capabilities: [{can}]}}}}]}}"
    )
    await fleet.until(mission, lambda tasks: tasks["t"].claimed)
    other = robot(fleet, can)
    proxy.cut()
    await until_note(fleet, mission, f"{away.name} fell silent")
    release.set()
    proxy.mend()
    state = await fleet.missions.result(mission)
    assert state.status == "COMPLETED", state
    assert state.tasks[0].robot == away.name
    assert away.began == {"t": 1}
    assert not other.began
    await replayed(fleet, mission)


async def test_who_asked_whether_it_may_begin_and_was_cut_off_begins_nothing_when_it_is_back(
    fleet, proxy
):
    can = f"can_{uuid.uuid4().hex[:6]}"
    robot(fleet)  # works on missions
    away, answers = cut_off(fleet, proxy, can), []

    async def run(order, watch):
        """Ask as a robot does, but over a network that has fallen silent."""
        proxy.cut()
        try:
            answers.append(await watch.claim())
        except asyncio.CancelledError:
            # Its heartbeat was answered before its question: the task is not there any more.
            answers.append("given up")
            raise
        return TaskOutcome(away.name, "CANCELLED")

    away.run = run
    mission = await fleet.submit(
        f"{{name: silent, tasks: [{{id: t, command: t, needs: {{capabilities: [{can}]}}}}]}}"
    )
    # Nobody else is there to take it before it has been given up.
    await until_note(fleet, mission, "fell silent")
    other = robot(fleet, can)
    state = await fleet.missions.result(mission)
    assert (state.status, state.tasks[0].robot) == ("COMPLETED", other.name)
    proxy.mend()
    async with asyncio.timeout(90.0):
        while not answers:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    assert answers in (["no"], ["given up"])
    assert other.began == {"t": 1}


async def test_a_cancel_waits_for_the_word_of_a_robot_that_is_cut_off(fleet, proxy):
    robot(fleet)  # works on missions
    away = cut_off(fleet, proxy)
    ended = asyncio.Event()

    async def work(self, order, watch):
        await watch.stop.wait()
        ended.set()
        return TaskOutcome(self.name, "CANCELLED")

    away.work = work
    mission = await fleet.submit(
        f"{{name: away, tasks: [{{id: t, command: t, robot: {away.name}}}]}}"
    )
    await fleet.until(mission, lambda tasks: tasks["t"].claimed)
    proxy.cut()
    await fleet.missions.cancel(mission, "enough")
    assert not ended.is_set()
    proxy.mend()
    state = await fleet.missions.result(mission)
    assert (state.status, state.reason) == ("CANCELLED", "enough")
    assert ended.is_set()
    await replayed(fleet, mission)
