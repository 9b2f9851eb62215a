"""What a person changes in the simulated world, and what the robot makes of it."""

from __future__ import annotations

import math

import pytest

from execution_orchestrator.simulation.geometry import Array
from execution_orchestrator.simulation.physics.base import Motion
from execution_orchestrator.simulation.physics.path_planning import plan_path
from execution_orchestrator.simulation.physics.simulation import MAX_OBSTACLES, Simulation
from execution_orchestrator.simulation.servers.bench import change, refusal
from execution_orchestrator.simulation.world.simulated_world import World
from execution_orchestrator.srv import SimChange


@pytest.fixture
def simulation(apartment: World) -> Simulation:
    return Simulation(apartment)


def ask(simulation: Simulation, **fields: object) -> str:
    return change(simulation, SimChange.Request(**fields))


def place(simulation: Simulation, name: str) -> Array:
    return simulation.poses[name][:3, 3]


def drive(simulation: Simulation, x: float, y: float) -> Motion:
    base = simulation.robots[""].base
    base.follow(plan_path(simulation.grid, (base.x, base.y), (x, y)), None)
    for _ in range(3000):
        simulation.step(0.02)
        if base.motion is not Motion.MOVING:
            break
    return base.motion


def test_an_object_is_put_with_its_lowest_point_where_it_is_said(simulation: Simulation) -> None:
    said = ask(simulation, name="red_cup", x=1.7, y=1.0, z=0.45, yaw=0.5)
    low, _ = simulation.objects["red_cup"].local_bounds()
    assert said == "red_cup is at 1.7, 1, 0.45"
    assert place(simulation, "red_cup") == pytest.approx((1.7, 1.0, 0.45 - low[2]))


def test_an_object_is_lost_and_comes_back(simulation: Simulation) -> None:
    ask(simulation, name="red_cup", remove=True)
    assert "red_cup" not in simulation.poses
    simulation.step(0.1)
    ask(simulation, name="red_cup", x=4.6, y=2.0, z=0.75)
    assert "red_cup" in simulation.poses


def test_what_the_gripper_holds_is_lost_out_of_it(simulation: Simulation) -> None:
    gripper = simulation.robots[""].gripper
    gripper.held, gripper.held_width = "red_cup", 0.07
    ask(simulation, name="red_cup", remove=True)
    simulation.step(0.1)
    assert (gripper.held, gripper.held_width) == ("", 0.0)


def test_a_door_stops_the_robot_until_it_is_opened(simulation: Simulation) -> None:
    door = {"name": "door", "x": 2.2, "y": 0.65, "length": 0.1, "width": 3.0, "height": 2.0}
    ask(simulation, **door)
    assert drive(simulation, 4.0, 2.0) is Motion.BLOCKED
    assert simulation.robots[""].base.x < 2.2
    ask(simulation, name="door", remove=True)
    assert drive(simulation, 4.0, 2.0) is Motion.IDLE
    assert simulation.robots[""].base.x == pytest.approx(4.0, abs=0.05)


def test_what_hangs_above_the_robot_is_not_in_its_way(simulation: Simulation) -> None:
    lamp = {
        "name": "lamp",
        "x": 2.2,
        "y": 0.65,
        "z": 1.6,
        "length": 0.1,
        "width": 3.0,
        "height": 0.3,
    }
    ask(simulation, **lamp)
    assert drive(simulation, 4.0, 2.0) is Motion.IDLE


def test_after_a_reset_all_is_as_at_the_start(simulation: Simulation) -> None:
    start = {name: pose.copy() for name, pose in simulation.poses.items()}
    robot = simulation.robots[""]
    at = (robot.base.x, robot.base.y)
    drive(simulation, 1.0, 1.0)
    ask(simulation, name="bottle", remove=True)
    ask(simulation, name="box", x=3.0, y=3.0, length=0.2, width=0.2, height=0.2)
    robot.energy = 1.0
    simulation.reset()
    assert (robot.base.x, robot.base.y, robot.charge) == (*at, 1.0)
    assert not simulation.obstacles
    assert simulation.poses.keys() == start.keys()
    assert all((simulation.poses[name] == pose).all() for name, pose in start.items())


def test_a_battery_empties_faster(simulation: Simulation) -> None:
    robot = simulation.robots[""]
    simulation.step(10.0)
    usual = 1.0 - robot.charge
    robot.drain = 20.0
    simulation.step(10.0)
    assert 1.0 - usual - robot.charge == pytest.approx(20.0 * usual)


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ({}, "name is empty"),
        ({"name": "gold"}, "nothing is called 'gold'; there are: "),
        ({"name": "gold", "remove": True}, "nothing is called 'gold'; there are: "),
        ({"name": "red_cup", "x": math.nan}, "finite"),
        ({"name": "red_cup", "length": 1.0, "width": 1.0, "height": 1.0}, "an object of the world"),
        ({"name": "box", "length": 1.0}, "all above 0"),
        ({"name": "box", "length": 1.0, "width": 1.0, "height": 1.0}, "the robot stands there"),
    ],
)
def test_what_cannot_be_done_says_why(
    simulation: Simulation, asked: dict[str, object], why: str
) -> None:
    with pytest.raises(ValueError, match=why):
        ask(simulation, **asked)


def test_obstacles_are_bounded(simulation: Simulation) -> None:
    box = {"x": 3.0, "y": 3.0, "length": 0.1, "width": 0.1, "height": 0.1}
    for number in range(MAX_OBSTACLES):
        ask(simulation, name=f"box{number}", **box)
    with pytest.raises(ValueError, match=f"{MAX_OBSTACLES} obstacles"):
        ask(simulation, name="another", **box)
    ask(simulation, name="box0", **box)


def test_parameters_out_of_range_are_refused() -> None:
    assert refusal(1.0, 0.5, 0.0) == ""
    assert "real_time_factor" in refusal(0.0, None, None)
    assert "battery_charge" in refusal(None, 1.5, None)
    assert "battery_drain" in refusal(None, None, -1.0)
