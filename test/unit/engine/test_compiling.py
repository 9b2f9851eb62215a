"""Runs of the same plan share one compiled program, which goes with the last of them."""

import copy
import gc
import weakref

import pytest

from execution_orchestrator.engine import effects as fx
from execution_orchestrator.engine import inputs as s
from execution_orchestrator.engine.machine import Machine
from execution_orchestrator.engine.program import ProgramError, compile_program
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
