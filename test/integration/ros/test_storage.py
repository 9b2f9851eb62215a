"""The journal's disk is full, or its server is stopped, while a plan runs: the node waits for it."""

from __future__ import annotations

import json
import resource
import sqlite3
import time
from collections import Counter
from pathlib import Path

import pytest

from execution_orchestrator.cli.history import opened
from execution_orchestrator.monitoring.who_did_what import deeds
from execution_orchestrator.msg import ExecutionStatus
from execution_orchestrator.ros.client import OrchestratorClient
from execution_orchestrator.srv import Cancel, EmergencyStop, MaintainJournal, Pause
from execution_orchestrator.storage import open_database
from test.integration.ros.processes import wait_for
from test.postgres import running, why_not

pytestmark = pytest.mark.timeout(360)
LONG = 1500  # milliseconds
PLAN = json.dumps(
    {"version": 1, "actions": [{"action_type": "work", "parameters": {"milliseconds": 20}}]}
)


class FullDisk:
    """No file of the node grows any more: what a full disk is to a database."""

    def __init__(self, node):
        self._pid = node.process.pid
        self._limits = resource.prlimit(self._pid, resource.RLIMIT_FSIZE)

    def take_away(self):
        # Less than a transaction takes.
        resource.prlimit(self._pid, resource.RLIMIT_FSIZE, (4096, self._limits[1]))

    def bring_back(self):
        resource.prlimit(self._pid, resource.RLIMIT_FSIZE, self._limits)


class StoppedServer:
    """PostgreSQL is stopped as an operating system does it, and started again."""

    def __init__(self, server):
        self._server = server

    def take_away(self):
        self._server.stop()

    def bring_back(self):
        self._server.start()


@pytest.fixture(params=["sqlite", "postgresql"])
def started(request, world):
    """Return the node and what its journal lies on."""
    if request.param == "sqlite":
        node = world.node()
        yield node, FullDisk(node)
        return
    if reason := why_not():
        pytest.skip(reason)
    with running() as server:
        url = f"postgresql+psycopg://tester@/postgres?host={server.socket}"
        yield world.node(database_url=url), StoppedServer(server)


def chain(*milliseconds):
    actions = [
        {"id": f"a{number}", "action_type": "work", "parameters": {"milliseconds": duration}}
        for number, duration in enumerate(milliseconds)
    ]
    return json.dumps({"version": 1, "actions": actions})


def counts(world, what):
    return Counter(int(line[2]) for line in world.lines("work") if line[0] == what)


def test_a_plan_goes_on_when_the_storage_is_back(world, started):
    node, storage = started
    world.server("work")
    with OrchestratorClient() as client:
        client.wait_ready(90.0)
        session = client.send(plan=chain(LONG, 20, 30), execution_id="errand")
        wait_for(lambda: counts(world, "began"), 30.0, "the first action")
        storage.take_away()
        wait_for(lambda: counts(world, "ended"), 30.0, "its end")
        wait_for(lambda: client.state.storage_failure, 60.0, "the word in the state")
        refused = client.send(plan=chain(1), execution_id="another")
        assert refused.done.wait(60.0)
        assert not refused.accepted
        assert "the journal" in refused.failure
        assert not client.call("pause", Pause, execution_id="errand").success
        # More than one try to write.
        time.sleep(2.0)
        assert counts(world, "began") == {LONG: 1}
        assert node.running
        storage.bring_back()
        assert session.done.wait(60.0), node.said()
        assert session.result.status.value == ExecutionStatus.COMPLETED, session.result.message
        wait_for(lambda: not client.state.storage_failure, 60.0, "the end of it in the state")
        after = client.send(plan=chain(40), execution_id="after")
        assert after.done.wait(30.0)
        assert after.result.status.value == ExecutionStatus.COMPLETED
    assert counts(world, "began") == {LONG: 1, 20: 1, 30: 1, 40: 1}
    assert counts(world, "ended") == counts(world, "began")


def test_a_cancel_stops_the_robot_without_storage_and_is_noted_later(world, started):
    node, storage = started
    world.server("work")
    with OrchestratorClient() as client:
        client.wait_ready(90.0)
        session = client.send(plan=chain(60_000, 20), execution_id="errand")
        wait_for(lambda: counts(world, "began"), 30.0, "the first action")
        storage.take_away()
        answer = client.call("cancel", Cancel, execution_id="errand", reason="enough")
        assert not answer.success
        assert "is being stopped" in answer.message
        wait_for(lambda: counts(world, "cancelled"), 60.0, "the stop")
        storage.bring_back()
        assert session.done.wait(60.0), node.said()
        assert session.result.status.value == ExecutionStatus.CANCELLED
    assert counts(world, "began") == {60_000: 1}


def broken_off(file):
    content = file.read_bytes()
    file.write_bytes(content[: len(content) // 2])


def newer(file):
    with sqlite3.connect(file) as connection:
        connection.execute(
            "INSERT INTO event (seq, execution_id, time, type, action, data) VALUES "
            "(1, '', 1.0, 'ROBOT_SANG', '', '{\"type\":\"RobotSang\",\"time\":1.0}')"
        )
    connection.close()


def beside_a_file_called_steps(file):
    (file.parent / "steps").write_text("no folder")


def of_nobody(file):
    with sqlite3.connect(file) as connection:
        connection.execute(
            "INSERT INTO event (seq, execution_id, time, type, action, data) VALUES "
            "(1, 'e', 1.0, 'EXECUTION_STARTED', '', "
            '\'{"type":"ExecutionStarted","time":1.0,"execution_id":"e"}\')'
        )
        connection.execute(
            "INSERT INTO execution (execution_id, first, accepted, status, command) "
            "VALUES ('e', 1, 1.0, '', '')"
        )
    connection.close()


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        (lambda file: file.write_bytes(b""), "is empty (0 bytes)"),
        (broken_off, "is half-written"),
        (newer, "event 1 of the journal"),
        (of_nobody, "does not follow from those before it"),
        (beside_a_file_called_steps, "steps cannot be used: "),
    ],
    ids=["empty", "half-written", "newer", "contradictory", "steps"],
)
def test_a_journal_that_cannot_be_read_ends_the_start_with_one_sentence(world, harm, words):
    open_database(world.folder / "state").close()
    harm(world.folder / "state" / "journal.db")
    node = world.node()
    wait_for(lambda: not node.running, 90.0, "the end of the node")
    said = node.said()
    assert words in said
    assert "Traceback" not in said
    assert node.process.returncode == 74


def test_a_journal_that_is_deleted_under_the_node_has_what_is_done_when_that_dies(world):
    """Its process is killed after it, and the next one goes on with the goal and the plan."""
    world.server("work", remember=300)
    node = world.node()
    with OrchestratorClient() as client:
        client.wait_ready(90.0)
        client.send(plan=chain(20, LONG, 30), execution_id="errand")
        wait_for(lambda: counts(world, "began")[20], 30.0, "the first action")
        for file in (world.folder / "state").glob("journal.db*"):
            file.unlink()
        client.send(plan=chain(10), execution_id="another").done.wait(30.0)
        wait_for(lambda: counts(world, "began")[LONG], 30.0, "the second action")
        node.kill()
    successor = world.node()
    wait_for(lambda: successor.said().count("ready for goals") == 2, 90.0, "the restart")
    assert "the journal" in successor.said()
    assert "was deleted" in successor.said()
    world.finish("work")
    with OrchestratorClient() as client:
        client.wait_ready(90.0)
        again = client.send(plan=chain(20, LONG, 30), execution_id="errand")
        assert again.done.wait(60.0)
        assert again.result.status.value == ExecutionStatus.COMPLETED, again.result.message
    assert set(counts(world, "began").values()) == {1}


def test_an_emergency_stop_does_not_wait_for_another_program_with_the_journal(world):
    world.server("work")
    world.node()
    with OrchestratorClient() as client:
        client.wait_ready(90.0)
        session = client.send(plan=chain(LONG, 20), execution_id="errand")
        wait_for(lambda: counts(world, "began"), 30.0, "the action")
        other = sqlite3.connect(world.folder / "state" / "journal.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        client.call("emergency_stop", EmergencyStop, timeout=20.0, reason="smoke")
        wait_for(lambda: counts(world, "cancelled"), 60.0, "the end of the goal")
        assert not session.done.is_set()
        other.execute("ROLLBACK")
        other.close()
        assert session.done.wait(60.0)
        assert session.result.status.value == ExecutionStatus.CANCELLED
        assert "smoke" in session.result.message


def test_the_journal_is_looked_after_while_the_node_runs(world):
    """A damaged event is found, the journal is written out, and repaired at the next start."""
    world.server("work")
    node = world.node()
    with OrchestratorClient() as client:
        client.wait_ready(90.0)

        def ask(operation, file=""):
            return client.call(
                "maintain_journal",
                MaintainJournal,
                timeout=60.0,
                operation=operation,
                file=file,
                requester="anna",
            )

        assert client.send(plan=PLAN, execution_id="before").done.wait(30.0)
        good = ask("check")
        assert (good.success, list(good.faults)) == (True, []), good.message
        (journal,) = (world.folder).rglob("journal.db")
        with sqlite3.connect(journal) as other:
            other.execute("UPDATE event SET data = '{' WHERE seq = 3")
        other.close()
        bad = ask("check")
        assert (bad.success, list(bad.faults)) == (False, ["event 3 is no JSON"]), bad.message
        assert client.send(plan=PLAN, execution_id="meanwhile").done.wait(30.0)
        written = ask("export", "all.jsonl")
        assert written.success, written.message
        lines = Path(written.path).read_text().splitlines()
        assert len(lines) == written.events > good.events
        assert "meanwhile" in lines[-1]
        assert not ask("export", "../all.jsonl").success
        assert not ask("tidy").success
        assert ask("repair").success
    node.stop()
    successor = world.node()
    with OrchestratorClient() as client:
        client.wait_ready(90.0)
        repaired = ask("check")
        assert repaired.success, repaired.message
        assert client.send(plan=PLAN, execution_id="after").done.wait(30.0)
    assert "the journal was repaired, as was asked for" in successor.said()
    assert list(journal.parent.glob("journal.db.before-repair-*"))
    with opened(journal.parent) as past:
        told = [(one.who, one.what.split(" (")[0]) for one in deeds(past)]
    anna = "anna, says a ROS client"
    assert (anna, "export the journal") in told
    assert (anna, "repair the journal at the next start") in told
