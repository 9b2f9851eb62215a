"""Goals of the two gripper actions of ros2_control."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

GRIPPER = "control_msgs/action/GripperCommand"
PARALLEL_GRIPPER = "control_msgs/action/ParallelGripperCommand"
GRIPPER_TYPES = (GRIPPER, PARALLEL_GRIPPER)


def gripper_goal(kind: str, position: float, effort: float, joint: str = "") -> dict[str, Any]:
    """Return the fields of a goal: ``position`` in metres between the jaws, ``effort`` in newtons.

    ``joint`` is the joint a ParallelGripperCommand names; its controller needs none.
    """
    if kind == PARALLEL_GRIPPER:
        names = [joint] if joint else []
        return {"command": {"name": names, "position": [position], "effort": [effort]}}
    return {"command": {"position": position, "max_effort": effort}}


def gripper_result(kind: str, result: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a result with the fields of GripperCommand's, whichever type it is of.

    It has no ``position`` where the driver does not know it.
    """
    measured = result.get("position")
    if kind == PARALLEL_GRIPPER:
        measured = next(iter((result.get("state") or {}).get("position") or ()), None)
    known = {name: value for name, value in result.items() if name != "position"}
    return known if measured is None else {**known, "position": measured}
