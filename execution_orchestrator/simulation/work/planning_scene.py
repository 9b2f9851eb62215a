"""The planning scene: collision objects that were added, and what is attached to the gripper."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

import numpy as np
from moveit_msgs.msg import CollisionObject, PlanningScene, PlanningSceneComponents
from shape_msgs.msg import SolidPrimitive

from execution_orchestrator.simulation.geometry import Array, from_quaternion, inverse
from execution_orchestrator.simulation.physics.robot_model import TOOL_LINK
from execution_orchestrator.simulation.work.body import Locate, UnknownFrameError
from execution_orchestrator.simulation.work.messages import matrix_of, pose_message
from execution_orchestrator.simulation.world.shapes import Box, Cylinder, Shape, Sphere
from execution_orchestrator.simulation.world.simulated_world import Solid

COLOR = (0.5, 0.5, 0.5)


class Scene:
    """Collision objects by name; safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._world: dict[str, Any] = {}
        self._attached: dict[str, Any] = {}
        self._in_tool: dict[str, Array] = {}  # poses of what is attached, in the tool's link

    def apply(self, change: Any, locate: Locate) -> str:
        """Apply a moveit_msgs/PlanningScene; return what is wrong with it, empty if nothing.

        ``locate`` gives the pose of a frame in the map.
        """
        try:
            with self._lock:
                return self._apply(change, locate)
        except UnknownFrameError as failure:
            return str(failure)

    def _apply(self, change: Any, locate: Locate) -> str:
        if not change.is_diff:
            self._world, self._attached = {}, {}
        for each in change.robot_state.attached_collision_objects:
            wrong = self._attach(each, locate)
            if wrong:
                return wrong
        for each in change.world.collision_objects:
            wrong = self._change(each, locate)
            if wrong:
                return wrong
        return ""

    def message(self, components: int) -> PlanningScene:
        """moveit_msgs/PlanningScene with the parts asked for; 0 asks for all."""
        scene = PlanningScene(name="(simulation)", robot_model_name="simulated_robot")
        parts = PlanningSceneComponents
        with self._lock:
            if not components or components & parts.ROBOT_STATE_ATTACHED_OBJECTS:
                scene.robot_state.attached_collision_objects = list(self._attached.values())
            if not components or components & (
                parts.WORLD_OBJECT_GEOMETRY | parts.WORLD_OBJECT_NAMES
            ):
                scene.world.collision_objects = list(self._world.values())
        return scene

    def solids(self) -> list[Solid]:
        """Shapes of the collision objects, in the map."""
        with self._lock:
            return [s for each in self._world.values() for s in object_solids(each)]

    def _attach(self, attached: Any, locate: Locate) -> str:
        name, operation = attached.object.id, attached.object.operation
        if operation == CollisionObject.REMOVE:
            if name and name not in self._attached:
                return f"{name!r} is not attached"
            for each in [name] if name else list(self._attached):
                self._put_down(each, locate)
            return ""
        if not name:
            return "an attached object needs an id"
        place = locate(attached.object.header.frame_id) @ _matrix(attached.object.pose)
        self._world.pop(name, None)
        self._attached[name] = attached
        self._in_tool[name] = inverse(locate(TOOL_LINK)) @ place
        return ""

    def _put_down(self, name: str, locate: Locate) -> None:
        """Leave what was attached in the world, where it is: MoveIt does so, too."""
        left = self._attached.pop(name).object
        if name not in self._world:
            left.operation = CollisionObject.ADD
            left.header.frame_id = "map"
            left.pose = pose_message(locate(TOOL_LINK) @ self._in_tool[name])
            self._world[name] = left

    def _change(self, change: Any, locate: Locate) -> str:
        name, operation = change.id, change.operation
        if operation == CollisionObject.REMOVE:
            if not name:
                self._world = {}
            elif self._world.pop(name, None) is None:
                return f"no collision object {name!r}"
            return ""
        if operation == CollisionObject.MOVE:
            if name not in self._world:
                return f"no collision object {name!r} to move"
            self._world[name].pose = change.pose
            return ""
        if change.meshes or change.planes:
            return f"{name!r}: only primitives are simulated"
        if operation == CollisionObject.APPEND and name in self._world:
            self._world[name].primitives = [*self._world[name].primitives, *change.primitives]
            poses = [*self._world[name].primitive_poses, *change.primitive_poses]
            self._world[name].primitive_poses = poses
            return ""
        change.pose = pose_message(locate(change.header.frame_id) @ _matrix(change.pose))
        change.header.frame_id = "map"
        self._world[name] = change
        return ""


def object_solids(message: Any) -> list[Solid]:
    """Shapes of a moveit_msgs/CollisionObject in its frame."""
    place = _matrix(message.pose)
    poses: Sequence[Any] = message.primitive_poses
    solids = []
    for index, primitive in enumerate(message.primitives):
        own = _matrix(poses[index]) if index < len(poses) else np.eye(4)
        shape = _shape(primitive)
        if shape is not None:
            solids.append(Solid(shape, place @ own, COLOR))
    return solids


def _matrix(pose: Any) -> Array:
    q = pose.orientation
    if not any((q.x, q.y, q.z, q.w)):
        p = pose.position
        return from_quaternion((p.x, p.y, p.z), (0.0, 0.0, 0.0, 1.0))
    return matrix_of(pose)


def _shape(primitive: Any) -> Shape | None:
    sizes = [float(value) for value in primitive.dimensions]
    if primitive.type == SolidPrimitive.BOX and len(sizes) == 3:
        return Box((sizes[0], sizes[1], sizes[2]))
    if primitive.type == SolidPrimitive.SPHERE and sizes:
        return Sphere(sizes[0])
    if primitive.type == SolidPrimitive.CYLINDER and len(sizes) == 2:
        return Cylinder(sizes[1], sizes[0])
    return None
