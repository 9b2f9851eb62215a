"""A rollback has an outcome of its own: the plan's error and those of compensations are not mixed."""

from __future__ import annotations

from execution_orchestrator.engine import events as e
from execution_orchestrator.engine import stimuli as s
from execution_orchestrator.engine.status import ExecutionStatus
from test.unit.engine.driving import Rig, action, error


def failed() -> Rig:
    """An execution that did a and b, which can be undone, and failed at c."""
    rig = Rig()
    rig.submit(
        "e",
        action("a", compensation=action("undo_a", kind="close")),
        action("b", "a", compensation=action("undo_b", kind="close")),
        action("c", "b"),
    )
    rig.succeed("a")
    rig.succeed("b")
    broken = error()
    rig.feed(s.GoalFailed(goal_id=rig.goal("c"), error=broken))
    return rig


def outcome(rig: Rig) -> e.RollbackEnded:
    return next(one for one in rig.journal if isinstance(one, e.RollbackEnded))


def test_a_complete_rollback_says_so() -> None:
    rig = failed()
    rig.succeed("undo_b")
    rig.succeed("undo_a")
    assert not outcome(rig).not_undone
    assert rig.execution().reason == "c failed: it broke; what was done was undone"
    rig.check()


def test_a_compensation_that_fails_has_its_own_error_and_leaves_that_of_the_plan_alone() -> None:
    rig = failed()
    rig.fail("undo_b", "MANIPULATION")
    rig.restart()
    rig.succeed("undo_a")
    assert {key: one.code for key, one in outcome(rig).not_undone.items()} == {
        "b": "MANIPULATION_X"
    }
    assert rig.execution().error.code == "EXECUTION_X"
    assert rig.execution().reason.startswith(
        "c failed: it broke; the rollback is incomplete: b was"
    )
    rig.check()


def test_a_rollback_that_is_stopped_names_what_was_not_begun() -> None:
    rig = failed()
    rig.feed(s.Cancel(execution_id="e"))
    rig.feed(s.GoalCancelled(goal_id=rig.goal("undo_b")))
    ended = outcome(rig)
    assert (list(ended.not_undone), ended.not_begun) == (["b"], ("a",))
    assert rig.execution().status is ExecutionStatus.FAILED or rig.execution().is_final
    rig.check()
