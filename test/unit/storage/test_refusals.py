"""What cannot be read is refused in one sentence with its cure, and is left as it was."""

import json
import os
import re
import resource
import shutil
import signal
import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import text

from execution_orchestrator.cli.history import main as history
from execution_orchestrator.cli.report import main as report
from execution_orchestrator.engine.events import (
    ExecutionAccepted,
    ExecutionFinished,
    ExecutionStarted,
)
from execution_orchestrator.storage import StorageError, open_database, open_journal


@pytest.fixture
def place(tmp_path):
    """A good journal of a node that was killed."""
    directory = tmp_path / "state"
    database = open_database(directory)
    journal = open_journal(database)
    journal.append([ExecutionAccepted(time=1.0, execution_id="e", plan={"actions": []})])
    for number in range(400):
        journal.append([ExecutionStarted(time=2.0 + number, execution_id="e")])
    journal.append([ExecutionFinished(time=900.0, execution_id="e", status="COMPLETED")])
    journal.close()
    database.close()
    return directory


def changed(place, *statements):
    connection = sqlite3.connect(place / "journal.db")
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()


def refused(place, **options):
    with pytest.raises(StorageError) as caught:
        open_database(place, **options)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def emptied(place):
    (place / "journal.db").write_bytes(b"")


def of_one_byte(place):
    """SQLite takes such a file for one without content."""
    (place / "journal.db").write_bytes(b"S")


def cut(place):
    file = place / "journal.db"
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2 + 100])


def cut_in_the_header(place):
    file = place / "journal.db"
    file.write_bytes(file.read_bytes()[:60])


def overwritten(place):
    file = place / "journal.db"
    content = bytearray(file.read_bytes())
    for page in range(3, len(content) // 4096):
        content[page * 4096 : page * 4096 + 64] = b"\xa5" * 64
    file.write_bytes(content)


def something_else(place):
    (place / "journal.db").write_bytes(b"this is no database" * 1000)


def of_another_program(place):
    (place / "journal.db").unlink()
    changed(place, "CREATE TABLE photo (name TEXT)")


def without_a_table(place):
    changed(place, "DROP TABLE execution")


def with_half_a_log(place):
    changed(place, "DROP TABLE pruned")
    changed(place, "DELETE FROM alembic_version")


def of_newer_tables(place):
    changed(place, "UPDATE alembic_version SET version_num = '0099'")


BROKEN = [
    (emptied, ["is empty (0 bytes)", "restore a backup", "delete the file"]),
    (of_one_byte, ["is empty (1 byte)", "restore a backup", "delete the file"]),
    (cut, ["is half-written: it has", "journal repair", "keeps a copy"]),
    (cut_in_the_header, ["is half-written: it has 60 of", "journal repair"]),
    (overwritten, ["is damaged (", "journal repair", "keeps a copy"]),
    (something_else, ["is not a journal", "name the right file"]),
    (of_another_program, ["is the database of another program"]),
    (without_a_table, ["has lost tables (execution)", "journal repair", "keeps a copy"]),
    (with_half_a_log, ["has lost what was written last", "journal repair", "keeps a copy"]),
    (of_newer_tables, ["newer version", "revision 0099", "install that version"]),
]


@pytest.mark.parametrize("lock", [True, False], ids=["node", "reader"])
@pytest.mark.parametrize(("harm", "words"), BROKEN, ids=[one[0].__name__ for one in BROKEN])
def test_each_kind_has_its_own_sentence_and_the_file_stays_as_it_is(place, harm, words, lock):
    harm(place)
    before = (place / "journal.db").read_bytes()
    said = refused(place, lock=lock)
    for word in (str(place / "journal.db"), *words):
        assert word in said
    if harm not in (of_newer_tables, without_a_table, with_half_a_log):
        assert (place / "journal.db").read_bytes() == before
    assert sum(one.match(said) is not None for one in ONE_OF_EACH) == 1


ONE_OF_EACH = [
    re.compile(f".*({words})")
    for words in (
        "is empty",
        "half-written",
        "is damaged",
        "is not a journal",
        "another program",
        "newer",
        "lost tables",
        "lost what was written last",
    )
]


@pytest.mark.parametrize("command", [history, report])
@pytest.mark.parametrize("harm", [one[0] for one in BROKEN], ids=lambda one: one.__name__)
def test_the_commands_say_it_too(place, harm, command, capsys):
    harm(place)
    assert command(["--state-directory", str(place)]) == 1
    told = capsys.readouterr()
    assert "journal" in told.err
    assert "Traceback" not in told.err + told.out


def row(kind, **fields):
    data = json.dumps(
        {"type": kind.title().replace("_", ""), "time": 3.0, "execution_id": "e", **fields}
    )
    return f"UPDATE event SET type = '{kind}', data = '{data}' WHERE seq = 7"


EVENTS = [
    (row("ROBOT_SANG"), ["event 7 of", "is of the type RobotSang", "install that version"]),
    (
        row("EXECUTION_STARTED", mood="good"),
        ["event 7 of", "(EXECUTION_STARTED) has fields that", "know: mood", "install that version"],
    ),
    (
        "UPDATE event SET data = '{\"type\":' WHERE seq = 7",
        ["event 7 of", "is no JSON", "journal repair"],
    ),
    (row("EXECUTION_ACCEPTED", plan=5), ["event 7 of", "cannot be read", "journal repair"]),
]


@pytest.mark.parametrize(("statement", "words"), EVENTS)
def test_an_event_that_this_version_cannot_read_is_named(store, statement, words):
    journal = open_journal(store.open())
    journal.append([ExecutionAccepted(time=1.0, execution_id="e", plan={"actions": []})])
    journal.append([ExecutionStarted(time=2.0, execution_id="e") for _ in range(9)])
    with store.open(lock=False).engine.begin() as connection:
        connection.execute(text(statement.replace(":", "\\:")))
    for reading in (journal.live_part, lambda: list(journal.read()), journal.newest):
        with pytest.raises(StorageError) as caught:
            reading()
        for word in words:
            assert word in str(caught.value)


@pytest.mark.parametrize("command", [history, report])
@pytest.mark.parametrize(("statement", "words"), EVENTS)
def test_the_commands_name_it_too(place, statement, words, command, capsys):
    changed(place, statement)
    assert command(["--state-directory", str(place)]) == 1
    said = " ".join(capsys.readouterr().err.split())
    for word in words:
        assert word in said


def test_a_full_disk_at_the_start_does_not_say_to_move_a_good_journal_away(place):
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, limits[1]))
        said = refused(place)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, before)
    assert "free space" in said
    assert "leave the journal where it is" in said
    assert "move it away" not in said
    database = open_database(place)
    assert open_journal(database).last_sequence == 402
    database.close()
    shutil.rmtree(place)


@pytest.mark.parametrize(
    ("make", "what"), [(Path.mkdir, "a folder"), (os.mkfifo, "no ordinary file")]
)
def test_what_is_no_file_is_told(place, make, what):
    file = place / "journal.db"
    for name in place.glob("journal.db*"):
        name.unlink()
    make(file)
    assert f"{file}, where the journal belongs, is {what}; move it away" in refused(place)
