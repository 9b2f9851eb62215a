"""Missions of every kind on the real Temporal server, with robots that do what a test says."""

from __future__ import annotations

import asyncio
import os
import uuid
from datetime import timedelta
from pathlib import Path

import pytest
from temporalio.client import WorkflowExecutionStatus, WorkflowHistory
from temporalio.worker import Replayer

from execution_orchestrator.fleet.converter import CONVERTER
from execution_orchestrator.fleet.mission import MissionWorkflow
from execution_orchestrator.fleet.missions import MissionError
from execution_orchestrator.fleet.orders import Answer, Move, Signal, TaskOutcome
from execution_orchestrator.fleet.shared import SharedThing
from execution_orchestrator.fleet.sizes import LEFT_OUT
from execution_orchestrator.fleet.validation import read_mission
from test.integration.fleet.conftest import Fleet, ScriptedRobot, instantly, lasting

pytestmark = pytest.mark.timeout(60)


def robot(fleet: Fleet, *capabilities: str, **offer) -> ScriptedRobot:
    """A robot with a name of its own: the server is that of all tests."""
    return fleet.start(ScriptedRobot(f"r{uuid.uuid4().hex[:6]}", *capabilities, **offer))


async def replayed(fleet: Fleet, mission: str) -> WorkflowHistory:
    history = await fleet.client.get_workflow_handle(mission).fetch_history()
    # RECORD_MISSIONS=test/data/missions keeps what test/unit/fleet/test_recorded_missions.py replays.
    if folder := os.environ.get("RECORD_MISSIONS"):
        name = mission.split("-", maxsplit=1)[0]
        (Path(folder) / f"{name}.json").write_text(history.to_json())
    await Replayer(
        workflows=[MissionWorkflow, SharedThing], data_converter=CONVERTER
    ).replay_workflow(history)
    return history


async def test_tasks_follow_each_other_and_hand_on_their_outputs(fleet):
    can = f"can_{uuid.uuid4().hex[:6]}"
    one, two = robot(fleet, can), robot(fleet, can)
    mission = await fleet.submit(
        f"""
        name: flow
        inputs: {{rooms: [a, b, c]}}
        tasks:
          - {{id: first, command: first, needs: {{capabilities: [{can}]}}}}
          - id: each
            for_each: input.rooms
            command: look at {{{{ item }}}}
            context: {{number: "{{{{ index }}}}"}}
            needs: {{capabilities: [{can}]}}
            depends_on: [first]
          - id: after
            robot: "{{{{ tasks.first.robot }}}}"
            command: tell {{{{ size(tasks.each.output) }}}}
            depends_on: [each, first]
          - {{id: never, command: never, condition: "size(input.rooms) == 0", needs: {{capabilities: [{can}]}}}}
          - {{id: also, delay: 0, depends_on: [never]}}
        return: {{last: "{{{{ tasks.after.output.did }}}}", skipped: "{{{{ tasks.never.status }}}}"}}
        """,
        rooms=["x", "y"],
    )
    state = await fleet.missions.result(mission)
    assert state.status == "COMPLETED", state
    assert state.output == {"last": "tell 2", "skipped": "SKIPPED"}
    tasks = {task.key: task for task in state.tasks}
    assert tasks["after"].robot == tasks["first"].robot
    assert tasks["also"].status == "COMPLETED"
    assert {"did": "look at y", "number": 1} in tasks["each"].output
    began = one.began + two.began
    assert began == {"first": 1, "look at x": 1, "look at y": 1, "tell 2": 1}
    await replayed(fleet, mission)


async def test_a_failed_task_undoes_what_was_done_on_the_robots_that_did_it(fleet):
    can = f"can_{uuid.uuid4().hex[:6]}"
    one = robot(fleet, can)

    async def work(self, order, watch):
        bad = order.command == "bad"
        return TaskOutcome(
            self.name, "FAILED" if bad else "COMPLETED", error="broken" if bad else ""
        )

    one.work = work
    mission = await fleet.submit(
        f"""
        name: saga
        tasks:
          - {{id: a, command: a, needs: {{capabilities: [{can}]}}, compensation: {{command: undo a}}}}
          - {{id: b, command: b, needs: {{capabilities: [{can}]}}, depends_on: [a], compensation: {{command: undo b}}}}
          - {{id: c, command: bad, needs: {{capabilities: [{can}]}}, depends_on: [b], retry: {{max_attempts: 2, initial_delay: 0.1}}}}
          - {{id: d, command: d, needs: {{capabilities: [{can}]}}, depends_on: [c]}}
        """
    )
    state = await fleet.missions.result(mission)
    assert state.status == "FAILED"
    assert state.reason == "c failed: broken"
    assert list(one.began) == ["a", "b", "bad", "undo b", "undo a"]
    assert one.began["bad"] == 2
    await replayed(fleet, mission)


async def test_a_cancel_undoes_across_robots_and_says_what_is_not_undone(fleet):
    can = f"can_{uuid.uuid4().hex[:6]}"
    one, two = robot(fleet, can), robot(fleet, can)
    undone = []

    async def work(self, order, watch):
        if order.command.startswith("undo"):
            undone.append((self.name, order.command))
            bad = order.command == "undo b"
            return TaskOutcome(self.name, "FAILED" if bad else "COMPLETED", error="jammed")
        return await (lasting(60.0) if order.command == "long" else instantly)(self, order, watch)

    one.work = two.work = work
    mission = await fleet.submit(
        f"""
        name: undone
        tasks:
          - {{id: a, robot: {one.name}, command: a, compensation: {{command: undo a}}}}
          - {{id: b, robot: {two.name}, command: b, depends_on: [a], compensation: {{command: undo b}}}}
          - {{id: c, robot: {one.name}, command: c, depends_on: [b], compensation: {{command: undo c, robot: {two.name}}}}}
          - {{id: d, robot: {one.name}, command: long, depends_on: [c], compensation: {{command: undo d}}}}
        """
    )
    await fleet.until(mission, lambda tasks: tasks["d"].claimed)
    await fleet.missions.cancel(mission, "enough", compensate=True)
    state = await fleet.missions.result(mission)
    assert state.status == "CANCELLED"
    assert state.reason == f"enough; not undone: b on {two.name} (jammed)"
    assert undone == [(two.name, "undo c"), (two.name, "undo b"), (one.name, "undo a")]
    await replayed(fleet, mission)


async def test_a_cancel_in_temporal_is_one_of_every_goal_and_waits_for_their_word(fleet):
    can = f"can_{uuid.uuid4().hex[:6]}"
    one, two = robot(fleet, can), robot(fleet, can)

    async def unsure(self, order, watch):
        await watch.stop.wait()
        await asyncio.sleep(1.0)
        return TaskOutcome(self.name, "CANCELLED", unconfirmed=["drive on nav: silent"])

    one.work, two.work = lasting(60.0), unsure
    mission = await fleet.submit(
        f"""
        name: ended
        tasks:
          - {{id: a, robot: {one.name}, command: a}}
          - {{id: b, robot: {two.name}, command: b}}
          - {{id: c, command: c, needs: {{capabilities: [{can}], payload: 9}}}}
        """
    )
    await fleet.until(mission, lambda tasks: tasks["a"].claimed and tasks["b"].claimed)
    handle = fleet.client.get_workflow_handle(mission)
    await handle.cancel()
    state = await fleet.missions.result(mission)
    assert state.status == "CANCELLED"
    assert state.reason == f"cancelled in Temporal; not confirmed as ended: b on {two.name}"
    assert [task.status for task in state.tasks] == ["CANCELLED"] * 3
    assert not one.running
    assert not two.running
    assert (await handle.describe()).status == WorkflowExecutionStatus.CANCELED
    await replayed(fleet, mission)


async def test_what_one_robot_cannot_another_is_asked_for(fleet):
    can = f"can_{uuid.uuid4().hex[:6]}"
    one = robot(fleet, can)
    one.cannot = "COMMAND_NOT_UNDERSTOOD: what is a lift?"
    document = "{{name: words, tasks: [{{id: t, command: take the lift, needs: {{capabilities: [{0}]}}{1}}}]}}"
    mission = await fleet.submit(document.format(can, ""))
    told = f"{one.name} cannot: {one.cannot}"
    await fleet.until(mission, lambda tasks: told in tasks["t"].reason)
    assert not one.running
    two = robot(fleet, can)
    state = await fleet.missions.result(mission)
    assert (state.status, state.tasks[0].robot) == ("COMPLETED", two.name)
    two.cannot = "UNREACHABLE: no lift here"
    state = await fleet.missions.result(await fleet.submit(document.format(can, ", patience: 2")))
    assert state.status == "FAILED"
    assert told in state.reason
    assert f"{two.name} cannot: UNREACHABLE" in state.reason
    await replayed(fleet, mission)


async def test_people_confirm_signal_pause_and_cancel(fleet):
    can = f"can_{uuid.uuid4().hex[:6]}"
    one = robot(fleet, can)
    one.work = lasting(60.0)
    mission = await fleet.submit(
        f"""
        name: people
        signals: {{door: {{type: string}}}}
        tasks:
          - {{id: ask, require_confirmation: Shall it begin?}}
          - {{id: door, wait_for_signal: door, depends_on: [ask]}}
          - {{id: work, command: "go to {{{{ tasks.door.output }}}}", needs: {{capabilities: [{can}]}}, depends_on: [door]}}
        """
    )
    await fleet.until(mission, lambda tasks: tasks["ask"].status == "WAITING_FOR_CONFIRMATION")
    with pytest.raises(MissionError, match="those that ask: ask"):
        await fleet.missions.confirm(mission, Answer("work"))
    assert await fleet.missions.confirm(mission, Answer("ask", True, "go")) == "ask: confirmed"
    with pytest.raises(MissionError, match="does not fit"):
        await fleet.missions.send(mission, Signal("door", 3))
    await fleet.missions.send(mission, Signal("door", "north"))
    await fleet.until(mission, lambda tasks: tasks["work"].claimed)
    assert "1 of 1" in await fleet.missions.pause(mission, "lunch")
    assert "1 of 1" in await fleet.missions.resume(mission)
    # What the plan on the robot asks, and waits for, goes there.
    await fleet.missions.confirm(mission, Answer("work", True, "go"))
    await fleet.missions.send(mission, Signal("colour", {"red": 1}, "work"))
    assert [wish.what for wish in one.controls] == ["pause", "resume", "confirm", "signal"]
    assert one.controls[-1].value == {"red": 1}
    with pytest.raises(MissionError, match="does not run on a robot"):
        await fleet.missions.send(mission, Signal("colour", 1, "door"))
    await fleet.missions.cancel(mission, "enough")
    state = await fleet.missions.result(mission)
    assert (state.status, state.reason) == ("CANCELLED", "enough")
    assert one.ended
    assert not one.running
    assert one.began == {"go to north": 1}
    await replayed(fleet, mission)


async def test_a_task_waits_for_its_robot_once_it_has_begun(fleet):
    can = f"can_{uuid.uuid4().hex[:6]}"
    one, two = robot(fleet, can), robot(fleet, can)
    one.work = two.work = lasting(3.0)
    mission = await fleet.submit(
        f"{{name: sticky, tasks: [{{id: t, command: t, needs: {{capabilities: [{can}]}}}}]}}"
    )
    await fleet.until(mission, lambda tasks: tasks["t"].claimed)
    holder = one if one.began else two
    fleet.agents[holder.name].cancel()  # the robot works on
    await asyncio.wait([fleet.agents[holder.name]])
    await asyncio.sleep(1.0)
    fleet.start(holder)
    state = await fleet.missions.result(mission)
    assert state.status == "COMPLETED", state
    assert one.began + two.began == {"t": 1}
    await replayed(fleet, mission)


async def test_a_person_may_move_it_from_a_robot_that_is_lost(fleet):
    can = f"can_{uuid.uuid4().hex[:6]}"
    one, two = robot(fleet, can), robot(fleet, can)
    one.work = two.work = lasting(60.0)
    mission = await fleet.submit(
        f"{{name: moved, tasks: [{{id: t, command: t, needs: {{capabilities: [{can}]}}}}]}}"
    )
    await fleet.until(mission, lambda tasks: tasks["t"].claimed)
    lost, other = (one, two) if one.began else (two, one)
    fleet.agents[lost.name].cancel()
    await asyncio.wait([fleet.agents[lost.name]])
    other.work = instantly
    assert "was taken from" in await fleet.missions.move(
        mission, Move("t", "it is in the workshop")
    )
    state = await fleet.missions.result(mission)
    assert state.status == "COMPLETED"
    assert state.tasks[0].robot == other.name


async def test_a_robot_that_is_busy_or_unable_takes_nothing(fleet):
    can = f"can_{uuid.uuid4().hex[:6]}"
    strong = robot(fleet, can, payload=10.0, zones=frozenset({"north"}), battery=0.9)
    weak = robot(fleet, can, payload=10.0, zones=frozenset({"north"}), battery=0.2)
    stopped = robot(fleet, can, payload=10.0, zones=frozenset({"north"}), battery=1.0)
    stopped.unable = "emergency stop"
    light = robot(fleet, can, payload=1.0, zones=frozenset({"north"}), battery=1.0)
    strong.work = lasting(0.2)
    mission = await fleet.submit(
        f"""
        name: choosy
        tasks:
          - id: t
            for_each: [1, 2, 3]
            command: "{{{{ item }}}}"
            needs: {{capabilities: [{can}], payload: 5, battery: 0.5, zone: north}}
          - {{id: nobody, command: x, needs: {{capabilities: [{can}], payload: 99}}, patience: 1, on_failure: skip_dependents}}
        """
    )
    state = await fleet.missions.result(mission)
    assert state.status == "PARTIALLY_COMPLETED"
    assert strong.began == {"1": 1, "2": 1, "3": 1}
    assert not weak.began
    assert not stopped.began
    assert not light.began
    nobody = next(task for task in state.tasks if task.key == "nobody")
    assert "no robot took it within 1 s" in nobody.reason


async def test_of_those_that_wait_for_one_robot_the_urgent_begins_first(fleet):
    one = robot(fleet)
    one.unable = "it charges"
    urgencies = [0, -50, 90, 20]
    tasks = ", ".join(
        f"{{id: t{at}, command: '{urgency}', robot: {one.name}, priority: {urgency}}}"
        for at, urgency in enumerate(urgencies)
    )
    mission = await fleet.submit(f"{{name: line, tasks: [{tasks}]}}")
    async with asyncio.timeout(30.0):
        while len((await fleet.missions.show(mission)).live) < len(urgencies):  # noqa: ASYNC110
            await asyncio.sleep(0.1)
    one.unable = ""
    assert (await fleet.missions.result(mission)).status == "COMPLETED"
    assert list(one.began) == ["90", "20", "0", "-50"]


async def test_one_at_a_time_holds_what_is_shared(fleet):
    can, lift = f"can_{uuid.uuid4().hex[:6]}", f"lift_{uuid.uuid4().hex[:6]}"
    robots = [robot(fleet, can) for _ in range(3)]
    inside, most = 0, 0

    async def work(self, order, watch):
        nonlocal inside, most
        inside += 1
        most = max(most, inside)
        await asyncio.sleep(0.2)
        inside -= 1
        return TaskOutcome(self.name, "COMPLETED")

    for one in robots:
        one.work = work
    document = f"""
        name: lift
        shared: {{{lift}: {{lease: 60}}}}
        tasks:
          - {{id: t, for_each: [1, 2, 3], command: "{{{{ item }}}}", shared: [{lift}], needs: {{capabilities: [{can}]}}}}
        """
    owners = [await fleet.submit(document) for _ in range(2)]
    for mission in owners:
        assert (await fleet.missions.result(mission)).status == "COMPLETED"
    assert most == 1
    assert sum((one.began for one in robots), start=type(robots[0].began)()).total() == 6
    state = await fleet.missions.shared(lift)
    assert state.holder is None
    assert not state.waiting
    await replayed(fleet, owners[0])
    await replayed(fleet, f"shared-{lift}")


async def test_what_a_dead_mission_held_is_given_to_the_next(fleet):
    can, lift = f"can_{uuid.uuid4().hex[:6]}", f"lift_{uuid.uuid4().hex[:6]}"
    one = robot(fleet, can)
    one.work = lasting(60.0)
    robot(fleet, can)
    document = f"""
        name: lift
        shared: {{{lift}: {{}}}}
        tasks: [{{id: t, command: t, shared: [{lift}], needs: {{capabilities: [{can}]}}}}]
        """
    dead = await fleet.submit(document)
    await fleet.until(dead, lambda tasks: tasks["t"].claimed)
    await fleet.client.get_workflow_handle(dead).terminate("killed")
    one.work = lasting(0.1)
    after = await fleet.submit(document)
    assert (await fleet.missions.result(after)).status == "COMPLETED"


async def test_a_cancel_is_told_to_the_robot_and_not_only_with_its_next_heartbeat(fleet):
    can = f"can_{uuid.uuid4().hex[:6]}"
    one = robot(fleet, can)

    one.work = lasting(600.0)
    mission = await fleet.submit(
        f"{{name: told, tasks: [{{id: t, command: t, needs: {{capabilities: [{can}]}}}}]}}"
    )
    await fleet.until(mission, lambda tasks: tasks["t"].claimed)
    await fleet.missions.cancel(mission, "enough")
    state = await fleet.missions.result(mission)
    assert (state.status, state.reason) == ("CANCELLED", "enough")
    assert [(one.what, one.reason) for one in one.controls] == [("cancel", "enough")]
    await replayed(fleet, mission)


async def test_a_mission_says_what_it_does_after_a_pause_too(fleet):
    one, release = robot(fleet), asyncio.Event()

    async def work(self, order, watch):
        if order.command == "undo":
            await release.wait()
        bad = order.command == "bad"
        return TaskOutcome(self.name, "FAILED" if bad else "COMPLETED", error="broken")

    one.work = work
    mission = await fleet.submit(
        f"""
        name: says
        tasks:
          - {{id: a, command: a, robot: {one.name}, compensation: {{command: undo}}}}
          - {{id: b, command: bad, robot: {one.name}, depends_on: [a]}}
        """
    )

    async def status() -> tuple[str, str]:
        state = (await fleet.missions.show(mission)).state
        return state.status, state.reason

    await fleet.until(
        mission, lambda tasks: "a.compensation" in tasks and tasks["a.compensation"].claimed
    )
    assert await status() == ("COMPENSATING", "b failed: broken")
    await fleet.missions.pause(mission, "lunch")
    assert await status() == ("PAUSED", "lunch")
    await fleet.missions.resume(mission)
    assert await status() == ("COMPENSATING", "b failed: broken")
    release.set()
    assert (await fleet.missions.result(mission)).reason == "b failed: broken"
    await replayed(fleet, mission)


async def test_a_robot_that_an_expression_gives_may_be_any_and_has_to_be_one(fleet):
    can = f"can_{uuid.uuid4().hex[:6]}"
    one = robot(fleet, can)
    mission = await fleet.submit(
        f"""
        name: who
        inputs: {{who: any}}
        tasks:
          - {{id: a, command: a, robot: "{{{{ input.who }}}}", needs: {{capabilities: [{can}]}}}}
          - {{id: b, command: b, condition: "false", robot: {one.name}}}
          - {{id: c, command: c, robot: "{{{{ tasks.b.robot }}}}", depends_on: [b], on_failure: continue}}
        """
    )
    state = await fleet.missions.result(mission)
    assert state.status == "PARTIALLY_COMPLETED", state
    found = {task.key: (task.status, task.error) for task in state.tasks}
    assert found["a"] == ("COMPLETED", "")
    assert found["c"] == (
        "FAILED",
        "robot: {{ tasks.b.robot }} gives '', which is no robot",
    )
    assert one.began == {"a": 1}
    await replayed(fleet, mission)


async def test_outputs_that_are_too_large_for_temporal_are_left_out_and_the_mission_ends(fleet):
    one = robot(fleet)

    async def work(self, order, watch):
        size = int(order.command)
        return TaskOutcome(self.name, "COMPLETED", output=os.urandom(size).hex())

    one.work = work
    mission = await fleet.submit(
        f"""
        name: large
        tasks:
          - {{id: a, command: "2000000", robot: {one.name}}}
          - {{id: b, for_each: [700000, 700001, 700002, 3], command: "{{{{ item }}}}", robot: {one.name}}}
        """
    )
    state = await fleet.missions.result(mission)
    assert state.status == "COMPLETED", state.reason
    tasks = {task.key: task for task in state.tasks}
    assert tasks["a"].output is None
    assert tasks["a"].notes == [LEFT_OUT]
    assert len(tasks["b[3]"].output) == 6
    # One of the three is kept, that which ended first; a robot is given them in any order.
    kept = [key for key in ("b[0]", "b[1]", "b[2]") if LEFT_OUT not in tasks[key].notes]
    assert len(kept) == 1, kept
    assert tasks[kept[0]].output is not None
    assert one.began.total() == 5


async def test_a_deadline_cancels_what_runs(fleet):
    can = f"can_{uuid.uuid4().hex[:6]}"
    one = robot(fleet, can)
    one.work = lasting(60.0)
    mission = await fleet.submit(
        f"{{name: late, timeout: 3, tasks: [{{id: t, command: t, needs: {{capabilities: [{can}]}}}}]}}"
    )
    state = await fleet.missions.result(mission)
    assert (state.status, state.reason) == ("CANCELLED", "its timeout is over")


async def test_missions_are_found_by_what_they_are_and_who_does_them(fleet):
    can = f"can_{uuid.uuid4().hex[:6]}"
    one = robot(fleet, can)
    mission = await fleet.submit(
        f"{{name: found, tasks: [{{id: t, command: t, needs: {{capabilities: [{can}]}}}}]}}"
    )
    await fleet.missions.result(mission)
    async with asyncio.timeout(10.0):
        while True:
            listed = await fleet.missions.listed(
                query=f"MissionRobots = '{one.name}' AND MissionCapabilities = '{can}'"
            )
            if listed and listed[0].ended:
                break
            await asyncio.sleep(0.1)
    assert (listed[0].mission, listed[0].status) == (mission, "COMPLETED")
    assert listed[0].robots == (one.name,)


async def test_a_schedule_begins_missions_until_it_is_removed(fleet):
    can, name = f"can_{uuid.uuid4().hex[:6]}", f"often-{uuid.uuid4().hex[:6]}"
    one = robot(fleet, can)
    document = f"""
        name: {name}
        schedule: {{every: 1}}
        tasks: [{{id: t, command: t, needs: {{capabilities: [{can}]}}}}]
        """
    read = read_mission(document, now=0.0)
    assert await fleet.missions.schedule(read.mission) == name
    with pytest.raises(MissionError, match="already"):
        await fleet.missions.schedule(read.mission)
    async with asyncio.timeout(30.0):
        while one.began["t"] < 2:  # noqa: ASYNC110
            await asyncio.sleep(0.1)
    handle = fleet.client.get_schedule_handle(name)
    assert (await handle.describe()).schedule.policy.catchup_window == timedelta(seconds=10)
    assert name in [schedule["schedule"] for schedule in await fleet.missions.schedules()]
    await fleet.missions.change_schedule(name, "remove")
    with pytest.raises(MissionError):
        await fleet.missions.change_schedule(name, "pause")
    # Every firing is an execution of its own.
    assert len(one.ended) == one.began["t"]


@pytest.mark.parametrize(
    ("rule", "overlap", "missed"),
    [
        ("every: 60, catch_up: last", "SKIP", 60.0),
        ("cron: '0 7 * * 1-5', catch_up: last, overlap: replace", "CANCEL_OTHER", 3 * 86400.0),
        ("every: 60, catch_up: all, overlap: queue", "BUFFER_ALL", 365 * 86400.0),
        ("every: 60, overlap: queue, most_waiting: 1", "BUFFER_ONE", 10.0),
    ],
)
async def test_a_schedule_says_what_is_made_up_for_and_what_may_wait(fleet, rule, overlap, missed):
    text = f"{{name: planned, schedule: {{{rule}}}, tasks: [{{id: a, delay: 1}}]}}"
    read = read_mission(text, now=0.0)
    name = f"planned-{uuid.uuid4().hex[:6]}"
    await fleet.missions.schedule(read.mission, schedule_id=name, paused=True)
    policy = (await fleet.client.get_schedule_handle(name).describe()).schedule.policy
    assert (policy.overlap.name, policy.catchup_window.total_seconds()) == (overlap, missed)
    await fleet.missions.change_schedule(name, "remove")


async def test_an_id_that_is_submitted_twice_begins_once(fleet):
    read = read_mission("{name: x, tasks: [{id: a, delay: 0.1}]}", now=0.0)
    robot(fleet, "nothing")
    chosen = f"order-{uuid.uuid4().hex[:6]}"
    assert await fleet.missions.submit(read.mission, mission_id=chosen) == chosen
    with pytest.raises(MissionError, match="already"):
        await fleet.missions.submit(read.mission, mission_id=chosen)
    assert (await fleet.missions.result(chosen)).status == "COMPLETED"
    with pytest.raises(MissionError, match="already"):
        await fleet.missions.submit(read.mission, mission_id=chosen)
    with pytest.raises(MissionError, match="there is no mission"):
        await fleet.missions.cancel("no-such-mission")
