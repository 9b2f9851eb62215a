from execution_orchestrator.engine import events as ev
from execution_orchestrator.monitoring import past_reader
from execution_orchestrator.monitoring.alerts import AlertCondition, AlertMonitor
from execution_orchestrator.monitoring.past_reader import PastReader
from execution_orchestrator.observation import Observation
from execution_orchestrator.observation.fold import record_of
from execution_orchestrator.plan.errors import ErrorInfo, ErrorType
from execution_orchestrator.storage.database import open_database
from execution_orchestrator.storage.journal import JournalEntry
from execution_orchestrator.storage.sql_journal import open_journal
from test.unit.monitoring.watched import Watched

PLAN = {
    "id": "p",
    "actions": [
        {"id": "go", "action_type": "navigate_to", "depends_on": [], "server": "/nav"},
        {"id": "look", "action_type": "detect_objects", "depends_on": ["go"]},
    ],
}
ERROR = ErrorInfo(type=ErrorType.NAVIGATION, code="NO_VALID_PATH", message="blocked")


def errand(execution="e1", start=100.0, until=None):
    def at(seconds, kind, key="", attempt=0, **fields):
        return kind(
            time=start + seconds, execution_id=execution, key=key, attempt=attempt, **fields
        )

    lease = ev.Lease(lease_id=f"{execution}-l1", resource="base")
    events = [
        at(0, ev.ExecutionAccepted, plan=PLAN, command="bring it"),
        at(0, ev.ExecutionStarted),
        at(0, ev.TaskReady, "go"),
        at(0, ev.ResourceAllocated, "go", leases=(lease,)),
        at(0, ev.TaskStarted, "go", 1, goal_id="g1"),
        at(2, ev.TaskAttemptFailed, "go", 1, outcome="aborted", error=ERROR),
        at(2, ev.RecoveryInitiated, "go", 1, run_id="r1", strategy="clear_costmaps", position=0, error=ERROR),
        at(3, ev.RecoveryFinished, "go", 1, run_id="r1", strategy="clear_costmaps", outcome="RETRY", succeeded=True),
        at(3, ev.TaskStarted, "go", 2, goal_id="g2"),
        at(7, ev.TaskCompleted, "go", 2, output={}),
        at(7, ev.ResourceReleased, "go", lease_ids=(lease.lease_id,)),
        at(7, ev.TaskReady, "look"),
        at(7, ev.TaskStarted, "look", 1, goal_id="g3"),
        at(8, ev.TaskCompleted, "look", 1, output={}),
        at(8, ev.ExecutionFinished, status="COMPLETED"),
    ]  # fmt: skip
    return [JournalEntry(i + 1, e) for i, e in enumerate(events[:until])]


def test_figures_come_from_the_events():
    monitor = Watched(now=lambda: 200.0)
    monitor.on_events(errand())
    figures = monitor.figures("e1")
    assert (figures.total_duration, figures.effective_duration) == (8.0, 7.0)
    assert (figures.attempts, figures.retries, figures.recoveries) == (3, 1, 1)
    assert figures.critical_path == ("go", "look")
    assert figures.errors_by_type == {"NAVIGATION": 1}
    record = monitor.record("e1")
    assert [a.outcome for a in record.actions["go"].attempts] == ["aborted", "succeeded"]
    assert monitor.finished_counts() == {"COMPLETED": 1}


def test_live_and_historical_figures_agree():
    live, replayed = Watched(now=lambda: 108.0), Watched(now=lambda: 999.0)
    for entry in errand():
        live.on_events([entry])
    replayed.on_events(errand())
    assert live.figures("e1") == replayed.figures("e1")


def test_the_node_knows_what_runs_now():
    monitor = Watched(now=lambda: 101.0)
    monitor.on_events(errand(until=5))
    figures = monitor.node_figures()
    assert (figures["executions_active"], figures["actions_running"]) == (1.0, 1.0)
    monitor.on_events(
        [JournalEntry(6, ev.BreakerOpened(time=101.0, server="/nav", until=130.0, failures=5))]
    )
    assert monitor.node_figures()["breaker_open"] == 1.0


def test_an_alert_is_raised_and_cleared_by_what_happens():
    now = [101.0]
    slow = AlertCondition(alert_id="slow", metric="total_duration", comparison="gt", threshold=5.0)
    monitor = Watched(AlertMonitor([slow]), now=lambda: now[0])
    monitor.on_events(errand(until=5))
    assert monitor.check_alerts() == []
    now[0] = 106.0
    (raised,) = monitor.check_alerts()
    assert (raised.active, raised.execution_id) == (True, "e1")
    monitor.on_events(errand()[5:])
    (cleared,) = monitor.check_alerts()
    assert not cleared.active


def test_old_executions_are_forgotten_but_not_running_ones():
    monitor = Watched(now=lambda: 1000.0)
    monitor.on_events(errand("running", until=5))
    for number in range(300):
        monitor.on_events(errand(f"e{number}"))
    assert monitor.record("running") is not None
    assert monitor.record("e0") is None
    assert len(monitor.records()) <= 201


def test_a_dead_letter_counts_although_its_execution_left_the_memory():
    monitor = Watched(now=lambda: 200.0)
    letter = ev.DeadLetterAdded(
        time=1.0,
        execution_id="gone",
        key="go",
        attempt=1,
        dead_letter_id="gone/go/1",
        action_type="navigate_to",
        action={},
        parameters={},
        error=ERROR,
        retry_after=2.0,
    )
    monitor.observation.apply(letter)
    assert monitor.node_figures()["dead_letters"] == 1.0
    settled = ev.DeadLetterChanged(
        time=3.0, execution_id="gone", key="go", dead_letter_id="gone/go/1", status="discarded"
    )
    monitor.on_events([JournalEntry(9, settled)])
    assert monitor.node_figures()["dead_letters"] == 0.0


def test_totals_go_on_from_what_the_journal_held():
    monitor = Watched(now=lambda: 200.0)
    monitor.begin_after(1_000_000, {"COMPLETED": 40, "FAILED": 2})
    for entry in errand():
        monitor.observation.apply(entry.event)
    assert monitor.node_figures()["events_total"] == 1_000_000.0
    monitor.on_events(errand("e2"))
    assert monitor.node_figures()["events_total"] == 1_000_015.0
    assert monitor.finished_counts() == {"COMPLETED": 41, "FAILED": 2}


def past_of(name, start):
    return record_of(name, (entry.event for entry in errand(name, start)))


def test_the_past_is_older_than_what_is_there_and_makes_no_room_for_itself():
    monitor = Watched(observation=Observation(kept=3), now=lambda: 500.0)
    monitor.on_events(errand("new", 400.0))
    assert monitor.observation.add_past(past_of("old", 200.0))
    assert monitor.observation.add_past(past_of("older", 100.0))
    assert not monitor.observation.add_past(past_of("oldest", 10.0))
    assert [r.execution_id for r in monitor.records()] == ["new", "old", "older"]
    assert monitor.capability_figures(450.0)["detect_objects"].count == 3
    monitor.on_events(errand("newest", 450.0))
    assert [r.execution_id for r in monitor.records()] == ["newest", "new", "old"]


def test_the_reader_of_the_past_takes_the_window_and_no_more(tmp_path, monkeypatch):
    database = open_database(tmp_path)
    journal = open_journal(database)
    for number, start in enumerate((100.0, 7000.0, 7500.0)):
        journal.append([entry.event for entry in errand(f"e{number}", start)])
    monitor = Watched(now=lambda: 8000.0)
    monkeypatch.setattr(past_reader.time, "time", lambda: 8000.0)
    reader = PastReader(monitor.observation, journal, window=3600.0)
    reader.start()
    reader.join()
    assert [r.execution_id for r in monitor.records()] == ["e2", "e1"]
    assert monitor.capability_figures()["navigate_to"].errors_by_type == {"NAVIGATION": 2}
    journal.close()
    database.close()
