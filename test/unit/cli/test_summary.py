"""The table at the end of a run."""

import io
import json

from rich.console import Console

from execution_orchestrator.action import ExecuteCommand
from execution_orchestrator.cli.view.summary import summary
from execution_orchestrator.msg import (
    ActionState,
    ActionStatus,
    ExecutionStatus,
    PlanAnalysis,
    PlanGroup,
    RecoveryEvent,
)


def drawn(status, *, recoveries=(), **context):
    action = ActionState(action_id="go", attempt=1)
    action.status.value = status
    action.error.type, action.error.message = "NAVIGATION", "no <b>path</b>"
    action.error.context = json.dumps(context) if context else ""
    result = ExecuteCommand.Result(execution_id="e", actions=[action])
    result.status.value = ExecutionStatus.FAILED
    console = Console(width=100, file=io.StringIO())
    console.print(summary(result, recoveries))
    return console.file.getvalue()


def test_what_the_servers_said_stands_below_the_table():
    text = drawn(ActionStatus.FAILED, said=["planner_server: [empty] map", "bt_navigator: failed"])
    assert "What the servers said:" in text
    assert "go: planner_server: [empty] map" in text
    assert "go: bt_navigator: failed" in text


def test_nothing_is_said_of_what_went_well_in_the_end_or_had_no_words():
    assert "What the servers said" not in drawn(ActionStatus.SUCCEEDED, said=["a: b"])
    assert "What the servers said" not in drawn(ActionStatus.FAILED)
    assert "What the servers said" not in drawn(ActionStatus.FAILED, step="lift")


def test_that_no_strategy_was_left_is_no_strategy():
    run = {"execution_id": "e", "action_id": "go"}
    recoveries = [
        RecoveryEvent(**run, strategy="retry", outcome="RETRY"),
        RecoveryEvent(**run, outcome="ABORT", reason="no strategy is left"),
    ]
    assert "retry; no <b>path</b>" in drawn(ActionStatus.FAILED, recoveries=recoveries)


def test_what_a_success_is_to_be_asked_about_stands_beside_it():
    action = ActionState(action_id="dock", attempt=1, reason="done, although it aborted the goal")
    action.status.value = ActionStatus.SUCCEEDED
    console = Console(width=100, file=io.StringIO())
    console.print(summary(ExecuteCommand.Result(execution_id="e", actions=[action]), ()))
    assert "done, although it aborted the goal" in console.file.getvalue()


def test_a_dry_run_shows_what_is_inside_of_a_condition():
    lines = [[0, "go", "go: navigate_to"], [0, "if", "if go saw something"], [1, "pick", "pick"]]
    groups = [
        PlanGroup(action_ids=["go"], start=0.0),
        PlanGroup(index=1, action_ids=["if"], start=15.0),
    ]
    result = ExecuteCommand.Result(
        output=json.dumps({"outline": lines}),
        analysis=PlanAnalysis(groups=groups),
        message="dry run: the plan is valid",
    )
    console = Console(width=100, file=io.StringIO())
    console.print(summary(result, ()))
    assert [line.rstrip() for line in console.file.getvalue().splitlines()] == [
        "   0.0 s  go: navigate_to",
        "  15.0 s  if go saw something",
        "            pick",
        "dry run: the plan is valid",
    ]
