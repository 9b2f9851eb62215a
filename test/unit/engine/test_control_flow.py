"""Every control-flow kind, and what cancel and failure mean inside them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from execution_orchestrator.capabilities.loading import load_robot
from execution_orchestrator.engine import inputs as s
from execution_orchestrator.engine import logic
from execution_orchestrator.engine.status import ActionStatus, ExecutionStatus
from execution_orchestrator.plan.capability import RobotModel
from execution_orchestrator.runtime.intake import Intake
from test.unit.engine.driving import Rig, action, plan


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
        **{
            "actions": [action("risky")],
            "catch": [
                {"errors": ["TIMEOUT"], "actions": [action("late")]},
                {
                    "errors": [],
                    "actions": [action("handle", parameters={"why": "{{ error.code }}"})],
                },
            ],
            "finally": [action("tidy")],
            **more,
        },
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


def test_a_caught_error_is_handled() -> None:
    rig = Rig()
    rig.submit("e", attempt(on_error="propagate"), action("next", "t"))
    rig.fail("risky", "TIMEOUT")
    rig.succeed("late")
    rig.succeed("tidy")
    assert rig.action("t").status is ActionStatus.SUCCEEDED
    assert rig.sent[-1] == "next"
    finished(rig)


def test_what_was_left_out_for_a_caught_error_is_handled_with_it() -> None:
    rig = Rig()
    block = action("b", kind="sequence", actions=[action("risky"), action("then", "risky")])
    caught = attempt(actions=[block, action("last", "b")], **{"finally": []})
    rig.submit("e", caught, action("next", "t"))
    rig.fail("risky")
    rig.succeed("handle")
    rig.succeed("next")
    assert rig.action("then").status is rig.action("last").status is ActionStatus.SKIPPED
    assert rig.execution().status is ExecutionStatus.COMPLETED
    rig.check()


def test_what_was_left_out_in_an_attempt_that_failed_is_forgotten_with_it() -> None:
    rig = Rig()
    retry = {"max_attempts": 2, "initial_delay": 1.0, "jitter": 0.0}
    inside = [action("one"), action("two", "one")]
    rig.submit("e", action("b", kind="sequence", retry=retry, actions=inside))
    rig.fail("one")
    rig.wait(1.1)
    rig.succeed("one")
    rig.succeed("two")
    assert rig.execution().status is ExecutionStatus.COMPLETED
    rig.check()


def test_an_execution_of_an_older_release_counts_what_was_left_out_as_it_did() -> None:
    rig = Rig()
    rig.submit("e", attempt(actions=[action("risky"), action("then", "risky")]))
    rig.execution().logic = frozenset()
    rig.fail("risky")
    rig.succeed("handle")
    rig.succeed("tidy")
    assert rig.execution().status is ExecutionStatus.PARTIALLY_COMPLETED


def test_a_catch_may_throw_the_error_again_after_the_finally() -> None:
    rig = Rig()
    catch = [{"errors": [], "actions": [action("note")], "rethrow": True}]
    rig.submit("e", attempt(catch=catch))
    rig.fail("risky", "TIMEOUT")
    rig.succeed("note")
    rig.succeed("tidy")
    assert rig.execution().status is ExecutionStatus.FAILED
    assert rig.execution().error is not None
    assert rig.execution().error.code == "TIMEOUT_X"
    rig.check()


@pytest.mark.parametrize("catch", [[], [{"errors": ["SENSOR"], "actions": [action("never")]}]])
@pytest.mark.parametrize("tidied", [True, False])
def test_on_error_continue_goes_on_after_an_error_nothing_caught(
    catch: list[dict[str, Any]], tidied: bool
) -> None:
    rig = Rig()
    more = {} if tidied else {"finally": []}
    rig.submit("e", attempt(on_error="continue", catch=catch, **more), action("next", "t"))
    rig.fail("risky")
    if tidied:
        rig.succeed("tidy")
    rig.succeed("next")
    assert rig.execution().status is ExecutionStatus.PARTIALLY_COMPLETED
    assert rig.record().reason == (
        "every other action did what the plan asked for; "
        "t: it went on after an error that nothing caught: it broke"
    )
    rig.check()


@pytest.mark.parametrize("tolerated", [False, True])
def test_a_finally_that_fails_while_the_plan_returns_fails_it(tolerated: bool) -> None:
    rig = Rig()
    tidy = [action("tidy", on_failure="continue" if tolerated else "abort")]
    inner = action("t", kind="try", actions=[action("r", kind="return", value=1)])
    around = action("b", kind="sequence", actions=[{**inner, "finally": tidy}])
    rig.submit("e", around, action("next", "b"))
    rig.fail("tidy")
    expected = ExecutionStatus.PARTIALLY_COMPLETED if tolerated else ExecutionStatus.FAILED
    assert rig.execution().status is expected
    assert rig.action("next").status is ActionStatus.SKIPPED
    assert rig.sent == ["tidy"]
    rig.check()


def test_what_a_block_did_again_is_undone_once_where_it_was_done_first() -> None:
    rig = Rig()
    undo = [action(f"un{name}") for name in "ab"]
    inside = [action("a", compensation=undo[0]), action("b", "a", compensation=undo[1])]
    retry = {"max_attempts": 2, "initial_delay": 0.0, "jitter": 0.0}
    rig.submit("e", action("s", kind="sequence", retry=retry, actions=[*inside, action("c", "b")]))
    for key in ("a", "b"):
        rig.succeed(key)
    rig.fail("c")
    rig.wait(1.0)
    rig.succeed("a")
    rig.fail("b")
    assert rig.sent[-1] == "unb"
    rig.succeed("unb")
    rig.succeed("una")
    assert rig.execution().status is ExecutionStatus.FAILED
    rig.check()


def test_an_error_in_the_finally_is_never_passed_over() -> None:
    rig = Rig()
    rig.submit("e", attempt(on_error="continue"))
    rig.fail("risky")
    rig.succeed("handle")
    rig.fail("tidy")
    assert rig.execution().status is ExecutionStatus.FAILED


@pytest.mark.parametrize("when_skipped", ["run", "skip"])
def test_dependents_of_a_skipped_action_run_or_are_left_out(when_skipped: str) -> None:
    rig = Rig()
    rig.submit(
        "e",
        action("pick", condition="false", when_skipped=when_skipped),
        action("drive", "pick"),
        action("give", "drive"),
        action("beside"),
    )
    rig.succeed("beside")
    if when_skipped == "run":
        rig.succeed("drive")
        rig.succeed("give")
    assert rig.execution().status is ExecutionStatus.PARTIALLY_COMPLETED
    if when_skipped == "run":
        return
    assert [rig.action(key).status for key in ("drive", "give")] == [ActionStatus.SKIPPED] * 2
    assert rig.record().actions["give"].reason == "drive was skipped"
    rig.check()


def test_foreach_parallel_without_a_bound_starts_all_items_at_once() -> None:
    rig = Rig()
    loop = action("l", kind="foreach", items=[1, 2, 3], mode="parallel", actions=[action("d")])
    rig.submit("e", loop)
    assert rig.sent == ["l[0]/d", "l[1]/d", "l[2]/d"]
    finished(rig)


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
    assert rig.record().reason == "a failed: it broke"


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
    assert rig.record().actions["w"].reason == "waits until robot.battery < 0.5"
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


def test_a_topic_that_has_not_spoken_is_waited_for() -> None:
    rig = Rig()
    rig.world = {"robot": {}, "objects": []}
    rig.submit("e", action("w", kind="wait_for", until="robot.door == 'open'"))
    assert rig.execution().status == "EXECUTING"
    assert "door is not known" in rig.record().actions["w"].reason
    rig.wait(5.0)
    assert rig.execution().status == "EXECUTING"
    rig.world = {"robot": {"door": "open"}, "objects": []}
    rig.feed(s.WorldChanged())
    assert rig.execution().status == "COMPLETED"
    rig.check()


def test_a_wait_for_what_cannot_be_decided_fails() -> None:
    rig = Rig()
    rig.submit("e", action("w", kind="wait_for", until="robot.battery > 'full'"))
    assert rig.execution().status == "FAILED"


def test_now_is_the_time_of_the_decision() -> None:
    rig = Rig()  # its clock begins at 1000 s
    rig.submit(
        "e",
        action("w", kind="wait_for", until="now() >= timestamp('1970-01-01T00:20:00Z')"),
        action("say", "w", parameters={"text": "{{ string(now()) }}"}),
    )
    rig.wait(199.0)
    assert rig.action("w").status == "WAITING"
    rig.wait(2.0)
    assert rig.action("w").status == "SUCCEEDED"
    assert rig.goals["say"].parameters["text"].startswith("1970-01-01T00:20:0")
    rig.check()


def side_by_side(**more: Any) -> dict[str, Any]:
    """Return a parallel of three actions."""
    children = [action("x"), action("y"), action("z")]
    return action("p", kind="parallel", actions=children, **more)


def ended(rig: Rig, **results: str) -> None:
    """Let goals end: ok, bad, or gone (cancelled, which has to be asked for)."""
    for key, result in results.items():
        if result == "ok":
            rig.succeed(key)
        elif result == "bad":
            rig.fail(key, recoverable=False)
        else:
            assert rig.action(key).intent == "cancel", f"{key} is not asked to end"
            rig.feed(s.GoalCancelled(goal_id=rig.goal(key)))


POLICIES: list[tuple[dict[str, Any], dict[str, str], str]] = [
    ({}, {"x": "ok", "y": "ok", "z": "ok"}, "SUCCEEDED"),
    ({}, {"x": "bad", "y": "gone", "z": "gone"}, "FAILED"),
    ({"needed": 1}, {"y": "ok", "x": "gone", "z": "gone"}, "SUCCEEDED"),
    ({"needed": 1}, {"x": "bad", "y": "bad", "z": "ok"}, "SUCCEEDED"),
    ({"needed": 1}, {"x": "bad", "y": "bad", "z": "bad"}, "FAILED"),
    ({"needed": 2}, {"x": "ok", "y": "ok", "z": "gone"}, "SUCCEEDED"),
    ({"needed": 2}, {"x": "bad", "y": "ok", "z": "ok"}, "SUCCEEDED"),
    ({"needed": 2}, {"x": "bad", "y": "bad", "z": "gone"}, "FAILED"),
    ({"race": True}, {"z": "ok", "x": "gone", "y": "gone"}, "SUCCEEDED"),
    ({"race": True}, {"z": "bad", "x": "gone", "y": "gone"}, "FAILED"),
    ({"on_first_failure": "finish"}, {"x": "bad", "y": "ok", "z": "ok"}, "FAILED"),
    ({"on_first_failure": "finish"}, {"x": "ok", "y": "ok", "z": "ok"}, "SUCCEEDED"),
]


@pytest.mark.parametrize(("policy", "results", "status"), POLICIES)
def test_when_a_parallel_has_succeeded(
    policy: dict[str, Any], results: dict[str, str], status: str
) -> None:
    rig = Rig()
    rig.submit("e", side_by_side(**policy))
    *early, last = results
    ended(rig, **{key: results[key] for key in early})
    assert not rig.action("p").is_final, "it waits until the last has confirmed its end"
    ended(rig, **{last: results[last]})
    assert rig.action("p").status == status
    assert rig.execution().status == ("COMPLETED" if status == "SUCCEEDED" else "FAILED")
    rig.check()


def test_what_is_left_of_a_race_is_its_output() -> None:
    rig = Rig()
    loop = action("after", "p", parameters={"who": "{{ actions.p.output }}"})
    rig.submit("e", side_by_side(race=True), loop)
    rig.succeed("y", found=7)
    ended(rig, x="gone", z="gone")
    assert rig.goals["after"].parameters == {"who": {"y": {"found": 7}}}


def test_a_cancel_of_the_execution_goes_through_a_race_that_is_decided() -> None:
    rig = Rig()
    rig.submit("e", side_by_side(needed=1), action("after", "p"))
    rig.succeed("x")
    rig.feed(s.Cancel(execution_id="e"))
    ended(rig, y="gone", z="gone")
    assert rig.execution().status is ExecutionStatus.CANCELLED
    assert "after" not in rig.sent
    rig.check()


@pytest.mark.parametrize("kind", ["sequence", "parallel", "try", "subplan", "foreach"])
def test_a_block_is_tried_again_as_a_whole(kind: str) -> None:
    rig = Rig()
    inside = [action("one"), action("two", "one")]
    more: dict[str, Any] = {
        "subplan": {"plan": plan(*inside)},
        "foreach": {"items": [1], "actions": inside},
    }.get(kind, {"actions": inside})
    retry = {"max_attempts": 3, "initial_delay": 2.0, "jitter": 0.0}
    prefix = {"subplan": "b/", "foreach": "b[0]/"}.get(kind, "")
    rig.submit("e", action("b", kind=kind, retry=retry, timeout=60.0, **more), action("next", "b"))
    first = rig.goal(f"{prefix}one")
    rig.succeed(f"{prefix}one")
    rig.fail(f"{prefix}two")
    assert rig.action("b").status is ActionStatus.WAITING
    rig.wait(2.1)
    assert rig.goal(f"{prefix}one") != first, "a goal of its own"
    rig.succeed(f"{prefix}one")
    rig.succeed(f"{prefix}two")
    assert rig.sent[-1] == "next"
    finished(rig)
    rig.check()


def test_a_block_fails_when_its_attempts_are_used_up() -> None:
    rig = Rig()
    retry = {"max_attempts": 2, "initial_delay": 1.0, "jitter": 0.0}
    rig.submit("e", action("b", kind="sequence", retry=retry, actions=[action("one")]))
    rig.fail("one")
    rig.wait(1.1)
    rig.fail("one")
    assert rig.execution().status is ExecutionStatus.FAILED
    assert rig.sent == ["one", "one"]
    rig.check()


def test_each_attempt_of_a_block_has_the_whole_time() -> None:
    rig = Rig()
    retry = {"max_attempts": 2, "initial_delay": 1.0, "jitter": 0.0}
    block = action("b", kind="sequence", retry=retry, timeout=5.0, actions=[action("one")])
    rig.submit("e", block)
    rig.wait(5.1)
    ended(rig, one="gone")
    assert rig.action("b").status is ActionStatus.WAITING
    rig.wait(4.0)
    assert rig.sent == ["one", "one"]
    rig.wait(1.5)
    assert rig.action("one").intent != "cancel"
    rig.succeed("one")
    finished(rig)


def test_what_has_to_be_a_text_becomes_one() -> None:
    rig = Rig()
    words = {"text": "{{ 5 }}", "volume": "{{ 1 }}"}
    rig.submit("e", action("say", parameters=words, as_text=["text"]))
    assert rig.goals["say"].parameters == {"text": "5", "volume": 1}


@pytest.fixture(scope="module")
def robot() -> RobotModel:
    """Return the robot of the shipped configuration."""
    return load_robot([Path(__file__).parents[3] / "config" / "capabilities.yaml"]).model


def looped(robot: RobotModel, text: str) -> Rig:
    """Return a rig that runs a plan of a document."""
    prepared = Intake(robot).prepare("", text, "", optimise="none")
    assert prepared.plan is not None, prepared.issues
    rig = Rig()
    rig.feed(s.Submit(execution_id="e", plan=prepared.plan))
    return rig


LOOK = "{id: look, action_type: detect_objects, retry: {max_attempts: 1}}"


def test_a_repeat_goes_round_until_its_condition_holds(robot: RobotModel) -> None:
    until = "actions.look.output.objects.size() > 0"
    rig = looped(
        robot,
        f"actions: [{{id: l, action_type: repeat, until: {until}, max_iterations: 4, delay: 3.0, "
        f"actions: [{LOOK}]}}, {{id: after, action_type: speak, parameters: {{text: done}}}}]",
    )
    rig.wait(0.1)
    rig.succeed("l[0]/look", objects=[])
    rig.wait(2.9)
    assert rig.sent == ["l[0]/look"], "there is a pause"
    rig.wait(0.2)
    rig.succeed("l[1]/look", objects=[{"id": "cup"}])
    assert rig.sent == ["l[0]/look", "l[1]/look", "after"]
    assert len(rig.action("l").output) == 2
    finished(rig)
    rig.check()


def test_a_repeat_whose_condition_never_holds_fails(robot: RobotModel) -> None:
    rig = looped(
        robot,
        "actions: [{id: l, action_type: repeat, until: 'false', max_iterations: 2, "
        f"actions: [{LOOK}]}}]",
    )
    rig.succeed("l[0]/look", objects=[])
    rig.succeed("l[1]/look", objects=[])
    assert rig.execution().status is ExecutionStatus.FAILED
    assert rig.execution().error is not None
    assert rig.execution().error.code == "LOOP_EXHAUSTED"
    rig.check()


def test_a_repeat_without_a_condition_is_done_so_often(robot: RobotModel) -> None:
    rig = looped(
        robot, f"actions: [{{id: l, action_type: repeat, max_iterations: 3, actions: [{LOOK}]}}]"
    )
    for index in range(3):
        rig.succeed(f"l[{index}]/look", objects=[])
    finished(rig)


@pytest.mark.parametrize("rounds", [0, 2])
def test_a_while_looks_before_each_round(robot: RobotModel, rounds: int) -> None:
    rig = looped(
        robot,
        f"actions: [{{id: l, action_type: while, if: index < {rounds}, actions: [{LOOK}]}}]",
    )
    for index in range(rounds):
        rig.succeed(f"l[{index}]/look", objects=[])
    assert len(rig.sent) == rounds
    finished(rig)
    rig.check()


def test_a_loop_goes_on_after_a_restart_and_stops_when_it_is_cancelled(robot: RobotModel) -> None:
    rig = looped(
        robot, f"actions: [{{id: l, action_type: repeat, max_iterations: 3, actions: [{LOOK}]}}]"
    )
    rig.succeed("l[0]/look", objects=[])
    rig.restart()
    rig.succeed("l[1]/look", objects=[])
    rig.feed(s.Cancel(execution_id="e"))
    ended(rig, **{"l[2]/look": "gone"})
    assert rig.execution().status is ExecutionStatus.CANCELLED
    rig.check()


EVERY = "{id: l, action_type: repeat, max_iterations: 4, every: 10.0, actions: [%s]}"


def test_the_pause_between_rounds_is_no_action_of_the_plan(robot: RobotModel) -> None:
    look, other = LOOK, LOOK.replace("id: look", "id: look_pause")
    loop = (
        f"{{id: l, action_type: repeat, max_iterations: 2, delay: 3, actions: [{look}, {other}]}}"
    )
    rig = looped(robot, f"actions: [{loop}]")
    for index in (0, 1):
        rig.wait(3.0)
        rig.succeed(f"l[{index}]/look", objects=[])
        rig.succeed(f"l[{index}]/look_pause", objects=[])
    output = rig.execution().output
    assert output == {"l": [{"look": {"objects": []}, "look_pause": {"objects": []}}] * 2}
    assert rig.record().actions["l[1]/look_pause"].action_type == "detect_objects"
    rig.check()


def test_a_while_that_cannot_be_decided_is_called_one(robot: RobotModel) -> None:
    look = LOOK.replace("retry:", "on_failure: continue, retry:")
    rig = looped(
        robot, f"actions: [{{id: l, action_type: while, if: input.more, actions: [{look}]}}]"
    )
    assert "the while cannot be decided" in str(rig.action("l").error)


def test_every_counts_from_the_start_of_a_round(robot: RobotModel) -> None:
    look = LOOK.replace("retry:", "timeout: 60.0, retry:")
    rig = looped(robot, f"actions: [{EVERY % look}]")
    rig.wait(0.0)
    rig.wait(3.0)
    rig.succeed("l[0]/look", objects=[])
    assert rig.record().actions["l[1]/look_pause"].reason == "waits for 7 s"
    rig.wait(6.9)
    assert len(rig.sent) == 1
    rig.wait(0.2)
    assert rig.sent[1:] == ["l[1]/look"], "the second round begins ten seconds after the first"
    rig.wait(25.0)
    rig.succeed("l[1]/look", objects=[])
    rig.wait(0.0)
    assert rig.sent[2:] == ["l[2]/look"], "a round that takes longer is followed at once"
    rig.succeed("l[2]/look", objects=[])
    rig.wait(9.9)
    assert len(rig.sent) == 3
    rig.restart()
    rig.wait(0.2)
    assert rig.sent[3:] == ["l[3]/look"], "a restart changes nothing"
    rig.check()


def test_iteration_counts_from_one(robot: RobotModel) -> None:
    speak = '{id: say, action_type: speak, parameters: {text: "{{ iteration }} of {{ index }}"}}'
    rig = looped(
        robot,
        f"actions: [{{id: l, action_type: repeat, max_iterations: 2, actions: [{speak}]}}]",
    )
    assert rig.goals["l[0]/say"].parameters["text"] == "1 of 0"
    rig.succeed("l[0]/say")
    assert rig.goals["l[1]/say"].parameters["text"] == "2 of 1"


NAMED = {"outcomes": {"few": "output.count < 3", "many": "output.count < 100"}}
WAYS = [
    {"when": "(actions.look.outcome) in ['few']", "actions": [action("carry")]},
    {"when": "(actions.look.outcome) in ['many']", "actions": [action("call")]},
]


@pytest.mark.parametrize(("count", "then"), [(1, "carry"), (50, "call")])
def test_a_router_goes_by_the_outcome_of_an_action(count: int, then: str) -> None:
    rig = Rig()
    ways = action("ways", "look", kind="router", cases=WAYS, by="actions.look.outcome")
    rig.submit("e", action("look", **NAMED), ways)
    rig.succeed("look", count=count)
    assert rig.sent == ["look", then]
    assert rig.action("look").named_outcome == {"carry": "few", "call": "many"}[then]
    rig.restart()
    rig.succeed(then)
    finished(rig)
    rig.check()


@pytest.mark.parametrize("output", [{"count": 1000}, {}])
def test_a_router_without_a_way_for_a_result_says_so(output: dict[str, Any]) -> None:
    rig = Rig()
    ways = action("ways", "look", kind="router", cases=WAYS, by="actions.look.outcome")
    rig.submit("e", action("look", **NAMED), ways)
    rig.succeed("look", **output)
    error = rig.action("ways").error
    assert error is not None
    assert (error.type, error.code) == ("ROUTING", "NO_CASE")
    assert rig.record().actions["look"].reason != "done"
    rig.check()


def test_a_delay_longer_than_its_timeout_fails_when_that_has_passed() -> None:
    rig = Rig()
    other = action("other")
    rig.submit(
        "e",
        action("d", kind="delay", duration=50.0, timeout=5.0, fallback_action=other),
        action("next", "d"),
    )
    rig.wait(4.0)
    assert rig.sent == []
    rig.feed(s.Pause(execution_id="e"))
    rig.wait(100.0)
    rig.feed(s.Resume(execution_id="e"))
    rig.restart()
    assert rig.sent == []
    rig.wait(2.0)
    assert rig.sent == ["other"]
    finished(rig)


def test_a_delay_within_its_timeout_is_a_delay() -> None:
    rig = Rig()
    rig.submit("e", action("d", kind="delay", duration=5.0, timeout=50.0), action("next", "d"))
    rig.wait(6.0)
    assert rig.sent == ["next"]
    finished(rig)


def test_a_delay_of_an_older_execution_has_no_timeout(monkeypatch: pytest.MonkeyPatch) -> None:
    older = tuple(flag for flag in logic.CURRENT if flag is not logic.Logic.DELAY_HAS_TIMEOUT)
    monkeypatch.setattr("execution_orchestrator.engine.intake.CURRENT", older)
    rig = Rig()
    rig.submit("e", action("d", kind="delay", duration=50.0, timeout=5.0), action("next", "d"))
    rig.wait(49.0)
    assert rig.sent == []
    rig.wait(2.0)
    assert rig.sent == ["next"]
    finished(rig)


def test_what_stands_in_a_branch_that_was_not_taken_is_skipped_in_expressions() -> None:
    inner = action("s", kind="sequence", actions=[action("a")])
    choice = action("c", kind="conditional", then=[inner], **{"else": []})
    choice["if"] = "input.flag"
    asks = {"status": "{{ actions.a.status }}", "later": "{{ actions.n.status }}"}
    after = action("after", kind="conditional", then=[action("n")], **{"else": []})
    after["if"] = "true"
    after["depends_on"] = ["say"]
    for flag, status in ((False, "SKIPPED"), (True, "SUCCEEDED")):
        rig = Rig()
        rig.submit("e", choice, action("say", "c", parameters=asks), after, input={"flag": flag})
        if flag:
            rig.succeed("a")
        assert rig.goals["say"].parameters == {"status": status, "later": "PENDING"}
        rig.check()
