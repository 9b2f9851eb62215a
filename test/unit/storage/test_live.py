"""How much of a long journal a start reads, and that it finds it by the indexes."""

from sqlalchemy import event as listening
from sqlalchemy import text

from execution_orchestrator.engine.events import (
    DeadLetterAdded,
    ExecutionAccepted,
    ExecutionFinished,
    ExecutionStarted,
    ServerAvailability,
)
from execution_orchestrator.plan.errors import ErrorInfo, ErrorType
from execution_orchestrator.storage import live_part, open_journal

ERROR = ErrorInfo(type=ErrorType.NAVIGATION, code="X", message="no")


def run(name, length=5):
    return [
        ExecutionAccepted(time=1.0, execution_id=name, plan={"actions": []}),
        *(ExecutionStarted(time=2.0, execution_id=name) for _ in range(length - 2)),
        ExecutionFinished(time=float(name[1:]), execution_id=name, status="COMPLETED"),
    ]


def filled(store):
    journal = open_journal(store.open())
    for number in range(1, 101):
        journal.append(run(f"e{number}"))
    return journal


def read(journal):
    part = journal.live_part()
    return part, {entry.event.execution_id for entry in part.entries}


def test_the_newest_are_read_up_to_a_number_of_executions(store):
    part, names = read(filled(store))
    assert names == {f"e{number}" for number in range(51, 101)}
    assert part.ended == {f"e{number}": "COMPLETED" for number in range(1, 51)}


def test_the_newest_are_read_up_to_a_number_of_events(store, monkeypatch):
    monkeypatch.setattr(live_part, "RECENT_EVENTS", 12)
    part, names = read(filled(store))
    assert names == {"e99", "e100"}
    assert len(part.ended) == 98


def test_one_that_is_too_long_is_not_read_but_known(store, monkeypatch):
    monkeypatch.setattr(live_part, "RECENT_EVENTS", 100)
    journal = filled(store)
    journal.append(run("e101", length=500))
    part, names = read(journal)
    assert names == set()
    assert part.ended["e101"] == "COMPLETED"


def test_what_outlives_its_execution_is_read_however_old(store):
    journal = open_journal(store.open())
    letter = DeadLetterAdded(
        time=1.0, execution_id="e0", key="a", dead_letter_id="l", action_type="go", action={},
        parameters={}, error=ERROR, retry_after=9.0,
    )  # fmt: skip
    first = [ServerAvailability(time=0.5, server="/nav", available=True), *run("e0")]
    journal.append([*first, letter])
    for number in range(1, 60):
        journal.append(run(f"e{number}"))
    part, _ = read(journal)
    assert [entry.sequence for entry in part.entries[:2]] == [1, 7]
    assert part.ended["e0"] == "COMPLETED"


def test_a_start_looks_at_no_row_of_what_is_over(store):
    """The plans of all queries of a start: every one of them goes by an index."""
    journal = filled(store)
    database = store.open(lock=False)
    if database.engine.dialect.name != "sqlite":
        return  # PostgreSQL chooses by its statistics
    asked = []

    @listening.listens_for(journal._database.engine, "before_cursor_execute")
    def note(_connection, _cursor, statement, parameters, _context, _many):
        asked.append((statement, parameters))

    journal.live_part()
    listening.remove(journal._database.engine, "before_cursor_execute", note)
    plans = []
    with database.engine.connect() as connection:
        for statement, parameters in asked:
            found = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
            plans += [(row[3], statement) for row in found]
    of_events = [plan for plan, statement in plans if "FROM event" in statement]
    assert of_events
    for plan in of_events:
        assert "INDEX event_lasting" in plan or "(rowid>? AND rowid<?)" in plan, plan
    with database.engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM event")) == 500
