"""Many executions at once, in virtual time, and whether each of them gets its turn."""

from __future__ import annotations

import heapq
from typing import Any

from execution_orchestrator.engine import effects as fx
from execution_orchestrator.engine import inputs as s
from execution_orchestrator.engine.config import EngineConfig
from execution_orchestrator.engine.machine import Machine
from execution_orchestrator.plan.capability import ResourceSpec

STEP = 1.0  # seconds that each action takes


def longest_wait(executions: int, actions: int = 5, priorities: int = 10) -> tuple[int, float]:
    """Let executions of several priorities share one arm.

    Returns how many did not end, and the longest wait of an action for the arm, as a share of the
    time in which everybody could have had it once.
    """
    machine = Machine(
        EngineConfig(
            max_running_executions=executions,
            queue_capacity=executions,
            max_concurrent_actions=executions,
            resources={"arm": ResourceSpec(name="arm")},
        )
    )
    plan = {"version": 1, "actions": [_action(number) for number in range(actions)]}
    due: list[tuple[float, str]] = []
    ready: dict[tuple[str, str], float] = {}
    longest, now = 0.0, 1.0

    def take(step: Any) -> None:
        nonlocal longest
        for event in step.events:
            if event.type == "TASK_READY":
                ready[event.execution_id, event.key] = now
        for effect in step.effects:
            if isinstance(effect, fx.Dispatch):
                longest = max(longest, now - ready.pop((effect.execution_id, effect.key)))
                heapq.heappush(due, (now + STEP, effect.goal_id))

    for number in range(executions):
        take(
            machine.handle(
                s.Submit(
                    execution_id=f"e{number}",
                    plan=plan,
                    priority=number % priorities,
                    options=s.SubmitOptions(checkpoint_every=0),
                ),
                now=now,
            )
        )
    while due:
        now, goal_id = heapq.heappop(due)
        take(machine.handle(s.GoalAccepted(goal_id=goal_id), now=now))
        take(machine.handle(s.GoalSucceeded(goal_id=goal_id, output={}), now=now))
    return len(machine.state.running), longest / (executions * STEP)


def _action(number: int) -> dict[str, Any]:
    return {
        "id": f"a{number}",
        "action_type": "noop",
        "depends_on": [f"a{number - 1}"] if number else [],
        "parameters": {},
        "resources": [{"resource": "arm"}],
        "timeout": 1e6,
        "on_failure": "abort",
        "idempotent": True,
    }
