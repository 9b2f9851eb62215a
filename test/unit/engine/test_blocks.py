"""What an action may have, a block may have: a fallback, and something that undoes it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from execution_orchestrator.capabilities.loading import load_robot
from execution_orchestrator.engine import inputs as s
from execution_orchestrator.plan.capability import RobotModel
from execution_orchestrator.runtime.intake import Intake
from test.unit.engine.driving import Rig


def speak(name: str) -> dict[str, Any]:
    retry = {"max_attempts": 1}
    return {"id": name, "action_type": "speak", "parameters": {"text": "x"}, "retry": retry}


INSIDE = [speak("inside")]
BLOCKS: dict[str, dict[str, Any]] = {
    "sequence": {"actions": INSIDE},
    "parallel": {"actions": INSIDE},
    "conditional": {"if": "true", "then": INSIDE},
    "router": {"cases": [{"when": "true", "actions": INSIDE}]},
    "foreach": {"items": [1], "actions": INSIDE},
    "repeat": {"max_iterations": 1, "actions": INSIDE},
    "while": {"if": "index < 1", "actions": INSIDE},
    "try": {"actions": INSIDE},
    "subplan": {"plan": {"actions": INSIDE}},
}


@pytest.fixture(scope="module")
def robot() -> RobotModel:
    return load_robot([Path(__file__).parents[3] / "config" / "capabilities.yaml"]).model


def started(robot: RobotModel, *actions: dict[str, Any]) -> Rig:
    prepared = Intake(robot).prepare("", json.dumps({"actions": actions}), "", optimise="none")
    assert prepared.plan is not None, prepared.issues
    rig = Rig()
    options = s.SubmitOptions(compensate_on_failure=True, checkpoint_every=0)
    rig.feed(s.Submit(execution_id="e", plan=prepared.plan, options=options))
    return rig


def inside(rig: Rig) -> str:
    return next(key for key in rig.goals if key.endswith("inside"))


@pytest.mark.parametrize("kind", BLOCKS)
def test_a_block_has_a_fallback(kind: str, robot: RobotModel) -> None:
    block = {"id": "b", "action_type": kind, "timeout": 60.0, **BLOCKS[kind]}
    rig = started(robot, {**block, "fallback_action": speak("other")})
    rig.fail(inside(rig), recoverable=False)
    assert rig.sent[1:] == ["other"]
    rig.succeed("other")
    assert rig.execution().status == "COMPLETED"
    rig.check()


@pytest.mark.parametrize("kind", BLOCKS)
def test_a_block_is_undone(kind: str, robot: RobotModel) -> None:
    block = {"id": "b", "action_type": kind, **BLOCKS[kind], "compensation": speak("undo")}
    rig = started(robot, block, speak("bad"))
    rig.succeed(inside(rig))
    rig.fail("bad", recoverable=False)
    assert rig.sent[1:] == ["bad", "undo"]
    rig.succeed("undo")
    assert rig.execution().status == "FAILED"
    rig.check()


def test_the_fallback_of_a_wait_has_its_own_time(robot: RobotModel) -> None:
    wait = {"id": "w", "action_type": "wait_for", "until": "robot.battery < 0.1", "timeout": 1.0}
    rig = started(robot, {**wait, "fallback_action": speak("other")})
    rig.wait(4.0)
    assert rig.sent == ["other"]
    rig.succeed("other")
    assert rig.execution().status == "COMPLETED"
    rig.check()
