import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from execution_orchestrator.monitoring.alerts import AlertCondition, AlertMonitor
from execution_orchestrator.monitoring.alerts.monitor import MAX_CONDITIONS


def slow(**fields):
    base = {"alert_id": "slow", "metric": "total_duration", "comparison": "gt", "threshold": 10.0}
    return AlertCondition(**{**base, **fields})


def test_raised_once_cleared_once():
    monitor = AlertMonitor([slow()])
    assert monitor.update({"e": {"total_duration": 5.0}}, time=1.0) == []
    (raised,) = monitor.update({"e": {"total_duration": 11.0}}, time=2.0)
    assert (raised.active, raised.execution_id, raised.value) == (True, "e", 11.0)
    assert "total_duration = 11" in raised.message
    assert monitor.update({"e": {"total_duration": 12.0}}, time=3.0) == []
    (cleared,) = monitor.update({"e": {"total_duration": 9.0}}, time=4.0)
    assert not cleared.active
    assert monitor.active == ()


def test_it_has_to_hold_for_its_duration_without_a_gap():
    monitor = AlertMonitor([slow(duration=5.0)])
    above, below = {"e": {"total_duration": 11.0}}, {"e": {"total_duration": 1.0}}
    assert monitor.update(above, time=0.0) == []
    assert monitor.update(below, time=3.0) == []
    assert monitor.update(above, time=4.0) == []
    assert monitor.update(above, time=8.9) == []
    assert [change.active for change in monitor.update(above, time=9.0)] == [True]


def test_an_execution_that_is_gone_leaves_no_alarm():
    monitor = AlertMonitor([slow()])
    monitor.update({"e": {"total_duration": 11.0}}, time=0.0)
    assert [change.active for change in monitor.update({}, time=1.0)] == [False]


def test_one_condition_watches_every_execution_and_a_bound_one_only_its_own():
    monitor = AlertMonitor([slow(), slow(alert_id="mine", execution_id="b")])
    figures = {"a": {"total_duration": 11.0}, "b": {"total_duration": 12.0}}
    changes = monitor.update(figures, time=0.0)
    assert {(c.condition.alert_id, c.execution_id) for c in changes} == {
        ("slow", "a"),
        ("slow", "b"),
        ("mine", "b"),
    }


def test_replacing_or_removing_a_condition_clears_what_it_raised():
    monitor = AlertMonitor([slow()])
    monitor.update({"e": {"total_duration": 11.0}}, time=0.0)
    assert [c.active for c in monitor.set(slow(threshold=100.0), time=1.0)] == [False]
    monitor.update({"e": {"total_duration": 101.0}}, time=2.0)
    assert [c.active for c in monitor.remove("slow", time=3.0)] == [False]
    assert "slow" not in monitor


def test_conditions_are_bounded():
    monitor = AlertMonitor([slow(alert_id=str(i)) for i in range(MAX_CONDITIONS)])
    with pytest.raises(ValueError, match="remove one first"):
        monitor.set(slow(alert_id="more"), time=0.0)


@pytest.mark.parametrize(
    "wrong",
    [{"comparison": "above"}, {"threshold": float("nan")}, {"duration": -1.0}, {"alert_id": ""}],
)
def test_a_wrong_condition_is_refused(wrong):
    with pytest.raises(ValidationError):
        slow(**wrong)


@given(st.lists(st.floats(0, 20), max_size=40))
def test_raised_and_cleared_alternate(values):
    monitor = AlertMonitor([slow(duration=2.0)])
    changes = []
    for time, value in enumerate(values):
        changes += monitor.update({"e": {"total_duration": value}}, time=float(time))
    assert [change.active for change in changes] == [i % 2 == 0 for i in range(len(changes))]
