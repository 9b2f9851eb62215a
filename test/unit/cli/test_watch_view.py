"""The picture of `watch` on small and large terminals."""

import io

import pytest
from rich.console import Console

from execution_orchestrator.cli.view.frame import live_view
from execution_orchestrator.engine.status import ACTION_NUMBERS, EXECUTION_NUMBERS
from execution_orchestrator.msg import (
    ActionState,
    Alert,
    ExecutionState,
    OrchestratorState,
    ServerState,
)


def action(name, status="PENDING", **fields):
    made = ActionState(action_id=name, action_type="navigate_to", estimated_duration=8.0, **fields)
    made.status.value = ACTION_NUMBERS[status]
    return made


def state(*actions, status="EXECUTING"):
    execution = ExecutionState(execution_id="e1", command="bring me the cup", actions=list(actions))
    execution.status.value = EXECUTION_NUMBERS[status]
    execution.progress.percentage = 40.0
    return OrchestratorState(executions=[execution])


def drawn(shown, width, height):
    console = Console(width=width, height=height, file=io.StringIO(), color_system=None)
    console.print(live_view(shown, [], chosen="e1", size=(width, height)))
    return console.file.getvalue().splitlines()


def errand():
    failed = action("go", "RECOVERING", attempt=2, duration=3.0, reason="clears the costmaps")
    failed.error.code, failed.error.message = "NO_VALID_PATH", "the door is closed, and " * 8
    return state(
        action("announce", "SUCCEEDED", attempt=1, duration=1.2),
        failed,
        action("look", reason="waits for go"),
        action("pick"),
        action("loop[0]/wave"),
    )


def test_a_large_terminal_shows_the_plan_with_what_comes_next_and_why():
    text = "\n".join(drawn(errand(), 160, 50))
    assert "plan of bring me the cup" in text
    for words in (
        "✓ announce",
        "↻ go (2)",
        "· look",
        "waits for go",
        "3.0 s of 8.0 s",
        "about 8.0 s",
    ):
        assert words in text, words
    assert "last errors" in text
    assert text.count("the door is closed") >= 8  # in full, not cut off
    assert "· loop[0]/wave" in text


def test_a_small_terminal_shows_what_runs_only():
    lines = drawn(errand(), 80, 24)
    assert len(lines) <= 24
    assert "plan of" not in "\n".join(lines)


@pytest.mark.parametrize("running", [0, 1, 50, 198, 199])
def test_of_a_long_plan_what_runs_and_comes_next_is_shown(running):
    actions = [
        action(f"a{n}", "SUCCEEDED" if n < running else "RUNNING" if n == running else "PENDING")
        for n in range(200)
    ]
    lines = drawn(state(*actions), 160, 50)
    text = "\n".join(lines)
    assert len(lines) <= 48  # header and footer take two
    assert f"▶ a{running}" in text
    if running < 190:
        assert f"· a{running + 5}" in text


def test_a_server_that_is_not_there_is_named():
    shown = errand()
    shown.servers = [
        ServerState(name="/navigate_to_pose", available=True),
        ServerState(name="/arm", available=False, reason="died a moment ago"),
        ServerState(name="/dock", available=False),
    ]
    text = "\n".join(drawn(shown, 160, 50))
    assert "/arm: died a moment ago" in text
    assert "/dock" not in text  # nothing was heard of it: nobody has needed it
    assert "/navigate_to_pose" not in text


def many(count, ended=0):
    """Executions that ended, the newest ones, and those that run."""
    made = []
    for number in range(count):
        over = number < ended
        one = state(
            action("go", "RUNNING", attempt=2, phase="driving"),
            status="COMPLETED" if over else "EXECUTING",
        ).executions[0]
        one.execution_id = f"e{number}"
        one.command = f"fetch number {number} from the shelf of the kitchen and come back"
        one.reason = "waits for the base, which another execution holds until it is done"
        made.append(one)
    return made


def shown_of(executions, alerts=(), *, chosen="", size=(80, 24)):
    console = Console(width=size[0], height=size[1], file=io.StringIO(), color_system=None)
    shown = OrchestratorState(executions=executions)
    console.print(live_view(shown, [], alerts, chosen=chosen, size=size))
    return console.file.getvalue()


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (160, 50)])
def test_what_keys_act_on_is_always_on_the_screen(size):
    text = shown_of(many(12), chosen="e11", size=size)
    assert "> fetch number 11" in text
    assert "and 6 more that have not ended" in text


def test_what_has_not_ended_comes_before_what_has():
    text = shown_of(many(9, ended=8))
    assert text.index("fetch number 8") < text.index("fetch number 0")
    assert "more that have not ended" not in text


def test_a_reason_has_the_whole_line_and_the_attempt_is_not_cut_off():
    text = shown_of(many(1))
    assert "waits for the base, which another execution holds until it is done" in text
    assert "attempt 2: driving" in text


def test_hours_are_not_read_as_a_time_of_day_and_fit():
    (one,) = many(1, ended=1)
    one.progress.elapsed = 60_169.0
    assert "took 16h 42m" in shown_of([one])


def test_the_worst_alerts_are_shown_and_the_others_counted():
    alerts = [
        Alert(alert_id=f"a{n}", active=True, severity=severity, message=f"condition {n}")
        for n, severity in enumerate((Alert.ERROR, *[Alert.WARNING] * 4))
    ]
    text = shown_of(many(1), alerts)
    assert "error   condition 0" in text
    assert "and 2 more alerts" in text
