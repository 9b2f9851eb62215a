"""Missions that are longer than one run of a workflow may be, and wider than Temporal takes at once."""

from __future__ import annotations

import asyncio
import os
import uuid
from pathlib import Path

import pytest
from temporalio.worker import Replayer

from execution_orchestrator.fleet.converter import CONVERTER
from execution_orchestrator.fleet.mission import MissionWorkflow
from execution_orchestrator.fleet.mission.bounds import MOST_UNTAKEN, PORTION
from execution_orchestrator.fleet.missions import Missions
from execution_orchestrator.fleet.needs import MISSIONS
from execution_orchestrator.fleet.orders import (
    MOST_EVENTS,
    Answer,
    Carried,
    MissionState,
    Signal,
    Stage,
    TaskOutcome,
    TaskState,
)
from execution_orchestrator.fleet.validation import read_mission
from test.integration.fleet.conftest import Fleet, ScriptedRobot, instantly, lasting

pytestmark = pytest.mark.timeout(120)


def robot(fleet: Fleet, *capabilities: str) -> ScriptedRobot:
    """A robot with a name of its own: the server is that of all tests."""
    return fleet.start(ScriptedRobot(f"r{uuid.uuid4().hex[:6]}", *capabilities))


async def submitted(fleet: Fleet, document: str, *, most_events: int) -> str:
    """Begin a mission whose runs are short, so that it needs some."""
    read = read_mission(document, now=0.0)
    assert read.mission is not None, read.issues
    return await Missions(fleet.client, most_events=most_events).submit(read.mission)


async def runs(fleet: Fleet, mission: str) -> int:
    """Replay every run of a mission, and return how many there were."""
    number, run = 0, None
    first = (await fleet.client.get_workflow_handle(mission).describe()).raw_description
    run = first.workflow_execution_info.first_run_id
    while run:
        history = await fleet.client.get_workflow_handle(mission, run_id=run).fetch_history()
        await Replayer(workflows=[MissionWorkflow], data_converter=CONVERTER).replay_workflow(
            history
        )
        if folder := os.environ.get("RECORD_MISSIONS"):
            name = f"{mission.split('-', maxsplit=1)[0]}_run{number}.json"
            (Path(folder) / name).write_text(history.to_json())
        end = history.events[-1].workflow_execution_continued_as_new_event_attributes
        number, run = number + 1, end.new_execution_run_id
    return number


async def test_a_long_mission_goes_on_in_new_runs_and_does_nothing_twice(fleet):
    can = f"can_{uuid.uuid4().hex[:6]}"
    robots = [robot(fleet, can) for _ in range(3)]
    for one in robots:
        one.work = lasting(0.1)
    mission = await submitted(
        fleet,
        f"""
        name: long
        tasks:
          - {{id: each, for_each: {list(range(60))}, command: "{{{{ item }}}}", needs: {{capabilities: [{can}]}}}}
          - {{id: last, robot: "{{{{ tasks.each.robot }}}}", command: last, depends_on: [each]}}
        return: "{{{{ tasks.each.output }}}}"
        """,
        most_events=200,
    )
    state = await fleet.missions.result(mission)
    assert state.status == "COMPLETED", state
    assert [one["did"] for one in state.output] == [str(number) for number in range(60)]
    began = sum((one.began for one in robots), start=type(robots[0].began)())
    assert began == {**{str(number): 1 for number in range(60)}, "last": 1}
    assert await runs(fleet, mission) > 1
    listed = await fleet.missions.listed(query=f"MissionCapabilities = '{can}'")
    assert [one.mission for one in listed] == [mission]
    assert listed[0].began == pytest.approx(state.began)


async def test_what_runs_and_what_waits_goes_on_in_the_next_run(fleet):
    """A task at work, a shared thing that is held, a confirmation, a signal, a delay, a retry."""
    can, lift = f"can_{uuid.uuid4().hex[:6]}", f"lift_{uuid.uuid4().hex[:6]}"
    slow, quick = robot(fleet), robot(fleet, can)
    release = asyncio.Event()

    async def until_released(self, order, watch):
        await release.wait()
        return await instantly(self, order, watch)

    async def second_time(self, order, watch):
        bad = order.command == "retried" and self.began["retried"] == 1
        return TaskOutcome(
            self.name, "FAILED" if bad else "COMPLETED", error="not yet", output=order.command
        )

    slow.work, quick.work = until_released, second_time
    mission = await submitted(
        fleet,
        f"""
        name: carried
        signals: {{door: {{type: string}}}}
        shared: {{{lift}: {{}}}}
        tasks:
          - {{id: held, robot: {slow.name}, command: held, shared: [{lift}]}}
          - {{id: stands, robot: {quick.name}, command: stands, shared: [{lift}], depends_on: [ask]}}
          - {{id: ask, require_confirmation: Shall it?}}
          - {{id: signalled, wait_for_signal: door, depends_on: [many]}}
          - {{id: later, delay: 4}}
          - {{id: retried, robot: {quick.name}, command: retried, retry: {{max_attempts: 2, initial_delay: 3}}}}
          - {{id: many, for_each: {list(range(25))}, command: "{{{{ item }}}}", needs: {{capabilities: [{can}]}}}}
        return: {{door: "{{{{ tasks.signalled.output }}}}", retried: "{{{{ tasks.retried.output }}}}"}}
        """,
        most_events=150,
    )
    await fleet.until(mission, lambda tasks: tasks["held"].claimed)
    await fleet.missions.send(mission, Signal("door", "north"))
    await fleet.until(mission, lambda tasks: tasks["many"].status == "COMPLETED")
    assert await runs(fleet, mission) > 1
    await fleet.until(mission, lambda tasks: tasks["held"].robot == slow.name)
    assert "1 of 1" in await fleet.missions.pause(mission, "lunch")
    await fleet.missions.resume(mission)
    await fleet.missions.confirm(mission, Answer("ask"))
    await fleet.until(mission, lambda tasks: tasks["stands"].reason == f"waits for {lift}")
    assert (await fleet.missions.shared(lift)).holder.task == "held"
    release.set()
    state = await fleet.missions.result(mission)
    assert state.status == "COMPLETED", state
    assert state.output == {"door": "north", "retried": "retried"}
    assert slow.began == {"held": 1}
    assert quick.began["retried"] == 2
    assert quick.began["stands"] == 1
    assert (await fleet.missions.shared(lift)).holder is None


async def test_a_long_mission_is_undone_in_new_runs_too(fleet):
    one = robot(fleet)

    async def work(self, order, watch):
        bad = order.command == "bad"
        return TaskOutcome(self.name, "FAILED" if bad else "COMPLETED", error="broken")

    one.work = work
    mission = await submitted(
        fleet,
        f"""
        name: undone_long
        tasks:
          - id: each
            for_each: {list(range(20))}
            max_parallel: 1
            robot: {one.name}
            command: "{{{{ item }}}}"
            compensation: {{command: "undo {{{{ item }}}}"}}
          - {{id: bad, robot: {one.name}, command: bad, depends_on: [each]}}
        """,
        most_events=150,
    )
    state = await fleet.missions.result(mission)
    assert (state.status, state.reason) == ("FAILED", "bad failed: broken")
    numbers = [str(number) for number in range(20)]
    assert list(one.began) == [*numbers, "bad", *(f"undo {number}" for number in numbers[::-1])]
    assert set(one.began.values()) == {1}
    assert await runs(fleet, mission) > 2


async def test_a_cancel_after_a_new_run_hears_the_robots_word(fleet):
    can = f"can_{uuid.uuid4().hex[:6]}"
    slow = robot(fleet)
    robot(fleet, can)
    slow.work = lasting(60.0)
    mission = await submitted(
        fleet,
        f"""
        name: ended_long
        tasks:
          - {{id: held, robot: {slow.name}, command: held}}
          - {{id: many, for_each: {list(range(30))}, max_parallel: 2, command: "{{{{ item }}}}", needs: {{capabilities: [{can}]}}}}
        """,
        most_events=150,
    )
    await fleet.until(mission, lambda tasks: tasks["many"].status == "COMPLETED")
    assert await runs(fleet, mission) > 1
    await fleet.missions.cancel(mission, "enough")
    state = await fleet.missions.result(mission)
    assert (state.status, state.reason) == ("CANCELLED", "enough")
    assert not slow.running
    assert slow.began == {"held": 1}


async def test_a_cancel_that_a_new_run_begins_with_is_told_to_the_robots(fleet, client):
    """The first step of the run asks for the task again and hears of the cancel."""
    slow = ScriptedRobot(f"r{uuid.uuid4().hex[:6]}")
    slow.work = lasting(60.0)
    read = read_mission(
        f"{{name: begun, tasks: [{{id: t, robot: {slow.name}, command: t}}]}}", now=0.0
    )
    missions, name = Missions(client), f"begun-{uuid.uuid4().hex[:8]}"
    order = missions._order(read.mission, {}, "UTC")
    claimed = TaskState("t", "t", "EXECUTING", robot=slow.name, attempt=1, claimed=True)
    stage = Stage(since=1.0, robot=slow.name, command="t")
    order.carried = Carried("first", MissionState(name, "begun", tasks=[claimed]), {"t": stage})
    handle = await client.start_workflow(MissionWorkflow.run, order, id=name, task_queue=MISSIONS)
    await handle.cancel()
    fleet.start(slow)  # whose agent runs the workflow, too
    state = await missions.result(name)
    assert (state.status, state.reason) == ("CANCELLED", "cancelled in Temporal")
    assert [task.status for task in state.tasks] == ["CANCELLED"]
    assert [wish.what for wish in slow.controls] == ["cancel"]


async def test_no_more_than_the_mission_allows_run_at_once_and_the_urgent_first(fleet):
    can = f"can_{uuid.uuid4().hex[:6]}"
    robots = [robot(fleet, can) for _ in range(3)]
    inside, most, order_of_work = 0, 0, []

    async def work(self, order, watch):
        nonlocal inside, most
        order_of_work.append(order.command)
        inside += 1
        most = max(most, inside)
        await asyncio.sleep(0.3)
        inside -= 1
        return TaskOutcome(self.name, "COMPLETED")

    for one in robots:
        one.work = work
    mission = await fleet.submit(
        f"""
        name: narrow
        max_parallel: 1
        tasks:
          - {{id: a, command: a, priority: -50, needs: {{capabilities: [{can}]}}}}
          - {{id: b, command: b, needs: {{capabilities: [{can}]}}}}
          - {{id: c, command: c, priority: 90, needs: {{capabilities: [{can}]}}}}
          - {{id: d, command: d, priority: 91, robot: {robots[0].name}}}
        """
    )
    assert (await fleet.missions.result(mission)).status == "COMPLETED"
    assert most == 1
    assert order_of_work == ["d", "c", "b", "a"]


async def test_tasks_that_nobody_can_do_keep_nothing_from_the_others(fleet):
    can = f"can_{uuid.uuid4().hex[:6]}"
    one = robot(fleet, can)
    mission = await fleet.submit(
        f"""
        name: wide
        tasks:
          - {{id: never, for_each: {list(range(3 * MOST_UNTAKEN))}, command: x, needs: {{capabilities: [{can}], payload: 9}}}}
          - {{id: t, command: t, needs: {{capabilities: [{can}]}}}}
        """
    )
    await fleet.until(mission, lambda tasks: tasks["t"].status == "COMPLETED")
    last = f"never[{3 * MOST_UNTAKEN - 1}]"
    await fleet.until(mission, lambda tasks: tasks[last].reason == "waits for its turn")
    shown = await fleet.missions.show(mission)
    queued = [task for task in shown.state.tasks if task.status == "QUEUED"]
    assert len(queued) == MOST_UNTAKEN
    await fleet.missions.cancel(mission, "enough")
    state = await fleet.missions.result(mission)
    assert state.status == "CANCELLED"
    assert one.began == {"t": 1}


async def test_thousands_of_tasks_are_one_mission(fleet):
    robot(fleet, "nothing")
    mission = await fleet.submit(
        f"{{name: many, tasks: [{{id: each, for_each: {list(range(5000))}, delay: 0}}]}}"
    )
    state = await fleet.missions.result(mission)
    assert state.status == "COMPLETED", state.reason
    assert len(state.tasks) == 5001
    assert {task.status for task in state.tasks} == {"COMPLETED"}
    assert len((await fleet.missions.show(mission)).state.tasks) == 5001


async def test_the_tasks_of_a_large_document_are_begun_in_portions(fleet):
    robot(fleet)
    tasks = ", ".join(f"{{id: t{number}, delay: 0.01}}" for number in range(2 * PORTION + 1))
    document = f"{{name: many, tasks: [{tasks}]}}"
    mission = await submitted(fleet, document, most_events=MOST_EVENTS)
    state = await fleet.missions.result(mission)
    assert state.status == "COMPLETED"
    assert {task.status for task in state.tasks} == {"COMPLETED"}
    assert await runs(fleet, mission) == 1


async def test_more_needs_than_temporal_s_lists_take_are_found_by_robots(fleet):
    can = {
        f"c{number}": [f"can_{uuid.uuid4().hex}_{number}_{each}" for each in range(12)]
        for number in range(6)
    }
    one = robot(fleet, *(name for names in can.values() for name in names))
    tasks = "".join(
        f"  - {{id: {key}, command: {key}, needs: {{capabilities: [{', '.join(names)}]}}}}\n"
        for key, names in can.items()
    )
    mission = await fleet.submit(f"name: needs\ntasks:\n{tasks}")
    state = await fleet.missions.result(mission)
    assert state.status == "COMPLETED", state
    assert one.began == dict.fromkeys(can, 1)
