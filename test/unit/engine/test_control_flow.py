"""Every control-flow kind, and what cancel and failure mean inside them."""

from __future__ import annotations

from typing import Any

import pytest

from execution_orchestrator.engine import stimuli as s
from execution_orchestrator.engine.status import ActionStatus, ExecutionStatus
from test.unit.engine.driving import Rig, action


def finished(rig: Rig) -> dict[str, Any]:
    """Reach every goal as it comes; returns the output of the execution."""
    while rig.machine.state.goals:
        goal_id, one = next(iter(rig.machine.state.goals.items()))
        rig.feed(s.GoalSucceeded(goal_id=goal_id, output={"of": one.key}))
    assert rig.execution().status is ExecutionStatus.COMPLETED
    rig.check()
    output: dict[str, Any] = rig.execution().output
    return output


@pytest.mark.parametrize(("flag", "chosen"), [(True, "yes"), (False, "no")])
def test_conditional(flag: bool, chosen: str) -> None:
    rig = Rig()
    choice = action("if", kind="conditional", then=[action("yes")], **{"else": [action("no")]})
    choice["if"] = "input.flag"
    rig.submit("e", choice, input={"flag": flag})
    assert rig.sent == [chosen]
    assert finished(rig) == {"if": {chosen: {"of": chosen}}}


def test_router_takes_the_first_case_that_holds_and_else_the_default() -> None:
    cases = [
        {"when": "input.n > 10", "actions": [action("big")]},
        {"when": "input.n > 5", "actions": [action("middle")]},
    ]
    for number, chosen in ((20, "big"), (7, "middle"), (1, "small")):
        rig = Rig()
        router = action("r", kind="router", cases=cases, default=[action("small")])
        rig.submit("e", router, input={"n": number})
        assert rig.sent == [chosen]
        finished(rig)


def test_foreach_in_order_has_item_and_index_and_collects_the_outputs() -> None:
    rig = Rig()
    body = action("do", parameters={"what": "{{ item.name }}", "n": "{{ index }}"})
    loop = action("loop", kind="foreach", items="input.list", actions=[body])
    rig.submit("e", loop, input={"list": [{"name": "a"}, {"name": "b"}]})
    assert rig.sent == ["loop[0]/do"]
    assert rig.goals["loop[0]/do"].parameters == {"what": "a", "n": 0}
    output = finished(rig)
    assert rig.goals["loop[1]/do"].parameters == {"what": "b", "n": 1}
    assert output == {"loop": [{"do": {"of": "loop[0]/do"}}, {"do": {"of": "loop[1]/do"}}]}


def test_foreach_side_by_side_keeps_to_its_bound() -> None:
    rig = Rig()
    loop = action(
        "l", kind="foreach", items=[1, 2, 3], mode="parallel", max_parallel=2, actions=[action("d")]
    )
    rig.submit("e", loop)
    assert rig.sent == ["l[0]/d", "l[1]/d"]
    rig.succeed("l[1]/d")
    assert rig.sent[-1] == "l[2]/d"
    finished(rig)


def test_parallel_keeps_to_its_bound() -> None:
    rig = Rig()
    children = [action("a"), action("b"), action("c")]
    rig.submit("e", action("p", kind="parallel", max_parallel=2, actions=children))
    assert rig.sent == ["a", "b"]
    rig.succeed("b")
    assert rig.sent == ["a", "b", "c"]
    finished(rig)


def attempt(**more: Any) -> dict[str, Any]:
    """Return a try with everything."""
    return action(
        "t",
        kind="try",
        actions=[action("risky")],
        catch=[
            {"errors": ["TIMEOUT"], "actions": [action("late")]},
            {
                "errors": [],
                "actions": [action("handle", parameters={"why": "{{ error.code }}"})],
            },
        ],
        **{"finally": [action("tidy")], **more},
    )


def test_try_continue_handles_the_error_and_always_tidies_up() -> None:
    rig = Rig()
    rig.submit("e", attempt(on_error="continue"), action("next", "t"))
    rig.fail("risky")
    assert rig.goals["handle"].parameters == {"why": "EXECUTION_X"}
    rig.succeed("handle")
    rig.succeed("tidy")
    assert rig.sent == ["risky", "handle", "tidy", "next"]
    finished(rig)


def test_try_propagate_hands_the_error_on_after_the_finally() -> None:
    rig = Rig()
    rig.submit("e", attempt(on_error="propagate"))
    rig.fail("risky", "TIMEOUT")
    rig.succeed("late")
    rig.succeed("tidy")
    assert rig.execution().status is ExecutionStatus.FAILED
    assert rig.execution().error is not None
    assert rig.execution().error.code == "TIMEOUT_X"


def test_finally_runs_when_the_execution_is_cancelled() -> None:
    rig = Rig()
    rig.submit("e", attempt(on_error="continue"))
    rig.feed(s.Cancel(execution_id="e"))
    rig.feed(s.GoalCancelled(goal_id=rig.goal("risky")))
    assert rig.sent == ["risky", "tidy"]
    rig.succeed("tidy")
    assert rig.execution().status is ExecutionStatus.CANCELLED
    rig.check()


def test_a_cancel_reaches_every_goal_of_nested_structures() -> None:
    rig = Rig()
    deep = action("p", kind="parallel", actions=[action("a"), attempt(), action("b")])
    loop = action("l", kind="foreach", items=[1], actions=[deep])
    rig.submit("e", action("s", kind="sequence", actions=[loop]))
    rig.feed(s.Cancel(execution_id="e"))
    cancelling = {key for key, one in rig.execution().actions.items() if one.intent == "cancel"}
    assert cancelling == {"l[0]/a", "l[0]/risky", "l[0]/b"}
    for key in ("l[0]/a", "l[0]/risky", "l[0]/b"):
        rig.feed(s.GoalCancelled(goal_id=rig.goal(key)))
    rig.succeed("l[0]/tidy")
    assert rig.execution().status is ExecutionStatus.CANCELLED


def test_a_failure_stops_what_runs_beside_it() -> None:
    rig = Rig()
    rig.submit("e", action("a"), action("b"), action("c", "b"))
    rig.fail("a", recoverable=False)
    assert rig.action("b").status is ActionStatus.CANCELING
    assert rig.action("c").status is ActionStatus.SKIPPED
    rig.feed(s.GoalCancelled(goal_id=rig.goal("b")))
    assert rig.execution().status is ExecutionStatus.FAILED
    assert rig.execution().reason == "a failed: it broke"


@pytest.mark.parametrize(
    ("mode", "status"),
    [("continue", ActionStatus.DISPATCHED), ("skip_dependents", ActionStatus.SKIPPED)],
)
def test_on_failure_decides_about_the_dependents(mode: str, status: ActionStatus) -> None:
    rig = Rig()
    rig.submit("e", action("a", on_failure=mode), action("b", "a"), action("c"))
    rig.fail("a", recoverable=False)
    assert rig.action("b").status is status
    for key in ("b", "c"):
        if rig.action(key).goal_id:
            rig.succeed(key)
    assert rig.execution().status is ExecutionStatus.PARTIALLY_COMPLETED


def test_subplan_has_its_own_input_and_gives_its_outputs() -> None:
    rig = Rig()
    inner = {"actions": [action("do", parameters={"x": "{{ input.x }}"})]}
    sub = action(
        "sub",
        kind="subplan",
        plan=inner,
        inputs={"x": "{{ input.start + 1 }}"},
        outputs={"y": "{{ actions.do.output.of }}"},
    )
    after = action("after", "sub", parameters={"got": "{{ actions.sub.output.y }}"})
    rig.submit("e", sub, after, input={"start": 1})
    assert rig.goals["sub/do"].parameters == {"x": 2}
    finished(rig)
    assert rig.goals["after"].parameters == {"got": "sub/do"}


def test_return_ends_the_plan_with_a_value_and_stops_the_rest() -> None:
    rig = Rig()
    ret = action("r", "a", kind="return", value={"sum": "{{ 40 + 2 }}"})
    rig.submit("e", action("a"), ret, action("never", "r"), action("beside"))
    rig.succeed("a")
    rig.feed(s.GoalCancelled(goal_id=rig.goal("beside")))
    assert rig.execution().status is ExecutionStatus.COMPLETED
    assert rig.execution().output == {"sum": 42}
    assert rig.action("never").status is ActionStatus.SKIPPED


def test_return_inside_a_subplan_ends_the_subplan_only() -> None:
    rig = Rig()
    inner = {"actions": [action("r", kind="return", value=7), action("never", "r")]}
    rig.submit("e", action("sub", kind="subplan", plan=inner), action("after", "sub"))
    assert rig.action("sub").output == 7
    assert rig.sent == ["after"]
    finished(rig)


def test_delay_and_wait_for() -> None:
    rig = Rig()
    wait = action("w", "d", kind="wait_for", until="robot.battery < 0.5", timeout=60.0)
    rig.submit("e", action("d", kind="delay", duration=3.0), wait, action("go", "w"))
    rig.wait(3.1)
    assert rig.action("w").reason == "waits until robot.battery < 0.5"
    rig.world = {"robot": {"battery": 0.3}, "objects": []}
    rig.feed(s.WorldChanged())
    assert rig.sent == ["go"]
    finished(rig)


def test_wait_for_times_out() -> None:
    rig = Rig()
    rig.submit("e", action("w", kind="wait_for", until="robot.battery < 0.5", timeout=4.0))
    rig.wait(4.1)
    assert rig.execution().status is ExecutionStatus.FAILED
    assert rig.action("w").error is not None
    assert rig.action("w").error.code == "ACTION_TIMEOUT"


def test_condition_skips_precondition_fails_postcondition_is_checked() -> None:
    rig = Rig()
    rig.submit(
        "e",
        action("skipped", condition="input.x == 2"),
        action("checked", "skipped", postconditions=["actions.checked.output.ok"]),
        input={"x": 1},
    )
    assert rig.action("skipped").status is ActionStatus.SKIPPED
    rig.succeed("checked", ok=False)
    assert rig.action("checked").error is not None
    assert rig.action("checked").error.code == "POSTCONDITION_FAILED"
    other = Rig()
    other.submit("e", action("a", preconditions=["robot.battery > 2.0"]))
    assert other.sent == []
    assert other.action("a").error is not None
    assert other.action("a").error.code == "PRECONDITION_FAILED"


def test_terminate_if_ends_the_plan_early_and_well() -> None:
    rig = Rig()
    rig.submit("e", action("a", terminate_if="actions.a.output.found"), action("b", "a"))
    rig.succeed("a", found=True)
    assert rig.execution().status is ExecutionStatus.COMPLETED
    assert rig.sent == ["a"]


def test_a_plan_whose_actions_wait_for_each_other_is_refused() -> None:
    rig = Rig()
    assert "wait for each other" in rig.submit("e", action("a", "b"), action("b", "a")).refusal


def test_an_empty_composite_is_done_at_once() -> None:
    rig = Rig()
    rig.submit("e", action("l", kind="foreach", items=[], actions=[action("x")]))
    assert rig.execution().status is ExecutionStatus.COMPLETED
