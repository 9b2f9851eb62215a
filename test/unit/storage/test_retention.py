"""The history is shortened on the real journal, and a restart finds what was left."""

import pytest
from sqlalchemy import func, select, text

from execution_orchestrator.engine import inputs as s
from execution_orchestrator.engine.machine import Machine
from execution_orchestrator.runtime import retention as module
from execution_orchestrator.runtime.clock import ExecutionClock
from execution_orchestrator.runtime.orchestrator import Orchestrator
from execution_orchestrator.runtime.retention import HistoryKeeper, Retention, too_old
from execution_orchestrator.storage import open_journal
from execution_orchestrator.storage.journal import HistoryEntry
from execution_orchestrator.storage.schema import event, pruned
from test.snapshot import snapshot

DAY = 86_400.0
PLAN = {
    "version": 1,
    "actions": [{"id": "a", "action_type": "work", "depends_on": []}],
}


def entry(name, ended):
    return HistoryEntry(name, 1, None if ended is None else 2, 0.0, ended, "", "")


def test_the_limits_are_age_and_number():
    entries = [entry("new", 9 * DAY), entry("old", 2 * DAY), entry("older", DAY)]
    assert too_old(entries, Retention(), 10 * DAY) == []
    assert too_old(entries, Retention(max_age=5 * DAY), 10 * DAY) == ["older", "old"]
    assert too_old(entries, Retention(max_executions=2), 10 * DAY) == ["older"]
    assert too_old(entries, Retention(max_age=DAY, max_executions=1), 20 * DAY) == [
        "older", "old", "new",
    ]  # fmt: skip
    assert too_old([entry("runs", None)], Retention(max_age=1.0), 20 * DAY) == []


class Quiet:
    """Sends nothing anywhere."""

    def dispatch(self, effect, report):
        self.goal = effect.goal_id

    def reattach(self, effect, report):
        self.goal = effect.goal_id

    def hold(self, effect, report):
        pass

    def cancel(self, goal_id):
        pass


class Node:
    def __init__(self, store):
        self.database = store.open()
        self.journal = open_journal(self.database)
        self.driver = Quiet()
        self.now = 1000.0
        self.orchestrator = Orchestrator(
            machine=Machine(),
            journal=self.journal,
            driver=self.driver,
            clock=ExecutionClock(steady=lambda: self.now, wall=lambda: self.now, boot_id=""),
        )

    def run(self, name, outcome="succeeded"):
        self.orchestrator.handle(s.Submit(execution_id=name, plan=PLAN))
        if outcome == "succeeded":
            self.orchestrator.handle(s.GoalSucceeded(goal_id=self.driver.goal, output={}))
        elif outcome == "rejected":
            self.orchestrator.handle(s.GoalRejected(goal_id=self.driver.goal))
        self.now += 10.0

    def keeper(self, **limits):
        return HistoryKeeper(self.orchestrator, self.journal, Retention(**limits), lambda: self.now)

    def rows(self, table=event):
        with self.database.engine.connect() as connection:
            return connection.scalar(select(func.count()).select_from(table))

    def known(self):
        return {one.execution_id for one in self.journal.history()}


@pytest.fixture
async def node(store):
    node = Node(store)
    await node.orchestrator.start()
    yield node
    await node.orchestrator.stop()


async def test_what_is_too_old_goes_and_a_restart_agrees(store, node):
    for number in range(30):
        node.run(f"e{number}")
    node.run("broken", "rejected")
    node.run("running", "")
    before = node.rows()
    assert await node.keeper(max_executions=5).look() == 26
    assert node.known() == {"e26", "e27", "e28", "e29", "broken", "running"}
    assert node.rows() < before / 3
    assert node.rows(pruned) == 0
    assert await node.keeper(max_executions=5).look() == 0
    node.run("e0")
    state = snapshot(node.orchestrator.state)
    store.close()
    again = Node(store)
    for one in again.journal.read():
        again.orchestrator._machine.replay(one.event)
    folded = snapshot(again.orchestrator.state)
    for part in ("pending", "running", "goals", "leases", "letters", "timers"):
        assert folded[part] == state[part]
    assert set(folded["executions"]) == set(state["executions"])


async def test_a_node_killed_while_it_deletes_finishes_after_its_restart(store, node, monkeypatch):
    monkeypatch.setattr("execution_orchestrator.storage.sql_journal.DELETED_AT_ONCE", 2)
    for number in range(4):
        node.run(f"e{number}")
    node.orchestrator.prune(s.PruneHistory(execution_ids=("e0", "e1")))
    node.journal.delete_some()
    assert node.rows(pruned) == 2
    # The name is used again before the old events are gone.
    node.run("e0")
    store.close()
    again = Node(store)
    await again.orchestrator.start()
    assert set(again.orchestrator.state.executions) == {"e0", "e2", "e3"}
    assert list(again.journal.read(execution_id="e1")) == []
    first = next(again.journal.read(execution_id="e0"))
    assert first.event.type == "EXECUTION_ACCEPTED"
    assert await again.keeper().look() == 0
    assert again.rows(pruned) == 0
    assert again.known() == {"e0", "e2", "e3"}
    await again.orchestrator.stop()


async def test_the_file_becomes_smaller(store, node, monkeypatch):
    if store.url:
        pytest.skip("PostgreSQL gives space back by itself")
    monkeypatch.setattr(module, "PAUSE", 0.0)
    for number in range(400):
        node.run(f"e{number}")
    with node.database.engine.connect() as connection:
        before = connection.scalar(text("PRAGMA page_count"))
        await node.keeper(max_age=1.0).look()
        assert connection.scalar(text("PRAGMA freelist_count")) == 0
        assert connection.scalar(text("PRAGMA page_count")) < before / 3
