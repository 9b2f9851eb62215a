"""What happens is one line of the node's log each time, whatever events there are of it."""

import logging
from types import SimpleNamespace

from execution_orchestrator.engine import events as ev
from execution_orchestrator.engine.status import AttemptOutcome
from execution_orchestrator.monitoring.event_log import EventLog
from execution_orchestrator.plan.errors import ErrorInfo, ErrorType

ERROR = ErrorInfo(type=ErrorType.EXECUTION, code="GOAL_REJECTED", message="bt_navigator refused it")
AT = {"time": 1.0, "execution_id": "e1", "key": "go", "attempt": 1}
FAILED = ev.TaskAttemptFailed(**AT, outcome=AttemptOutcome.REJECTED, error=ERROR)


def recovers(strategy, outcome):
    return [
        ev.RecoveryInitiated(**AT, run_id="r", strategy=strategy, position=0, error=ERROR),
        ev.RecoveryFinished(**AT, run_id="r", strategy=strategy, outcome=outcome, reason="so"),
    ]


def lines(caplog, *events):
    caplog.set_level(logging.INFO, "execution_orchestrator.monitoring.event_log")
    write = EventLog(SimpleNamespace(correlation_id=lambda _: ""))
    write([SimpleNamespace(event=event) for event in events])
    return [record.getMessage().partition(" [")[0] for record in caplog.records]


def test_a_retry_is_the_attempt_and_when_it_comes_again(caplog):
    again = ev.TaskRetryScheduled(**AT, delay=0.5, reason="the action's own retry policy")
    assert lines(caplog, FAILED, *recovers("retry", "RETRY"), again) == [
        "attempt 1 of go rejected: bt_navigator refused it",
        "go is tried again in 0.50 s: the action's own retry policy",
    ]


def test_a_strategy_of_the_robot_is_told_when_it_begins(caplog):
    told = lines(caplog, *recovers("clear_costmaps", "NEXT"))
    assert [line.split(":")[0] for line in told] == [
        "go recovers with clear_costmaps",
        "clear_costmaps of go",
    ]


def test_a_failure_for_good_is_one_line(caplog):
    assert lines(
        caplog,
        FAILED,
        recovers("", "ABORT")[1],
        ev.TaskFailed(**AT, error=ERROR),
        ev.DeadLetterAdded(
            **AT, dead_letter_id="d", action_type="x", action={}, parameters={}, error=ERROR
        ),
        ev.BlockAborted(time=1.0, execution_id="e1", cause="failure", reason="go failed"),
    ) == ["go failed: bt_navigator refused it"]
