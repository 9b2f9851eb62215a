"""The world of a rehearsal: an SDF world or the map, and the objects that are known."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from execution_orchestrator.capabilities.geometry import PoseError, frame_of, pose_fields
from execution_orchestrator.plan.capability import CapabilitySpec, RobotSpec
from execution_orchestrator.runtime.rehearsing import OccupancyMap, RehearsalRequest
from execution_orchestrator.simulation.geometry import Array, from_quaternion, inverse, yaw_of
from execution_orchestrator.simulation.physics.grid import MAX_CELLS, Grid
from execution_orchestrator.simulation.physics.robot import CAPACITY, Robot
from execution_orchestrator.simulation.physics.robot_model import (
    ARM_JOINTS,
    CAMERA_PAN_JOINT,
    GRIPPER_JOINTS,
)
from execution_orchestrator.simulation.physics.simulation import Simulation
from execution_orchestrator.simulation.physics.vehicle import Kind, Vehicle
from execution_orchestrator.simulation.work.vehicle import FEET
from execution_orchestrator.simulation.world.finding import load_world
from execution_orchestrator.simulation.world.shapes import Box
from execution_orchestrator.simulation.world.simulated_world import Model, Solid, World

OCCUPIED = 65  # per cent, as map_server's occupied_thresh
FARTHEST = 1.0  # metres; what is farther from an obstacle than that has room enough
EDGE = 0.06  # metres, side of an object of unknown size
COLOR = (0.6, 0.6, 0.6)
UNSEEN = "objects that nobody has seen yet: looking finds only what is known already"
GO_TO = "execution_orchestrator/action/GoTo"
Cells = NDArray[np.bool_]
DRIVES = frozenset({"navigate_to_pose", "navigate_through_poses", "follow_waypoints"})


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
            self.unknown += [
                "the arm's surroundings: the map tells only what stands on the floor",
                UNSEEN,
            ]
        else:
            self.unknown += ["obstacles: no map is known, so nothing stands in the way", UNSEEN]
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
        kind = _kind_of_vehicle(request)
        has_base = kind is None or any(
            one.interface.name in DRIVES for one in _capabilities(request)
        )
        self.vehicles: dict[str, Vehicle] = {}
        for name, robot in self.simulation.robots.items():
            which = next(
                (one.name for one in request.robot.model.robots.values() if _short(one) == name), ""
            )
            if kind is not None:
                self.vehicles[name] = self._vehicle(kind, request, which, alone=not has_base)
            if has_base:
                self._place(robot, request, which)
        # What `robot` of expressions is about: the base, or a vehicle that has none.
        self.alone = self.vehicles.get("") if not has_base else None

    def _vehicle(
        self, kind: Kind, request: RehearsalRequest, which: str, *, alone: bool
    ) -> Vehicle:
        """Return the vehicle where it is now; ``alone``: the robot's state is the vehicle's."""
        state = request.robot_state if alone and not which else {}
        pose = _matrix(request.poses.get(which) if which else state.get("pose"))
        start = self.simulation.world.frames.get("vehicle_start", np.eye(4))
        if pose is None:
            self.unknown.append(f"where {which or 'the vehicle'} is: it begins on the ground")
        else:
            start = pose
        ground = start[:3, 3].copy()
        ground[2] = FEET
        vehicle = Vehicle(kind, ground, fence=math.inf, ceiling=math.inf)
        if pose is not None and kind is Kind.AERIAL:
            vehicle.position[2] = max(FEET, float(pose[2, 3]))
        vehicle.yaw = yaw_of(start)
        vehicle.charge = _charge(state, 1.0)
        self.unknown.append("where the vehicle may not go: its fence and its ceiling")
        return vehicle

    def _place(self, robot: Robot, request: RehearsalRequest, which: str) -> None:
        state = request.robot_state if not which else {}
        pose = _matrix(request.poses.get(which) if which else state.get("pose"))
        if pose is None:
            self.unknown.append(
                f"where {which or 'the robot'} is: it begins at the start of the world"
            )
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
        robot.energy = CAPACITY * _charge(state, robot.energy / CAPACITY)
        for name, how in request.held.get(which, {}).items():
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


def _capabilities(request: RehearsalRequest) -> Iterable[CapabilitySpec]:
    return request.robot.model.capabilities.values()


def _short(robot: RobotSpec) -> str:
    """Return how the simulation calls a robot."""
    return robot.namespace.strip("/")


def _kind_of_vehicle(request: RehearsalRequest) -> Kind | None:
    """Return what moves if the capabilities are those of a vehicle, None if they are not."""
    if not any(one.interface.type == GO_TO for one in _capabilities(request)):
        return None
    types = {one.type for one in request.robot.model.resources.values()}
    return next((kind for kind in Kind if f"{kind.value}_vehicle" in types), Kind.GROUND)


def _charge(state: Mapping[str, Any], default: float) -> float:
    battery = state.get("battery")
    if isinstance(battery, int | float) and math.isfinite(battery):
        return max(0.0, min(1.0, float(battery)))
    return default


def grid_of(known: OccupancyMap) -> Grid:
    """Return the clearance of a map's cells.

    Raises:
        ValueError: it has too many cells, or another number than it says.

    """
    if known.width * known.height > MAX_CELLS:
        raise ValueError(f"the map has {known.width} x {known.height} cells, at most {MAX_CELLS}")
    cells = np.frombuffer(known.cells, dtype=np.int8).reshape(known.height, known.width)
    occupied, origin = _upright(cells >= OCCUPIED, known)
    reach = math.ceil(FARTHEST / known.resolution)
    # Cells to the nearest obstacle in the same row, then of any row.
    across = np.where(occupied, 0.0, np.inf)
    for step in range(1, reach + 1):
        for here, there in (
            (slice(step, None), slice(None, -step)),
            (slice(None, -step), slice(step, None)),
        ):
            across[:, here][occupied[:, there]] = np.minimum(
                across[:, here][occupied[:, there]], step
            )
    square = across**2
    nearest = square.copy()
    for step in range(1, reach + 1):
        np.minimum(nearest[step:], square[:-step] + step**2, out=nearest[step:])
        np.minimum(nearest[:-step], square[step:] + step**2, out=nearest[:-step])
    clearance = np.minimum(np.sqrt(nearest) * known.resolution, FARTHEST) - known.resolution / 2
    return Grid(clearance, origin, known.resolution)


def _upright(occupied: Cells, known: OccupancyMap) -> tuple[Cells, tuple[float, float]]:
    """Return the cells of a map along the axes of its frame, and their corner."""
    x, y, yaw = known.origin
    if abs(yaw) < 1e-6:
        return occupied, (x, y)
    cosine, sine, cell = math.cos(yaw), math.sin(yaw), known.resolution
    corners = np.array([[0, 0], [known.width, 0], [0, known.height], [known.width, known.height]])
    turned = corners @ np.array([[cosine, sine], [-sine, cosine]]) * cell
    low, high = turned.min(axis=0), turned.max(axis=0)
    columns, rows = (math.ceil(side / cell) for side in high - low)
    right = low[0] + (np.arange(columns) + 0.5) * cell
    up = (low[1] + (np.arange(rows) + 0.5) * cell)[:, None]
    column = np.floor((right * cosine + up * sine) / cell).astype(int)
    row = np.floor((up * cosine - right * sine) / cell).astype(int)
    inside = (row >= 0) & (row < known.height) & (column >= 0) & (column < known.width)
    found = np.zeros((rows, columns), dtype=bool)
    found[inside] = occupied[row[inside], column[inside]]
    return found, (x + float(low[0]), y + float(low[1]))


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
