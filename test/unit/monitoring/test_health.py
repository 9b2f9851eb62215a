import pytest

from execution_orchestrator.monitoring import health
from execution_orchestrator.monitoring.alerts import AlertChange, AlertCondition
from execution_orchestrator.monitoring.health import Level


@pytest.mark.parametrize(
    ("facts", "level"),
    [
        ({}, Level.OK),
        ({"failures": 2}, Level.WARN),
        ({"breaker": "HALF_OPEN"}, Level.WARN),
        ({"available": False}, Level.WARN),
        ({"breaker": "OPEN", "failures": 5}, Level.ERROR),
        ({"breaker": "OPEN", "available": False}, Level.ERROR),
    ],
)
def test_a_server_with_its_breaker(facts, level):
    found = health.of_server(
        "/nav", **{"available": True, "breaker": "CLOSED", "failures": 0, **facts}
    )
    assert (found.part, found.level) == ("server /nav", level)
    assert found.values["breaker"] == facts.get("breaker", "CLOSED")


def journal(directory, **facts):
    return health.of_journal(
        directory, **{"failure": "", "commit_seconds": 0.001, "events": 7, "missing": 0, **facts}
    )


def test_the_journal_tells_its_failure_its_slowness_and_a_full_disk(tmp_path, monkeypatch):
    assert journal(tmp_path).level is Level.OK
    assert journal(tmp_path).values["events"] == 7
    assert journal(tmp_path, failure="the disk is gone").message == "the disk is gone"
    assert journal(tmp_path, commit_seconds=1.0).level is Level.WARN
    assert "3 events were missing" in journal(tmp_path, missing=3).message
    assert journal(tmp_path / "nowhere").level is Level.ERROR
    monkeypatch.setattr(health, "LEAST_SPACE", 1e30)
    full = journal(tmp_path)
    assert full.level is Level.WARN
    assert "free some space" in full.message


def test_executions_and_a_full_queue():
    facts = {"running": 1, "queued": 0, "capacity": 2, "emergency": ""}
    assert health.of_executions(**facts).level is Level.OK
    assert health.of_executions(**{**facts, "queued": 2}).level is Level.WARN
    stopped = health.of_executions(**{**facts, "emergency": "a person"})
    assert (stopped.level, stopped.message) == (Level.ERROR, "emergency stop: a person")


@pytest.mark.parametrize(
    ("severities", "level"),
    [
        ([], Level.OK),
        (["info"], Level.OK),
        (["info", "warning"], Level.WARN),
        (["error"], Level.ERROR),
    ],
)
def test_alerts_are_as_bad_as_the_worst(severities, level):
    active = [
        AlertChange(
            AlertCondition(alert_id=f"a{i}", metric="m", comparison="gt", threshold=0.0, severity=severity),
            True, "", 1.0, 1.0, "too much",
        )
        for i, severity in enumerate(severities)
    ]  # fmt: skip
    found = health.of_alerts(active)
    assert found.level is level
    assert len(found.values) == len(severities)


class Clocks:
    def __init__(self):
        self.wall, self.steady = 1000.0, 50.0

    def pass_time(self, seconds, set_by=0.0):
        self.wall += seconds + set_by
        self.steady += seconds


def test_a_clock_that_is_set_is_told_for_a_while():
    clocks = Clocks()
    watch = health.ClockWatch(lambda: clocks.wall, lambda: clocks.steady)
    clocks.pass_time(1.0)
    assert watch.look(1.0).level is Level.OK
    clocks.pass_time(1.0, set_by=-3600.0)
    found = watch.look(1.0)
    assert found.level is Level.WARN
    assert "-3600.0 s" in found.message
    for _ in range(30):
        clocks.pass_time(1.0)
        assert watch.look(1.0).level is Level.WARN
    clocks.pass_time(31.0)
    watch.look(1.0)
    clocks.pass_time(1.0)
    assert watch.look(1.0).level is Level.OK


def test_a_loop_that_is_late_is_told():
    clocks = Clocks()
    watch = health.ClockWatch(lambda: clocks.wall, lambda: clocks.steady)
    clocks.pass_time(3.0)
    found = watch.look(1.0)
    assert found.level is Level.WARN
    assert "2.0 s late" in found.message


def test_the_robot_state_is_stale_when_a_topic_falls_silent():
    found = health.of_robot_state({"pose": (0.2, 10.0), "battery": (61.0, 60.0)})
    assert found.level is Level.STALE
    assert found.message == "no news of battery (61 s, unknown after 60 s)"
    assert found.values == {"battery": "61.0 s ago", "pose": "0.2 s ago"}


def test_a_value_without_a_limit_is_never_stale_and_a_missing_one_is_named():
    found = health.of_robot_state({"map": (9000.0, 0.0), "battery": (None, 60.0)})
    assert (found.level, found.message) == (Level.OK, "never heard of battery")
    assert health.of_robot_state({"map": (1.0, 5.0)}).message == "fresh"
