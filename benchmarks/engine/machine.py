"""The pure machine: no journal, no loop."""

from __future__ import annotations

import gc
import time
import tracemalloc
from typing import Any

from benchmarks.engine.plans import chain
from execution_orchestrator.engine import effects as fx
from execution_orchestrator.engine import inputs as s
from execution_orchestrator.engine.config import EngineConfig
from execution_orchestrator.engine.events import Event
from execution_orchestrator.engine.machine import Machine

WIDE = EngineConfig(max_concurrent_actions=100_000, max_running_executions=1000)


def drive(machine: Machine, executions: int, plan: dict[str, Any]) -> list[Event]:
    """Run executions to their end, every goal reached at once; returns the journal."""
    journal: list[Event] = []
    todo: list[fx.Effect] = []
    options = s.SubmitOptions(checkpoint_every=0)
    for number in range(executions):
        submit = s.Submit(execution_id=f"e{number}", plan=plan, options=options)
        step = machine.handle(submit, now=1.0)
        journal += step.events
        todo += step.effects
    while todo:
        effect = todo.pop()
        if isinstance(effect, fx.Dispatch):
            journal += machine.handle(s.GoalAccepted(goal_id=effect.goal_id), now=1.0).events
            step = machine.handle(s.GoalSucceeded(goal_id=effect.goal_id, output={}), now=2.0)
            journal += step.events
            todo += step.effects
    return journal


def per_action(plan: dict[str, Any], repeat: int = 5) -> list[float]:
    """Return milliseconds of CPU per action in each of some runs."""
    taken = []
    for _ in range(repeat):
        began = time.process_time()
        drive(Machine(WIDE), 1, plan)
        taken.append((time.process_time() - began) / len(plan["actions"]) * 1e3)
    return taken


def bytes_per_execution(actions: int) -> int:
    """Return the memory of one running execution, its plan included."""
    gc.collect()
    tracemalloc.start()
    machine = Machine(WIDE)
    machine.handle(s.Submit(execution_id="e", plan=chain(actions)), now=1.0)
    gc.collect()
    used = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    return used
