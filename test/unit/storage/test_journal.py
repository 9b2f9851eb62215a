import os
import resource
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from execution_orchestrator.engine.events import ExecutionPaused, ExecutionStarted
from execution_orchestrator.storage import Journal, StorageError, open_database


def started(number):
    return ExecutionStarted(time=float(number), execution_id=f"e{number % 3}")


@pytest.fixture
def place(tmp_path):
    return tmp_path / "state"


def test_what_was_appended_is_read_back_in_order(place):
    database = open_database(place)
    journal = Journal(database)
    assert journal.append([started(1), started(2)]) == 1
    assert journal.append([ExecutionPaused(time=3.0, execution_id="e1", reason="lunch")]) == 3
    assert [entry.sequence for entry in journal.read()] == [1, 2, 3]
    assert [entry.event for entry in journal.read(execution_id="e1")] == [
        started(1),
        ExecutionPaused(time=3.0, execution_id="e1", reason="lunch"),
    ]
    assert [entry.sequence for entry in journal.read(after=1, limit=1)] == [2]
    database.close()


def test_it_is_still_there_after_closing(place):
    database = open_database(place)
    Journal(database).append([started(1)])
    database.close()
    again = open_database(place)
    journal = Journal(again)
    assert journal.last_sequence == 1
    assert journal.append([started(2)]) == 2


def test_a_second_node_is_told_why(place):
    open_here = open_database(place)
    with pytest.raises(StorageError, match="another orchestrator uses"):
        open_database(place)
    open_database(place, lock=False).close()
    open_here.close()
    open_database(place).close()


def test_a_damaged_file_is_told_with_the_cure(place):
    place.mkdir()
    (place / "journal.db").write_bytes(b"this is no database" * 1000)
    with pytest.raises(StorageError, match="move it away"):
        open_database(place)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_folder_is_told_with_the_cure(place):
    place.mkdir(mode=0o500)
    with pytest.raises(StorageError, match="state_directory"):
        open_database(place)


def test_a_file_where_the_folder_should_be(tmp_path):
    (tmp_path / "state").write_text("")
    with pytest.raises(StorageError, match="state_directory"):
        open_database(tmp_path / "state")


def test_a_full_disk_loses_nothing_that_was_confirmed_and_writes_no_half_batch(place):
    database = open_database(place)
    journal = Journal(database)
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
from execution_orchestrator.storage import Journal, open_database
journal = Journal(open_database(Path(sys.argv[1])))
number = 0
while True:
    number += 1
    journal.append([ExecutionStarted(time=float(number), execution_id="e")])
    print(number, flush=True)
"""


def test_what_was_confirmed_survives_kill_9(place):
    process = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(place)], stdout=subprocess.PIPE, text=True
    )
    for line in process.stdout:
        if int(line) >= 200:
            break
    process.kill()
    rest = [int(line) for line in process.stdout if line.endswith("\n")]
    process.wait()
    confirmed = max([200, *rest])
    database = open_database(place)
    times = [entry.event.time for entry in Journal(database).read()]
    assert times == [float(i) for i in range(1, len(times) + 1)]
    assert len(times) >= confirmed
    database.close()


def test_a_person_can_read_it_with_sqlite3(place):
    database = open_database(place)
    Journal(database).append([ExecutionPaused(time=1.0, execution_id="e", reason="lunch")])
    database.close()
    rows = sqlite3.connect(Path(place) / "journal.db").execute(
        "select execution_id, type, data from event"
    )
    ((execution, kind, data),) = rows.fetchall()
    assert (execution, kind) == ("e", "EXECUTION_PAUSED")
    assert '"reason":"lunch"' in data
