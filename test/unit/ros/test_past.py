"""An execution that left the memory is read again for those who ask for it by name."""

import asyncio

import pytest

from execution_orchestrator.engine import inputs as s
from execution_orchestrator.engine.machine import Machine
from execution_orchestrator.observation import Observation
from execution_orchestrator.plan.errors import ErrorInfo, ErrorType
from execution_orchestrator.ros.interface.recalling import Past
from execution_orchestrator.runtime.orchestrator import Orchestrator
from execution_orchestrator.storage import live_part, open_database, open_journal

PLAN = {
    "version": 1,
    "actions": [
        {"id": "a", "action_type": "work", "depends_on": []},
        {"id": "b", "action_type": "work", "depends_on": ["a"], "server": "work"},
    ],
}
BROKEN = ErrorInfo(type=ErrorType.EXECUTION, code="BROKEN", message="no", recoverable=False)


class Servers:
    """Reaches every goal but those of ``b``."""

    def __init__(self):
        self.sent = []

    def dispatch(self, effect, report):
        self.sent.append((effect.execution_id, effect.key))
        report(s.GoalAccepted(goal_id=effect.goal_id))
        if effect.key == "b":
            report(s.GoalFailed(goal_id=effect.goal_id, error=BROKEN))
        else:
            report(s.GoalSucceeded(goal_id=effect.goal_id, output={}))


class Node:
    def __init__(self, directory):
        self.database = open_database(directory)
        self.journal = open_journal(self.database)
        self.servers = Servers()
        self.orchestrator = Orchestrator(
            machine=Machine(), journal=self.journal, driver=self.servers
        )
        self.observation = Observation()
        self.orchestrator.add_observer(self.observation)
        self.past = Past(self.orchestrator, self.observation)

    async def start(self):
        await self.orchestrator.start(lambda entry: self.observation.apply(entry.event))

    async def run(self, name):
        self.orchestrator.handle(
            s.Submit(execution_id=name, plan=PLAN, options=s.SubmitOptions(checkpoint_every=1))
        )
        await self.orchestrator.ended(name)

    async def stop(self):
        await self.orchestrator.stop()
        self.journal.close()
        self.database.close()


@pytest.fixture
def old(tmp_path, monkeypatch):
    """A journal with two executions that failed, neither of which is read at the start."""

    async def fill():
        node = Node(tmp_path)
        await node.start()
        for name in ("first", "second"):
            await node.run(name)
        await node.stop()

    asyncio.run(fill())
    monkeypatch.setattr(live_part, "RECENT", 0)
    return tmp_path


def test_it_is_shown_again_in_its_place(old):
    async def look():
        node = Node(old)
        await node.start()
        assert not node.observation.executions
        assert await node.past.recall("second")
        assert await node.past.recall("first")
        assert not await node.past.recall("third")
        views = node.observation.executions
        assert [record.execution_id for record in node.observation.newest()] == ["second", "first"]
        assert (views["first"].status, views["first"].actions["a"].status) == (
            "FAILED",
            "SUCCEEDED",
        )
        assert not node.orchestrator.state.executions
        await node.stop()

    asyncio.run(look())


def test_it_goes_on_from_its_checkpoint_and_lives_through_another_restart(old):
    async def go_on():
        node = Node(old)
        await node.start()
        assert await node.past.recall("first", to_go_on=True)
        ended = asyncio.ensure_future(node.orchestrator.ended("first"))
        assert node.orchestrator.handle(s.RestoreCheckpoint(execution_id="first"))
        await ended
        assert node.servers.sent == [("first", "b")]
        assert node.observation.record("first").status == "FAILED"
        await node.stop()
        again = Node(old)
        await again.start()
        assert again.orchestrator.state.forgotten == {"first": "FAILED", "second": "FAILED"}
        await again.stop()

    asyncio.run(go_on())
