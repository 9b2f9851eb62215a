"""Runs are found by what they were, in SQLite and in PostgreSQL."""

import json

import pytest
from sqlalchemy import text

from execution_orchestrator.engine import events as ev
from execution_orchestrator.plan.errors import ErrorInfo, ErrorType
from execution_orchestrator.storage import open_journal
from execution_orchestrator.storage.journal import RunQuery


def plan(*kinds):
    return {"actions": [{"id": f"a{n}", "action_type": kind} for n, kind in enumerate(kinds)]}


def begun(name, at, command, *kinds):
    return ev.ExecutionAccepted(time=at, execution_id=name, command=command, plan=plan(*kinds))


def failed(name, at, code):
    error = ErrorInfo(type=ErrorType.NAVIGATION, code=code, message="no")
    return ev.TaskAttemptFailed(
        time=at, execution_id=name, key="a0", attempt=1, outcome="aborted", error=error
    )


def over(name, at, status="COMPLETED"):
    return ev.ExecutionFinished(time=at, execution_id=name, status=status)


def held(name, at, robot):
    lease = ev.Lease(lease_id="l", resource="base", amount=1.0, robot=robot)
    return ev.ResourceAllocated(time=at, execution_id=name, key="a0", leases=(lease,))


EVENTS = [
    begun("e1", 100.0, "bring the red cup", "navigate_to", "sequence", "speak"),
    held("e1", 101.0, "r1"),
    failed("e1", 105.0, "NO_VALID_PATH"),
    over("e1", 130.0),
    begun("e2", 200.0, "look 100% around", "detect_objects"),
    over("e2", 205.0, "FAILED"),
    begun("e3", 300.0, "bring it back", "navigate_to"),
    held("e3", 301.0, "r2"),
]


def found(journal, **asked):
    page = journal.search(RunQuery(**asked), offset=0, limit=10)
    assert page.total == len(page.entries)
    return [entry.execution_id for entry in page.entries]


@pytest.fixture
def journal(store):
    journal = open_journal(store.open())
    journal.append(EVENTS)
    yield journal
    journal.close()


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({}, ["e3", "e2", "e1"]),
        ({"words": "BRING"}, ["e3", "e1"]),
        ({"words": "cup bring"}, ["e1"]),
        ({"words": "no_valid"}, ["e1"]),
        ({"words": "100%"}, ["e2"]),
        ({"words": "b_ing"}, []),
        ({"status": "FAILED"}, ["e2"]),
        ({"status": "OPEN"}, ["e3"]),
        ({"capability": "navigate_to"}, ["e1"]),
        ({"capability": "navigate"}, []),
        ({"capability": "sequence"}, []),
        ({"error": "NO_VALID_PATH"}, ["e1"]),
        ({"robot": "r1"}, ["e1"]),
        ({"since": 200.0}, ["e3", "e2"]),
        ({"until": 200.0}, ["e1"]),
        ({"least": 10.0}, ["e1"]),
        ({"most": 10.0}, ["e2"]),
        ({"capability": "navigate_to", "error": "OTHER"}, []),
    ],
)
def test_runs_are_found_by_what_they_were(journal, asked, expected):
    assert found(journal, **asked) == expected


def test_a_page_is_a_part_and_says_how_many_there_are(journal):
    page = journal.search(RunQuery(), offset=1, limit=1)
    assert ([entry.execution_id for entry in page.entries], page.total) == (["e2"], 3)


def test_the_names_to_look_for_are_those_of_runs_that_ended(journal):
    names = journal.known_names()
    assert names.capabilities == ("detect_objects", "navigate_to", "speak")
    assert (names.errors, names.robots) == (("NO_VALID_PATH",), ("r1",))


def test_a_run_that_ends_after_a_restart_is_found_all_the_same(store):
    first = open_journal(store.open())
    first.append([*EVENTS, failed("e3", 310.0, "STUCK")])
    first.close()
    store.close()
    second = open_journal(store.open())
    second.append([over("e3", 320.0, "FAILED")])
    assert found(second, capability="navigate_to", robot="r2", error="STUCK") == ["e3"]
    second.close()


def test_an_execution_that_is_begun_anew_is_found_by_its_second_run(store):
    from execution_orchestrator.engine.inputs import RawGoal

    journal = open_journal(store.open())
    again = ev.ExecutionRequested(time=400.0, execution_id="e1", goal=RawGoal(command="again"))
    journal.append([*EVENTS, again, begun("e1", 401.0, "again", "speak"), over("e1", 402.0)])
    assert found(journal, error="NO_VALID_PATH") == []
    assert found(journal, capability="speak") == ["e1"]
    journal.close()


def test_runs_of_an_older_journal_are_found_after_the_migration(store):
    database = store.open()
    journal = open_journal(database)
    journal.append([*EVENTS, over("e3", 320.0)])
    with database.engine.begin() as connection:  # as the release before it left the tables
        for column in ("capabilities", "errors", "robots"):
            connection.execute(text(f"ALTER TABLE execution DROP COLUMN {column}"))
        connection.execute(text("DROP INDEX event_commands"))
        for table in ("content", "content_use"):
            connection.execute(text(f"DROP TABLE {table}"))
        connection.execute(text("UPDATE alembic_version SET version_num = '0004'"))
        broken = {"data": json.dumps({"type": "TASK_ATTEMPT_FAILED"})[:-3]}
        connection.execute(
            text("UPDATE event SET data = :data WHERE type = 'TASK_ATTEMPT_FAILED'"), broken
        )
    journal.close()
    store.close()
    journal = open_journal(store.open())
    assert found(journal, capability="navigate_to") == ["e3", "e1"]
    assert found(journal, robot="r2") == ["e3"]
    assert found(journal, error="NO_VALID_PATH") == []  # that event is damaged
    journal.close()
