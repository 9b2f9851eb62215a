from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from execution_orchestrator.engine.events import TaskCompleted
from execution_orchestrator.monitoring.metrics import DurationStatistics, compute_figures
from execution_orchestrator.monitoring.metrics.intervals import total_length, union_length
from execution_orchestrator.monitoring.web.action_list import Window, actions_in
from execution_orchestrator.monitoring.web.picture import headline
from execution_orchestrator.observation import (
    ActionRecord,
    AttemptRecord,
    ExecutionRecord,
    LeaseRecord,
    RecoveryRecord,
    Replanning,
)
from execution_orchestrator.observation.fold import fold, record_of
from execution_orchestrator.plan.tree import PlanTree
from test.unit.monitoring.replanned import replanned

INTERVALS = st.lists(
    st.tuples(st.floats(0, 100), st.floats(0, 20)).map(lambda pair: (pair[0], pair[0] + pair[1]))
)


def attempt(number, start, end, outcome="succeeded", error_type=""):
    return AttemptRecord(number, start, start, end, outcome, error_type)


def action(key, *attempts, depends_on=(), status="SUCCEEDED", rate=0.0):
    return ActionRecord(
        key, "wait", depends_on=depends_on, status=status, cost_rate=rate, attempts=list(attempts)
    )


def record(*actions, **fields):
    return ExecutionRecord(
        "e", accepted=100.0, actions={item.key: item for item in actions}, **fields
    )


def test_two_actions_side_by_side_and_one_after_them():
    figures = compute_figures(
        record(
            action("a", attempt(1, 101, 105), rate=2.0),
            action("b", attempt(1, 101, 103)),
            action("c", attempt(1, 105, 108), depends_on=("a", "b")),
            ended=110.0,
        )
    )
    assert figures.total_duration == 10
    assert figures.effective_duration == 7
    assert figures.busy_time == 9
    assert figures.critical_path == ("a", "c")
    assert figures.parallel_efficiency == 1.0
    assert figures.total_cost == 8.0
    assert figures.throughput == pytest.approx(0.3)
    assert (figures.success_rate, figures.error_rate, figures.quality_score) == (1.0, 0.0, 1.0)


def test_a_retry_counts_as_an_error_and_lowers_the_quality_but_not_the_success():
    figures = compute_figures(
        record(
            action("a", attempt(1, 101, 102, "failed", "NAVIGATION"), attempt(2, 104, 106)),
            ended=106.0,
            recoveries=[RecoveryRecord("a", "clear_costmaps", 102.0, 104.0)],
        )
    )
    assert (figures.attempts, figures.retries, figures.recoveries) == (2, 1, 1)
    assert figures.error_rate == 0.5
    assert figures.success_rate == 1.0
    assert figures.errors_by_type == {"NAVIGATION": 1}
    assert figures.quality_score == pytest.approx(0.75 * 0.9)


def test_a_cancelled_attempt_is_no_error():
    figures = compute_figures(
        record(action("a", attempt(1, 101, 102, "cancelled"), status="CANCELLED"), ended=103.0)
    )
    assert figures.error_rate == 0.0
    assert figures.success_rate == 0.0


def test_a_resource_held_while_nothing_runs_is_inefficient_and_costs():
    lease = LeaseRecord("l", "arm", "a", 2.0, acquired=100.0, released=108.0, rate=0.5)
    figures = compute_figures(
        record(action("a", attempt(1, 102, 106)), ended=108.0, leases={"l": lease})
    )
    assert figures.resource_efficiency == 0.5
    assert figures.total_cost == 8.0
    (use,) = figures.resource_uses
    assert (use.duration, use.effective) == (8.0, 4.0)


def test_an_unfinished_execution_is_measured_up_to_now():
    running = record(action("a", AttemptRecord(1, 101.0), status="RUNNING"), pauses=[(103.0, None)])
    figures = compute_figures(running, now=105.0)
    assert (figures.total_duration, figures.effective_duration) == (5.0, 4.0)
    assert figures.paused_time == 2.0


def test_nothing_at_all_has_no_division_by_zero():
    figures = compute_figures(record())
    assert figures.throughput == 0.0
    assert figures.parallel_efficiency == 1.0


@given(INTERVALS)
def test_union_is_never_longer_than_the_sum_nor_than_the_span(intervals):
    union = union_length(intervals)
    assert union <= total_length(intervals) + 1e-9
    if intervals:
        span = max(end for _, end in intervals) - min(start for start, _ in intervals)
        assert union <= span + 1e-9
        assert union >= max(end - start for start, end in intervals) - 1e-9


@given(st.lists(st.floats(0, 1e6), min_size=1))
def test_percentiles_are_values_of_the_sample_in_order(durations):
    figures = DurationStatistics.of(durations)
    assert {figures.p50, figures.p90, figures.p99} <= set(durations)
    assert figures.minimum <= figures.p50 <= figures.p90 <= figures.p99 <= figures.maximum
    below = sum(1 for d in durations if d <= figures.p90)
    assert below >= 0.9 * len(durations)


def test_a_new_plan_tells_what_was_dropped_what_is_new_and_what_runs_again():
    record = record_of("e1", (entry.event for entry in replanned(100.0)))
    assert record.replannings == [Replanning(104.0, dropped=("b",), added=("d",))]
    assert {key: (one.status, one.plan) for key, one in record.actions.items()} == {
        "a": ("SUCCEEDED", 1), "b": ("DROPPED", 1), "c": ("PENDING", 1), "d": ("DISPATCHED", 2),
    }  # fmt: skip
    again = record.actions["c"]
    assert (again.depends_on, again.estimated_duration, len(again.attempts)) == (("d",), 4.0, 1)
    figures = compute_figures(record, now=105.0)
    assert (figures.replans, figures.success_rate) == (1, 1.0)


def test_what_runs_again_does_not_count_the_time_until_then():
    record = record_of("e1", (entry.event for entry in replanned(100.0)))
    took = {
        one["action_id"]: one["took"] for one in actions_in(record, Window(), 110.0, {})["rows"]
    }
    assert took == {"a": 2.0, "b": None, "c": 1.0, "d": 6.0}


def test_what_was_dropped_holds_no_progress_back():
    record = record_of("e1", (entry.event for entry in replanned(100.0)))
    for key in ("d", "c"):
        fold(record, TaskCompleted(time=106.0, execution_id="e1", key=key, attempt=1, output={}))
    assert headline(record, 106.0)["percentage"] == 100.0


LOOP = {
    "version": 1,
    "actions": [
        {
            "id": "rounds",
            "action_type": "foreach",
            "mode": "sequential",
            "actions": [{"id": "go", "action_type": "navigate_to", "depends_on": []}],
            "depends_on": [],
        }
    ],
}


def looped(mode, *spans):
    """A loop with an action for each span, and one action after it."""
    plan = {**LOOP, "actions": [{**LOOP["actions"][0], "mode": mode}]}
    rounds = [
        replace(action(f"rounds[{i}]/go", attempt(1, *span)), parent="rounds")
        for i, span in enumerate(spans)
    ]
    end = max(span[1] for span in spans)
    made = record(
        action("rounds"),
        *rounds,
        action("home", attempt(1, end, end + 1), depends_on=("rounds",)),
        ended=end + 1,
    )
    made.tree = PlanTree(plan)
    return compute_figures(made)


def test_rounds_of_a_loop_come_one_after_the_other_in_the_critical_path():
    figures = looped("sequential", (101, 103), (103, 106))
    assert figures.critical_path == ("rounds", "rounds[0]/go", "rounds[1]/go", "home")
    assert figures.parallel_efficiency == 1.0


def test_items_that_ran_side_by_side_are_not_added_up():
    figures = looped("parallel", (101, 103), (101, 106))
    assert figures.critical_path == ("rounds", "rounds[1]/go", "home")
    assert figures.parallel_efficiency == 1.0
    serialised = looped("parallel", (101, 103), (103, 106))  # they waited for one robot
    assert serialised.parallel_efficiency == pytest.approx(4 / 6)
