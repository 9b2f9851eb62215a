"""Schedules in action: when missions begin, what an earlier one means, what is made up for."""

from __future__ import annotations

import asyncio
import contextlib
import time
import uuid
from collections.abc import AsyncIterator, Callable
from itertools import islice, pairwise

import pytest

from execution_orchestrator.fleet.connection import Connection
from execution_orchestrator.fleet.missions import MissionError
from execution_orchestrator.fleet.orders import MissionState
from execution_orchestrator.fleet.validation import read_mission
from execution_orchestrator.plan.timetable import Timetable
from test import temporal
from test.integration.fleet.conftest import Fleet, ScriptedRobot, instantly, lasting
from test.integration.fleet.test_missions import robot

pytestmark = pytest.mark.timeout(180)


async def scheduled(fleet: Fleet, rule: str, who: ScriptedRobot) -> str:
    text = (
        f"{{name: often, schedule: {{{rule}}}, "
        f"tasks: [{{id: t, command: t, robot: {who.name}, patience: 60}}]}}"
    )
    read = read_mission(text, now=time.time())
    assert read.mission is not None, read.issues
    return await fleet.missions.schedule(read.mission, schedule_id=f"often-{uuid.uuid4().hex[:6]}")


async def begun(fleet: Fleet, name: str) -> list[MissionState]:
    """Return the missions of a schedule, the newest first."""
    listed = await fleet.missions.listed(query=f"TemporalScheduledById = '{name}'")
    return [(await fleet.missions.show(one.mission)).state for one in listed]


async def until(condition: Callable[[], bool], seconds: float = 60.0) -> None:
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.05)


@pytest.mark.parametrize(
    "cron",
    [
        "0 7 * * *",
        "*/15 8-18 * * 1-5",
        "0 7 * * mon-fri",
        "30 6 1,15 * *",
        "0 7 * * 7",
        "0 7 13 * 5",
        "0 0 1 jan *",
        "5 4 */3 * *",
        "0 12 1-7 * sun",
        "0 0 29 2 *",
    ],
)
async def test_temporal_begins_missions_when_a_plan_s_schedule_would(fleet, cron):
    name = await scheduled(fleet, f"cron: '{cron}', time_zone: Europe/Berlin", robot(fleet))
    handle = fleet.client.get_schedule_handle(name)
    after = time.time()
    told = [one.timestamp() for one in (await handle.describe()).info.next_action_times]
    await handle.delete()
    moments = Timetable(time_zone="Europe/Berlin", cron=cron).moments(after)
    assert told
    assert told == list(islice(moments, len(told)))


async def test_skip_begins_none_while_one_runs(fleet):
    one = robot(fleet)
    one.work = lasting(3.5)
    name = await scheduled(fleet, "every: 1, overlap: skip", one)
    await until(lambda: one.began["t"] == 3)
    info = (await fleet.client.get_schedule_handle(name).describe()).info
    await fleet.missions.change_schedule(name, "remove")
    assert info.num_actions_skipped_overlap >= 4
    states = await begun(fleet, name)
    ends = sorted((state.began, state.ended or time.time()) for state in states)
    assert all(end <= begin for (_, end), (begin, _) in pairwise(ends))


async def test_queue_lets_them_wait_and_none_is_left_out(fleet):
    one = robot(fleet)
    release = asyncio.Event()

    async def work(self, order, watch):
        await release.wait()
        return await instantly(self, order, watch)

    one.work = work
    name = await scheduled(fleet, "every: 1, overlap: queue", one)
    handle = fleet.client.get_schedule_handle(name)
    await until(lambda: one.began["t"] == 1)
    first = time.time()
    await until(lambda: time.time() > first + 3.0)  # three more come due
    release.set()
    await until(lambda: one.began["t"] >= 4)
    info = (await handle.describe()).info
    await fleet.missions.change_schedule(name, "remove")
    assert info.num_actions_skipped_overlap == 0


async def test_replace_cancels_the_earlier_one_on_its_robot(fleet):
    one = robot(fleet)
    one.work = lasting(600.0)
    name = await scheduled(fleet, "every: 2, overlap: replace", one)
    await until(lambda: one.began["t"] >= 2)
    await fleet.missions.change_schedule(name, "remove")
    states = await begun(fleet, name)
    assert "CANCELLED" in {state.status for state in states}
    # Never two at once: the next one begins when the robot has said that the earlier one ended.
    assert len(one.running) <= 1
    for state in states:
        if not state.ended:
            with contextlib.suppress(MissionError):  # it has ended meanwhile
                await fleet.missions.cancel(state.mission, "over")


@pytest.fixture
async def own() -> AsyncIterator[tuple[Fleet, temporal.Server]]:
    """A server that the test may kill."""
    with temporal.running() as server:
        made = Fleet(await Connection(address=server.address).wait(), server.address)
        yield made, server
        await made.stop()


@pytest.mark.parametrize("catch_up", ["all", "none"])
async def test_what_was_missed_while_the_server_was_away(own, catch_up):
    fleet, server = own
    one = robot(fleet)
    name = await scheduled(fleet, f"every: 1, overlap: queue, catch_up: {catch_up}", one)
    await until(lambda: one.began["t"] >= 1)
    server.kill()
    killed, before = time.time(), one.began["t"]
    await until(lambda: time.time() > killed + 15.0)
    server.start()
    await until(lambda: one.began["t"] >= before + 5, 100.0)
    info = (await fleet.client.get_schedule_handle(name).describe()).info
    missed = info.num_actions_missed_catchup_window
    # Temporal makes up for what is not older than ten seconds, whatever is said.
    assert missed == 0 if catch_up == "all" else missed >= 3
    if catch_up == "all":
        await until(lambda: one.began["t"] >= before + 15, 100.0)
