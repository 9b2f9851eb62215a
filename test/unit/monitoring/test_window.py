import pytest
from hypothesis import given
from hypothesis import strategies as st

from execution_orchestrator.engine import events as ev
from execution_orchestrator.monitoring.alerts import AlertCondition, AlertMonitor
from execution_orchestrator.monitoring.metrics.window import (
    Window,
    capability_figures,
    resource_figures,
)
from execution_orchestrator.observation import (
    ActionRecord,
    AttemptRecord,
    ExecutionRecord,
    LeaseRecord,
)
from execution_orchestrator.storage.journal import JournalEntry
from test.unit.monitoring.test_live import errand
from test.unit.monitoring.watched import Watched


def attempts(*items, estimate=0.0, rate=0.0):
    action = ActionRecord(
        "a",
        "navigate_to",
        estimated_duration=estimate,
        cost_rate=rate,
        attempts=[
            AttemptRecord(i + 1, start, None, end, outcome, error)
            for i, (start, end, outcome, error) in enumerate(items)
        ],
    )
    return ExecutionRecord("e", accepted=0.0, ended=1000.0, actions={"a": action})


def test_attempts_that_ended_in_the_window_count():
    record = attempts(
        (0, 5, "succeeded", ""),
        (10, 14, "aborted", "NAVIGATION"),
        (20, 22, "cancelled", ""),
        (30, 36, "succeeded", ""),
        (90, 110, "succeeded", ""),
        estimate=3.0,
        rate=2.0,
    )
    figures = capability_figures([record], Window(6.0, 100.0))["navigate_to"]
    assert figures.count == 3
    assert (figures.success_rate, figures.error_rate) == pytest.approx((1 / 3, 1 / 3))
    assert (figures.duration_min, figures.duration_mean, figures.duration_max) == (2.0, 4.0, 6.0)
    assert figures.estimate_ratio == 2.0
    assert figures.cost == 24.0
    assert figures.errors_by_type == {"NAVIGATION": 1}


def test_a_resource_counts_only_within_the_window():
    record = ExecutionRecord(
        "e",
        accepted=0.0,
        ended=100.0,
        actions={"a": ActionRecord("a", "look", ready=5.0)},
        leases={"l": LeaseRecord("l", "camera", "a", 1.0, 20.0, 40.0, rate=0.5, wanted=5.0)},
    )
    figures = resource_figures([record], Window(10.0, 30.0), {"camera": 2.0, "arm": 1.0})
    assert figures["camera"].held == 10.0
    assert figures["camera"].utilisation == 0.25
    assert figures["camera"].waiting_time == 10.0
    assert figures["camera"].cost == 5.0
    assert figures["arm"].uses == 0


@given(
    st.lists(st.tuples(st.floats(0, 100), st.floats(0, 30)), max_size=10),
    st.floats(0, 100),
)
def test_two_windows_side_by_side_hold_what_one_over_both_does(pairs, cut):
    record = attempts(*((start, start + took, "succeeded", "") for start, took in pairs))
    record.leases = {
        str(i): LeaseRecord(str(i), "base", "a", 1.0, start, start + took)
        for i, (start, took) in enumerate(pairs)
    }
    whole, left, right = Window(0.0, 150.0), Window(0.0, cut), Window(cut, 150.0)

    def count(window):
        found = capability_figures([record], window).get("navigate_to")
        return found.count if found else 0

    def held(window):
        return resource_figures([record], window, {"base": 1.0})["base"].held

    assert count(left) + count(right) == count(whole) == len(pairs)
    assert held(left) + held(right) == pytest.approx(held(whole))


def test_an_alert_can_watch_a_capability_and_a_resource():
    conditions = [
        AlertCondition(alert_id="nav", metric="capability.navigate_to.error_rate", comparison="gte", threshold=0.5),
        AlertCondition(alert_id="base", metric="resource.base.utilisation", comparison="gt", threshold=0.0),
    ]  # fmt: skip
    monitor = Watched(AlertMonitor(conditions), capacities={"base": 1.0}, now=lambda: 110.0)
    monitor.on_events(errand())
    raised = monitor.check_alerts()
    assert {(c.condition.alert_id, c.value) for c in raised} == {("nav", 0.5), ("base", 7.0 / 3600)}


def test_costs_of_resources_are_those_of_the_lease():
    lease = ev.Lease(lease_id="l", resource="base", type="mobile_base", rate=0.25)
    entries = errand()
    entries[3] = JournalEntry(
        4, ev.ResourceAllocated(time=100.0, execution_id="e1", key="go", leases=(lease,))
    )
    entries[10] = JournalEntry(
        11, ev.ResourceReleased(time=107.0, execution_id="e1", key="go", lease_ids=("l",))
    )
    monitor = Watched(now=lambda: 200.0)
    monitor.on_events(entries)
    assert monitor.figures("e1").total_cost == 7 * 0.25
    assert monitor.figures("e1").resource_uses[0].resource_type == "mobile_base"
