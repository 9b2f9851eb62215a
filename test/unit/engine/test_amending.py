"""Another plan for what has not begun: what runs runs on, and what has begun may not change."""

from __future__ import annotations

import pytest

from execution_orchestrator.engine import effects as fx
from execution_orchestrator.engine import inputs as s
from execution_orchestrator.engine.status import ActionStatus
from execution_orchestrator.engine.status import ExecutionStatus as Status
from test.unit.engine.driving import Rig, action, plan


@pytest.fixture
def rig():
    made = Rig(max_running_executions=1)
    yield made
    made.check()


def amend(rig, *actions, refused="", **more):
    step = rig.feed(s.AmendPlan(execution_id="e", plan=plan(*actions, **more)))
    if refused:
        assert refused in step.refusal
        assert step.events == []
    else:
        assert step.refusal == ""
        assert not [one for one in step.effects if isinstance(one, fx.CancelGoal)]
    return step


def test_what_runs_runs_on_and_all_after_it_is_new(rig):
    rig.submit("e", action("a"), action("b", "a"), action("c", "b"))
    amend(rig, action("a"), action("x", "a"), action("b", "x", parameters={"to": 3}))
    [event] = rig.journal[-1:]
    assert (event.added, event.changed, event.removed) == (("x",), ("b",), ("c",))
    rig.restart()
    rig.succeed("a")
    rig.succeed("x")
    assert rig.goals["b"].parameters == {"to": 3}
    rig.succeed("b")
    assert rig.sent == ["a", "x", "b"]
    assert rig.execution().status is Status.COMPLETED


def test_what_is_new_beside_what_runs_starts_at_once(rig):
    rig.submit("e", action("a"), action("b", "a"))
    amend(rig, action("a"), action("b", "a"), action("c"))
    assert rig.sent == ["a", "c"]


def test_whether_pauses_count_for_the_deadline_is_not_changed_in_a_pause(rig):
    rig.submit("e", action("a"), action("b", "a"))
    rig.feed(s.Pause(execution_id="e"))
    amend(rig, action("a"), action("b", "a"), deadline="wall", refused="resume the execution")
    rig.feed(s.Resume(execution_id="e"))
    amend(rig, action("a"), action("b", "a"), deadline="wall")
    assert rig.execution().program.deadline == "wall"


def test_the_rest_may_be_taken_away_altogether(rig):
    rig.submit("e", action("a"), action("b", "a"))
    amend(rig, action("a"))
    rig.succeed("a")
    assert rig.execution().status is Status.COMPLETED


@pytest.mark.parametrize(
    ("actions", "told"),
    [
        ((action("b"), action("c", "b")), "a has ended and is not in the new plan"),
        ((action("a"), action("c")), "b has begun and is not in the new plan"),
        ((action("a", parameters={"x": 1}), action("b", "a")), "a has ended and would change: par"),
        ((action("a"), action("b", "a", kind="rest")), "b has begun and would change: action_type"),
        (
            (action("a"), action("x", "a"), action("b", "x")),
            "b has begun and would come after x, which has not ended",
        ),
        ((action("a"), action("b", "a"), action("c", "b")), "the plan is the one that it has"),
        ((action("a"), action("b", "nobody")), "depends on nobody"),
    ],
)
def test_what_has_begun_may_not_change(rig, actions, told):
    rig.submit("e", action("a"), action("b", "a"), action("c", "b"))
    rig.succeed("a")
    amend(rig, *actions, refused=told)
    rig.succeed("b")
    rig.succeed("c")
    assert rig.execution().status is Status.COMPLETED


def test_estimates_and_descriptions_of_what_has_begun_do_not_matter(rig):
    rig.submit("e", action("a", estimated_duration=3.0, planned_start=0.0, condition=None))
    amend(rig, action("a", description="drive", estimated_duration=9.0), action("b", "a"))
    rig.succeed("a")
    assert rig.sent == ["a", "b"]


def test_inside_a_block_that_runs_the_rest_is_replaced_too(rig):
    def block(*inside):
        return action("s", kind="sequence", actions=list(inside))

    rig.submit("e", block(action("a"), action("b", "a")), action("z", "s"))
    amend(rig, block(action("a"), action("c", "a")), action("z", "s"))
    rig.succeed("a")
    rig.succeed("c")
    rig.succeed("z")
    assert rig.sent == ["a", "c", "z"]
    assert rig.execution().status is Status.COMPLETED


def test_the_branch_that_runs_may_change_and_the_decision_may_not(rig):
    def choice(condition, *inside):
        return action("s", kind="conditional", **{"if": condition, "then": list(inside)})

    rig.submit("e", choice("true", action("a"), action("b", "a")))
    amend(rig, choice("false", action("a"), action("c", "a")), refused="s has begun and would")
    amend(rig, choice("true", action("a"), action("c", "a")))
    rig.succeed("a")
    assert rig.sent == ["a", "c"]


def test_a_loop_that_has_begun_is_of_one_piece(rig):
    def loop(*inside):
        return action("l", kind="foreach", items=[1, 2], mode="sequential", actions=list(inside))

    rig.submit("e", loop(action("a")), action("z", "l"))
    amend(rig, loop(action("a"), action("b", "a")), action("z", "l"), refused="would change: act")
    amend(rig, loop(action("a")), action("y", "l"))
    rig.succeed("l[0]/a")
    rig.succeed("l[1]/a")
    assert rig.sent == ["l[0]/a", "l[1]/a", "y"]


def test_places_of_a_bounded_parallel_are_given_out_anew(rig):
    def side(*inside):
        return action("p", kind="parallel", max_parallel=2, actions=list(inside))

    rig.submit("e", side(action("a"), action("b"), action("c"), action("d")))
    assert rig.sent == ["a", "b"]
    amend(rig, side(action("a"), action("b"), action("d"), action("f")))
    assert rig.sent == ["a", "b"]
    rig.succeed("a")
    rig.succeed("b")
    assert rig.sent == ["a", "b", "d", "f"]
    rig.succeed("d")
    rig.succeed("f")
    assert rig.execution().status is Status.COMPLETED


def test_a_failure_before_keeps_back_what_comes_after_it(rig):
    rig.submit("e", action("a", on_failure="skip_dependents"), action("z"))
    rig.fail("a", recoverable=False)
    amend(rig, action("a", on_failure="skip_dependents"), action("z"), action("b", "a"))
    assert rig.action("b").status is ActionStatus.SKIPPED


def test_paused_it_is_amended_and_goes_on_with_that(rig):
    rig.submit("e", action("a"), action("b", "a"))
    rig.feed(s.Pause(execution_id="e"))
    rig.succeed("a")
    amend(rig, action("a"), action("c", "a"))
    assert rig.sent == ["a"]
    rig.feed(s.Resume(execution_id="e"))
    assert rig.sent == ["a", "c"]


def test_one_that_waits_for_its_turn_or_at_a_breakpoint_gets_any_plan(rig):
    rig.submit("first", action("f"))
    rig.submit("e", action("a"))
    amend(rig, action("x"), action("y", "x"))
    rig.succeed("f")
    assert rig.sent == ["f", "x"]
    rig.feed(s.SetBreakpoints(execution_id="e", keys=("y",)))
    rig.succeed("x")
    assert rig.execution().waiting_at_breakpoint
    amend(rig, action("x"), action("w", "x"))
    assert rig.sent == ["f", "x", "w"]
    assert not rig.execution().waiting_at_breakpoint


def test_who_is_being_stopped_or_planned_is_not_amended(rig):
    rig.feed(s.Request(execution_id="e", goal=s.RawGoal(command="think")))
    amend(rig, action("a"), refused="being made")
    rig.feed(s.Cancel(execution_id="e"))
    amend(rig, action("a"), refused="has ended")
    rig.submit("f", action("a"))
    rig.feed(s.Cancel(execution_id="f"))
    step = rig.feed(s.AmendPlan(execution_id="f", plan=plan(action("a"), action("b", "a"))))
    assert "being stopped" in step.refusal


def test_what_was_amended_is_undone_as_it_was_done(rig):
    undo = {"compensation": {"id": "undo_a", "action_type": "work"}}
    rig.submit("e", action("a", **undo), action("b", "a"))
    rig.succeed("a")
    amend(rig, action("a", **undo), action("b", "a"), action("c", "b"))
    rig.succeed("b")
    rig.fail("c", recoverable=False)
    assert rig.sent == ["a", "b", "c", "undo_a"]


def test_a_sequence_in_a_loop_that_has_begun_goes_on_as_it_was(rig):
    inside = action("s", kind="sequence", actions=[action("a"), action("b", "a")])
    loop = action("l", kind="foreach", items=[1], mode="sequential", actions=[inside])
    rig.submit("e", loop, action("z", "l"))
    waiting = rig.action("l[0]/b")
    amend(rig, loop, action("y", "l"))
    assert rig.action("l[0]/b") is waiting
    rig.succeed("l[0]/a")
    rig.succeed("l[0]/b")
    assert rig.sent == ["l[0]/a", "l[0]/b", "y"]


def test_what_was_done_before_a_checkpoint_came_back_is_shown_as_it_is_undone(rig):
    undoing = action("b", "a", compensation=action("undo_b"))
    rig.submit("e", action("a"), undoing, action("c", "b"))
    rig.feed(s.CheckpointRequested(execution_id="e"))
    for name in ("a", "b", "c"):
        rig.succeed(name)
    rig.feed(s.RestoreCheckpoint(execution_id="e"))
    amend(rig, action("a"))
    rig.feed(s.Cancel(execution_id="e", compensate=True))
    rig.feed(s.GoalCancelled(goal_id=rig.goal("a")))
    assert rig.sent[-1] == "undo_b"
    shown = rig.record().actions["undo_b"]
    assert (shown.parent, shown.block) == ("b", "compensation")
