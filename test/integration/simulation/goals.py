"""Goals as clients of Nav2 and MoveIt write them."""

from __future__ import annotations

import math
from typing import Any

from geometry_msgs.msg import Pose, PoseStamped
from moveit_msgs.action import MoveGroup
from moveit_msgs.msg import Constraints, OrientationConstraint, PositionConstraint
from nav2_msgs.action import NavigateToPose
from shape_msgs.msg import SolidPrimitive

FROM_ABOVE = math.pi / 2


def pose(x: float, y: float, yaw: float = 0.0, frame: str = "map") -> PoseStamped:
    message = PoseStamped()
    message.header.frame_id = frame
    message.pose.position.x, message.pose.position.y = x, y
    message.pose.orientation.z, message.pose.orientation.w = math.sin(yaw / 2), math.cos(yaw / 2)
    return message


def drive_to(x: float, y: float, yaw: float = 0.0) -> Any:
    return NavigateToPose.Goal(pose=pose(x, y, yaw))


def tool_at(x: float, y: float, z: float) -> Any:
    """The gripper at a place, from above."""
    position = PositionConstraint(link_name="gripper_link", weight=1.0)
    position.header.frame_id = "map"
    sphere = SolidPrimitive(type=SolidPrimitive.SPHERE, dimensions=[0.01])
    position.constraint_region.primitives = [sphere]
    place = Pose()
    place.position.x, place.position.y, place.position.z = x, y, z
    position.constraint_region.primitive_poses = [place]
    turn = OrientationConstraint(link_name="gripper_link", weight=1.0)
    turn.header.frame_id = "map"
    turn.orientation.y, turn.orientation.w = math.sin(FROM_ABOVE / 2), math.cos(FROM_ABOVE / 2)
    goal = MoveGroup.Goal()
    goal.request.group_name = "arm"
    goal.request.allowed_planning_time = 2.0
    goal.request.goal_constraints = [
        Constraints(position_constraints=[position], orientation_constraints=[turn])
    ]
    return goal
