"""A key may mean one thing in a plan and another in the next: displays show what the engine runs."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from execution_orchestrator.engine import effects as fx
from execution_orchestrator.engine import inputs as s
from execution_orchestrator.engine.apply import apply
from execution_orchestrator.engine.recovery.policy import load_recovery_policy
from execution_orchestrator.engine.state import OrchestratorState
from execution_orchestrator.engine.status import ActionStatus
from test.simulation.displays import Displays
from test.unit.engine.driving import action, plan
from test.unit.observation.observed import Observed

UNDO = action("undo", kind="put_back")
POLICY = load_recovery_policy({"tables": {"nav": [{"strategies": ["replan"]}]}})


def replanning(*actions: dict[str, Any]) -> Observed:
    """Return a rig that has done the first action and asks for another plan after the second."""
    rig = Observed(recovery=POLICY)
    rig.submit("e", *actions)
    rig.succeed("a")
    rig.fail("b")
    return rig


def other_plan(rig: Observed, *actions: dict[str, Any], confirm: bool = False) -> None:
    """Answer with another plan."""
    run_id = rig.of(fx.Replan)[0].run_id
    made = plan(*actions)
    rig.feed(s.ReplanFinished(execution_id="e", run_id=run_id, plan=made, confirm=confirm))


def displays_agree(rig: Observed) -> None:
    """Check every event's display against the engine's state."""
    state, displays = OrchestratorState(), Displays(Counter())
    for event in rig.journal:
        apply(state, event)
        displays.look(state, event)
    displays.as_history(rig.journal)


OTHERWISE = action("undo_otherwise")


@pytest.mark.parametrize(
    ("kept", "taken", "undone_by"),
    [
        (action("a"), "undo", "a@1/undo"),
        (action("a"), "c", "a@1/undo"),
        (action("a", compensation=UNDO), "c", "undo"),
        (action("a", compensation=OTHERWISE), "undo", "undo_otherwise"),
        (action("a", compensation=OTHERWISE), "c", "undo_otherwise"),
    ],
)
def test_what_is_kept_is_undone_as_the_last_plan_with_a_compensation_says(
    kept: dict[str, Any], taken: str, undone_by: str
) -> None:
    rig = replanning(action("a", compensation=UNDO), action("b", "a", recovery="nav"))
    # What the new plan does under the name of the compensation is something else.
    other_plan(rig, kept, action(taken, "a"), action("d", taken))
    rig.succeed(taken)
    rig.fail("d")
    assert rig.sent[-1] == undone_by
    displays_agree(rig)
    rig.restart()
    rig.succeed(undone_by)
    displays_agree(rig)
    done = rig.action(taken)
    assert (done.status, done.node.action_type) == (ActionStatus.SUCCEEDED, "work")
    rollback = rig.shown().rollback
    assert rollback is not None
    assert rollback.undone == ["a"]
    rig.check()


def test_a_plan_that_nobody_agreed_to_does_not_say_how_to_undo() -> None:
    rig = replanning(action("a", compensation=UNDO), action("b", "a", recovery="nav"))
    other_plan(rig, action("a", compensation=OTHERWISE), action("undo", "a"), confirm=True)
    rig.feed(s.Cancel(execution_id="e", compensate=True))
    assert rig.sent == ["a", "b", "a@1/undo"]
    displays_agree(rig)
    rig.check()


def test_what_a_newer_plan_did_is_not_taken_for_the_undoing_of_an_earlier_one() -> None:
    both = action("both", kind="sequence", actions=[UNDO])
    rig = replanning(action("a", compensation=both), action("b", "a", recovery="nav"))
    other_plan(rig, action("a"), UNDO | {"depends_on": ["a"]}, action("c", "undo", recovery="nav"))
    rig.succeed("undo")
    rig.fail("c")
    other_plan(rig, action("a"), UNDO | {"depends_on": ["a"]}, action("d", "undo"))
    rig.fail("d")
    assert rig.sent == ["a", "b", "undo", "c", "d", "a@1/undo"]
    displays_agree(rig)
    rig.check()


def test_what_is_kept_is_shown_as_the_newer_plan_describes_it() -> None:
    rig = replanning(action("a"), action("b", "a", recovery="nav"))
    inside = action("group", kind="sequence", actions=[action("a", description="once more")])
    other_plan(rig, inside, action("c", "group"))
    shown = rig.shown_action("a")
    assert (shown.description, shown.parent, shown.status) == ("once more", "group", "SUCCEEDED")
    displays_agree(rig)
