"""A checkpoint keeps what was done, except what was undone since, and what repairs a failure."""

from __future__ import annotations

from typing import Any

import pytest

from execution_orchestrator.engine import effects as fx
from execution_orchestrator.engine import events as e
from execution_orchestrator.engine import inputs as s
from execution_orchestrator.engine.recovery.policy import load_recovery_policy
from execution_orchestrator.engine.status import CancelCause, ExecutionStatus
from test.unit.engine.driving import Rig, action, plan

ROLLBACK = s.SubmitOptions(compensate_on_failure=True)
REPLANNING = load_recovery_policy({"tables": {"default": [{"strategies": ["replan"]}]}})
REPAIRING = load_recovery_policy({"tables": {"default": [{"strategies": ["recovery_plan"]}]}})


def checkpoint(rig: Rig) -> str:
    """Make a checkpoint now."""
    rig.feed(s.CheckpointRequested(execution_id="e"))
    return next(reversed(rig.execution().checkpoints))


def restore(rig: Rig, name: str) -> None:
    """Go back to a checkpoint; what runs is cancelled for it."""
    running = list(rig.machine.state.goals)
    rig.feed(s.RestoreCheckpoint(execution_id="e", checkpoint_id=name))
    for goal_id in running:
        rig.feed(s.GoalCancelled(goal_id=goal_id))


def group(name: str, *actions: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return a sequence."""
    return action(name, kind="sequence", actions=list(actions), **more)


LOADED = action("load", compensation=action("unload"))


@pytest.mark.parametrize(
    ("first", "undone_by"),
    [
        (LOADED, "unload"),
        (group("part", LOADED), "unload"),
        (group("part", action("load"), compensation=action("unload")), "unload"),
        (group("whole", group("part", action("load")), compensation=action("unload")), "unload"),
        (
            action("each", kind="foreach", items=[1], actions=[LOADED]),
            "each[0]/unload",
        ),
        (action("sub", kind="subplan", plan=plan(LOADED)), "sub/unload"),
    ],
    ids=["action", "in a sequence", "as a sequence", "as a whole", "in a loop", "in a subplan"],
)
def test_what_was_undone_is_done_again(first: dict[str, Any], undone_by: str) -> None:
    rig = Rig()
    rig.feed(
        s.Submit(execution_id="e", plan=plan(first, action("go", first["id"])), options=ROLLBACK)
    )
    load = rig.sent[0]
    rig.succeed(load)
    name = checkpoint(rig)
    rig.fail("go")
    rig.succeed(undone_by)
    assert rig.execution().status is ExecutionStatus.FAILED
    restore(rig, name)
    assert rig.sent == [load, "go", undone_by, load]
    rig.succeed(load)
    rig.restart()
    rig.succeed("go")
    assert rig.execution().status is ExecutionStatus.COMPLETED
    rig.check()


def test_a_recovery_plan_repairs_again() -> None:
    rig = Rig(recovery=REPAIRING)
    look = action("look", recovery="default", recovery_plan=[action("light")])
    rig.submit("e", look)
    rig.fail("look")
    rig.succeed("light")
    rig.wait(1.0)
    restore(rig, checkpoint(rig))
    rig.fail("look")
    rig.succeed("light")
    rig.wait(1.0)
    assert rig.sent == ["look", "light", "look"] * 2
    rig.check()


@pytest.mark.parametrize(
    "tries",
    [
        action(
            "try",
            kind="try",
            actions=[action("drive", on_failure="abort")],
            catch=[{"errors": [], "actions": [action("back"), action("beep", "back")]}],
        ),
        action("drive", fallback_action=group("instead", action("back"), action("beep", "back"))),
    ],
    ids=["catch", "fallback"],
)
def test_what_answers_a_failure_answers_the_next_one_too(tries: dict[str, Any]) -> None:
    fallback = load_recovery_policy({"tables": {"default": [{"strategies": ["fallback"]}]}})
    rig = Rig(recovery=fallback)
    rig.submit("e", tries | {"recovery": "default"})
    rig.fail("drive")
    rig.succeed("back")
    restore(rig, checkpoint(rig))
    rig.fail("drive")
    assert rig.sent == ["drive", "back", "beep", "drive", "back"]
    rig.check()


def test_a_compensation_of_several_steps_is_done_wholly_again() -> None:
    undo = group("undo", action("open"), action("put", "open"))
    rig = Rig()
    grasp = action("grasp", compensation=undo)
    rig.feed(s.Submit(execution_id="e", plan=plan(grasp, action("go", "grasp")), options=ROLLBACK))
    rig.succeed("grasp")
    rig.fail("go")
    rig.succeed("open")
    name = checkpoint(rig)
    rig.succeed("put")
    restore(rig, name)
    rig.succeed("grasp")
    rig.fail("go")
    assert rig.sent == ["grasp", "go", "open", "put", "grasp", "go", "open"]
    rig.check()


@pytest.mark.parametrize(
    "block",
    [
        group("part", action("approach"), action("grasp", "approach")),
        action(
            "each",
            kind="foreach",
            items=[1],
            actions=[action("approach"), action("grasp", "approach")],
        ),
        group("part", group("inner", action("approach")), action("grasp", "inner")),
    ],
    ids=["sequence", "loop", "nested"],
)
def test_a_block_that_is_tried_again_is_done_wholly_again(block: dict[str, Any]) -> None:
    rig = Rig()
    rig.submit("e", block | {"retry": {"max_attempts": 3, "initial_delay": 0.1, "jitter": 0.0}})
    approach = rig.sent[0]
    grasp = approach.replace("approach", "grasp")
    rig.succeed(approach)
    restore(rig, checkpoint(rig))
    rig.fail(grasp)
    rig.wait(1.0)
    rig.succeed(approach)
    rig.fail(grasp)
    rig.wait(1.0)
    assert rig.sent == [approach, grasp, grasp, approach, grasp, approach]
    rig.check()


def tidying(*body: dict[str, Any], after: tuple[dict[str, Any], ...]) -> dict[str, Any]:
    """Return a try with a finally."""
    return action("try", kind="try", actions=list(body), catch=[], **{"finally": list(after)})


def test_a_finally_tidies_up_again_what_was_done_again() -> None:
    rig = Rig()
    rig.submit("e", tidying(action("drill"), after=(action("off"), action("home", "off"))))
    rig.fail("drill")
    rig.succeed("off")
    name = checkpoint(rig)
    rig.fail("home")
    assert rig.execution().status is ExecutionStatus.FAILED
    restore(rig, name)
    rig.succeed("drill")
    assert rig.sent == ["drill", "off", "home", "drill", "off"]
    rig.succeed("off")
    rig.restart()
    rig.succeed("home")
    assert rig.execution().status is ExecutionStatus.COMPLETED
    rig.check()


def test_a_finally_goes_on_where_it_was_if_nothing_was_done_since() -> None:
    rig = Rig()
    rig.submit("e", tidying(action("drill"), after=(action("off"), action("home", "off"))))
    rig.succeed("drill")
    rig.succeed("off")
    name = checkpoint(rig)
    rig.fail("home")
    restore(rig, name)
    assert rig.sent == ["drill", "off", "home", "home"]


def test_another_plan_tidies_up_again_what_it_does_again() -> None:
    rig = Rig(recovery=REPLANNING)
    tried = tidying(
        action("drill", on_failure="abort"), after=(action("off"), action("home", "off"))
    )
    rig.feed(
        s.Submit(
            execution_id="e",
            plan=plan(tried, action("go", "try", recovery="default")),
            planning=s.PlanningReport(planner="llm"),
        )
    )
    rig.succeed("drill")
    rig.succeed("off")
    rig.succeed("home")
    rig.fail("go")
    asked = rig.of(fx.Replan)[0]
    other = tidying(
        action("drill", parameters={"deep": 2}), after=(action("off"), action("home", "off"))
    )
    rig.feed(
        s.ReplanFinished(
            execution_id="e", run_id=asked.run_id, plan=plan(other, action("go", "try"))
        )
    )
    replanned = next(one for one in rig.journal if isinstance(one, e.ExecutionReplanned))
    assert replanned.kept == ()
    rig.succeed("drill")
    assert rig.sent[-1] == "off"


def ended_after(seconds: float, **more: Any) -> Rig:
    """Return a run of 60 s at most that failed after a time, and is taken back 1000 s later."""
    rig = Rig()
    rig.feed(s.Submit(execution_id="e", plan=plan(action("go"), timeout=60.0, **more)))
    name = checkpoint(rig)
    rig.wait(seconds)
    if rig.execution().cancel_cause:
        rig.feed(s.GoalCancelled(goal_id=rig.goal("go")))
    else:
        rig.fail("go")
    assert rig.execution().status is ExecutionStatus.FAILED
    rig.wait(1000.0)
    restore(rig, name)
    rig.restart()
    return rig


@pytest.mark.parametrize(
    ("seconds", "left", "more"),
    [(20.0, 40.0, {}), (61.0, 60.0, {}), (20.0, 60.0, {"deadline": "wall"})],
    ids=["what was left", "all again if none was left", "all again if it ran on"],
)
def test_an_ended_execution_that_is_taken_back_has_a_deadline(
    seconds: float, left: float, more: dict[str, Any]
) -> None:
    rig = ended_after(seconds, **more)
    rig.wait(left - 1.0)
    assert not rig.execution().cancel_cause
    rig.wait(2.0)
    assert rig.execution().cancel_cause is CancelCause.DEADLINE
    rig.check()


@pytest.mark.parametrize(("later", "limited"), [(100.0, True), (10_000.0, False)])
def test_a_moment_to_end_by_counts_again_if_it_is_to_come(later: float, limited: bool) -> None:
    rig = Rig()
    rig.feed(s.Submit(execution_id="e", plan=plan(action("go")), until=rig.now + 1000.0))
    name = checkpoint(rig)
    rig.fail("go")
    rig.now += later
    restore(rig, name)
    assert ("until:e/" in rig.timers) is limited
    rig.check()


def test_what_ended_is_not_taken_back_beside_as_many_as_may_run() -> None:
    rig = Rig(max_running_executions=1)
    rig.submit("e", action("go"))
    checkpoint(rig)
    rig.succeed("go")
    rig.submit("other", action("walk"))
    back = s.RestoreCheckpoint(execution_id="e")
    assert "max_running_executions is 1" in rig.feed(back).refusal
    assert rig.execution().is_final
    rig.succeed("walk")
    assert not rig.feed(back).refusal
    assert not rig.execution().is_final


@pytest.mark.parametrize("waits_for", ["a resume", "a place"])
def test_what_has_not_begun_does_not_begin_by_going_back(waits_for: str) -> None:
    rig = Rig(max_running_executions=1)
    if waits_for == "a place":
        rig.submit("first", action("f"))
    rig.submit("e", action("a"), options=s.SubmitOptions(start_paused=waits_for == "a resume"))
    name = checkpoint(rig)
    step = rig.feed(s.RestoreCheckpoint(execution_id="e", checkpoint_id=name))
    assert "has not begun" in step.refusal
    assert not any(isinstance(effect, fx.Dispatch) for effect in step.effects)
    assert not rig.execution().started
