"""The whole robot: fetching, grasping by geometry, battery, two robots, determinism."""

from __future__ import annotations

import math

import numpy as np
import pytest

from execution_orchestrator.simulation.geometry import Array, inverse, transform
from execution_orchestrator.simulation.physics.arm import inverse_kinematics
from execution_orchestrator.simulation.physics.arm_planning import ArmScene, plan_arm, timed
from execution_orchestrator.simulation.physics.base import Motion
from execution_orchestrator.simulation.physics.path_planning import plan_path
from execution_orchestrator.simulation.physics.robot import Robot
from execution_orchestrator.simulation.physics.simulation import Simulation
from execution_orchestrator.simulation.world.simulated_world import World


def go(simulation: Simulation, robot: Robot, x: float, y: float, yaw: float) -> None:
    robot.base.follow(plan_path(simulation.grid, (robot.base.x, robot.base.y), (x, y)), yaw)
    for _ in range(3000):
        simulation.step(0.02)
        if robot.base.motion is not Motion.MOVING:
            return
    pytest.fail("the base does not arrive")


def reach_for(simulation: Simulation, robot: Robot, at: Array, up: float = 0.0) -> None:
    target = inverse(robot.pose) @ transform(np.add(at, (0.0, 0.0, up)), (0.0, math.pi / 2, 0.0))
    scene = ArmScene(simulation.statics, robot.pose)
    corners = plan_arm(scene, robot.joints, inverse_kinematics(target))
    assert corners is not None
    robot.follow_trajectory(timed(corners))
    while robot.arm_moving:
        simulation.step(0.02)


def jaws(simulation: Simulation, robot: Robot, opening: float) -> None:
    simulation.close_jaws(robot, opening, 40.0)
    simulation.step(1.0)


def test_it_fetches_the_red_cup(apartment: World) -> None:
    simulation = Simulation(apartment)
    robot = simulation.robots[""]
    cup = simulation.poses["red_cup"][:3, 3].copy()
    go(simulation, robot, 4.0, 2.0, 0.0)
    jaws(simulation, robot, 0.08)
    reach_for(simulation, robot, cup, 0.12)
    reach_for(simulation, robot, cup)
    jaws(simulation, robot, 0.065)
    assert robot.gripper.held == "red_cup"
    assert robot.gripper.stalled
    assert robot.gripper.opening == pytest.approx(0.07)
    reach_for(simulation, robot, cup, 0.15)
    assert simulation.poses["red_cup"][2, 3] == pytest.approx(cup[2] + 0.15)
    go(simulation, robot, 1.0, 1.0, 0.0)
    put_down = np.array([1.5, 1.0, 0.51])
    reach_for(simulation, robot, put_down, 0.12)
    reach_for(simulation, robot, put_down)
    jaws(simulation, robot, 0.09)
    assert not robot.gripper.held
    # It was let go one centimetre above the table and stands on it now.
    assert simulation.poses["red_cup"][:3, 3] == pytest.approx([1.5, 1.0, 0.5], abs=0.005)
    assert simulation.time < 40.0


def test_jaws_that_miss_hold_nothing(apartment: World) -> None:
    simulation = Simulation(apartment)
    robot = simulation.robots[""]
    go(simulation, robot, 4.0, 2.0, 0.0)
    jaws(simulation, robot, 0.08)
    cup = simulation.poses["red_cup"][:3, 3].copy()
    reach_for(simulation, robot, cup, 0.12)
    jaws(simulation, robot, 0.0)
    assert not robot.gripper.held
    assert not robot.gripper.stalled
    assert robot.gripper.opening == pytest.approx(0.0)


def test_jaws_that_open_too_little_do_not_grip(apartment: World) -> None:
    simulation = Simulation(apartment)
    robot = simulation.robots[""]
    go(simulation, robot, 4.0, 2.0, 0.0)
    jaws(simulation, robot, 0.06)  # the cup is 0.07 wide
    reach_for(simulation, robot, simulation.poses["red_cup"][:3, 3].copy())
    jaws(simulation, robot, 0.0)
    assert not robot.gripper.held


def test_what_is_let_go_falls_to_the_floor(apartment: World) -> None:
    simulation = Simulation(apartment)
    robot = simulation.robots[""]
    robot.gripper.held, robot.gripper.held_width = "red_cup", 0.07
    robot.gripper.grasp = np.eye(4)
    simulation.step(0.02)
    simulation.close_jaws(robot, 0.1, 40.0)
    bottom = min(s.bounds()[0][2] for s in simulation.objects["red_cup"].placed(
        simulation.poses["red_cup"]))  # fmt: skip
    assert bottom == pytest.approx(0.0, abs=1e-6)


def test_battery_drains_and_charges_in_the_dock(apartment: World) -> None:
    simulation = Simulation(apartment)
    robot = simulation.robots[""]
    robot.base.drive_straight(1.0)
    simulation.step(10.0)
    drained = robot.charge
    assert drained < 1.0
    dock = apartment.frames["dock"]
    robot.base.x, robot.base.y, robot.base.yaw = dock[0, 3], dock[1, 3], math.pi
    simulation.step(5.0)
    assert robot.charging
    assert robot.charge > drained


def test_an_empty_battery_stops_the_base(apartment: World) -> None:
    simulation = Simulation(apartment)
    robot = simulation.robots[""]
    robot.energy = 1.0
    robot.base.drive_straight(2.0)
    simulation.step(5.0)
    assert robot.charge == 0.0
    assert robot.base.x < 0.1


def test_two_robots_do_not_run_into_each_other(apartment: World) -> None:
    simulation = Simulation(apartment, ["robot1", "robot2"])
    one, two = simulation.robots.values()
    two.base.x, two.base.y = 1.2, 0.0
    one.base.drive_straight(2.0)
    simulation.step(6.0)
    assert one.base.motion is Motion.BLOCKED
    assert math.dist((one.base.x, one.base.y), (two.base.x, two.base.y)) > 0.45


def test_same_seed_same_history(apartment: World) -> None:
    def odometry(seed: int) -> tuple[float, float, float]:
        simulation = Simulation(apartment, seed=seed, odometry_noise=0.02)
        go(simulation, simulation.robots[""], 4.0, 2.0, 0.0)
        return simulation.robots[""].odometry

    first = odometry(1)
    assert first == odometry(1)
    assert first != odometry(2)
    assert math.dist(first[:2], (4.0, 2.0)) < 0.3
