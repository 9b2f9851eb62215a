"""Files of a journal that somebody deletes or replaces while a node has it open."""

import logging
import os
import signal
import sqlite3
from pathlib import Path

import pytest

from execution_orchestrator.engine.events import (
    ExecutionFinished,
    ExecutionStarted,
    HistoryPruned,
    StorageRestored,
)
from execution_orchestrator.storage import StorageError, open_database, open_journal
from execution_orchestrator.storage.journal import Missing
from execution_orchestrator.storage.salvage import examine, repair


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
    assert (journal.last_sequence, journal.missing) == (0, Missing(newest=2))
    journal.append([started(3)])
    journal.close()
    store.close()
    again = open_database(state)
    assert open_journal(again).missing == Missing()
    again.close()


def test_a_journal_whose_log_was_taken_over_by_a_reader_misses_nothing(state):
    store = open_database(state)
    journal = open_journal(store)
    journal.append([started(1)])
    journal.close()
    store.close()
    (reader := open_database(state, lock=False)).close()
    assert not Path(f"{state / 'journal.db'}-wal").exists()
    assert open_journal(open_database(state)).missing == Missing()
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


def told(number):
    """Return what follows from anything."""
    return StorageRestored(time=float(number), since=0.0, reason="the disk was full")


def finished(number):
    return ExecutionFinished(time=float(number), execution_id=f"e{number}", status="COMPLETED")


def written(state, *events):
    store = open_database(state)
    journal = open_journal(store)
    journal.append(events)
    while journal.delete_some():
        pass
    journal.close()
    store.close()


def delete(state, *positions):
    with sqlite3.connect(state / "journal.db") as other:
        other.executemany("DELETE FROM event WHERE seq = ?", [(at,) for at in positions])
    other.close()


def missing(state):
    store = open_database(state)
    journal = open_journal(store)
    found = journal.missing
    journal.close()
    store.close()
    return found


def test_what_somebody_deleted_between_others_is_told_until_it_is_repaired(state):
    written(state, *[told(number) for number in range(1, 10)])
    delete(state, 4, 5, 8)
    assert missing(state) == missing(state) == Missing(within=3, first=4)
    faults = examine(state).faults
    assert [(fault.first, fault.last) for fault in faults] == [(4, 5), (8, 8)]
    assert "must have been deleted" in str(faults[0])
    repair(state)
    assert missing(state) == Missing()
    assert examine(state).sound


def test_a_check_tells_the_newest_that_are_missing(state):
    written(state, *[told(number) for number in range(1, 10)])
    delete(state, 8, 9)
    [fault] = examine(state).faults
    assert (fault.first, fault.last) == (8, 9)


def test_what_left_the_history_is_not_missing_and_what_was_deleted_later_is(state):
    written(state, started(1), started(2), started(3), finished(2))
    written(state, HistoryPruned(time=5.0, execution_ids=("e2",)), started(6), started(7))
    assert on_disk(state) == ["e1", "e3", "", "e6", "e7"]
    assert missing(state) == Missing()
    written(state, started(8), started(9), started(10))
    delete(state, 9)
    assert missing(state) == Missing(within=1, first=9)


def test_a_journal_of_a_release_that_noted_the_newest_event_alone_may_have_gaps(state):
    written(state, *[started(number) for number in range(1, 6)])
    (state / "journal.db-last").write_bytes((5).to_bytes(8, "little"))
    delete(state, 2)
    assert missing(state) == Missing()
    written(state, started(6), started(7))
    delete(state, 6)
    assert missing(state) == Missing(within=1, first=6)
