"""The pure machine: no journal, no loop."""

from __future__ import annotations

import gc
import time
import tracemalloc
from typing import Any

from benchmarks.engine.plans import chain, fan_out
from execution_orchestrator.engine import effects as fx
from execution_orchestrator.engine import stimuli as s
from execution_orchestrator.engine.apply import fold
from execution_orchestrator.engine.codec import decode_event, encode_event
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


def per_action(plan: dict[str, Any], repeat: int = 3) -> float:
    """Return milliseconds of CPU per action, the best of some runs."""
    best = float("inf")
    count = len(plan["actions"])
    for _ in range(repeat):
        began = time.process_time()
        drive(Machine(WIDE), 1, plan)
        best = min(best, (time.process_time() - began) / count * 1e3)
    return best


def replay_seconds(events: int) -> float:
    """Return seconds of CPU to read and fold a journal of so many events."""
    plan = chain(1000)
    journal = drive(Machine(WIDE), events // 4000 + 1, plan)
    written = [encode_event(event) for event in journal][:events]
    began = time.process_time()
    fold(decode_event(data) for data in written)
    return time.process_time() - began


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


def starved(executions: int) -> int:
    """Return how many of many executions with 20 actions each did not end."""
    machine = Machine(EngineConfig(max_running_executions=200, queue_capacity=1000))
    drive(machine, executions, chain(20))
    return executions - len(machine.state.finished) - len(machine.state.forgotten)


def figures() -> list[tuple[str, float, str, float]]:
    """Return (name, value, unit, goal)."""
    return [
        ("machine, chain of 1,000, per action", per_action(chain(1000)), "ms", 0.05),
        ("machine, fan-out of 1,000, per action", per_action(fan_out(1000)), "ms", 0.05),
        ("machine, chain of 10,000, per action", per_action(chain(10_000), 1), "ms", 0.05),
        ("replay of 100,000 events", replay_seconds(100_000), "s", 3.0),
        ("memory of an execution of 100 actions", bytes_per_execution(100) / 1e6, "MB", 1.0),
        ("of 200 executions at once, not ended", float(starved(200)), "", 0.0),
    ]
