"""The journal cannot be written, or the engine itself fails: nothing is done that is not written."""

import asyncio
import resource
import signal
import sqlite3
from contextlib import suppress
from random import Random

import pytest

from execution_orchestrator.engine import inputs as s
from execution_orchestrator.engine.apply import fold
from execution_orchestrator.engine.events import AlertRaised
from execution_orchestrator.engine.machine import Machine
from execution_orchestrator.engine.status import ExecutionStatus
from execution_orchestrator.runtime.orchestrator import Orchestrator
from execution_orchestrator.storage import StorageError, open_database
from execution_orchestrator.storage.sql_journal import SqliteJournal
from test.snapshot import snapshot


def plan(*names):
    actions = [{"id": name, "action_type": "work", "depends_on": []} for name in names]
    return {"version": 1, "actions": actions}


def chain(*names):
    made = plan(*names)
    for before, action in zip(names, made["actions"][1:], strict=False):
        action["depends_on"] = [before]
    return made


class Robot:
    """Remembers what it was asked for."""

    def __init__(self):
        self.sent = {}
        self.adopted = []
        self.cancelled = []
        self.stops = []

    def dispatch(self, effect, report):
        self.sent[effect.execution_id, effect.key] = effect.goal_id

    def reattach(self, effect, report):
        self.adopted.append(effect.goal_id)

    def hold(self, effect, report):
        raise AssertionError("nothing here can be held")

    def cancel(self, goal_id):
        self.cancelled.append(goal_id)

    def engage(self, reason):
        self.stops.append(reason)

    def release(self):
        self.stops.append("released")


class Node:
    def __init__(self, place, journal=SqliteJournal):
        self.database = open_database(place)
        self.robot = Robot()
        self.orchestrator = Orchestrator(
            machine=Machine(),
            journal=journal(self.database),
            driver=self.robot,
            safe_stop=self.robot,
        )

    async def close(self):
        await self.orchestrator.stop()
        self.orchestrator.journal.close()
        self.database.close()

    def journal(self):
        return [entry.event for entry in self.orchestrator.journal.read()]


@pytest.fixture
def full_disk():
    """Return a function after which no file of this process grows beyond a size in bytes."""
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    yield lambda size: resource.setrlimit(resource.RLIMIT_FSIZE, (size, limits[1]))
    resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    signal.signal(signal.SIGXFSZ, before)


@pytest.fixture
def soon(monkeypatch):
    """Let the node look after its storage every few milliseconds."""
    monkeypatch.setattr("execution_orchestrator.runtime.orchestrator.FIRST_RETRY", 0.01)
    monkeypatch.setattr("execution_orchestrator.runtime.orchestrator.LONGEST_RETRY", 0.02)


async def recovered(orchestrator):
    well = 0
    for _ in range(1000):
        await asyncio.sleep(0.01)
        # What waited has its turn, too, and may find the next failure.
        well = 0 if orchestrator.failure else well + 1
        if well == 4:
            return
    raise AssertionError(f"it stays: {orchestrator.failure}")


async def test_a_full_disk_begins_nothing_new_and_takes_no_new_work(tmp_path, full_disk):
    node = Node(tmp_path)
    await node.orchestrator.start()
    node.orchestrator.handle(s.Submit(execution_id="first", plan=plan("a")))
    written = snapshot(fold(node.journal()))
    full_disk(1000)
    with pytest.raises(StorageError, match="free space"):
        node.orchestrator.handle(s.Submit(execution_id="second", plan=plan("b")))
    assert "journal.db" in node.orchestrator.failure
    assert ("second", "b") not in node.robot.sent
    assert not node.robot.cancelled
    with pytest.raises(StorageError):
        node.orchestrator.handle(s.Submit(execution_id="third", plan=plan("c")))
    assert snapshot(fold(node.journal())) == written
    await node.close()


async def test_what_comes_in_while_the_disk_is_full_is_not_done_either(tmp_path, full_disk):
    node = Node(tmp_path)
    await node.orchestrator.start()
    node.orchestrator.handle(s.Submit(execution_id="e", plan=plan("a")))
    full_disk(1000)
    node.orchestrator.post(s.GoalSucceeded(goal_id=node.robot.sent["e", "a"], output={}))
    node.orchestrator.post(s.Submit(execution_id="f", plan=plan("b")))
    await asyncio.sleep(0.05)
    assert node.orchestrator.failure
    assert list(node.robot.sent) == [("e", "a")]
    await node.close()


async def test_when_the_disk_has_space_again_the_node_goes_on(tmp_path, full_disk, soon):
    node = Node(tmp_path)
    orchestrator = node.orchestrator
    await orchestrator.start()
    orchestrator.handle(s.Submit(execution_id="e", plan=chain("a", "b")))
    full_disk(1000)
    with pytest.raises(StorageError):
        orchestrator.handle(s.Submit(execution_id="refused", plan=plan("c")))
    orchestrator.post(s.GoalSucceeded(goal_id=node.robot.sent["e", "a"], output={"n": 1}))
    orchestrator.note([AlertRaised(time=1.0, alert_id="disk", metric="free", value=0.0)])
    await asyncio.sleep(0.1)
    assert list(node.robot.sent) == [("e", "a")]
    full_disk(resource.RLIM_INFINITY)
    await recovered(orchestrator)
    assert list(node.robot.sent) == [("e", "a"), ("e", "b")]
    assert "refused" not in orchestrator.state.executions
    assert {"STORAGE_RESTORED", "ALERT_RAISED"} <= {event.type for event in node.journal()}
    orchestrator.handle(s.GoalSucceeded(goal_id=node.robot.sent["e", "b"], output={}))
    assert orchestrator.state.executions["e"].status is ExecutionStatus.COMPLETED
    assert snapshot(fold(node.journal())) == snapshot(orchestrator.state)
    await node.close()


async def test_a_server_that_others_use_is_still_theirs_when_the_disk_has_space_again(
    tmp_path, full_disk, soon
):
    node = Node(tmp_path)
    orchestrator = node.orchestrator
    await orchestrator.start()
    orchestrator.handle(
        s.ServerHindered(server="base", code="GOAL_TAKEN_OVER", reason="an operator drives")
    )
    orchestrator.handle(s.Submit(execution_id="e", plan=plan("a")))
    full_disk(1000)
    with pytest.raises(StorageError):
        orchestrator.handle(s.Pause(execution_id="e"))
    full_disk(resource.RLIM_INFINITY)
    await recovered(orchestrator)
    drive = plan("drive")
    drive["actions"][0]["server"] = "base"
    orchestrator.handle(s.Submit(execution_id="f", plan=drive))
    assert ("f", "drive") not in node.robot.sent
    orchestrator.handle(s.ServerHindered(server="base", code="", reason=""))
    assert ("f", "drive") in node.robot.sent
    await node.close()


async def test_a_stop_is_not_held_back_by_a_full_disk(tmp_path, full_disk, soon):
    node = Node(tmp_path)
    orchestrator = node.orchestrator
    await orchestrator.start()
    for name in ("first", "second"):
        orchestrator.handle(s.Submit(execution_id=name, plan=chain("a", "b")))
    goals = dict(node.robot.sent)
    full_disk(1000)
    with pytest.raises(StorageError):
        orchestrator.handle(s.Pause(execution_id="first"))
    orchestrator.post(s.GoalSucceeded(goal_id=goals["second", "a"], output={}))
    orchestrator.post(s.Cancel(execution_id="first"))
    await asyncio.sleep(0.05)
    assert node.robot.cancelled == [goals["first", "a"]]
    with pytest.raises(StorageError, match="is being stopped"):
        orchestrator.handle(s.EmergencyStop(reason="red button"))
    assert goals["second", "a"] in node.robot.cancelled
    assert node.robot.stops == ["red button"]
    full_disk(resource.RLIM_INFINITY)
    await recovered(orchestrator)
    orchestrator.handle(s.GoalCancelled(goal_id=goals["first", "a"]))
    assert node.robot.sent == goals
    ends = {one.status for one in orchestrator.state.executions.values()}
    assert ends == {ExecutionStatus.CANCELLED}
    await node.close()


async def test_more_than_can_wait_ends_in_a_stop(tmp_path, full_disk, monkeypatch):
    monkeypatch.setattr("execution_orchestrator.runtime.orchestrator.MAX_HELD", 10)
    node = Node(tmp_path)
    orchestrator = node.orchestrator
    await orchestrator.start()
    orchestrator.handle(s.Submit(execution_id="e", plan=plan("a")))
    full_disk(1000)
    for number in range(20):
        orchestrator.post(s.ServerDown(server=f"s{number}"))
        await asyncio.sleep(0)
    await asyncio.sleep(0.05)
    assert "restart the node" in orchestrator.failure
    assert node.robot.cancelled == [node.robot.sent["e", "a"]]
    await node.close()


def is_open(node, name):
    ends = [one for one in node.journal() if one.type == "EXECUTION_FINISHED"]
    return name not in {one.execution_id for one in ends}


class Shaky(SqliteJournal):
    """Fails now and then: before it writes, or when it has written and cannot say so."""

    rng = Random(0)

    def _write(self, events, first, *, marked):
        draw = self.rng.random()
        if draw < 0.15:
            raise sqlite3.OperationalError("database or disk is full")
        known = super()._write(events, first, marked=marked)
        if draw > 0.85:
            raise sqlite3.OperationalError("the word that it was written got lost")
        return known


@pytest.mark.parametrize("seed", range(15))
async def test_nothing_is_lost_or_done_twice_by_a_journal_that_fails_again_and_again(
    tmp_path, soon, seed
):
    shaky = type("Seeded", (Shaky,), {"rng": Random(seed)})
    node = Node(tmp_path, shaky)
    orchestrator, robot = node.orchestrator, node.robot
    sent = []

    def dispatch(effect, report):
        sent.append(effect.goal_id)
        assert effect.goal_id in {getattr(one, "goal_id", "") for one in node.journal()}
        asyncio.get_running_loop().call_later(
            0.005, report, s.GoalSucceeded(goal_id=effect.goal_id, output={})
        )

    robot.dispatch = dispatch
    await orchestrator.start()
    names = [f"e{number}" for number in range(4)]
    async with asyncio.timeout(60.0):
        for name in names:
            while name not in orchestrator.state.executions:
                with suppress(StorageError):
                    orchestrator.handle(s.Submit(execution_id=name, plan=chain("a", "b", "c")))
                await recovered(orchestrator)
        await asyncio.gather(*(orchestrator.ended(name) for name in names if is_open(node, name)))
        await recovered(orchestrator)
    statuses = {orchestrator.state.executions[name].status for name in names}
    assert statuses == {ExecutionStatus.COMPLETED}
    assert len(sent) == len(set(sent)) == 12
    assert snapshot(fold(node.journal())) == snapshot(orchestrator.state)
    await node.close()


async def test_after_the_disk_has_space_again_a_restart_goes_on(tmp_path, full_disk):
    node = Node(tmp_path)
    await node.orchestrator.start()
    node.orchestrator.handle(s.Submit(execution_id="e", plan=plan("a")))
    full_disk(1000)
    with pytest.raises(StorageError):
        node.orchestrator.handle(s.Pause(execution_id="e"))
    full_disk(resource.RLIM_INFINITY)
    await node.close()
    again = Node(tmp_path)
    await again.orchestrator.start()
    goal = node.robot.sent["e", "a"]
    assert again.robot.adopted == [goal]
    again.orchestrator.handle(s.GoalSucceeded(goal_id=goal, output={}))
    assert again.orchestrator.state.executions["e"].status is ExecutionStatus.COMPLETED
    await again.close()


# No UTF-8 has this, so the journal cannot either; a server written in C++ may well send it.
NO_TEXT = {"text": "\ud800"}


@pytest.fixture
async def node(tmp_path):
    node = Node(tmp_path)
    await node.orchestrator.start()
    for name in ("broken", "fine"):
        node.orchestrator.handle(s.Submit(execution_id=name, plan=plan("a", "b")))
    yield node
    await node.close()


async def test_an_execution_that_the_engine_fails_on_ends_and_the_others_go_on(node):
    goals = node.robot.sent
    for incoming in (
        s.GoalSucceeded(goal_id=goals["fine", "a"], output={}),
        s.GoalSucceeded(goal_id=goals["broken", "a"], output=NO_TEXT),
        s.GoalSucceeded(goal_id=goals["fine", "b"], output={}),
    ):
        node.orchestrator.post(incoming)
    await asyncio.sleep(0.05)
    state = node.orchestrator.state
    assert state.executions["fine"].status is ExecutionStatus.COMPLETED
    assert set(node.robot.cancelled) == {goals["broken", "a"], goals["broken", "b"]}
    for goal in node.robot.cancelled:
        node.orchestrator.handle(s.GoalCancelled(goal_id=goal))
    broken = node.orchestrator.state.executions["broken"]
    assert (broken.status, broken.error.code) == (ExecutionStatus.FAILED, "ENGINE_FAULT")
    assert "surrogates" in broken.error.message
    assert not node.orchestrator.failure
    assert snapshot(fold(node.journal())) == snapshot(node.orchestrator.state)


async def test_a_submission_that_cannot_be_written_is_no_execution(node):
    node.orchestrator.handle(s.Submit(execution_id="odd", plan=plan("a"), input=NO_TEXT))
    assert "odd" not in node.orchestrator.state.executions
    assert node.journal()[-1].type == "ENGINE_FAULT"
    assert ("odd", "a") not in node.robot.sent
