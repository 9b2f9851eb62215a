"""The world and its robots, advanced in small steps: the single authority on what is where."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from execution_orchestrator.simulation.geometry import Array, inverse, wrapped, yaw_of
from execution_orchestrator.simulation.physics.base import Base, Clearance
from execution_orchestrator.simulation.physics.grasping import between_jaws, settled
from execution_orchestrator.simulation.physics.grid import Grid, build_grid
from execution_orchestrator.simulation.physics.robot import DOCKED, Robot
from execution_orchestrator.simulation.physics.robot_model import GRIPPER_OPENING, RADIUS
from execution_orchestrator.simulation.world.model import Model, Solid, World

LARGEST_STEP = 0.02  # seconds


class Simulation:
    """A world with robots; the same seed and the same commands give the same history."""

    def __init__(
        self,
        world: World,
        robots: Sequence[str] = ("",),
        *,
        seed: int = 0,
        odometry_noise: float = 0.0,
        resolution: float = 0.05,
        grid: Grid | None = None,
    ) -> None:
        self.world = world
        self.time = 0.0
        self.statics: list[Solid] = world.static_solids()
        self.grid: Grid = grid or build_grid(self.statics, resolution)
        self.objects: dict[str, Model] = world.objects()
        self.poses: dict[str, Array] = {name: model.pose for name, model in self.objects.items()}
        self.robots: dict[str, Robot] = {}
        for index, name in enumerate(robots):
            start = start_pose(world, name, index)
            base = Base(float(start[0, 3]), float(start[1, 3]), yaw_of(start))
            rng = np.random.default_rng((seed, index))
            self.robots[name] = Robot(name, base, rng, odometry_noise)

    def step(self, duration: float) -> None:
        """Advance by ``duration`` seconds."""
        # What stands still does so in one step, however long.
        count = 1 if self.at_rest else max(1, math.ceil(duration / LARGEST_STEP - 1e-9))
        for _ in range(count):
            for robot in self.robots.values():
                self._advance(robot, duration / count)
            self.time += duration / count

    @property
    def at_rest(self) -> bool:
        """Whether no robot moves, or is about to."""
        return all(robot.at_rest for robot in self.robots.values())

    def close_jaws(self, robot: Robot, target: float, effort: float) -> None:
        """Send the jaws to ``target`` metres apart; an object between them is held."""
        gripper = robot.gripper
        gripper.target = max(0.0, min(GRIPPER_OPENING, target))
        gripper.effort = effort
        if gripper.held and gripper.target > gripper.held_width:
            self._release(robot)
        elif not gripper.held and gripper.target < gripper.opening:
            found = between_jaws(robot.tool, gripper.opening, self._loose())
            if found is not None and found[1] > gripper.target and effort > 0.0:
                gripper.held, gripper.held_width = found
                gripper.grasp = inverse(robot.tool) @ self.poses[gripper.held]

    def clearance_for(self, robot: Robot) -> Clearance:
        """Room in metres around a place for one robot, other robots included."""
        others = [other.base for other in self.robots.values() if other is not robot]

        def room(x: float, y: float) -> float:
            free = self.grid.clearance_at(x, y)
            for other in others:
                free = min(free, math.hypot(x - other.x, y - other.y) - RADIUS)
            return free

        return room

    def _advance(self, robot: Robot, dt: float) -> None:
        before = robot.base.travelled
        direction = -1.0 if robot.base.speed < 0 else 1.0
        if robot.charge <= 0.0:
            robot.base.stop()
        robot.base.step(dt, self.clearance_for(robot))
        robot.charging = self.docked(robot) and abs(robot.base.speed) < 0.01
        robot.step(dt, direction * (robot.base.travelled - before))
        robot.move_jaws(dt)
        held = robot.gripper.held
        if held:
            self.poses[held] = robot.tool @ robot.gripper.grasp

    def docked(self, robot: Robot) -> bool:
        """Whether the robot stands in a dock (a frame of the world whose name has ``dock``)."""
        for name, frame in self.world.frames.items():
            if "dock" in name:
                away = math.hypot(robot.base.x - frame[0, 3], robot.base.y - frame[1, 3])
                if away < DOCKED and abs(wrapped(robot.base.yaw - yaw_of(frame))) < DOCKED:
                    return True
        return False

    def _loose(self) -> dict[str, tuple[Model, Array]]:
        held = {robot.gripper.held for robot in self.robots.values()}
        return {
            name: (model, self.poses[name])
            for name, model in self.objects.items()
            if name not in held
        }

    def _release(self, robot: Robot) -> None:
        name = robot.gripper.held
        robot.gripper.held, robot.gripper.held_width = "", 0.0
        supports = list(self.statics)
        for other, (model, pose) in self._loose().items():
            if other != name:
                supports += model.placed(pose)
        self.poses[name] = settled(self.objects[name], self.poses[name], supports)


def start_pose(world: World, robot: str, index: int) -> Array:
    """Where a robot stands at first: ``<name>_start``, ``robot<n>_start``, or ``robot_start``."""
    number = f"robot{index + 1}_start"
    for frame in (f"{robot.strip('/')}_start", number if index else "robot_start", "robot_start"):
        if frame in world.frames:
            return world.frames[frame]
    return np.eye(4)
