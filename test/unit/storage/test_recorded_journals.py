"""Journals that earlier releases wrote (test/data/record_journals.py) are taken up again."""

import asyncio
import json
import sqlite3

import pytest

from execution_orchestrator.engine.apply import fold
from execution_orchestrator.engine.events import (
    CheckpointCreated,
    ExecutionAccepted,
    ExecutionFinished,
    TaskAttemptFailed,
)
from execution_orchestrator.engine.logic import Logic
from execution_orchestrator.engine.upcasting import SCHEMA
from execution_orchestrator.storage import StorageError, open_database
from execution_orchestrator.storage.reading import event_of
from execution_orchestrator.storage.rows import Row, json_of
from test.data.record_journals import EXECUTION, JOURNALS, SCENARIOS, Cups, Robot, orchestrator
from test.snapshot import snapshot

NAMES = sorted(file.stem for file in JOURNALS.glob("*.sql"))


def restored(directory, name):
    """Make the database of a recording, with the tables it had, and let this release migrate it."""
    connection = sqlite3.connect(directory / "journal.db")
    connection.executescript((JOURNALS / f"{name}.sql").read_text())
    connection.close()
    open_database(directory).close()


async def ended(directory, name):
    """Let a node take a recording up, and return how its execution ended."""
    scenario = SCENARIOS[name]
    node = orchestrator(directory, Robot(), Cups())
    end = asyncio.ensure_future(node.ended(EXECUTION))
    await asyncio.sleep(0)  # it waits from now on
    await node.start()
    for incoming in scenario.after:
        assert not node.handle(incoming).refusal
    async with asyncio.timeout(20):
        await end
    entries = list(node.journal.read())
    assert snapshot(fold(entry.event for entry in entries)) == snapshot(node.state)
    await node.stop()
    node.journal.close()
    return next(one.event for one in reversed(entries) if isinstance(one.event, ExecutionFinished))


def test_every_scenario_is_recorded():
    assert {*NAMES} == {*SCENARIOS}


@pytest.mark.parametrize("name", NAMES)
async def test_a_recorded_execution_is_taken_up_and_runs_to_its_end(tmp_path, name):
    restored(tmp_path, name)
    assert (await ended(tmp_path, name)).status == SCENARIOS[name].ends


async def test_an_execution_of_an_older_release_ends_by_the_older_rules(tmp_path):
    restored(tmp_path, "left_out")
    connection = sqlite3.connect(tmp_path / "journal.db")
    large = dict(connection.execute("SELECT name, data FROM content")).get
    for row in connection.execute(f"SELECT {', '.join(Row._fields)} FROM event").fetchall():
        content = json.loads(json_of(row, large))
        content.pop("schema")  # as before there were numbers, or rules to follow
        content.pop("logic", None)
        connection.execute("UPDATE event SET data = ? WHERE seq = ?", (json.dumps(content), row[0]))
    connection.commit()
    connection.close()
    end = await ended(tmp_path, "left_out")
    assert end.status == "COMPLETED"
    assert "errand was left out" in end.reason


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        (CheckpointCreated, {"checkpoint_id": "c", "achieved": ["a"]}),
        (TaskAttemptFailed, {"cancel_goal": True, "outcome": "aborted", "error": {
            "type": "EXECUTION", "code": "X", "message": "m"}}),
    ],
)  # fmt: skip
def test_fields_that_earlier_releases_wrote_are_taken_away(kind, fields):
    written = {"type": kind.__name__, "time": 1.0, "execution_id": "e", "key": "k", **fields}
    assert isinstance(event_of("here", 1, json.dumps(written)), kind)
    with pytest.raises(StorageError, match=r"does not know: (achieved|cancel_goal)"):
        event_of("here", 1, json.dumps({**written, "schema": SCHEMA}))


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"schema": SCHEMA + 1}, f"has the schema {SCHEMA + 1}"),
        ({"logic": [*Logic, "tomorrows"]}, "rules that this version does not know: tomorrows"),
        ({"type": "Tomorrows"}, "is of the type Tomorrows"),
        ({"tomorrows": 1}, "fields that this version does not know: tomorrows"),
    ],
)
def test_what_a_newer_release_wrote_is_refused_with_its_place_and_cure(fields, words):
    event = {
        "type": ExecutionAccepted.__name__,
        "time": 1.0,
        "plan": {},
        "schema": SCHEMA,
        **fields,
    }
    with pytest.raises(StorageError) as caught:
        event_of("here", 7, json.dumps(event))
    assert words in str(caught.value)
    assert "event 7 of the journal here" in str(caught.value)
    assert "install that version" in str(caught.value)
