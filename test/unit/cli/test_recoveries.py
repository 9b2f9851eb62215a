"""A recovery is one line in the terminal, from its beginning to what came of it."""

from rich.console import Console

from execution_orchestrator.cli.view.recoveries import (
    heard,
    recoveries_of,
    recovery_table,
    sentences,
)
from execution_orchestrator.msg import RecoveryEvent


def event(phase, strategy="alternative_grasp", outcome="", reason="", action="pick", run="e1"):
    made = RecoveryEvent(
        execution_id=run, action_id=action, strategy=strategy, outcome=outcome, reason=reason
    )
    made.phase = phase
    made.error.code = "MOVEIT_NO_IK_SOLUTION"
    return made


def outcomes(events):
    return [(one.action, one.strategy, one.outcome, one.helped) for one in recoveries_of(events)]


def test_the_beginning_and_the_end_are_one_line():
    begun = event(RecoveryEvent.STARTED)
    assert outcomes([begun]) == [("pick", "alternative_grasp", "", False)]
    ended = event(RecoveryEvent.SUCCEEDED, outcome="RETRY")
    assert outcomes([begun, ended]) == [("pick", "alternative_grasp", "tried again", True)]


def test_the_same_strategy_twice_is_two_lines_and_executions_are_kept_apart():
    one = [event(RecoveryEvent.STARTED), event(RecoveryEvent.FAILED, outcome="NEXT")]
    assert outcomes([*one, *one]) == [("pick", "alternative_grasp", "no help", False)] * 2
    mixed = [
        event(RecoveryEvent.STARTED),
        event(RecoveryEvent.STARTED, run="e2"),
        event(RecoveryEvent.SUCCEEDED, outcome="SKIP"),
    ]
    assert [outcome for _, _, outcome, _ in outcomes(mixed)] == ["skipped", ""]


def test_an_end_whose_beginning_nobody_heard_is_told_too():
    assert outcomes([event(RecoveryEvent.GAVE_UP, strategy="", outcome="ABORT")]) == [
        ("pick", "", "gave up", False)
    ]


def test_that_nothing_is_left_to_try_is_told_without_a_strategy():
    tried = [event(RecoveryEvent.STARTED, strategy="retry", reason="NO_IK: no way")]
    tried.append(event(RecoveryEvent.SUCCEEDED, strategy="retry", outcome="RETRY"))
    left = event(RecoveryEvent.GAVE_UP, strategy="", outcome="ABORT", reason="no strategy is left")
    assert [heard(one) for one in (*tried, left)] == [
        "retry started: NO_IK: no way",
        "retry succeeded RETRY",
        "gave up, no strategy is left",
    ]
    (sentence,) = sentences(recoveries_of([*tried, left]), {"pick": "failed"})
    assert sentence.endswith("retry: tried again; gave up, no strategy is left; in the end failed")


def test_eighty_columns_show_the_names_in_full():
    console = Console(width=80)
    with console.capture() as captured:
        console.print(
            recovery_table(recoveries_of([event(RecoveryEvent.STARTED, reason="the arm " * 20)]))
        )
    heading, line = captured.get().splitlines()
    for word in ("pick", "alternative_grasp", "under way", "MOVEIT_NO_IK_SOLUTION"):
        assert word in line
    assert "result" in heading
