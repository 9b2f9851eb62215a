"""An event takes little room in its row, what is large in it has one place, and all comes back."""

import json
import sqlite3

import pytest
from sqlalchemy import create_engine, select, text
from sqlalchemy.exc import SQLAlchemyError

from execution_orchestrator.engine.codec import encode_event
from execution_orchestrator.engine.events import (
    ExecutionAccepted,
    ExecutionFinished,
    ExecutionRequested,
    ExecutionStarted,
    HistoryPruned,
    TaskReady,
    TaskStarted,
)
from execution_orchestrator.engine.inputs import RawGoal
from execution_orchestrator.storage import StorageError, open_database, open_journal
from execution_orchestrator.storage.json_lines import export
from execution_orchestrator.storage.reading import read_event
from execution_orchestrator.storage.rows import LARGE, ROW, row_of, rows_of
from execution_orchestrator.storage.salvage import examine, repair
from execution_orchestrator.storage.schema import event as event_table

ACTIONS = [
    {
        "id": f"go_{number}",
        "action_type": "navigate_to",
        "parameters": {"target": f"plats {number} å"},
    }
    for number in range(200)
]
LARGE_PLAN = ExecutionAccepted(time=1.0, execution_id="e", plan={"actions": ACTIONS})


def query(store, statement):
    with store.open(lock=False).engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(statement))]


def run_of(name):
    return [
        ExecutionRequested(
            time=1.0, execution_id=name, goal=RawGoal(plan=json.dumps({"actions": ACTIONS}))
        ),
        ExecutionAccepted(time=1.0, execution_id=name, plan={"actions": ACTIONS}),
        ExecutionStarted(time=1.0, execution_id=name),
        ExecutionFinished(time=2.0, execution_id=name, status="COMPLETED"),
    ]


def test_a_plan_of_200_actions_takes_a_tenth_of_its_room_and_is_read_back(store):
    end = ExecutionFinished(time=2.0, execution_id="e", status="COMPLETED")
    journal = open_journal(store.open())
    journal.append([LARGE_PLAN, end])
    (large,) = query(store, "SELECT length(data) FROM content")
    assert large[0] * 10 < len(encode_event(LARGE_PLAN))
    assert [entry.event for entry in journal.read()] == [LARGE_PLAN, end]
    assert [entry.event for entry in journal.live_part().entries] == [LARGE_PLAN, end]
    # Read from the journal by a node that was not there when the execution began.
    store.close()
    journal = open_journal(store.open())
    assert journal.find("e").capabilities == ("navigate_to",)


def test_an_execution_that_ends_after_a_restart_is_found_by_what_its_large_plan_has(store):
    open_journal(store.open()).append([LARGE_PLAN])
    store.close()
    journal = open_journal(store.open())
    journal.append([ExecutionFinished(time=2.0, execution_id="e", status="COMPLETED")])
    assert journal.find("e").capabilities == ("navigate_to",)


def test_a_plan_of_many_runs_is_there_once_and_goes_with_the_last_of_them(store):
    journal = open_journal(store.open())
    for number in range(20):
        journal.append(run_of(f"e{number}"))
    # The plan as it was asked for, and as it was accepted.
    assert query(store, "SELECT count(*) FROM content") == [(2,)]
    names = tuple(f"e{number}" for number in range(19))
    journal.append([HistoryPruned(time=3.0, execution_ids=names)])
    while journal.delete_some():
        pass
    assert query(store, "SELECT count(*) FROM content") == [(2,)]
    assert [entry.event for entry in journal.of_execution("e19")] == run_of("e19")
    journal.append([HistoryPruned(time=4.0, execution_ids=("e19",))])
    while journal.delete_some():
        pass
    assert query(store, "SELECT count(*) FROM content") == [(0,)]
    assert query(store, "SELECT count(*) FROM content_use") == [(0,)]
    # A plan that is gone is written again when it runs again.
    journal.append(run_of("e20"))
    assert [entry.event for entry in journal.of_execution("e20")] == run_of("e20")


def test_a_run_of_200_actions_takes_less_than_120_kB(tmp_path):
    database = open_database(tmp_path)
    journal = open_journal(database)

    def used():
        with database.engine.connect() as connection:
            pages, free = (
                connection.scalar(text(f"PRAGMA {what}"))
                for what in ("page_count", "freelist_count")
            )
        return (pages - free) * 4096

    def run(name):
        events = run_of(name)
        for number in range(200):
            common = {"time": 1795983944.949161, "execution_id": name, "key": f"go_{number}"}
            events[-1:-1] = [
                TaskReady(**common),
                TaskStarted(**common, attempt=1, goal_id=name, timeout=60.0),
                *(TaskReady(**common, attempt=1) for _ in range(2)),
            ]
        journal.append(events)

    run("0150741c-3e7d-4b8e-9d7c-000000000000")
    before = used()
    for number in range(4):
        run(f"0150741c-3e7d-4b8e-9d7c-00000000001{number}")
    assert (used() - before) / 4 < 120_000
    database.close()


@pytest.mark.parametrize(
    "event",
    [
        LARGE_PLAN,
        TaskReady(time=0.1 + 0.2, execution_id='a "quoted" å\n', key="x,y{}"),
        TaskReady(time=1e22, key="k", attempt=2),
        TaskReady(time=12345.678901, offset=-1e-9, execution_id="e", key="k"),
        ExecutionAccepted(time=7.5, offset=3.25, plan={"actions": ACTIONS}, command="å" * LARGE),
    ],
)
def test_an_event_comes_back_as_it_was_also_as_bytes(store, event):
    journal = open_journal(store.open())
    journal.append([event])
    assert [entry.event for entry in journal.read()] == [event]
    row, large = row_of(1, event)
    assert (row, large) == row_of(1, event)
    as_bytes = [one.encode() if isinstance(one, str) else one for one in row]
    columns = [dict(query(store, "SELECT name, data FROM content")).get]
    assert read_event("here", as_bytes, columns[0]) == event


@pytest.mark.parametrize(("length", "apart"), [(LARGE - 2, 0), (LARGE - 1, 1)])
def test_the_limit(length, apart):
    event = ExecutionFinished(time=1.0, status="COMPLETED", reason="x" * length)
    assert len(row_of(1, event)[1]) == apart


def test_a_row_of_an_older_release_is_read(store):
    journal = open_journal(store.open())
    old = encode_event(LARGE_PLAN).decode()
    row = row_of(1, LARGE_PLAN)[0]._replace(data=old)
    with store.open(lock=False).engine.begin() as connection:
        names = ", ".join(row._fields)
        values = ", ".join(f":{name}" for name in row._fields)
        connection.execute(text(f"INSERT INTO event ({names}) VALUES ({values})"), row._asdict())
    assert [entry.event for entry in journal.read()] == [LARGE_PLAN]


def damage(folder, statement):
    with sqlite3.connect(folder / "journal.db") as connection:
        connection.execute(statement)
    connection.close()


@pytest.mark.parametrize(
    ("statement", "problem"),
    [
        (
            "UPDATE content SET data = CAST(substr(data, 1, 300) || substr(data, 320) AS BLOB)",
            "plan",
        ),
        ("UPDATE content SET data = x'00'", "decompressed"),
        ("DELETE FROM content", "misses its plan"),
        ("UPDATE event SET data = substr(data, 2)", "is no JSON"),
    ],
)
def test_a_damaged_one_is_told_with_place_and_cure(tmp_path, statement, problem):
    database = open_database(tmp_path)
    journal = open_journal(database)
    journal.append([LARGE_PLAN])
    damage(tmp_path, statement)
    with pytest.raises(StorageError, match=rf"event 1 of the journal .*{problem}.*journal repair"):
        list(journal.read())
    database.close()
    assert export(tmp_path, "", tmp_path / "all.jsonl") == 1
    assert json.loads((tmp_path / "all.jsonl").read_text()).keys() == {"sequence", "damaged"}
    assert not examine(tmp_path).sound


def test_a_content_that_was_exchanged_is_damage(tmp_path):
    database = open_database(tmp_path)
    journal = open_journal(database)
    other = ExecutionAccepted(time=1.0, execution_id="f", plan={"actions": ACTIONS[:100]})
    journal.append([LARGE_PLAN, other])
    damage(tmp_path, "UPDATE content SET data = (SELECT max(data) FROM content)")
    with pytest.raises(StorageError, match="another plan than it had"):
        list(journal.read())
    database.close()


def test_a_repaired_journal_has_its_plans_once_and_no_other(tmp_path):
    database = open_database(tmp_path)
    journal = open_journal(database)
    for name in ("e1", "e2", "e3"):
        journal.append(run_of(name))
    database.close()
    damage(tmp_path, "UPDATE event SET data = '{' WHERE execution_id = 'e2'")
    findings, _ = repair(tmp_path)
    assert findings.good == 8
    database = open_database(tmp_path)
    journal = open_journal(database)
    assert [entry.event for entry in journal.read()] == run_of("e1") + run_of("e3")
    with database.engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM content")) == 2
        assert connection.scalar(text("SELECT count(*) FROM content_use")) == 4
    database.close()


def test_a_page_that_is_damaged_behind_the_first_rows_is_an_error_of_the_database(tmp_path):
    file = tmp_path / "journal.db"
    engine = create_engine(f"sqlite:///{file}")
    event_table.create(engine)
    row = {"execution_id": "e", "time": 1.0, "type": "X", "action": "", "data": "x" * 1000}
    with engine.begin() as connection:
        connection.execute(event_table.insert(), [{"seq": n, **row} for n in range(1, 500)])
    engine.dispose()
    whole = file.read_bytes()
    half = len(whole) // 8192 * 4096
    file.write_bytes(whole[:half] + b"\xff" * (len(whole) - half))
    with engine.connect() as connection, pytest.raises(SQLAlchemyError, match="malformed"):
        rows_of(connection, select(*ROW).order_by(event_table.c.seq))
