from datetime import datetime

from execution_orchestrator.engine.events import RobotTravelled
from execution_orchestrator.monitoring.run_statistics import (
    BINS,
    RecoveredAt,
    RunSummary,
    over_time,
    summary_of,
)
from execution_orchestrator.observation.record import ExecutionRecord, RecoveryRecord

MONDAY = datetime(2026, 11, 23, 12).astimezone().timestamp()
DAY = 86400.0


def run(name, accepted, status, *attempts, recoveries=()):
    return RunSummary(name, accepted, status, attempts, recoveries)


def test_durations_are_those_of_what_succeeded():
    told = over_time(
        [
            run("e1", MONDAY, "COMPLETED", ("go", 2.0, True), ("go", 90.0, False)),
            run("e2", MONDAY, "COMPLETED", ("go", 10.0, True), ("say", 1.0, True)),
        ]
    )
    go, say = told["capabilities"]
    assert (go["capability"], go["succeeded"], go["failed"]) == ("go", 2, 1)
    assert (go["shortest"], go["median"], go["longest"]) == (2.0, 2.0, 10.0)
    assert go["bins"] == [1, *[0] * (BINS - 2), 1]
    assert sum(say["bins"]) == 1


def test_a_capability_that_never_succeeded_has_no_durations():
    [go] = over_time([run("e1", MONDAY, "FAILED", ("go", 9.0, False))])["capabilities"]
    assert (go["succeeded"], go["failed"], sum(go["bins"])) == (0, 1, 0)


def test_weeks_begin_on_monday():
    told = over_time(
        [
            run("a", MONDAY, "COMPLETED"),
            run("b", MONDAY + 6 * DAY, "FAILED"),
            run("c", MONDAY + 7 * DAY, "COMPLETED"),
        ]
    )
    assert told["weeks"] == [
        {"monday": "2026-11-23", "ended": {"COMPLETED": 1, "FAILED": 1}},
        {"monday": "2026-11-30", "ended": {"COMPLETED": 1}},
    ]


def test_the_newest_recoveries_come_first():
    old, new = (
        RecoveredAt(name, "go", "back_up", "STUCK", True, 1.0, 2.0) for name in ("old", "new")
    )
    told = over_time(
        [
            run("old", MONDAY, "COMPLETED", recoveries=(old,)),
            run("new", MONDAY + DAY, "COMPLETED", recoveries=(new,)),
        ]
    )
    assert [one["execution_id"] for one in told["recoveries"]] == ["new", "old"]
    assert told["recoveries"][0]["x"] == 1.0


def test_a_recovery_was_where_the_robot_stood_when_it_began():
    way = RobotTravelled(
        time=9.0,
        execution_id="e1",
        key="go",
        path=((1.0, 0.0, 0.0, 0.0), (5.0, 2.0, 1.0, 0.0), (8.0, 4.0, 1.0, 0.0)),
    )
    record = ExecutionRecord(
        "e1",
        accepted=1.0,
        travelled=[way],
        recoveries=[
            RecoveryRecord("go", "back_up", started=5.1, error_code="STUCK", helped=True),
            RecoveryRecord("nowhere", "back_up", started=5.1),
        ],
    )
    [one] = summary_of(record, lambda _: None).recoveries
    assert (one.action_id, one.x, one.y, one.because) == ("go", 2.0, 1.0, "STUCK")
