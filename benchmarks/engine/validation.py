"""Reading and validating a large document."""

from __future__ import annotations

import json
import time

from execution_orchestrator.plan.capability import CapabilitySpec, InterfaceSpec, RobotModel
from execution_orchestrator.plan.document import Limits
from execution_orchestrator.plan.issues import Severity
from execution_orchestrator.plan.loader import load_plan
from execution_orchestrator.plan.validation import validate


def document(count: int, prefix: str = "a") -> str:
    """Return a plan in which every action waits for, and takes a parameter from, the one before.

    Every tenth has a condition beside that. Its ids begin with ``prefix``.
    """
    actions = [_action(number, prefix) for number in range(count)]
    return json.dumps({"version": 1, "actions": actions})


def _action(number: int, prefix: str) -> dict[str, object]:
    before = f"actions.{prefix}{number - 1}"
    action: dict[str, object] = {"id": f"{prefix}{number}", "action_type": "noop"}
    if number:
        action["depends_on"] = [f"{prefix}{number - 1}"]
        action["parameters"] = {"x": f"{{{{ {before}.output.x }}}}"}
        if number % 10 == 0:
            action["condition"] = f"{before}.status == 'SUCCEEDED'"
    return action


def seconds(count: int, repeat: int = 3) -> tuple[float, float]:
    """Return seconds of CPU to read a document and to validate it, the best of some runs.

    Raises:
        AssertionError: the document has errors, so less than all of it was looked at.

    """
    noop = CapabilitySpec(
        name="noop", description="Does nothing", interface=InterfaceSpec(name="noop")
    )
    robot = RobotModel(capabilities={"noop": noop}, resources={})
    reading = validating = float("inf")
    for run in range(repeat):
        # What was compiled for the run before is of no use to a document that is new.
        text = document(count, f"of{run}_")
        began = time.process_time()
        loaded = load_plan(text, limits=Limits(max_bytes=len(text), max_nodes=100 * count))
        read = time.process_time()
        assert loaded.plan is not None, loaded.issues[:3]
        issues = validate(loaded.plan, robot, source_map=loaded.source_map, max_actions=count)
        validated = time.process_time()
        errors = [issue for issue in issues if issue.severity is Severity.ERROR]
        assert not errors, errors[:3]
        reading = min(reading, read - began)
        validating = min(validating, validated - read)
    return reading, validating
