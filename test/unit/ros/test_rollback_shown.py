"""What came of a rollback is the same on every display: topic, result, page, report, terminal."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from rich.console import Console

from execution_orchestrator.action import ExecuteCommand
from execution_orchestrator.cli.view.summary import summary
from execution_orchestrator.engine import inputs as s
from execution_orchestrator.monitoring.report.html import render_html
from execution_orchestrator.monitoring.web.picture import detail
from execution_orchestrator.msg import ActionState, Rollback
from execution_orchestrator.observation.record import plain
from execution_orchestrator.ros.interface.state_messages import execution_message, rollback_message
from test.unit.engine.driving import action
from test.unit.observation.observed import Observed


def rolling_back() -> Observed:
    """An execution that did a and b and half of c; the half is being undone."""
    rig = Observed()
    rig.submit(
        "e",
        action("a", compensation=action("undo_a")),
        action("b", "a", compensation=action("undo_b")),
        action("c", "b", compensation_of_partial=action("undo_c")),
    )
    for key in "ab":
        rig.succeed(key)
    rig.fail("c")
    return rig


def message(rig: Observed) -> Any:
    """The rollback on ~/state, which is also that of the result."""
    return execution_message(rig.shown(), rig.now).rollback


def page(rig: Observed) -> dict[str, tuple[str, str]]:
    lines = detail(rig.shown(), rig.now)["rollback"]
    return {line["action_id"]: (line["what"], line["why"]) for line in lines}


def terminal(rig: Observed) -> str:
    shown = [ActionState(action_id="a", attempt=1)]
    result = ExecuteCommand.Result(
        execution_id="e", rollback=rollback_message(rig.shown().rollback), actions=shown
    )
    console = Console(width=100, file=io.StringIO())
    console.print(summary(result, []))
    return console.file.getvalue()


def test_without_a_rollback_nothing_is_told() -> None:
    rig = Observed()
    rig.submit("e", action("a"))
    assert message(rig).state == Rollback.NONE
    rig.succeed("a")
    assert message(rig).state == Rollback.NONE
    assert page(rig) == {}
    assert "ndone" not in terminal(rig)
    assert "Rollback" not in render_html(rig.shown(), [])


def test_while_it_runs_it_is_told_what_is_still_to_come() -> None:
    rig = rolling_back()
    rig.succeed("undo_c")
    told = message(rig)
    assert (told.state, told.undone, told.not_begun) == (Rollback.RUNNING, ["c"], ["a"])
    assert page(rig) == {
        "c": ("half of it was undone", ""),
        "b": ("is being undone", ""),
        "a": ("to come", ""),
    }


def test_a_complete_one() -> None:
    rig = rolling_back()
    for key in ("undo_c", "undo_b", "undo_a"):
        rig.succeed(key)
    told = message(rig)
    assert (told.state, told.undone) == (Rollback.COMPLETE, ["c", "b", "a"])
    assert not told.not_undone
    assert "Undone: c, b, a" in terminal(rig)
    assert "Rollback: complete" in render_html(rig.shown(), [])


@pytest.mark.parametrize("restarted", [False, True])
def test_an_incomplete_one_names_every_action_with_its_own_error(restarted: bool) -> None:
    rig = rolling_back()
    rig.succeed("undo_c")
    if restarted:
        rig.restart()
    rig.fail("undo_b", "MANIPULATION")
    rig.feed(s.Cancel(execution_id="e"))
    rig.feed(s.GoalCancelled(goal_id=rig.goal("undo_a")))
    told = message(rig)
    assert (told.state, told.undone) == (Rollback.INCOMPLETE, ["c"])
    errors = {one.action_id: (one.type, one.code) for one in told.not_undone}
    assert errors == {
        "b": ("MANIPULATION", "MANIPULATION_X"),
        "a": ("CANCELLATION", "CANCELLED"),
    }
    assert page(rig)["b"] == ("not undone", "MANIPULATION_X: it broke")
    text = terminal(rig)
    assert "b was not undone: MANIPULATION_X: it broke" in text
    assert "undone: c" in text
    html = render_html(rig.shown(), [])
    assert "Rollback: incomplete" in html
    assert "MANIPULATION_X: it broke" in html
    assert json.loads(json.dumps(plain(rig.shown())))["rollback"]["not_undone"]["b"]["code"]


def test_what_was_stopped_before_it_began_is_named_too() -> None:
    rig = rolling_back()
    rig.feed(s.Cancel(execution_id="e"))
    rig.feed(s.GoalCancelled(goal_id=rig.goal("undo_c")))
    told = message(rig)
    assert (told.not_begun, [one.action_id for one in told.not_undone]) == (["b", "a"], ["c"])
    assert page(rig)["a"] == ("not begun", "")
    assert "not begun: b, a" in terminal(rig)


def test_a_restored_execution_has_no_rollback_any_more() -> None:
    rig = rolling_back()
    rig.feed(s.CheckpointRequested(execution_id="e"))
    for key in ("undo_c", "undo_b", "undo_a"):
        rig.succeed(key)
    rig.feed(s.RestoreCheckpoint(execution_id="e"))
    assert message(rig).state == Rollback.NONE
