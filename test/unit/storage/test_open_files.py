"""Files of a journal that somebody deletes or replaces while a node has it open."""

import logging
import os
import signal
import sqlite3
from pathlib import Path

import pytest

from execution_orchestrator.engine.events import ExecutionStarted
from execution_orchestrator.storage import StorageError, open_database, open_journal


def started(number):
    return ExecutionStarted(time=float(number), execution_id=f"e{number}")


@pytest.fixture
def state(tmp_path):
    return tmp_path / "state"


def on_disk(state):
    """Return what a new process finds, as after kill -9: what is open is not closed."""
    with sqlite3.connect(f"file:{state / 'journal.db'}?mode=ro", uri=True) as other:
        found = [name for (name,) in other.execute("SELECT execution_id FROM event ORDER BY seq")]
    other.close()
    return found


@pytest.mark.parametrize(
    "names",
    [["-wal"], ["-wal", "-shm"], [""], ["", "-wal"], ["", "-wal", "-shm"]],
    ids=lambda names: "+".join(name or "db" for name in names),
)
def test_what_was_deleted_under_a_node_is_written_again(state, names, caplog):
    journal = open_journal(open_database(state))
    journal.append([started(1), started(2)])
    for name in names:
        Path(f"{state / 'journal.db'}{name}").unlink()
    with caplog.at_level(logging.WARNING):
        assert journal.append([started(3)]) == 3
    assert "was deleted" in caplog.text
    assert journal.append([started(4)]) == 4
    assert on_disk(state) == ["e1", "e2", "e3", "e4"]
    assert [entry.event for entry in journal.read()] == [started(n) for n in (1, 2, 3, 4)]


@pytest.mark.parametrize("names", [["-wal", "-shm"], ["", "-wal", "-shm"]], ids=["log", "all"])
def test_what_was_deleted_after_the_node_died_is_told_once(state, names):
    child = os.fork()
    if not child:
        open_journal(open_database(state)).append([started(1), started(2)])
        os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)
    for name in names:
        Path(f"{state / 'journal.db'}{name}").unlink()
    store = open_database(state)
    journal = open_journal(store)
    assert (journal.last_sequence, journal.missing) == (0, 2)
    journal.append([started(3)])
    journal.close()
    store.close()
    again = open_database(state)
    assert open_journal(again).missing == 0
    again.close()


def test_a_journal_whose_log_was_taken_over_by_a_reader_misses_nothing(state):
    store = open_database(state)
    journal = open_journal(store)
    journal.append([started(1)])
    journal.close()
    store.close()
    (reader := open_database(state, lock=False)).close()
    assert not Path(f"{state / 'journal.db'}-wal").exists()
    assert open_journal(open_database(state)).missing == 0
    del reader


def test_a_journal_that_was_replaced_is_told_and_left_as_it_is(state, tmp_path):
    other = tmp_path / "other"
    store = open_database(other)
    open_journal(store).append([started(9)])
    store.close()
    journal = open_journal(open_database(state))
    journal.append([started(1)])
    (other / "journal.db").replace(state / "journal.db")
    for _ in range(2):
        with pytest.raises(StorageError, match="replaced by another file"):
            journal.append([started(2)])


def test_a_folder_that_is_gone_is_made_again(state):
    journal = open_journal(open_database(state))
    journal.append([started(1)])
    for file in state.iterdir():
        file.unlink()
    state.rmdir()
    journal.append([started(2)])
    assert on_disk(state) == ["e1", "e2"]
