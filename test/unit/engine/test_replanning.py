"""Another plan for an execution that cannot go on: what is kept, who is asked, how often."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from execution_orchestrator.engine import effects as fx
from execution_orchestrator.engine import events as e
from execution_orchestrator.engine import inputs as s
from execution_orchestrator.engine.recovery.policy import load_recovery_policy
from execution_orchestrator.engine.status import ExecutionStatus
from execution_orchestrator.plan.changes import PlanChange
from execution_orchestrator.plan.errors import ErrorInfo, ErrorType
from execution_orchestrator.planning.llm.prompt import replan_message
from execution_orchestrator.planning.ports import ReplanningRequest
from test.unit.engine.driving import Rig, action, plan


def replanning(**more: Any) -> Rig:
    """Return a rig in which failures of `nav` ask for another plan."""
    policy = load_recovery_policy({"tables": {"nav": [{"strategies": ["replan"]}]}})
    return Rig(recovery=policy, **more)


def nav(name: str, *after: str, **more: Any) -> dict[str, Any]:
    """Return an action whose failure asks for another plan."""
    return action(name, *after, recovery="nav", **more)


def other_plan(rig: Rig, *actions: dict[str, Any], **more: Any) -> None:
    """Let the planner answer; without actions it has no other plan."""
    wish = rig.of(fx.Replan)[0]
    rig.feed(
        s.ReplanFinished(
            execution_id="e", run_id=wish.run_id, plan=plan(*actions) if actions else None, **more
        )
    )


def test_another_plan_gets_to_know_what_happened_and_keeps_what_is_done() -> None:
    rig = replanning()
    target = {"parameters": {"to": "{{ actions.a.output.where }}"}}
    rig.submit("e", action("a"), nav("b", "a", **target), command="fetch it")
    rig.succeed("a", where="there")
    rig.fail("b")
    wish = rig.of(fx.Replan)[0]
    assert (wish.command, wish.error.code) == ("fetch it", "EXECUTION_X")
    assert {key: one["status"] for key, one in wish.history.items()} == {
        "a": "SUCCEEDED",
        "b": "FAILED",
    }
    (failure,) = wish.failures
    assert (failure.key, failure.parameters) == ("b", {"to": "there"})
    other_plan(rig, action("a"), action("c", "a", parameters={"x": "{{ actions.a.output.where }}"}))
    assert rig.sent == ["a", "b", "c"]
    assert rig.goals["c"].parameters == {"x": "there"}
    rig.succeed("c")
    assert rig.execution().status is ExecutionStatus.COMPLETED
    rig.check()


def test_another_plan_gets_to_know_what_is_left_of_what_was_partly_done() -> None:
    rig = replanning()
    more = {"parameters": {"distance": 1.0}, "resume": {"into": "distance", "how": "subtract"}}
    rig.submit("e", nav("a", **more))
    rig.feed(s.GoalAccepted(goal_id=rig.goal("a")))
    rig.feed(s.GoalProgress(goal_id=rig.goal("a"), reached=0.4))
    rig.fail("a")
    history = rig.of(fx.Replan)[0].history
    assert history["a"]["left"] == {"distance": 0.6}
    assert '"left":{"distance":0.6}' in replan_message(
        ReplanningRequest("ahead", {}, history, [])
    ).replace(" ", "")


def test_a_result_says_that_another_plan_took_over() -> None:
    rig = replanning()
    rig.submit("e", nav("a"))
    rig.fail("a")
    other_plan(rig, action("b"))
    rig.succeed("b")
    finished = next(one for one in rig.journal if isinstance(one, e.ExecutionFinished))
    assert finished.deviations == ("a: failed, another plan took over",)
    assert finished.reason == (
        "every other action did what the plan asked for; a: failed, another plan took over"
    )
    rig.check()


def test_a_plan_that_never_came_took_over_from_nothing() -> None:
    rig = replanning()
    rig.submit("e", nav("a"))
    rig.fail("a")
    other_plan(rig)
    finished = next(one for one in rig.journal if isinstance(one, e.ExecutionFinished))
    assert finished.status == ExecutionStatus.FAILED
    assert not finished.deviations
    rig.check()


def test_a_result_that_is_not_good_enough_leads_to_another_plan() -> None:
    rig = replanning()
    rig.submit("e", nav("look", postconditions=["actions.look.output.found > 0"]))
    rig.succeed("look", found=0)
    wish = rig.of(fx.Replan)[0]
    assert wish.error.code == "POSTCONDITION_FAILED"
    other_plan(rig, nav("elsewhere"))
    assert rig.sent == ["look", "elsewhere"]
    rig.check()


def test_every_shipped_table_ends_in_another_plan_where_one_can_help() -> None:
    text = (Path(__file__).parents[3] / "config" / "recovery.yaml").read_text(encoding="utf-8")
    shipped = load_recovery_policy(yaml.safe_load(text))
    error = ErrorInfo(type=ErrorType.EXECUTION, code="POSTCONDITION_FAILED", message="not enough")
    for table in shipped.tables:
        names = [entry.strategy for entry in shipped.strategies(table, error)]
        assert ("replan" in names) == (table != "speech"), table


def test_what_comes_after_something_new_is_done_again() -> None:
    rig = replanning()
    rig.submit("e", action("go"), action("look", "go"), nav("pick", "look"))
    rig.succeed("go")
    rig.succeed("look")
    rig.fail("pick")
    other_plan(rig, action("go"), action("elsewhere", "go"), action("look", "elsewhere"))
    rig.succeed("elsewhere")
    assert rig.sent[-2:] == ["elsewhere", "look"]
    rig.check()


def test_what_was_passed_over_does_not_make_what_follows_new() -> None:
    rig = replanning()
    actions = (
        action("a"),
        action("b", "a", condition="false"),
        action("c", "b"),
        nav("d", "c"),
    )
    rig.submit("e", *actions)
    rig.succeed("a")
    rig.succeed("c")
    rig.fail("d")
    other_plan(rig, *actions)
    assert rig.sent == ["a", "c", "d", "d"]
    rig.check()


def test_what_was_done_in_a_loop_is_kept_if_its_items_are_the_same() -> None:
    body = [nav("pick", parameters={"thing": "{{ item }}"})]
    for items, sent_again in (
        ("actions.look.output.found", "loop[1]/pick"),
        ("objects", "loop[0]/pick"),
    ):
        rig = replanning()
        rig.world["objects"] = ["x", "y"]
        loop = {**action("loop", "look", kind="foreach"), "items": items, "actions": body}
        rig.submit("e", action("look"), loop)
        rig.succeed("look", found=["x", "y"])
        rig.succeed("loop[0]/pick")
        rig.fail("loop[1]/pick")
        # Other limits do not make it another loop.
        other_plan(rig, action("look"), {**loop, "timeout": 99.0, "estimated_duration": 7.0})
        assert rig.sent[3:] == [sent_again]
        rig.check()


def test_a_person_is_asked_about_another_plan_of_low_confidence() -> None:
    for approve in (True, False):
        rig = replanning()
        rig.submit("e", nav("a"))
        rig.fail("a")
        report = s.PlanningReport(planner="llm", confidence=0.2, prompt_tokens=7)
        other_plan(rig, action("b"), confirm=True, planning=report)
        assert rig.sent == ["a"]
        assert rig.execution().status is ExecutionStatus.RECOVERING
        assert "PLAN_MADE" in rig.types()
        rig.restart()
        rig.check()
        assert rig.sent == ["a"]
        rig.feed(s.Confirm(execution_id="e", approve=approve))
        if approve:
            rig.succeed("b")
        status = ExecutionStatus.COMPLETED if approve else ExecutionStatus.CANCELLED
        assert rig.execution().status is status
        rig.check()


def test_a_crash_while_a_planner_thinks_asks_again_with_the_whole_time() -> None:
    rig = replanning(replan_timeout=60.0)
    rig.submit("e", nav("a"))
    rig.fail("a")
    first = rig.of(fx.Replan)[0]
    rig.now += 3600.0
    rig.restart()
    again = rig.of(fx.Replan)[0]
    assert again == first
    assert rig.execution().replans == 1
    rig.wait(59.0)
    other_plan_of = s.ReplanFinished(execution_id="e", run_id=again.run_id, plan=plan(action("b")))
    rig.feed(other_plan_of)
    rig.succeed("b")
    assert rig.execution().status is ExecutionStatus.COMPLETED
    rig.check()


def test_other_plans_are_bounded_and_their_failures_are_remembered() -> None:
    rig = replanning(max_replans=2)
    rig.submit("e", nav("a"))
    rig.fail("a")
    other_plan(rig, nav("b"))
    rig.fail("b")
    assert [one.key for one in rig.of(fx.Replan)[0].failures] == ["a", "b"]
    other_plan(rig, nav("c"))
    rig.fail("c")
    assert not rig.of(fx.Replan)
    assert rig.execution().status is ExecutionStatus.FAILED
    rig.check()


def test_a_cancelled_execution_lets_the_planner_go() -> None:
    rig = replanning()
    rig.submit("e", nav("a"))
    rig.fail("a")
    run_id = rig.of(fx.Replan)[0].run_id
    rig.feed(s.Cancel(execution_id="e"))
    assert [one.run_id for one in rig.of(fx.AbandonReplan)] == [run_id]
    assert rig.execution().status is ExecutionStatus.CANCELLED
    rig.feed(s.ReplanFinished(execution_id="e", run_id=run_id, plan=plan(action("b"))))
    assert rig.sent == ["a"]
    rig.check()


def test_without_another_plan_what_was_done_is_undone() -> None:
    rig = replanning()
    rig.submit("e", action("a", compensation=action("back")), nav("b", "a"))
    rig.succeed("a")
    rig.fail("b")
    other_plan(rig, reason="no other way")
    assert rig.sent == ["a", "b", "back"]
    rig.succeed("back")
    assert rig.execution().status is ExecutionStatus.FAILED
    rig.check()


def test_who_wrote_a_plan_is_not_asked_for_another_unless_the_planner_can() -> None:
    made = s.PlanningReport(planner="grammar")
    for written, planning, asked in ((True, None, True), (False, None, False), (False, made, True)):
        rig = replanning(replan_written_plans=written)
        rig.submit("e", nav("a"), planning=planning, options=s.SubmitOptions(planner="grammar"))
        rig.fail("a")
        wishes = rig.of(fx.Replan)
        assert bool(wishes) is asked
        if asked:
            assert wishes[0].planner == "grammar"
            assert wishes[0].made_by == (made.planner if planning else "")


def test_a_failure_the_plan_allows_for_does_not_call_for_another() -> None:
    rig = replanning()
    rig.submit("e", nav("a", on_failure="continue"))
    rig.fail("a")
    assert rig.execution().status is ExecutionStatus.PARTIALLY_COMPLETED


def test_another_plan_is_to_be_optimised_as_the_goal_asked_for_its_first() -> None:
    change = PlanChange(kind="estimates", action_ids=("b",), reason="the way is known now")
    rig = replanning()
    options = s.SubmitOptions(optimise="all")
    rig.submit("e", nav("a"), options=options)
    rig.fail("a")
    assert rig.of(fx.Replan)[0].optimise == "all"
    rig.restart()
    assert rig.of(fx.Replan)[0].optimise == "all"
    other_plan(rig, action("b"), changes=(change,))
    told = [event for event in rig.journal if isinstance(event, e.PlanOptimised)]
    assert [event.changes for event in told] == [(change,)]
    assert rig.sent == ["a", "b"]
    rig.check()


def test_what_was_done_and_then_half_done_again_is_kept_and_its_half_undone() -> None:
    rig = replanning()
    drive = nav("drive", compensation_of_partial=action("back"))
    tries = action(
        "tries",
        kind="sequence",
        actions=[drive, action("look", "drive")],
        retry={"max_attempts": 2, "initial_delay": 0.1, "jitter": 0.0},
    )
    rig.submit("e", tries)
    rig.succeed("drive")
    rig.fail("look")
    rig.wait(1.0)
    rig.fail("drive")  # the second round
    other_plan(rig, drive, action("c", "drive"))
    rig.fail("c")
    rig.restart()
    assert rig.sent == ["drive", "look", "drive", "c", "drive@1/back"]
    rig.succeed("drive@1/back")
    rig.check()
