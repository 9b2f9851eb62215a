"""The journal cannot be written, or the engine itself fails: nothing is done that is not written."""

import asyncio
import resource
import signal

import pytest

from execution_orchestrator.engine import stimuli as s
from execution_orchestrator.engine.apply import fold
from execution_orchestrator.engine.machine import Machine
from execution_orchestrator.engine.snapshot import snapshot
from execution_orchestrator.engine.status import ExecutionStatus
from execution_orchestrator.runtime.orchestrator import Orchestrator
from execution_orchestrator.storage import Journal, StorageError, open_database


def plan(*names):
    actions = [{"id": name, "action_type": "work", "depends_on": []} for name in names]
    return {"version": 1, "actions": actions}


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


class Node:
    def __init__(self, place):
        self.database = open_database(place)
        self.robot = Robot()
        self.orchestrator = Orchestrator(
            machine=Machine(),
            journal=Journal(self.database),
            driver=self.robot,
            safe_stop=self.robot.stops.append,
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


async def test_a_full_disk_stops_the_robot_and_takes_no_new_work(tmp_path, full_disk):
    node = Node(tmp_path)
    await node.orchestrator.start()
    node.orchestrator.handle(s.Submit(execution_id="first", plan=plan("a")))
    written = snapshot(fold(node.journal()))
    full_disk(1000)
    with pytest.raises(StorageError, match="free space"):
        node.orchestrator.handle(s.Submit(execution_id="second", plan=plan("b")))
    assert "journal.db" in node.orchestrator.failure
    assert node.robot.sent["first", "a"] in node.robot.cancelled
    assert len(node.robot.stops) == 1
    assert ("second", "b") not in node.robot.sent
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
    for stimulus in (
        s.GoalSucceeded(goal_id=goals["fine", "a"], output={}),
        s.GoalSucceeded(goal_id=goals["broken", "a"], output=NO_TEXT),
        s.GoalSucceeded(goal_id=goals["fine", "b"], output={}),
    ):
        node.orchestrator.post(stimulus)
    await asyncio.sleep(0.05)
    state = node.orchestrator.state
    assert state.executions["fine"].status is ExecutionStatus.COMPLETED
    assert set(node.robot.cancelled) == {goals["broken", "a"], goals["broken", "b"]}
    for goal in node.robot.cancelled:
        node.orchestrator.handle(s.GoalCancelled(goal_id=goal))
    broken = node.orchestrator.state.executions["broken"]
    assert (broken.status, broken.error.code) == (ExecutionStatus.FAILED, "ENGINE_FAULT")
    assert "surrogates" in broken.reason
    assert not node.orchestrator.failure
    assert snapshot(fold(node.journal())) == snapshot(node.orchestrator.state)


async def test_a_submission_that_cannot_be_written_is_no_execution(node):
    node.orchestrator.handle(s.Submit(execution_id="odd", plan=plan("a"), input=NO_TEXT))
    assert "odd" not in node.orchestrator.state.executions
    assert node.journal()[-1].type == "ENGINE_FAULT"
    assert ("odd", "a") not in node.robot.sent
