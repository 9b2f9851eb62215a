"""What one step costs does not depend on how many executions there are."""

import gc
import sys

from execution_orchestrator.engine import events as e
from execution_orchestrator.engine import inputs as s
from test.unit.engine.driving import Rig, action

OTHERS = 100


def lines_of_a_result(rig):
    """Return how many lines of Python are executed until what follows a result is decided."""
    goal_id = rig.goal("first")
    rig.feed(s.GoalAccepted(goal_id=goal_id))
    count = 0

    def traced(_frame, event, _argument):
        nonlocal count
        count += event == "line"
        return traced

    before = sys.gettrace()
    # Otherwise the finalizers of what other tests left would be counted.
    gc.disable()
    sys.settrace(traced)
    try:
        rig.feed(s.GoalSucceeded(goal_id=goal_id, output={}))
    finally:
        sys.settrace(before)
        gc.enable()
    assert rig.sent[-1] == "next"
    return count


def one_that_runs():
    rig = Rig(
        max_running_executions=OTHERS + 1,
        max_concurrent_actions=OTHERS + 1,
        max_waiting_for_start=OTHERS,
        queue_capacity=OTHERS,
    )
    rig.submit("watched", action("first"), action("next", "first"))
    return rig


def test_a_result_among_executions_that_run():
    rig = one_that_runs()
    for number in range(OTHERS):
        rig.submit(f"e{number}", action("a"), action("b", "a"))
    assert lines_of_a_result(rig) == lines_of_a_result(one_that_runs())


def test_a_result_among_executions_that_may_not_begin():
    rig = one_that_runs()
    for number in range(OTHERS // 2):
        rig.submit(f"later{number}", action("a"), start=rig.now + 1e6)
        held = s.SubmitOptions(start_paused=True)
        rig.submit(f"held{number}", action("a"), options=held)
    assert lines_of_a_result(rig) == lines_of_a_result(one_that_runs())


def test_the_search_for_garbage_leaves_out_what_the_journal_keeps():
    """A run of 10,000 actions has 40,000 events, and each search would go through all of them."""
    rig = one_that_runs()
    lines_of_a_result(rig)
    kept = [event for event in rig.journal if type(event) is e.TaskCompleted]
    assert kept
    assert not any(gc.is_tracked(event) for event in kept)
