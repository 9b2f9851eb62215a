"""Builds moveit_msgs/MotionPlanRequest from parameters: joints, a named state, or a pose."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from execution_orchestrator.capabilities.conversions import (
    ConversionContext,
    ConversionError,
    located,
    register_conversion,
)
from execution_orchestrator.capabilities.geometry import frame_of, pose_fields

SPHERE = 2  # shape_msgs/SolidPrimitive
POSITION_TOLERANCE = 0.01  # metres
ORIENTATION_TOLERANCE = 0.1  # radians
JOINT_TOLERANCE = 0.01  # radians, or metres for a prismatic joint


def joint_constraints(joints: Mapping[str, float], tolerance: float) -> dict[str, Any]:
    """One moveit_msgs/Constraints that wants these joint positions."""
    return {
        "joint_constraints": [
            {
                "joint_name": name,
                "position": float(position),
                "tolerance_above": tolerance,
                "tolerance_below": tolerance,
                "weight": 1.0,
            }
            for name, position in joints.items()
        ]
    }


def pose_constraints(
    pose: Mapping[str, Any],
    frame: str,
    *,
    link: str,
    position_tolerance: float,
    orientation_tolerance: float | None,
) -> dict[str, Any]:
    """One moveit_msgs/Constraints that wants a link at a pose.

    ``orientation_tolerance`` None leaves the orientation free.
    """
    header = {"frame_id": frame}
    constraints: dict[str, Any] = {
        "position_constraints": [
            {
                "header": header,
                "link_name": link,
                "constraint_region": {
                    "primitives": [{"type": SPHERE, "dimensions": [position_tolerance]}],
                    "primitive_poses": [{"position": dict(pose["position"])}],
                },
                "weight": 1.0,
            }
        ]
    }
    if orientation_tolerance is not None:
        constraints["orientation_constraints"] = [
            {
                "header": header,
                "orientation": dict(pose["orientation"]),
                "link_name": link,
                "absolute_x_axis_tolerance": orientation_tolerance,
                "absolute_y_axis_tolerance": orientation_tolerance,
                "absolute_z_axis_tolerance": orientation_tolerance,
                "weight": 1.0,
            }
        ]
    return constraints


def motion_plan_request(parameters: Mapping[str, Any], context: ConversionContext) -> Any:
    """Fields of MotionPlanRequest from the parameters of ``move_arm``.

    One of ``joints`` ({name: radians}), ``named_state`` (looked up in ``named_states``) or
    ``pose`` says where to go; ``group``, ``link``, ``planner_id``, ``pipeline_id``,
    ``planning_attempts``, ``planning_time`` (s), ``velocity_scaling``,
    ``acceleration_scaling`` (0 to 1) and the tolerances say how.

    Raises:
        ConversionError: no target, more than one, or one that is not known.

    """
    targets = [key for key in ("joints", "named_state", "pose") if parameters.get(key) is not None]
    if len(targets) != 1:
        raise ConversionError(
            f"exactly one of joints, named_state and pose says where to go; given: {targets}"
        )
    if targets[0] == "pose":
        place = located(parameters["pose"], context)
        free = parameters.get("orientation_free", False)
        constraints = pose_constraints(
            pose_fields(place),
            frame_of(place, context.frame),
            link=parameters.get("link", ""),
            position_tolerance=parameters.get("position_tolerance", POSITION_TOLERANCE),
            orientation_tolerance=None
            if free
            else parameters.get("orientation_tolerance", ORIENTATION_TOLERANCE),
        )
    else:
        joints = parameters.get("joints") or _named_state(parameters)
        constraints = joint_constraints(joints, parameters.get("joint_tolerance", JOINT_TOLERANCE))
    return {
        "group_name": parameters.get("group", ""),
        "goal_constraints": [constraints],
        "pipeline_id": parameters.get("pipeline_id", ""),
        "planner_id": parameters.get("planner_id", ""),
        "num_planning_attempts": int(parameters.get("planning_attempts", 1)),
        "allowed_planning_time": float(parameters.get("planning_time", 5.0)),
        "max_velocity_scaling_factor": float(parameters.get("velocity_scaling", 0.5)),
        "max_acceleration_scaling_factor": float(parameters.get("acceleration_scaling", 0.5)),
        "start_state": {"is_diff": True},
    }


def _named_state(parameters: Mapping[str, Any]) -> Mapping[str, float]:
    states = parameters.get("named_states", {})
    name = parameters["named_state"]
    if name not in states:
        raise ConversionError(
            f"no arm state is called {name!r}; known: {', '.join(sorted(states)) or 'none'}"
        )
    found: Mapping[str, float] = states[name]
    return found


register_conversion("motion_plan_request", motion_plan_request)
