"""Runs of the same plan share one compiled program, which goes with the last of them."""

import copy
import gc
import weakref

import pytest

from execution_orchestrator.engine import effects as fx
from execution_orchestrator.engine import inputs as s
from execution_orchestrator.engine.machine import Machine
from execution_orchestrator.engine.program import ProgramError, compile_new, compile_program
from execution_orchestrator.engine.status import ActionStatus

PLAN = {
    "version": 1,
    "actions": [
        {"id": "a", "action_type": "noop", "parameters": {"x": 1}},
        {"id": "b", "action_type": "noop", "parameters": {}, "depends_on": ["a"]},
    ],
}


def test_the_same_content_is_compiled_once_another_one_apart():
    program = compile_program(copy.deepcopy(PLAN))
    other = copy.deepcopy(PLAN)
    other["actions"][0]["parameters"]["x"] = 1.0
    assert compile_program(other) is not program
    assert compile_program(copy.deepcopy(PLAN)) is program


def test_a_plan_that_nobody_runs_any_more_is_forgotten():
    program = weakref.ref(compile_program({**PLAN, "description": "once"}))
    compile_program(PLAN)
    gc.collect()
    assert program() is None
    assert compile_program({**PLAN, "description": "once"}).count == 2


def test_what_is_no_plan_says_so_each_time():
    for _ in range(2):
        with pytest.raises(ProgramError):
            compile_program({"actions": [{"id": "a", "action_type": "noop", "depends_on": ["b"]}]})


def named(name, **more):
    return {"id": name, "action_type": "noop", **more}


TWICE = {
    "in one block": [named("a"), named("a")],
    "side by side": [
        named("s", action_type="sequence", actions=[named("a")]),
        named("t", action_type="sequence", actions=[named("a")]),
    ],
    "with a fallback without an id": [
        named("a", fallback_action={"action_type": "noop"}),
        named("a_fallback"),
    ],
    "in what undoes": [
        named(
            "s",
            compensation=named("u", action_type="sequence", actions=[named("a"), named("a")]),
        )
    ],
    "in what stands in for a loop": [
        named(
            "l",
            action_type="foreach",
            items=[1],
            actions=[named("b")],
            fallback_action=named("f", action_type="sequence", actions=[named("a")]),
        ),
        named("a"),
    ],
}


@pytest.mark.parametrize("actions", TWICE.values(), ids=TWICE)
def test_a_plan_with_an_id_twice_is_refused_in_words(actions):
    with pytest.raises(ProgramError, match="two of its actions have the id a"):
        compile_new({"actions": actions})
    # What an earlier release has begun with it is read.
    assert compile_program({"actions": actions}).count


def test_no_execution_begins_or_goes_on_with_an_id_twice():
    machine = Machine()
    wrong = {"actions": [named("a"), named("a")]}
    step = machine.handle(s.Submit(execution_id="e", plan=wrong), now=1.0)
    assert "two of its actions have the id a" in step.refusal
    machine.handle(s.Submit(execution_id="e", plan=copy.deepcopy(PLAN)), now=1.0)
    amend = s.AmendPlan(execution_id="e", plan={"actions": [*PLAN["actions"], named("b")]})
    assert "two of its actions have the id b" in machine.handle(amend, now=2.0).refusal


@pytest.mark.parametrize("name", ["", "a/b", "a[0]", "a@1"])
def test_an_id_that_would_be_read_as_another_key_is_refused_in_words(name):
    wrong = {"actions": [named("s", action_type="sequence", actions=[named(name)])]}
    step = Machine().handle(s.Submit(execution_id="e", plan=wrong), now=1.0)
    assert f"{name!r} is no id" in step.refusal


def test_scopes_have_ids_of_their_own():
    loops = [
        named(name, action_type="foreach", items=[1], actions=[named("a")]) for name in ("l", "m")
    ]
    inside = named("p", action_type="subplan", plan={"actions": [named("a")]})
    assert compile_new({"actions": [*loops, inside, named("a")]}).without_key == ""


def test_two_runs_of_one_plan_do_not_touch_each_other():
    machine = Machine()
    for name in ("first", "second"):
        machine.handle(s.Submit(execution_id=name, plan=copy.deepcopy(PLAN)), now=1.0)
    first, second = (machine.state.executions[name] for name in ("first", "second"))
    assert first.program is second.program
    step = machine.handle(s.Cancel(execution_id="first", reason="enough"), now=2.0)
    (cancel,) = (one for one in step.effects if isinstance(one, fx.CancelGoal))
    step = machine.handle(s.GoalCancelled(goal_id=cancel.goal_id), now=3.0)
    assert first.is_final
    assert not second.is_final
    assert second.actions["a"].status is ActionStatus.DISPATCHED
