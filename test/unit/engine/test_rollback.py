"""A rollback has an outcome of its own: the plan's error and those of compensations are not mixed."""

from __future__ import annotations

from typing import Any

import pytest

from execution_orchestrator.engine import events as e
from execution_orchestrator.engine import inputs as s
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
    assert rig.record().reason == "c failed: it broke; what was done was undone"
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
    assert rig.record().reason.startswith("c failed: it broke; the rollback is incomplete: b was")
    rig.check()


def test_a_rollback_that_is_stopped_names_what_was_not_begun() -> None:
    rig = failed()
    rig.feed(s.Cancel(execution_id="e"))
    rig.feed(s.GoalCancelled(goal_id=rig.goal("undo_b")))
    ended = outcome(rig)
    assert (list(ended.not_undone), ended.not_begun) == (["b"], ("a",))
    assert rig.execution().status is ExecutionStatus.FAILED or rig.execution().is_final
    rig.check()


BACK = action("back", kind="back_up", parameters={"distance": "{{ feedback.gone }}"})


def driving(**more: Any) -> Rig:
    """An execution that did a and drives b, half of which can be undone by what it told."""
    rig = Rig()
    rig.submit(
        "e",
        action("a", compensation=action("undo_a", kind="close")),
        action("b", "a", compensation=action("undo_b"), compensation_of_partial=BACK, **more),
    )
    rig.succeed("a")
    rig.feed(s.GoalAccepted(goal_id=rig.goal("b")))
    for gone in (0.1, 0.2, 0.35):
        rig.feed(s.GoalProgress(goal_id=rig.goal("b"), feedback={"gone": gone}))
        rig.now += 0.4
    return rig


def test_what_was_half_done_is_undone_first_by_what_it_told_last() -> None:
    rig = driving()
    rig.feed(s.GoalFailed(goal_id=rig.goal("b"), error=error()))
    assert rig.goals["back"].parameters == {"distance": 0.35}
    rig.restart()
    rig.succeed("back")
    rig.succeed("undo_a")
    started = next(one for one in rig.journal if isinstance(one, e.CompensationStarted))
    assert (started.keys, started.partial) == (("b", "a"), ("b",))
    assert rig.record().reason == "b failed: it broke; what was done was undone"
    assert "undo_b" not in rig.sent
    rig.check()


def test_feedback_is_in_the_journal_a_few_times_only() -> None:
    rig = driving()
    assert len([one for one in rig.journal if isinstance(one, e.TaskReached)]) == 1
    rig.restart()
    # What came since the last note is lost with the process, and nothing else.
    rig.feed(s.GoalFailed(goal_id=rig.goal("b"), error=error()))
    assert rig.goals["back"].parameters == {"distance": 0.1}


@pytest.mark.parametrize("confirmed", [True, False])
def test_a_cancelled_action_is_half_done(confirmed: bool) -> None:
    rig = driving()
    rig.feed(s.Cancel(execution_id="e", compensate=True, reason="enough"))
    if confirmed:
        rig.feed(s.GoalCancelled(goal_id=rig.goal("b")))
    else:
        rig.wait(60.0)
    assert rig.goals["back"].parameters == {"distance": 0.35}
    rig.succeed("back")
    rig.succeed("undo_a")
    assert rig.execution().status is ExecutionStatus.CANCELLED
    # What its server still does after that is not undone.
    assert list(outcome(rig).not_undone) == ([] if confirmed else ["b"])
    rig.check()


@pytest.mark.parametrize("why", ["rejected", "precondition", "never seen"])
def test_what_never_began_is_not_half_done(why: str) -> None:
    rig = Rig(lost_redispatches=0)
    more: dict[str, Any] = {"compensation_of_partial": BACK}
    if why == "precondition":
        more["preconditions"] = ["1 > 2"]
    rig.submit("e", action("b", **more))
    if why == "rejected":
        rig.feed(s.GoalRejected(goal_id=rig.goal("b"), reason="no"))
    elif why == "never seen":
        rig.feed(s.GoalLost(goal_id=rig.goal("b"), never_seen=True))
    assert rig.execution().status is ExecutionStatus.FAILED
    assert "back" not in rig.sent
    rig.check()


def test_how_it_failed_is_known_to_what_undoes_it() -> None:
    rig = Rig()
    undo = action("undo", parameters={"why": "{{ error.code }}", "told": "{{ size(feedback) }}"})
    rig.submit("e", action("b", compensation_of_partial=undo))
    rig.fail("b", "NAVIGATION")
    assert rig.goals["undo"].parameters == {"why": "NAVIGATION_X", "told": 0}
    rig.submit("f", action("b", compensation_of_partial=undo))
    rig.feed(s.GoalAccepted(goal_id=rig.goal("b")))
    rig.feed(s.Cancel(execution_id="f", compensate=True))
    rig.feed(s.GoalCancelled(goal_id=rig.goal("b")))
    assert rig.goals["undo"].parameters == {"why": "CANCELLED", "told": 0}


def test_a_failure_the_plan_allows_is_undone_when_something_else_fails() -> None:
    rig = Rig()
    undo = action("undo", kind="close")
    rig.submit(
        "e", action("b", on_failure="continue", compensation_of_partial=undo), action("c", "b")
    )
    rig.fail("b")
    assert "undo" not in rig.sent
    rig.fail("c")
    assert rig.sent[-1] == "undo"
    rig.succeed("undo")
    rig.check()


def test_a_block_that_was_left_half_way_is_undone_after_what_was_done_in_it() -> None:
    rig = Rig()
    inside = [action("a", compensation=action("undo_a")), action("b", "a")]
    block = action("all", kind="sequence", actions=inside, compensation_of_partial=action("tidy"))
    rig.submit("e", block)
    rig.succeed("a")
    rig.fail("b")
    # Last ended, first undone.
    assert rig.sent[-1] == "tidy"
    rig.succeed("tidy")
    assert rig.sent[-1] == "undo_a"
    rig.succeed("undo_a")
    rig.check()


def test_half_done_before_a_checkpoint_and_done_after_it_is_undone_once() -> None:
    rig = driving()
    rig.feed(s.CheckpointRequested(execution_id="e"))
    [checkpoint] = rig.execution().checkpoints
    rig.feed(s.RestoreCheckpoint(execution_id="e", checkpoint_id=checkpoint))
    rig.feed(s.GoalCancelled(goal_id=rig.goal("b")))
    rig.succeed("b")
    assert rig.execution().status is ExecutionStatus.COMPLETED
    assert "back" not in rig.sent
    rig.check()


def test_what_several_goals_reached_adds_up() -> None:
    rig = Rig()
    undo = action("undo", parameters={"distance": "{{ feedback.reached }}"})
    resume = {"from": "gone", "into": "distance", "how": "subtract"}
    more = {"parameters": {"distance": 1.0}, "resume": resume, "idempotent": True}
    retry = {"max_attempts": 2, "initial_delay": 0.1}
    rig.submit("e", action("b", retry=retry, compensation_of_partial=undo, **more))
    for gone in (0.5, 0.25):
        rig.feed(s.GoalAccepted(goal_id=rig.goal("b")))
        rig.feed(s.GoalProgress(goal_id=rig.goal("b"), reached=gone, feedback={"gone": gone}))
        rig.fail("b")
        rig.wait(1.0)
    assert rig.goals["undo"].parameters == {"distance": 0.75}
    rig.check()


def test_what_may_have_been_done_is_not_told_as_undone() -> None:
    """Its server did not confirm the cancel, and worked on to the end."""
    rig = Rig(cancel_timeout=3.0)
    undone = action("a", compensation=action("undo_a"))
    rig.submit("e", undone, action("b", "a", server="b", compensation=action("undo_b")))
    rig.succeed("a")
    rig.feed(s.GoalAccepted(goal_id=rig.goal("b")))
    late = rig.goal("b")
    rig.feed(s.Cancel(execution_id="e", compensate=True))
    rig.wait(3.1)
    rig.feed(s.GoalSucceeded(goal_id=late))
    rig.succeed("undo_a")
    assert list(outcome(rig).not_undone) == ["b"]
    assert "b was not undone: b did not confirm how it ended" in rig.record().reason
