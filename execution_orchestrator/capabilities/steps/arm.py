"""Arm and gripper moves that picking and placing share."""

from __future__ import annotations

import logging
import math
from collections.abc import Mapping
from typing import Any

from execution_orchestrator.capabilities.conversions import ConversionError, located
from execution_orchestrator.capabilities.geometry import (
    PoseError,
    frame_of,
    pose_fields,
    quaternion_from_euler,
    shifted,
)
from execution_orchestrator.capabilities.gripper_command import gripper_goal, gripper_result
from execution_orchestrator.capabilities.moveit_request import motion_plan_request
from execution_orchestrator.capabilities.steps.context import StepContext, StepFailedError
from execution_orchestrator.plan.errors import ErrorInfo, ErrorType

log = logging.getLogger(__name__)
MOVE_GROUP = "moveit_msgs/action/MoveGroup"
MOVE_TIMEOUT = 60.0  # seconds for planning and motion of one arm move
GRIPPER_TIMEOUT = 15.0  # seconds
FROM_ABOVE = math.pi / 2  # pitch that turns the tool's x axis down
SCENE_TYPE = "moveit_msgs/srv/ApplyPlanningScene"
GET_SCENE_TYPE = "moveit_msgs/srv/GetPlanningScene"
ATTACHED_OBJECTS = 4  # moveit_msgs/PlanningSceneComponents.ROBOT_STATE_ATTACHED_OBJECTS
ADD = 0  # moveit_msgs/CollisionObject
REMOVE = 1
OPEN_ENOUGH = 0.9  # share of the opening that was wanted; some jaws end a little before
BOX = 1  # shape_msgs/SolidPrimitive


def target(
    context: StepContext, object_id: str, *, at: object = None
) -> tuple[dict[str, Any], str, Mapping[str, Any]]:
    """Return the grasp or place pose, its frame, and the record of the object.

    ``at`` is where, if that is not what the parameter ``pose`` says.

    Raises:
        StepFailedError: there is no pose and no known object of that name.

    """
    known = context.conversion.objects.get(object_id, {}) if object_id else {}
    value = context.parameters.get("pose") if at is None else at
    try:
        place = located(object_id if value is None else value, context.conversion)
        pose = pose_fields(place)
    except (ConversionError, PoseError) as failure:
        raise StepFailedError(
            ErrorInfo(
                type=ErrorType.SENSOR,
                code="OBJECT_POSE_UNKNOWN",
                message=f"no pose for {object_id or 'the target'}: {failure}",
                recoverable=True,
            )
        ) from None
    return pose, frame_of(place, context.conversion.frame), known


def tool_pose(context: StepContext, pose: Mapping[str, Any]) -> dict[str, Any]:
    """Turn the tool at a position as ``grasp_pitch`` and ``grasp_angle`` say."""
    pitch = float(context.parameters.get("grasp_pitch", FROM_ABOVE))
    angle = float(context.parameters.get("grasp_angle", 0.0))
    return {
        "position": dict(pose["position"]),
        "orientation": quaternion_from_euler(0.0, pitch, angle),
    }


async def move_tool(
    context: StepContext, step: str, pose: Mapping[str, Any], frame: str, *, up: float = 0.0
) -> None:
    """Move the tool to a pose, ``up`` metres above it.

    Raises:
        StepFailedError: MoveIt did not do it.

    """
    await _move(context, step, {"pose": {**shifted(pose, 0.0, 0.0, up), "frame": frame}})


async def fold(context: StepContext, setting: str) -> None:
    """Move the arm to the named state of the capability's setting, if there is one.

    The base drives next, perhaps close to a table. What was asked for is done by then, and an arm
    that stays as it is does not make it undone.
    """
    state = str(context.parameters.get(setting, ""))
    if not state:
        return
    try:
        await _move(context, "fold", {"named_state": state})
    except StepFailedError as failure:
        log.warning("the arm is not folded: %s", failure.error.message)


async def _move(context: StepContext, step: str, target: Mapping[str, Any]) -> None:
    parameters = {
        key: value
        for key, value in context.parameters.items()
        if key not in ("pose", "joints", "named_state")
    }
    request = motion_plan_request({**parameters, **target}, context.conversion)
    await context.goal(
        step,
        MOVE_GROUP,
        str(context.parameters.get("move_action", "move_action")),
        {
            "request": request,
            "planning_options": {
                "planning_scene_diff": {"is_diff": True, "robot_state": {"is_diff": True}}
            },
        },
        timeout=MOVE_TIMEOUT,
        failure=ErrorType.MANIPULATION,
    )


async def move_gripper(context: StepContext, step: str, position: float) -> Mapping[str, Any]:
    """Move the jaws to ``position`` metres apart and return the fields of GripperCommand's result.

    A goal that the server aborts because the jaws met something (``stalled``) is done, and so is
    one that brought them to where they were sent (``reached_goal``).

    Raises:
        StepFailedError: the gripper did not do it.

    """
    settings = context.parameters
    effort = float(settings.get("max_effort", settings.get("gripper_max_effort", 40.0)))
    kind = str(settings["gripper_type"])
    result = await context.goal(
        step,
        kind,
        str(settings["gripper_action"]),
        gripper_goal(kind, position, effort, str(settings.get("gripper_joint", ""))),
        timeout=GRIPPER_TIMEOUT,
        failure=ErrorType.MANIPULATION,
        # Controllers that do not allow stalling abort when the jaws meet the object.
        done_if=("stalled", "reached_goal"),
    )
    return gripper_result(kind, result)


async def open_jaws(context: StepContext, step: str, opening: float) -> Mapping[str, Any]:
    """Open to ``opening`` metres between the jaws; the same as `move_gripper` otherwise.

    Raises:
        StepFailedError: something keeps the jaws from opening.

    """
    result = await move_gripper(context, step, opening)
    at = float(result.get("position", opening))
    blocked = bool(result.get("stalled")) and not result.get("reached_goal")
    if blocked and at < OPEN_ENOUGH * opening:
        raise StepFailedError(
            ErrorInfo(
                type=ErrorType.MANIPULATION,
                code="GRIPPER_NOT_OPEN",
                message=f"{step}: the jaws stopped at {at:.3f} m, {opening:g} m were wanted",
                recoverable=True,
                context={"step": step, "position": at},
            )
        )
    return result


async def held_objects(context: StepContext, wanted: str) -> list[str]:
    """Objects that are held; ``wanted`` is attached again in a move_group that was restarted.

    ``wanted`` is an object's id, or empty for whatever is held.

    Raises:
        StepFailedError: move_group does not answer.

    """
    attached = await _attached_objects(context)
    if attached:
        return attached
    for identity, how in context.gripper.held().items():
        if wanted in ("", identity):
            await attach(context, identity, how)
            attached.append(identity)
    return attached


async def _attached_objects(context: StepContext) -> list[str]:
    """Objects the planning scene says are held by the link of this gripper.

    Raises:
        StepFailedError: move_group does not answer.

    """
    name = str(context.parameters.get("get_planning_scene", "get_planning_scene"))
    answer = await context.call(
        "what is held", GET_SCENE_TYPE, name, {"components": {"components": ATTACHED_OBJECTS}}
    )
    attached = answer["scene"]["robot_state"]["attached_collision_objects"]
    # The other gripper of a robot with two is none of this one's business.
    link = str(context.parameters.get("link", ""))
    return [entry["object"]["id"] for entry in attached if entry["link_name"] in (link, "")]


async def attach(context: StepContext, object_id: str, how: Mapping[str, Any]) -> None:
    """Tell MoveIt that the object is held now, with a ``pose`` in a ``frame`` and a ``size``.

    Raises:
        StepFailedError: move_group does not take it.

    """
    await _scene(
        context,
        "attach",
        {
            "object": {
                "id": object_id,
                "header": {"frame_id": how["frame"]},
                "pose": dict(how["pose"]),
                "primitives": [{"type": BOX, "dimensions": list(how["size"])}],
                "primitive_poses": [{}],
                "operation": ADD,
            },
            "touch_links": list(context.parameters.get("touch_links", [])),
        },
    )


async def detach(context: StepContext, object_id: str) -> None:
    """Tell MoveIt that the object is not held any more.

    Raises:
        StepFailedError: move_group does not take it.

    """
    gone = {"id": object_id, "operation": REMOVE}
    # MoveIt leaves what is detached in the world, where the open jaws would touch it.
    await _scene(context, "detach", {"object": gone}, world={"collision_objects": [gone]})


async def _scene(
    context: StepContext, step: str, attached: dict[str, Any], **more: Mapping[str, Any]
) -> None:
    attached["link_name"] = str(context.parameters.get("link", ""))
    answer = await context.call(
        step,
        SCENE_TYPE,
        str(context.parameters.get("planning_scene", "apply_planning_scene")),
        {
            "scene": {
                "is_diff": True,
                "robot_state": {"is_diff": True, "attached_collision_objects": [attached]},
                **more,
            }
        },
    )
    if not answer.get("success", False):
        raise StepFailedError(
            ErrorInfo(
                type=ErrorType.MANIPULATION,
                code="MOVEIT_SCENE_REFUSED",
                message=f"{step}: move_group refused the change of the planning scene",
                recoverable=True,
            )
        )
