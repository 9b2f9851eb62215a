"""What a MotionPlanRequest asks of the arm, as joint positions that would do it."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from moveit_msgs.msg import MoveItErrorCodes as Codes

from execution_orchestrator.simulation.geometry import (
    Array,
    from_quaternion,
    rotation,
)
from execution_orchestrator.simulation.physics.arm import inverse_kinematics, within_limits
from execution_orchestrator.simulation.physics.robot_model import ARM_GROUP, ARM_JOINTS, TOOL_LINK
from execution_orchestrator.simulation.work.body import Locate, UnknownFrameError
from execution_orchestrator.simulation.work.jobs import JobError
from execution_orchestrator.simulation.work.messages import matrix_of

PITCHES = (math.pi / 2, math.pi / 4, 0.0, 3 * math.pi / 4)  # tried when any orientation will do
YAWS = tuple(k * math.pi / 4 for k in range(-3, 5))


def check_group(group: str) -> None:
    """Refuse a group the robot does not have.

    Raises:
        JobError: always with the code MoveIt has for it.

    """
    if group not in ("", ARM_GROUP):
        raise JobError(
            Codes.INVALID_GROUP_NAME, f"no planning group {group!r}; there is {ARM_GROUP!r}"
        )


def goal_joints(
    constraints: Sequence[Any], now: Sequence[float], locate: Locate
) -> list[tuple[float, ...]]:
    """Joint positions that satisfy any of the goal constraints.

    ``locate`` gives the pose of a frame in base_link.

    Raises:
        JobError: the constraints cannot be understood, or no position satisfies them.

    """
    if not constraints:
        raise JobError(Codes.INVALID_GOAL_CONSTRAINTS, "no goal constraints are given")
    found: list[tuple[float, ...]] = []
    for each in constraints:
        if each.joint_constraints:
            found.append(_joints(each.joint_constraints, now))
        elif each.position_constraints:
            found += _poses(each, locate)
        else:
            raise JobError(
                Codes.INVALID_GOAL_CONSTRAINTS, "a goal needs joint or position constraints"
            )
    if not found:
        raise JobError(Codes.NO_IK_SOLUTION, "the pose is out of the arm's reach")
    return found


def _joints(constraints: Sequence[Any], now: Sequence[float]) -> tuple[float, ...]:
    joints = list(now)
    for each in constraints:
        if each.joint_name not in ARM_JOINTS:
            raise JobError(
                Codes.INVALID_GOAL_CONSTRAINTS,
                f"no joint {each.joint_name!r}; there are {', '.join(ARM_JOINTS)}",
            )
        joints[ARM_JOINTS.index(each.joint_name)] = float(each.position)
    if not within_limits(joints):
        raise JobError(Codes.GOAL_STATE_INVALID, "the goal is beyond the limits of a joint")
    return tuple(joints)


def _poses(constraints: Any, locate: Locate) -> list[tuple[float, ...]]:
    position = constraints.position_constraints[0]
    check_link(position.link_name)
    if not position.constraint_region.primitive_poses:
        raise JobError(Codes.INVALID_GOAL_CONSTRAINTS, "the position constraint has no pose")
    pose = position.constraint_region.primitive_poses[0]
    place = (pose.position.x, pose.position.y, pose.position.z)
    target = in_base(from_quaternion(place, (0.0, 0.0, 0.0, 1.0)), position.header.frame_id, locate)
    orientations: list[Array] = []
    if constraints.orientation_constraints:
        turn = constraints.orientation_constraints[0]
        check_link(turn.link_name)
        q = turn.orientation
        try:
            wanted = from_quaternion((0.0, 0.0, 0.0), (q.x, q.y, q.z, q.w))
        except ValueError as failure:
            raise JobError(Codes.INVALID_GOAL_CONSTRAINTS, str(failure)) from None
        orientations.append(in_base(wanted, turn.header.frame_id, locate)[:3, :3])
    else:
        orientations += [
            rotation(0.0, pitch, yaw) for pitch, yaw in itertools.product(PITCHES, YAWS)
        ]
    found: list[tuple[float, ...]] = []
    for orientation in orientations:
        whole = np.eye(4)
        whole[:3, :3], whole[:3, 3] = orientation, target[:3, 3]
        found += inverse_kinematics(whole)
    return found


def pose_target(pose: Any, link: str, locate: Locate) -> Array:
    """Target in base_link of a geometry_msgs/PoseStamped; ``locate`` gives frames in base_link.

    Raises:
        JobError: unknown frame or link, or no pose.

    """
    check_link(link)
    try:
        return in_base(matrix_of(pose.pose), pose.header.frame_id, locate)
    except ValueError as failure:
        raise JobError(Codes.INVALID_GOAL_CONSTRAINTS, str(failure)) from None


def check_link(link: str) -> None:
    """Refuse a link that is not the tool.

    Raises:
        JobError: it is another one.

    """
    if link not in ("", TOOL_LINK):
        raise JobError(Codes.INVALID_LINK_NAME, f"only {TOOL_LINK!r} is moved, not {link!r}")


def in_base(pose: Array, frame: str, locate: Locate) -> Array:
    """Bring a pose into base_link.

    Raises:
        JobError: the frame is not known.

    """
    try:
        return locate(frame) @ pose
    except UnknownFrameError as failure:
        raise JobError(Codes.FRAME_TRANSFORM_FAILURE, str(failure)) from None
