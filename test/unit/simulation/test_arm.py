"""Kinematics and planning of the arm."""

from __future__ import annotations

import itertools
import math

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from execution_orchestrator.simulation.geometry import inverse, planar, transform
from execution_orchestrator.simulation.physics.arm import (
    arm_points,
    distance,
    forward,
    inverse_kinematics,
    link_transforms,
    reach,
    within_limits,
)
from execution_orchestrator.simulation.physics.arm_planning import ArmScene, plan_arm, timed
from execution_orchestrator.simulation.physics.robot_model import (
    HOME,
    JOINT_ACCELERATION,
    JOINT_LIMITS,
    JOINT_SPEED,
    SHOULDER,
)
from execution_orchestrator.simulation.world.shapes import Box
from execution_orchestrator.simulation.world.simulated_world import Solid, World

joints = st.tuples(*(st.floats(low, high) for low, high in JOINT_LIMITS))


@given(joints)
def test_inverse_undoes_forward(position: tuple[float, ...]) -> None:
    target = forward(position)
    for found in inverse_kinematics(target):
        assert within_limits(found)
        assert np.allclose(forward(found), target, atol=1e-5)


@given(st.tuples(*(st.floats(low * 0.9, high * 0.9) for low, high in JOINT_LIMITS)))
def test_every_reachable_pose_has_a_solution(position: tuple[float, ...]) -> None:
    wrist = arm_points(position)[2] - np.array(SHOULDER)
    if math.hypot(wrist[0], wrist[1]) > 0.01:  # beside the pan axis any heading would do
        assert inverse_kinematics(forward(position))


@given(joints)
def test_the_chain_of_links_ends_at_the_tool(position: tuple[float, ...]) -> None:
    pose = np.eye(4)
    for link in link_transforms(position):
        pose = pose @ link
    assert np.allclose(pose, forward(position), atol=1e-9)


def test_out_of_reach() -> None:
    x, y, z = SHOULDER
    assert not inverse_kinematics(transform((x + reach() + 0.01, y, z)))
    assert inverse_kinematics(transform((x + reach() - 0.01, y, z)))


def test_the_red_cup_can_be_grasped_from_the_kitchen(apartment: World) -> None:
    base = planar(4.0, 2.0, 0.0)
    scene = ArmScene(apartment.static_solids(), base)
    cup = apartment.models["red_cup"].pose[:3, 3]
    goals = inverse_kinematics(inverse(base) @ transform(cup, (0.0, math.pi / 2, 0.0)))
    corners = plan_arm(scene, HOME, goals)
    assert corners is not None
    assert corners[-1] in goals


def test_a_pose_inside_of_the_table_collides(apartment: World) -> None:
    base = planar(4.0, 2.0, 0.0)
    scene = ArmScene(apartment.static_solids(), base)
    inside = inverse(base) @ transform((4.65, 2.0, 0.68), (0.0, math.pi / 2, 0.0))
    goals = inverse_kinematics(inside)
    assert goals
    assert plan_arm(scene, HOME, goals) is None


def test_it_finds_a_way_around() -> None:
    """A board between two positions makes the straight way impossible."""
    board = Solid(Box((0.6, 0.02, 0.6)), transform((0.75, 0.0, 0.85)), (0, 0, 0))
    scene = ArmScene([board], np.eye(4))
    start = inverse_kinematics(transform((0.7, -0.3, 0.8), (0.0, 0.0, 0.0)))
    goals = inverse_kinematics(transform((0.7, 0.3, 0.8), (0.0, 0.0, 0.0)))
    free = [q for q in start if not scene.collides([q])]
    corners = plan_arm(scene, free[0], goals, seed=3, effort=2000)
    assert corners is not None
    for one, two in itertools.pairwise(corners):
        between = [
            tuple(a + (b - a) * k / 50 for a, b in zip(one, two, strict=True)) for k in range(51)
        ]
        assert not scene.collides(between)


@example((0.0, 0.0, 0.0, -1.0, 0.0, 0.0), (0.0, 0.0, 0.0, -3.1, 0.0, 0.0), 1.0, 1.0)
@given(joints, joints, st.floats(0.1, 1.0), st.floats(0.1, 1.0))
def test_motions_keep_speed_and_acceleration(
    one: tuple[float, ...], two: tuple[float, ...], speed: float, acceleration: float
) -> None:
    points = timed([one, two], speed, acceleration)
    assert distance(points[-1][1], two) < 1e-6 or distance(one, two) < 1e-8
    speeds = [0.0]
    for (before, start), (after, end) in itertools.pairwise(points):
        assert after > before
        speeds.append(distance(start, end) / (after - before))
    assert max(speeds) <= JOINT_SPEED * speed + 1e-6
    jumps = [abs(b - a) for a, b in itertools.pairwise(speeds)]
    assert max(jumps, default=0.0) <= JOINT_ACCELERATION * acceleration * 0.05 * 1.01 + 1e-6


def test_planning_is_deterministic() -> None:
    board = Solid(Box((0.6, 0.02, 0.6)), transform((0.75, 0.0, 0.85)), (0, 0, 0))
    scene = ArmScene([board], np.eye(4))
    start = inverse_kinematics(transform((0.7, -0.3, 0.8)))[0]
    goals = inverse_kinematics(transform((0.7, 0.3, 0.8)))
    first = plan_arm(scene, start, goals, seed=3, effort=500)
    assert first == plan_arm(scene, start, goals, seed=3, effort=500)
