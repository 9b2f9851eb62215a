"""Random plans for the shipped robot, and the engine running them in virtual time."""

from __future__ import annotations

import heapq
import math
from typing import Any

from hypothesis import strategies as st

from execution_orchestrator.engine import effects as fx
from execution_orchestrator.engine import inputs as s
from execution_orchestrator.engine.config import EngineConfig
from execution_orchestrator.engine.machine import Machine
from execution_orchestrator.plan.model import Plan
from execution_orchestrator.plan.optimise.estimates import Distance
from execution_orchestrator.plan.resolve import resolve

START = 1_000_000.0
POSES = [{"x": float(x), "y": float(y)} for x in range(-2, 3) for y in range(-2, 3)]


def straight(start, goal):
    """Measure as the crow flies, from the origin."""
    start = start or {"x": 0.0, "y": 0.0}
    return Distance(math.dist((start["x"], start["y"]), (goal["x"], goal["y"])), "straight line")


@st.composite
def leaves(draw, name):
    """Return an action of the shipped robot."""
    kind = draw(
        st.sampled_from(
            ["navigate_to"] * 4
            + ["spin", "detect_objects", "scan_environment", "move_arm", "speak"]
        )
    )
    parameters: dict[str, Any] = {
        "navigate_to": lambda: {"target_location": draw(st.sampled_from(POSES))},
        "spin": lambda: {"angle": draw(st.sampled_from([1.0, 3.0]))},
        "detect_objects": dict,
        "scan_environment": dict,
        "move_arm": lambda: {"named_state": "ready"},
        "speak": lambda: {"text": "done"},
    }[kind]()
    made: dict[str, Any] = {"id": name, "action_type": kind, "parameters": parameters}
    if draw(st.integers(0, 5)) == 0:
        made["estimated_duration"] = float(draw(st.integers(1, 20)))
    if draw(st.integers(0, 9)) == 0:
        made["condition"] = "1 < 2"
    if draw(st.integers(0, 9)) == 0:
        made["priority"] = draw(st.integers(-3, 3))
    if draw(st.integers(0, 9)) == 0:
        made["on_failure"] = "continue"
    return made


@st.composite
def blocks(draw, prefix="", depth=1, most=7):
    """Return actions that may depend on those before them."""
    actions = []
    for index in range(draw(st.integers(1, most))):
        name = f"{prefix}a{index}"
        if depth and draw(st.integers(0, 5)) == 0:
            made = {
                "id": name,
                "action_type": draw(st.sampled_from(["sequence", "parallel"])),
                "actions": draw(blocks(f"{name}_", depth - 1, 4)),
            }
            if made["action_type"] == "sequence":
                for child in made["actions"]:
                    child.pop("depends_on", None)
        else:
            made = draw(leaves(name))
        before = st.sampled_from(range(index)) if index else st.nothing()
        chosen = draw(st.lists(before, max_size=2, unique=True)) if index else []
        if index and draw(st.booleans()):
            chosen = [index - 1]  # chains are where goals can be put together
        made["depends_on"] = [f"{prefix}a{other}" for other in chosen]
        actions.append(made)
    return actions


@st.composite
def resolved_plans(draw, robot):
    """Return a resolved plan."""
    plan = Plan.model_validate({"ordering": "dependencies", "actions": draw(blocks())})
    return resolve(plan, robot)


def run(plan, robot, *, max_concurrent=32):
    """Let the engine run a plan while every estimate comes true.

    Returns (capability, parameters, start, end, key) of each goal in seconds, and the makespan.
    """
    machine = Machine(
        EngineConfig(
            resources=robot.resources, max_concurrent_actions=max_concurrent, checkpoint_every=0
        )
    )
    durations = {key: a["estimated_duration"] for key, a in actions_by_key(plan).items()}
    pending: list[tuple[float, int, s.Input]] = []
    goals = []
    order = 0

    def feed(incoming, now):
        nonlocal order
        step = machine.handle(incoming, now=now, world={"robot": {}, "objects": []})
        assert not step.refusal
        for effect in step.effects:
            order += 1
            if isinstance(effect, fx.Dispatch):
                seconds = durations[effect.key]
                goals.append(
                    (
                        effect.capability,
                        effect.parameters,
                        now - START,
                        now - START + seconds,
                        effect.key,
                    )
                )
                ended = s.GoalSucceeded(goal_id=effect.goal_id, output={})
                heapq.heappush(pending, (round(now + seconds, 6), order, ended))
            elif isinstance(effect, fx.SetTimer) and effect.timer_id.startswith("wait:"):
                heapq.heappush(
                    pending, (round(effect.at, 6), order, s.TimerFired(timer_id=effect.timer_id))
                )

    feed(s.Submit(execution_id="e", plan=plan), START)
    now = START
    while pending:
        now, _, incoming = heapq.heappop(pending)
        feed(incoming, now)
    assert machine.state.executions["e"].status.value == "COMPLETED"
    return goals, now - START


def actions_by_key(plan, prefix=""):
    """Return every action of the top level, of sequences and of parallels, by its path of ids."""
    found = {}
    for action in plan["actions"]:
        found[action["id"]] = action
        if action.get("actions"):
            found.update(actions_by_key(action))
    return found
