"""The world and its robots, advanced in small steps: the single authority on what is where."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from execution_orchestrator.simulation.geometry import Array, inverse, wrapped, yaw_of
from execution_orchestrator.simulation.physics.base import Base, Clearance
from execution_orchestrator.simulation.physics.grasping import between_jaws, settled
from execution_orchestrator.simulation.physics.grid import LOWEST, Grid, build_grid
from execution_orchestrator.simulation.physics.robot import DOCKED, Robot
from execution_orchestrator.simulation.physics.robot_model import (
    GRIPPER_OPENING,
    HEIGHT,
    RADIUS,
)
from execution_orchestrator.simulation.world.simulated_world import Model, Solid, World

LARGEST_STEP = 0.02  # seconds
MAX_OBSTACLES = 100


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
        # What appeared since the start; it is on no map, as a closed door is not.
        self.obstacles: dict[str, Solid] = {}
        self.robots: dict[str, Robot] = {}
        for index, name in enumerate(robots):
            rng = np.random.default_rng((seed, index))
            self.robots[name] = Robot(name, _base_at(world, name, index), rng, odometry_noise)

    def reset(self) -> None:
        """Put robots and objects where they were at the start, with a full battery."""
        self.obstacles.clear()
        self.poses = {name: model.pose for name, model in self.objects.items()}
        for index, (name, robot) in enumerate(self.robots.items()):
            robot.reset(_base_at(self.world, name, index))

    def put(self, name: str, pose: Array) -> None:
        """Put an object somewhere, also one that was lost; a gripper that held it lets it go.

        Raises:
            ValueError: the world has no object of that name.

        """
        self._known(name)
        self._let_go(name)
        self.poses[name] = pose

    def lose(self, name: str) -> None:
        """Take an object, or an obstacle, out of the world.

        Raises:
            ValueError: there is none of that name.

        """
        if self.obstacles.pop(name, None) is None:
            self._known(name)
            self._let_go(name)
            self.poses.pop(name, None)

    def obstruct(self, name: str, box: Solid) -> None:
        """Let an obstacle appear; one of the same name is replaced.

        Raises:
            ValueError: a robot stands there, an object has that name, or there are too many.

        """
        if name in self.objects:
            raise ValueError(f"{name} is an object of the world; choose another name")
        if len(self.obstacles) >= MAX_OBSTACLES and name not in self.obstacles:
            raise ValueError(f"there are {MAX_OBSTACLES} obstacles already")
        for robot in self.robots.values():
            if _room(box, robot.base.x, robot.base.y) < RADIUS:
                raise ValueError(f"the robot {robot.name} stands there".replace("  ", " "))
        self.obstacles[name] = box

    def _known(self, name: str) -> None:
        if name not in self.objects:
            known = ", ".join(sorted([*self.objects, *self.obstacles]))
            raise ValueError(f"nothing is called {name!r}; there are: {known}")

    def _let_go(self, name: str) -> None:
        for robot in self.robots.values():
            if robot.gripper.held == name:
                robot.gripper.let_go()

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
        obstacles = list(self.obstacles.values())

        def room(x: float, y: float) -> float:
            free = self.grid.clearance_at(x, y)
            for other in others:
                free = min(free, math.hypot(x - other.x, y - other.y) - RADIUS)
            for box in obstacles:
                free = min(free, _room(box, x, y))
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
            if name in self.poses and name not in held
        }

    def _release(self, robot: Robot) -> None:
        name = robot.gripper.held
        robot.gripper.let_go()
        supports = list(self.statics)
        for other, (model, pose) in self._loose().items():
            if other != name:
                supports += model.placed(pose)
        self.poses[name] = settled(self.objects[name], self.poses[name], supports)


def _room(box: Solid, x: float, y: float) -> float:
    """Return the metres between a place on the floor and a box, as far as it is in a base's way."""
    low, high = (float(corner[2]) for corner in box.bounds())
    if low > HEIGHT or high < LOWEST:
        return math.inf
    return float(box.distances(np.array([[x, y, (max(low, 0.0) + min(high, HEIGHT)) / 2]]))[0])


def _base_at(world: World, robot: str, index: int) -> Base:
    start = start_pose(world, robot, index)
    return Base(float(start[0, 3]), float(start[1, 3]), yaw_of(start))


def start_pose(world: World, robot: str, index: int) -> Array:
    """Where a robot stands at first: ``<name>_start``, ``robot<n>_start``, or ``robot_start``."""
    number = f"robot{index + 1}_start"
    for frame in (f"{robot.strip('/')}_start", number if index else "robot_start", "robot_start"):
        if frame in world.frames:
            return world.frames[frame]
    return np.eye(4)
