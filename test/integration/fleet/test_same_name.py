"""Two robots that were given one name, and one whose journal is gone: nothing is done twice."""

from __future__ import annotations

import asyncio
import contextlib

import pytest

from execution_orchestrator.fleet.orders import Move
from test.integration.fleet.conftest import Fleet, ScriptedRobot, instantly
from test.integration.fleet.test_missions import replayed, robot

pytestmark = pytest.mark.timeout(180)


async def stop(fleet: Fleet, name: str) -> None:
    fleet.agents[name].cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await fleet.agents.pop(name)


async def test_what_a_robot_has_begun_another_one_of_its_name_does_not_begin_again(fleet):
    robot(fleet)  # works on missions
    first, release = robot(fleet), asyncio.Event()

    async def work(self, order, watch):
        await release.wait()
        return await instantly(self, order, watch)

    first.work = work
    mission = await fleet.submit(
        f"{{name: twin, tasks: [{{id: t, command: t, robot: {first.name}}}]}}"
    )
    await fleet.until(mission, lambda tasks: tasks["t"].claimed)
    await stop(fleet, first.name)
    twin = fleet.start(ScriptedRobot(first.name))
    await fleet.until(mission, lambda tasks: any("same name" in note for note in tasks["t"].notes))
    await stop(fleet, twin.name)
    release.set()
    fleet.start(first)
    state = await fleet.missions.result(mission)
    assert state.status == "COMPLETED", state
    assert first.began == {"t": 1}
    assert not twin.began
    assert len([note for note in state.tasks[0].notes if "same name" in note]) == 1
    await replayed(fleet, mission)


async def test_a_person_says_that_what_a_lost_journal_had_may_be_begun_again(fleet):
    robot(fleet)  # works on missions
    before = robot(fleet)
    before.work = lambda *_: asyncio.Event().wait()
    mission = await fleet.submit(
        f"{{name: gone, tasks: [{{id: t, command: t, robot: {before.name}}}]}}"
    )
    await fleet.until(mission, lambda tasks: tasks["t"].claimed)
    await stop(fleet, before.name)
    after = fleet.start(ScriptedRobot(before.name))
    await fleet.until(
        mission, lambda tasks: any("journal is gone" in note for note in tasks["t"].notes)
    )
    await fleet.missions.move(mission, Move("t", "its disk was replaced, and it stands"))
    state = await fleet.missions.result(mission)
    assert state.status == "COMPLETED", state
    assert after.began == {"t": 1}
