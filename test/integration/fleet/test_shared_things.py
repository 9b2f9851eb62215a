"""Shared things while missions end badly: who may still be inside, and who must not begin."""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections.abc import Callable

import pytest

from execution_orchestrator.fleet.missions import MissionError
from execution_orchestrator.fleet.orders import CONTROL_TASK, Signal, TaskOutcome
from execution_orchestrator.fleet.shared import shared_id
from test.integration.fleet.conftest import Fleet, ScriptedRobot, instantly, lasting
from test.integration.fleet.test_missions import replayed, robot

pytestmark = pytest.mark.timeout(120)


def through(lift: str, who: ScriptedRobot, lease: float = 300.0) -> str:
    return (
        f"{{name: through, shared: {{{lift}: {{lease: {lease}}}}}, "
        f"tasks: [{{id: t, command: t, shared: [{lift}], robot: {who.name}}}]}}"
    )


def a_lift() -> str:
    return f"lift_{uuid.uuid4().hex[:6]}"


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(60.0):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.05)


async def until_asked(fleet: Fleet, lift: str) -> None:
    """Wait until the lift waits for a robot's word."""
    handle = fleet.client.get_workflow_handle(shared_id(lift))
    async with asyncio.timeout(60.0):
        while True:
            found = await handle.describe()
            pending = found.raw_description.pending_activities
            if any(one.activity_type.name == CONTROL_TASK for one in pending):
                return
            await asyncio.sleep(0.1)


async def test_a_lift_is_given_on_when_the_robot_of_a_dead_mission_has_left_it(fleet):
    lift, inside, other = a_lift(), robot(fleet), robot(fleet)
    inside.work = lasting(600.0)
    dead = await fleet.submit(through(lift, inside))
    await fleet.until(dead, lambda tasks: tasks["t"].claimed)
    fleet.agents[inside.name].cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await fleet.agents[inside.name]
    await fleet.client.get_workflow_handle(dead).terminate("killed")
    after = await fleet.submit(through(lift, other))
    await until_asked(fleet, lift)
    assert inside.running
    assert not other.began
    fleet.start(inside)
    assert (await fleet.missions.result(after)).status == "COMPLETED"
    assert not inside.running
    assert [one.what for one in inside.controls] == ["cancel"]
    await replayed(fleet, shared_id(lift))


async def test_a_lift_is_kept_where_no_server_has_confirmed_the_end(fleet):
    lift, inside, other = a_lift(), robot(fleet), robot(fleet)

    async def unconfirmed(self, order, watch):
        return TaskOutcome(self.name, "FAILED", error="lost", unconfirmed=["drive on base"])

    inside.work = unconfirmed
    inside.not_confirmed = "drive on base: no answer"
    failed = await fleet.submit(through(lift, inside))
    assert (await fleet.missions.result(failed)).status == "FAILED"
    after = await fleet.submit(through(lift, other))
    await until(lambda: bool(inside.controls))
    assert (await fleet.missions.shared(lift)).holder.owner == failed
    assert not other.began
    inside.not_confirmed = ""
    assert (await fleet.missions.result(after)).status == "COMPLETED"
    assert len(inside.controls) > 1


async def test_who_has_not_begun_when_the_lease_is_over_stands_in_line_again(fleet):
    lift, late, other = a_lift(), robot(fleet), robot(fleet)
    late.unable = "it charges"
    inside, most, release = 0, 0, asyncio.Event()

    async def work(self, order, watch):
        nonlocal inside, most
        inside += 1
        most = max(most, inside)
        await release.wait()
        inside -= 1
        return await instantly(self, order, watch)

    late.work = other.work = work
    first = await fleet.submit(through(lift, late, lease=3.0))
    await fleet.until(first, lambda tasks: tasks["t"].status == "QUEUED")
    second = await fleet.submit(through(lift, other))
    await fleet.until(second, lambda tasks: tasks["t"].claimed)
    late.unable = ""
    await fleet.until(first, lambda tasks: tasks["t"].reason == f"waits for {lift}")
    assert not late.began
    release.set()
    for mission in (second, first):
        assert (await fleet.missions.result(mission)).status == "COMPLETED"
        await replayed(fleet, mission)
    assert most == 1


async def test_a_lift_is_not_given_on_while_a_robot_is_inside_whatever_its_lease(fleet):
    lift, slow, other = a_lift(), robot(fleet), robot(fleet)
    release = asyncio.Event()

    async def work(self, order, watch):
        await release.wait()
        return await instantly(self, order, watch)

    slow.work = work
    first = await fleet.submit(through(lift, slow, lease=1.0))
    await fleet.until(first, lambda tasks: tasks["t"].claimed)
    second = await fleet.submit(through(lift, other))
    await fleet.until(first, lambda tasks: bool(tasks["t"].notes))
    assert (await fleet.missions.shared(lift)).holder.owner == first
    assert not other.began
    release.set()
    for mission in (first, second):
        state = await fleet.missions.result(mission)
        assert state.status == "COMPLETED"
        await replayed(fleet, mission)
        if mission == first:
            (note,) = state.tasks[0].notes
            assert note == (
                f"{lift} is held longer than its lease of 1 s; nobody else gets it until "
                f"{slow.name} has ended"
            )
    await replayed(fleet, shared_id(lift))


async def test_a_person_frees_a_lift_of_a_robot_that_never_comes_back(fleet):
    lift, gone, other = a_lift(), robot(fleet), robot(fleet)
    gone.work = lasting(600.0)
    dead = await fleet.submit(through(lift, gone, lease=1.0))
    await fleet.until(dead, lambda tasks: tasks["t"].claimed)
    with pytest.raises(MissionError, match=f"mission move {dead} t` takes it from {gone.name}"):
        await fleet.missions.free(lift)
    fleet.agents[gone.name].cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await fleet.agents[gone.name]
    await fleet.client.get_workflow_handle(dead).terminate("killed")
    after = await fleet.submit(through(lift, other))
    await until_asked(fleet, lift)
    assert not other.began
    assert await fleet.missions.free(lift, "I looked") == (
        f"{lift} was taken from t of {dead}: I looked"
    )
    assert (await fleet.missions.result(after)).status == "COMPLETED"
    assert await fleet.missions.free(lift) == f"nobody holds {lift}"
    await replayed(fleet, shared_id(lift))


async def test_what_was_cancelled_on_the_robot_is_not_begun_again(fleet):
    can = f"can_{uuid.uuid4().hex[:6]}"
    one = robot(fleet, can)

    async def cancelled(self, order, watch):
        return TaskOutcome(self.name, "CANCELLED", message="a person cancelled it")

    one.work = cancelled
    mission = await fleet.submit(
        f"{{name: c, tasks: [{{id: t, command: t, retry: {{max_attempts: 3}}, "
        f"needs: {{capabilities: [{can}]}}}}]}}"
    )
    state = await fleet.missions.result(mission)
    assert (state.status, state.reason) == ("FAILED", "t failed: a person cancelled it")
    assert one.began.total() == 1


async def test_a_robot_that_is_away_is_said_not_to_have_answered(fleet):
    away, _works_on_missions = robot(fleet), robot(fleet)
    away.work = lasting(600.0)
    mission = await fleet.submit(f"{{name: a, tasks: [{{id: t, command: t, robot: {away.name}}}]}}")
    await fleet.until(mission, lambda tasks: tasks["t"].claimed)
    fleet.agents[away.name].cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await fleet.agents[away.name]
    with pytest.raises(MissionError, match=f"{away.name}: it did not answer in time"):
        await fleet.missions.send(mission, Signal("door", True, "t"))
    fleet.start(away)
    await fleet.missions.cancel(mission, "enough")
    assert (await fleet.missions.result(mission)).status == "CANCELLED"
