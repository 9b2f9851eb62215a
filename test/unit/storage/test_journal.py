import os
import resource
import signal
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from sqlalchemy import text

from execution_orchestrator.engine.events import (
    CheckpointRestored,
    ExecutionAccepted,
    ExecutionFinished,
    ExecutionForgotten,
    ExecutionPaused,
    ExecutionRequested,
    ExecutionStarted,
)
from execution_orchestrator.engine.inputs import RawGoal
from execution_orchestrator.storage import StorageError, open_database, open_journal
from execution_orchestrator.storage.journal import Missing


def started(number):
    return ExecutionStarted(time=float(number), execution_id=f"e{number % 3}")


@pytest.fixture
def place(tmp_path):
    return tmp_path / "state"


def test_what_was_appended_is_read_back_in_order(store):
    journal = open_journal(store.open())
    assert journal.append([started(1), started(2)]) == 1
    assert journal.append([ExecutionPaused(time=3.0, execution_id="e1", reason="lunch")]) == 3
    assert [entry.sequence for entry in journal.read()] == [1, 2, 3]
    assert [entry.event for entry in journal.read(execution_id="e1")] == [
        started(1),
        ExecutionPaused(time=3.0, execution_id="e1", reason="lunch"),
    ]
    assert [entry.sequence for entry in journal.read(after=1, limit=1)] == [2]
    assert list(journal.read(execution_id="nobody")) == []


def test_any_text_comes_back_as_it_was(store):
    event = ExecutionPaused(time=1.5, execution_id="e" * 300, reason="\x00 \u2028 \U0001f916 'x'")
    journal = open_journal(store.open())
    journal.append([event])
    assert [entry.event for entry in journal.read(execution_id="e" * 300)] == [event]


def test_more_than_one_page_is_read(store):
    journal = open_journal(store.open())
    journal.append([started(number) for number in range(4500)])
    assert [entry.sequence for entry in journal.read()] == list(range(1, 4501))
    assert len(list(journal.read(execution_id="e1"))) == 1500
    assert len(list(journal.read(limit=2100))) == 2100


def test_it_is_still_there_after_closing(store):
    open_journal(store.open()).append([started(1)])
    store.close()
    journal = open_journal(store.open())
    assert journal.last_sequence == 1
    assert journal.append([started(2)]) == 2


def test_a_second_node_is_told_why(store):
    store.open()
    with pytest.raises(StorageError, match="another orchestrator uses"):
        open_database(store.directory, url=store.url)
    open_database(store.directory, url=store.url, lock=False).close()
    store.close()
    store.open()


def test_a_second_writer_that_got_past_the_lock_cannot_write(store):
    one, other = open_journal(store.open()), open_journal(store.open(lock=False))
    one.append([started(1)])
    with pytest.raises(StorageError, match="cannot be written"):
        other.append([started(2)])
    assert [entry.event for entry in one.read()] == [started(1)]
    assert one.append([started(3)]) == 2


def accepted(name, time):
    return ExecutionAccepted(time=time, execution_id=name, plan={"actions": []}, command="tidy up")


def finished(name, time):
    return ExecutionFinished(time=time, execution_id=name, status="COMPLETED", reason="done")


def test_every_execution_has_an_entry(store):
    journal = open_journal(store.open())
    journal.append([accepted("a", 1.0), accepted("b", 2.0)])
    journal.append([finished("a", 5.0)])
    journal.append([ExecutionForgotten(time=6.0, execution_id="a")])
    newest, oldest = journal.history()
    assert (newest.execution_id, newest.first, newest.last, newest.ended) == ("b", 2, None, None)
    assert (oldest.execution_id, oldest.first, oldest.last) == ("a", 1, 4)
    assert (oldest.accepted, oldest.ended, oldest.status) == (1.0, 5.0, "COMPLETED")
    assert oldest.command == "tidy up"
    assert [entry.sequence for entry in journal.read(execution_id="a")] == [1, 3, 4]
    assert journal.executions(limit=1) == ["b"]


def test_what_goes_on_from_a_checkpoint_after_its_end_is_open_again(store):
    journal = open_journal(store.open())
    journal.append([accepted("a", 1.0), finished("a", 2.0)])
    journal.append([CheckpointRestored(time=3.0, execution_id="a", checkpoint_id="c")])
    store.close()
    journal = open_journal(store.open())
    journal.append([started(0)])
    journal.append([ExecutionPaused(time=4.0, execution_id="a")])
    assert journal.find("a").ended is None
    assert [entry.sequence for entry in journal.read(execution_id="a")] == [1, 2, 3, 5]


def test_what_is_begun_anew_under_its_id_is_open_again(store):
    journal = open_journal(store.open())
    journal.append([accepted("a", 1.0), finished("a", 2.0), accepted("b", 3.0), finished("b", 4.0)])
    goal = RawGoal(command="once more")
    journal.append([ExecutionRequested(time=5.0, execution_id="a", goal=goal)])
    entry = journal.find("a")
    assert (entry.accepted, entry.ended, entry.status) == (5.0, None, "")
    assert (entry.command, entry.last) == ("once more", None)
    journal.append([finished("a", 6.0)])
    assert journal.find("a").last == 6


def test_a_batch_that_fails_changes_no_entry_either(store):
    journal = open_journal(store.open())
    journal.append([accepted("a", 1.0)])
    with open_journal(store.open(lock=False))._connection as other:
        other.execute(
            text(
                "INSERT INTO event (seq, execution_id, time, type, action, data) "
                "VALUES (2, '', 0, '', '', '')"
            )
        )
        other.commit()
        with pytest.raises(StorageError, match="cannot be written"):
            journal.append([finished("a", 2.0)])
        other.execute(text("DELETE FROM event WHERE seq = 2"))
        other.commit()
    assert journal.find("a").ended is None
    journal.append([finished("a", 3.0)])
    assert journal.find("a").ended == 3.0


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("nonsense", "write it like"),
        ("sqlite://", "would not survive"),
        ("postgresql://nobody@127.0.0.1:1/nothing", "start the server|pip install"),
    ],
)
def test_a_url_that_cannot_be_used_is_told_with_the_cure(place, url, words):
    with pytest.raises(StorageError, match=words):
        open_database(place, url=url)
    open_database(place).close()


def test_a_password_is_not_in_the_message(place):
    with pytest.raises(StorageError) as caught:
        open_database(place, url="postgresql://me:secret@127.0.0.1:1/nothing")
    assert "secret" not in str(caught.value)


@pytest.fixture
def open_place():
    """A place that another account can get to; pytest's own folders are for one account only."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder) / "state"


def said_by_somebody_else(place):
    """Return what an account without rights hears; root may write everywhere."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        if os.geteuid() == 0:
            os.setuid(65534)
        try:
            open_database(place)
            words = "it opened"
        except StorageError as failure:
            words = str(failure)
        os.write(writing, words.encode())
        os._exit(0)
    os.close(writing)
    os.waitpid(child, 0)
    with os.fdopen(reading) as pipe:
        return pipe.read()


def test_a_read_only_folder_is_told_with_the_cure(open_place):
    open_place.mkdir(mode=0o555)
    said = said_by_somebody_else(open_place)
    assert "choose another folder with the parameter state_directory" in said


def test_a_read_only_journal_is_told_with_the_cure(open_place):
    open_database(open_place).close()
    open_place.chmod(0o777)
    (open_place / "lock").chmod(0o666)
    (open_place / "journal.db").chmod(0o444)
    said = said_by_somebody_else(open_place)
    assert "journal.db cannot be opened" in said
    assert "give this account the right" in said
    assert "readonly" in said


def test_a_file_where_the_folder_should_be(tmp_path):
    (tmp_path / "state").write_text("")
    with pytest.raises(StorageError, match="state_directory"):
        open_database(tmp_path / "state")


def test_a_full_disk_loses_nothing_that_was_confirmed_and_writes_no_half_batch(place):
    database = open_database(place)
    journal = open_journal(database)
    journal.append([started(0)])
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    confirmed = 1
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, limits[1]))
        with pytest.raises(StorageError, match="cannot be written"):
            for _ in range(10_000):
                journal.append([started(i) for i in range(50)])
                confirmed += 50
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, before)
    assert sum(1 for _ in journal.read()) == confirmed
    journal.append([started(1)])
    assert sum(1 for _ in journal.read()) == confirmed + 1
    database.close()


WRITER = """
import sys
from pathlib import Path
from execution_orchestrator.engine.events import ExecutionStarted
from execution_orchestrator.storage import open_database, open_journal
journal = open_journal(open_database(Path(sys.argv[1]), url=sys.argv[2]))
number = 0
while True:
    number += 1
    journal.append([ExecutionStarted(time=float(number), execution_id="e")])
    print(number, flush=True)
"""


def test_what_was_confirmed_survives_kill_9(store):
    process = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(store.directory), store.url],
        stdout=subprocess.PIPE,
        text=True,
    )
    for line in process.stdout:
        if int(line) >= 200:
            break
    process.kill()
    rest = [int(line) for line in process.stdout if line.endswith("\n")]
    process.wait()
    confirmed = max([200, *rest])
    times = [entry.event.time for entry in open_journal(store.open(lock=False)).read()]
    assert times == [float(i) for i in range(1, len(times) + 1)]
    assert len(times) >= confirmed


def test_a_connection_that_broke_is_taken_up_again(store):
    if not store.url:
        pytest.skip("SQLite has no connection that breaks")
    journal = open_journal(store.open())
    journal.append([accepted("a", 1.0)])
    server = store.open(lock=False).engine
    end = text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid = :pid")
    for number in range(3):
        pid = journal._connection.scalar(text("SELECT pg_backend_pid()"))
        journal._connection.rollback()
        with server.connect() as other:
            other.execute(end, {"pid": pid})
        journal.append([started(number)])
    journal.append([finished("a", 2.0)])
    assert [one.sequence for one in journal.read()] == [1, 2, 3, 4, 5]
    assert journal.find("a").ended == 2.0


def test_what_a_server_lost_in_a_crash_is_written_again(store):
    if not store.url:
        pytest.skip("SQLite loses nothing as long as the machine runs")
    journal = open_journal(store.open())
    journal.append([accepted("a", 1.0)])
    for number in range(3):
        journal.append([started(number)])
    journal.append([finished("a", 2.0)])
    written = list(journal.read())
    with store.open(lock=False).engine.begin() as other:
        other.execute(text("DELETE FROM event WHERE seq > 2"))
        other.execute(text("UPDATE execution SET last = NULL, ended = NULL, status = ''"))
    assert journal.recover() == 0
    assert list(journal.read()) == written
    assert journal.find("a").ended == 2.0
    assert journal.append([started(9)]) == 6
    with store.open(lock=False).engine.begin() as other:
        other.execute(text("UPDATE event SET seq = seq + 100 WHERE seq = 6"))
    with pytest.raises(StorageError, match="another orchestrator"):
        journal.recover()


def test_the_newest_events_that_are_gone_at_the_start_are_told_once(store):
    journal = open_journal(store.open())
    journal.append([started(number) for number in range(4)])
    journal.close()
    with store.open(lock=False).engine.begin() as other:
        other.execute(text("DELETE FROM event WHERE seq > 2"))
    store.close()
    journal = open_journal(store.open())
    assert journal.missing == Missing(newest=2)
    journal.append([started(5)])
    journal.close()
    store.close()
    assert open_journal(store.open()).missing == Missing()


def test_a_person_can_read_it_with_sqlite3(place):
    database = open_database(place)
    open_journal(database).append([ExecutionPaused(time=1.0, execution_id="e", reason="lunch")])
    database.close()
    rows = sqlite3.connect(Path(place) / "journal.db").execute(
        "select execution_id, type, data from event"
    )
    ((execution, kind, data),) = rows.fetchall()
    assert (execution, kind) == ("e", "EXECUTION_PAUSED")
    assert '"reason":"lunch"' in data
