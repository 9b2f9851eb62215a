"""What `doctor` says of a graph in which something is wrong."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import rclpy
from geometry_msgs.msg import TransformStamped
from rclpy.executors import SingleThreadedExecutor
from rclpy.parameter import Parameter
from tf2_msgs.msg import TFMessage

from execution_orchestrator.cli import doctor
from execution_orchestrator.ros.client import OrchestratorClient
from execution_orchestrator.ros.spinning import spinning
from test.integration.ros.processes import World

pytestmark = pytest.mark.timeout(360)
FAN = """
version: 1
capabilities:
  run_fan:
    description: Blow
    interface: {kind: service, type: std_srvs/srv/Trigger, name: fan/run}
"""


@pytest.fixture
def robot(world: World) -> Iterator[Callable[..., Any]]:
    """Make nodes that somebody spins."""
    context = rclpy.Context()
    rclpy.init(context=context)
    executor = SingleThreadedExecutor(context=context)

    def made(name: str) -> Any:
        node = rclpy.create_node(
            name, context=context, automatically_declare_parameters_from_overrides=True
        )
        executor.add_node(node)
        return node

    with spinning(made("robot"), executor):
        yield made
    context.try_shutdown()


def found(capsys: pytest.CaptureFixture[str], *words: str) -> list[dict[str, str]]:
    doctor.main(["--json", "--seconds", "3", *words])
    findings: list[dict[str, str]] = json.loads(capsys.readouterr().out)
    return findings


def told(findings: list[dict[str, str]], part: str) -> list[str]:
    return [one["what"] for one in findings if one["part"] == part and one["level"] != "note"]


def transforms(node: Any, child: str, ahead: float | None) -> None:
    """Publish a transform stamped so many seconds ahead; None: without a stamp."""
    publisher = node.create_publisher(TFMessage, "/tf", 10)

    def publish() -> None:
        one = TransformStamped(child_frame_id=child)
        one.header.frame_id = "map"
        if ahead is not None:
            one.header.stamp = rclpy.time.Time(seconds=time.time() + ahead).to_msg()
        publisher.publish(TFMessage(transforms=[one]))

    node.create_timer(0.1, publish)


def test_a_node_that_is_there_twice_is_named(
    robot: Callable[..., Any], capsys: pytest.CaptureFixture[str]
) -> None:
    robot("camera_driver"), robot("camera_driver"), robot("arm_driver")
    twins = [one for one in told(found(capsys), "nodes") if one.startswith("2 nodes")]
    assert twins == ["2 nodes have the name /camera_driver"]


def test_commands_that_run_side_by_side_are_no_twins(
    robot: Callable[..., Any], capsys: pytest.CaptureFixture[str]
) -> None:
    robot("camera_driver")
    with OrchestratorClient(), OrchestratorClient():
        assert not [one for one in told(found(capsys), "nodes") if one.startswith("2 nodes")]


@pytest.mark.parametrize("ahead", [-30.0, 30.0])
def test_transforms_of_another_clock_are_told(
    robot: Callable[..., Any], capsys: pytest.CaptureFixture[str], ahead: float
) -> None:
    transforms(robot("localisation"), "odom", ahead)
    [said] = told(found(capsys), "clocks")
    assert said.startswith("the stamps of the transform map -> odom are ")
    assert ("ahead of" if ahead > 0 else "behind") in said


def test_a_localisation_that_stamps_a_second_ahead_is_as_it_should_be(
    robot: Callable[..., Any], capsys: pytest.CaptureFixture[str]
) -> None:
    transforms(robot("localisation"), "odom", 1.0)
    [said] = told(found(capsys), "clocks")
    assert said.startswith("stamps are at most ")


def test_transforms_without_a_stamp_are_told(
    robot: Callable[..., Any], capsys: pytest.CaptureFixture[str]
) -> None:
    transforms(robot("localisation"), "odom", None)
    [said] = told(found(capsys), "clocks")
    assert said.startswith("the transform map -> odom comes with no stamp (all zero)")


def test_the_files_of_the_running_orchestrator_are_looked_at(
    robot: Callable[..., Any],
    world: World,
    capsys: pytest.CaptureFixture[str],
) -> None:
    file = world.folder / "fan.yaml"
    file.write_text(FAN)
    node = robot("execution_orchestrator")
    node.declare_parameter("capability_files", [str(file)])
    assert told(found(capsys), "servers") == ["nobody offers service /fan/run (run_fan)"]
    node.set_parameters([Parameter("capability_files", value=[str(file) + ".elsewhere"])])
    assert len(told(found(capsys), "servers")) > 10  # the shipped ones
