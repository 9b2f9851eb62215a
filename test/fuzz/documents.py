"""What has to hold for any text that somebody sends as a plan."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from execution_orchestrator.capabilities.loading import load_robot
from execution_orchestrator.engine import effects as fx
from execution_orchestrator.engine import inputs as s
from execution_orchestrator.engine.config import EngineConfig
from execution_orchestrator.engine.machine import Machine
from execution_orchestrator.engine.status import WaitingKind
from execution_orchestrator.plan.capability import RobotModel
from execution_orchestrator.plan.document import Limits
from execution_orchestrator.plan.issues import Severity
from execution_orchestrator.plan.loader import load_plan
from execution_orchestrator.plan.resolve import resolve
from execution_orchestrator.plan.validation import validate

ROOT = Path(__file__).parents[2]
# What is written for several robots is found invalid here, where there is one.
EXAMPLES = [path for path in sorted((ROOT / "plans").glob("*.yaml")) if "robots" not in path.stem]
LIMITS = Limits(max_bytes=20_000, max_depth=24, max_nodes=2_000)
SHOWN = Limits(max_bytes=10**7, max_depth=60, max_nodes=200_000)  # of the plan as it would run
MAX_STEPS = 5_000  # of a run; what takes longer than that here is a loop
MAX_ITERATIONS = 20


@cache
def robot() -> RobotModel:
    """Return the robot of the shipped configuration."""
    return load_robot([ROOT / "config" / "capabilities.yaml", ROOT / "config" / "tools.yaml"]).model


def judge(text: str) -> str:
    """Read, validate and run a document; says how far it came: refused, invalid or ran.

    Raises:
        AssertionError: an issue without a code, a plan that was found valid and does not end, or
            means something else when what was shown of it is handed in.

    """
    loaded = load_plan(text, limits=LIMITS)
    if loaded.plan is None:
        assert loaded.issues
        assert all(issue.code and issue.message and issue.hint for issue in loaded.issues)
        return "refused"
    issues = validate(loaded.plan, robot(), source_map=loaded.source_map)
    assert all(issue.code and issue.message and issue.hint for issue in issues)
    if any(issue.severity is Severity.ERROR for issue in issues):
        return "invalid"
    plan = resolve(loaded.plan, robot())
    shown = load_plan(json.dumps(plan), limits=SHOWN)
    assert shown.plan is not None, shown.issues
    again = resolve(shown.plan, robot())
    assert {**again, "id": plan["id"]} == json.loads(json.dumps(plan))
    run(plan)
    return "ran"


def run(plan: dict[str, Any]) -> None:
    """Run a resolved plan to its end; every goal is reached, every timer fires, everybody agrees.

    Raises:
        AssertionError: it does not end.

    """
    machine = Machine(
        EngineConfig(resources=robot().resources, max_iterations=MAX_ITERATIONS, poll_period=1e6)
    )
    now = 1000.0
    world = {"robot": {"battery": 1.0}, "objects": []}
    submit = s.Submit(execution_id="e", plan=plan, options=s.SubmitOptions(checkpoint_every=0))
    todo: list[fx.Effect] = list(machine.handle(submit, now=now, world=world).effects)
    timers: dict[str, float] = {}
    for _ in range(MAX_STEPS):
        if machine.state.executions["e"].is_final:
            return
        incoming: s.Input
        if todo:
            effect = todo.pop()
            if isinstance(effect, fx.Dispatch):
                incoming = s.GoalSucceeded(goal_id=effect.goal_id, output={})
            elif isinstance(effect, fx.NotifyConfirmationNeeded):
                incoming = s.Confirm(execution_id="e", key=effect.key, approve=True)
            elif isinstance(effect, fx.RunStrategy):
                incoming = s.StrategyFinished(run_id=effect.run_id, outcome="NEXT")
            elif isinstance(effect, fx.SetTimer):
                timers[effect.timer_id] = effect.at
                continue
            elif isinstance(effect, fx.ClearTimer):
                timers.pop(effect.timer_id, None)
                continue
            else:
                continue
        else:
            execution = machine.state.executions["e"]
            waits = {action.waiting_kind for action in execution.actions.values()}
            if not timers and WaitingKind.SIGNAL in waits:
                return  # without a timeout it waits for a person, who does not come here
            assert timers, f"nothing is left to happen to {execution.status}"
            name, now = min(timers.items(), key=lambda item: item[1])
            del timers[name]
            incoming = s.TimerFired(timer_id=name)
        todo += machine.handle(incoming, now=now, world=world).effects
    # A condition that never holds and has no timeout waits for ever: that is what it says.
    waiting = machine.state.executions["e"].waiting_for_condition
    assert waiting, "the execution does not end"
