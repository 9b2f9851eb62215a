"""A journal of every earlier version is read on; both databases end up with the same tables."""

import subprocess
import sys

import pytest
from alembic.autogenerate import compare_metadata
from alembic.command import upgrade
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect, text

from execution_orchestrator.engine.codec import encode_event
from execution_orchestrator.engine.events import (
    ExecutionAccepted,
    ExecutionFinished,
    ExecutionStarted,
)
from execution_orchestrator.storage import open_journal
from execution_orchestrator.storage.migrating import MIGRATIONS, REVISIONS
from execution_orchestrator.storage.schema import metadata

BY_TEXT = {"event_lasting", "event_commands"}  # so that they are not in the metadata


def _context(connection):
    options = {"include_name": lambda name, _, __: name not in BY_TEXT}
    return MigrationContext.configure(connection, opts=options)


def _indexes_of_events(connection):
    return [one["name"] for one in inspect(connection).get_indexes("event")]


@pytest.fixture
def first_version(store):
    """A journal as the first version wrote it: one execution that ended, one that runs."""
    store.directory.mkdir()
    engine = create_engine(store.url or f"sqlite:///{store.directory / 'journal.db'}")
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    events = [
        ExecutionAccepted(time=1.0, execution_id="old", plan={"actions": []}, command="tidy up"),
        ExecutionAccepted(time=2.0, execution_id="new", plan={"actions": []}),
        ExecutionFinished(time=3.0, execution_id="old", status="COMPLETED"),
        ExecutionStarted(time=4.0, execution_id="new"),
    ]
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        upgrade(config, "0001")
        for event in events:
            connection.execute(
                text(
                    "INSERT INTO event (execution_id, time, type, action, data) "
                    "VALUES (:execution_id, :time, :type, :action, :data)"
                ),
                {
                    "execution_id": event.execution_id,
                    "time": event.time,
                    "type": event.type,
                    "action": event.key,
                    "data": encode_event(event).decode(),
                },
            )
    engine.dispose()
    return events


def test_a_journal_of_the_first_version_is_read_on(store, first_version):
    journal = open_journal(store.open())
    assert [entry.event for entry in journal.read()] == first_version
    assert journal.append([ExecutionFinished(time=5.0, execution_id="new", status="FAILED")]) == 5
    new, old = journal.history()
    assert (old.command, old.first, old.last, old.status) == ("tidy up", 1, 3, "COMPLETED")
    assert (new.execution_id, new.first, new.last, new.ended) == ("new", 2, 5, 5.0)
    assert len(list(journal.read(execution_id="old"))) == 2


def test_the_migrations_lead_to_the_tables_that_the_code_uses(store, first_version):
    with store.open().engine.connect() as connection:
        differences = compare_metadata(_context(connection), metadata)
        assert set(_indexes_of_events(connection)) >= BY_TEXT
    assert not differences


def test_a_new_journal_has_the_tables_that_the_migrations_lead_to(store):
    with store.open().engine.connect() as connection:
        context = _context(connection)
        assert not compare_metadata(context, metadata)
        assert set(_indexes_of_events(connection)) >= BY_TEXT
        assert context.get_current_revision() == REVISIONS[-1]


def test_every_revision_is_known_by_its_name():
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    script = ScriptDirectory.from_config(config)
    assert tuple(one.revision for one in script.walk_revisions())[::-1] == REVISIONS


def test_the_tool_of_old_journals_is_not_loaded_for_a_new_one_nor_for_one_of_today(tmp_path):
    program = (
        "import sys; from pathlib import Path; "
        "from execution_orchestrator.storage.database import open_database; "
        "[open_database(Path(sys.argv[1])).close() for _ in range(2)]; "
        "print('alembic' in sys.modules)"
    )
    command = [sys.executable, "-c", program, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "False"
