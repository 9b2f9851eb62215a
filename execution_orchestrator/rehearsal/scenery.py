"""The world of a rehearsal: an SDF world or the map, and the objects that are known."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from execution_orchestrator.capabilities.geometry import PoseError, frame_of, pose_fields
from execution_orchestrator.runtime.rehearsing import OccupancyMap, RehearsalRequest
from execution_orchestrator.simulation.geometry import Array, from_quaternion, inverse, yaw_of
from execution_orchestrator.simulation.physics.grid import Grid
from execution_orchestrator.simulation.physics.robot import CAPACITY, Robot
from execution_orchestrator.simulation.physics.robot_model import (
    ARM_JOINTS,
    CAMERA_PAN_JOINT,
    GRIPPER_JOINTS,
)
from execution_orchestrator.simulation.physics.simulation import Simulation
from execution_orchestrator.simulation.world.finding import load_world
from execution_orchestrator.simulation.world.model import Model, Solid, World
from execution_orchestrator.simulation.world.shapes import Box

OCCUPIED = 65  # per cent, as map_server's occupied_thresh
FARTHEST = 1.0  # metres; what is farther from an obstacle than that has room enough
EDGE = 0.06  # metres, side of an object whose size nobody knows
COLOR = (0.6, 0.6, 0.6)


class Scenery:
    """The simulation of a request, and what of it had to be supposed."""

    def __init__(self, request: RehearsalRequest, share: Path, robots: list[str]) -> None:
        self.unknown: list[str] = []
        world = World("map", {})
        grid = None
        if request.world:
            world = load_world(request.world, share)
        elif request.map is not None:
            grid = grid_of(request.map)
            self.unknown.append(
                "the arm's surroundings: the map tells only what stands on the floor"
            )
        else:
            self.unknown.append("obstacles: no map is known, so nothing stands in the way")
        known = {
            str(one["id"]): one
            for one in request.objects
            if one.get("id") and isinstance(one.get("pose"), Mapping)
        }
        models = dict(world.models)
        for name, one in known.items():
            pose = _matrix(one["pose"])
            if pose is None:
                self.unknown.append(f"where {name} is: its pose is not in the map")
                continue
            before = models.get(name)
            solids = before.solids if before is not None else (_box(one.get("size")),)
            if before is None or not before.static:
                models[name] = Model(name, pose, False, solids)
        unseen = sorted(set(world.objects()) - set(known))
        if unseen:
            self.unknown.append(
                f"whether {', '.join(unseen[:10])} {'are' if len(unseen) > 1 else 'is'} where the "
                f"world {world.name} has them: nobody has seen them yet"
            )
        world = World(world.name, models, world.frames)
        self.simulation = Simulation(world, robots, grid=grid)
        for name, robot in self.simulation.robots.items():
            self._place(robot, request, alone=not name)

    def _place(self, robot: Robot, request: RehearsalRequest, *, alone: bool) -> None:
        state = request.robot_state if alone else {}
        pose = _matrix(state.get("pose"))
        if pose is None:
            which = robot.name or "the robot"
            self.unknown.append(f"where {which} is: it begins at the start of the world")
        else:
            base = robot.base
            base.x, base.y, base.yaw = float(pose[0, 3]), float(pose[1, 3]), yaw_of(pose)
        joints = state.get("joints")
        if isinstance(joints, Mapping):
            if all(name in joints for name in ARM_JOINTS):
                robot.joints = tuple(float(joints[name]) for name in ARM_JOINTS)
            if all(name in joints for name in GRIPPER_JOINTS):
                opening = sum(float(joints[name]) for name in GRIPPER_JOINTS)
                robot.gripper.opening = robot.gripper.target = opening
            robot.pan = robot.pan_target = float(joints.get(CAMERA_PAN_JOINT, 0.0))
        battery = state.get("battery")
        if isinstance(battery, int | float) and math.isfinite(battery):
            robot.energy = CAPACITY * max(0.0, min(1.0, float(battery)))
        for name, how in request.held.get("" if alone else robot.name, {}).items():
            self._hold(robot, name, how)

    def _hold(self, robot: Robot, name: str, how: Mapping[str, Any]) -> None:
        """Put what the gripper holds between the jaws."""
        model = self.simulation.objects.get(name)
        held = _matrix(how.get("pose"), any_frame=True)
        if model is None or held is None:
            self.unknown.append(f"how {name} is held")
            return
        gripper = robot.gripper
        self.simulation.poses[name] = robot.tool @ held
        gripper.held, gripper.grasp = name, inverse(robot.tool) @ self.simulation.poses[name]
        gripper.held_width = gripper.opening
        gripper.target, gripper.effort = 0.0, 40.0


def grid_of(known: OccupancyMap) -> Grid:
    """Clearance of a map's cells; a turned map is taken as if it were not turned."""
    cells = np.frombuffer(known.cells, dtype=np.int8).reshape(known.height, known.width)
    occupied = cells >= OCCUPIED
    rows, columns = occupied.shape
    clearance = np.full(occupied.shape, FARTHEST)
    reach = math.ceil(FARTHEST / known.resolution)
    for down in range(-reach, reach + 1):
        for right in range(-reach, reach + 1):
            away = math.hypot(down, right) * known.resolution
            if away >= FARTHEST:
                continue
            here = (
                slice(max(0, down), rows + min(0, down)),
                slice(max(0, right), columns + min(0, right)),
            )
            there = (
                slice(max(0, -down), rows + min(0, -down)),
                slice(max(0, -right), columns + min(0, -right)),
            )
            near = clearance[here]
            near[occupied[there] & (near > away)] = away
    clearance -= known.resolution / 2
    return Grid(clearance, known.origin[:2], known.resolution)


def _box(size: Any) -> Solid:
    sides = [
        float(size.get(axis, EDGE)) or EDGE if isinstance(size, Mapping) else EDGE
        for axis in ("x", "y", "z")
    ]
    return Solid(Box((sides[0], sides[1], sides[2])), np.eye(4), COLOR)


def _matrix(value: Any, *, any_frame: bool = False) -> Array | None:
    """Return a pose in the map as a matrix, None if it is none."""
    if not isinstance(value, Mapping):
        return None
    try:
        if not any_frame and frame_of(value, "map") != "map":
            return None
        fields = pose_fields(value)
    except PoseError:
        return None
    p, q = fields["position"], fields["orientation"]
    return from_quaternion((p["x"], p["y"], p["z"]), (q["x"], q["y"], q["z"], q["w"]))
