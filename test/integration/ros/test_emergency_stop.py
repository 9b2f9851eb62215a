"""An emergency stop stops the robot, whoever drives it, and says what is true of it."""

from __future__ import annotations

import time

import pytest
import rclpy
from action_msgs.msg import GoalStatus
from geometry_msgs.msg import Twist, TwistStamped
from nav2_msgs.action import NavigateToPose
from rclpy.executors import SingleThreadedExecutor
from std_msgs.msg import Bool, String

from execution_orchestrator.ros.action_client import SafeActionClient
from execution_orchestrator.ros.client import OrchestratorClient
from execution_orchestrator.ros.spinning import spinning
from execution_orchestrator.srv import EmergencyStop, ResetEmergencyStop
from test.integration.ros.processes import ROOT, wait_for
from test.scripted_nav2.log import moves, open_goals, read

pytestmark = pytest.mark.timeout(360)


class Operator:
    """Another program on the same robot: sends goals, hears velocities, makes faults."""

    def __init__(self, node) -> None:
        self.node = node
        self.clients = {}
        self.velocities = []
        self.locks = []
        self.faults = node.create_publisher(String, "/scripted_nav2/fault", 10)

    def drive(self, x: float, y: float = 0.0, action: str = "navigate_to_pose"):
        client = self.clients.setdefault(
            action, SafeActionClient(self.node, NavigateToPose, action)
        )
        assert client.wait_for_server(20.0)
        goal = NavigateToPose.Goal()
        goal.pose.header.frame_id = "map"
        goal.pose.pose.position.x, goal.pose.pose.position.y = x, y
        goal.pose.pose.orientation.w = 1.0
        sent = client.send_goal_async(goal)
        wait_for(sent.done, 30.0, "an answer to the operator's goal")
        return sent.result().get_result_async()

    def hear(self, kind, topic: str) -> None:
        into = self.locks if kind is Bool else self.velocities
        self.node.create_subscription(
            kind, topic, lambda message: into.append((time.monotonic(), message)), 50
        )

    def fault(self, text: str) -> None:
        wait_for(self.faults.get_subscription_count, 30.0, "somebody who makes faults")
        self.faults.publish(String(data=text))


@pytest.fixture
def operator(world):
    context = rclpy.Context()
    rclpy.init(context=context)
    node = rclpy.create_node("operator", context=context)
    with spinning(node, SingleThreadedExecutor(context=context)):
        yield Operator(node)


@pytest.fixture
def client(world):
    with OrchestratorClient() as made:
        yield made


def orchestrator(world, client, **parameters):
    node = world.node(
        capability_files=f"[{ROOT / 'config' / 'capabilities.yaml'}]", web_port=0, **parameters
    )
    client.wait_ready(90.0)
    return node


def stand(world):
    return lambda: not moves(read(world.nav2_log))


def drives(world):
    return lambda: moves(read(world.nav2_log))


def reset(client):
    return client.call("reset_emergency_stop", ResetEmergencyStop, operator_name="me")


def test_another_clients_goal_is_cancelled_and_so_is_what_begins_later(world, client, operator):
    world.nav2()
    orchestrator(world, client)
    operator.hear(Twist, "/cmd_vel")
    wait_for(lambda: client.state is not None, 60.0, "the state")
    first = operator.drive(5.0)
    wait_for(drives(world), 30.0, "the drive")
    answer = client.call("emergency_stop", EmergencyStop, reason="test")
    assert answer.success
    assert "stands" in answer.message
    assert answer.cancelled_goals >= 1
    # The robot's own log may be a moment behind its odometry.
    wait_for(stand(world), 30.0, "the standstill in the log")
    wait_for(first.done, 30.0, "the end of the operator's goal")
    assert first.result().status == GoalStatus.STATUS_CANCELED
    wait_for(lambda: client.state.robot_motion == "standing", 30.0, "the word on the state topic")

    def held_for_a_second():
        operator.velocities.clear()
        time.sleep(1.0)
        return len(operator.velocities) >= 20

    # More often than a smoother publishes; a busy machine may lose some of a second.
    wait_for(held_for_a_second, 30.0, "zero velocity, held")
    assert all(message == Twist() for _, message in operator.velocities)
    # What begins while everything is stopped ends at once.
    second = operator.drive(-5.0)
    wait_for(second.done, 30.0, "the end of the operator's second goal")
    assert second.result().status == GoalStatus.STATUS_CANCELED
    wait_for(stand(world), 30.0, "the standstill")
    assert open_goals(read(world.nav2_log)) == []
    # Its odometry shows for half a second more that it has moved.
    wait_for(lambda: client.state.robot_motion == "standing", 30.0, "the word on the state topic")
    assert reset(client).success
    third = operator.drive(1.0)
    wait_for(drives(world), 30.0, "a drive after the reset")
    wait_for(third.done, 30.0, "the end of that drive")
    assert third.result().status == GoalStatus.STATUS_SUCCEEDED


def test_a_robot_that_does_not_stop_is_told_and_the_reset_is_refused(world, client, operator):
    world.nav2(options=("--fault", "cancel follow_path ignored"))
    orchestrator(world, client, stop_topics="['']")
    operator.drive(5.5)
    wait_for(drives(world), 30.0, "the drive")
    answer = client.call("emergency_stop", EmergencyStop, reason="test")
    assert not answer.success
    assert "still moves (0." in answer.message
    wait_for(
        lambda: any(one.active and "still moves" in one.message for one in client.alerts),
        30.0,
        "the alert",
    )
    refused = reset(client)
    assert not refused.success
    assert "still moves" in refused.message
    # The base comes to its goal; then it stands, which is told as well.
    wait_for(stand(world), 30.0, "the end of the drive")
    wait_for(lambda: client.state.robot_motion == "standing", 30.0, "the word")
    assert reset(client).success


def test_without_odometry_it_is_not_known(world, client, operator):
    world.nav2(options=("--fault", "odometry off"))
    orchestrator(world, client)
    answer = client.call("emergency_stop", EmergencyStop, reason="test")
    assert answer.success
    assert "not known" in answer.message
    assert "odom" in answer.message
    assert reset(client).success


def test_the_stop_survives_a_restart_and_holds_what_the_topics_have(world, client, operator):
    operator.hear(TwistStamped, "/cmd_vel")
    operator.hear(Bool, "/base_lock")
    world.nav2(options=("--stamped",))
    node = orchestrator(world, client, stop_topics="['cmd_vel', 'base_lock']")
    wait_for(lambda: operator.node.count_publishers("/base_lock"), 60.0, "the lock's publisher")
    client.call("emergency_stop", EmergencyStop, reason="test")
    node.kill()
    operator.velocities.clear()
    operator.locks.clear()
    orchestrator(world, client, stop_topics="['cmd_vel', 'base_lock']")
    wait_for(lambda: operator.velocities and operator.locks, 60.0, "zero velocity of the next life")
    assert operator.velocities[-1][1].twist == Twist()
    assert operator.locks[-1][1].data is True
    driving = operator.drive(3.0)
    wait_for(driving.done, 30.0, "the end of a goal that begins while stopped")
    assert driving.result().status == GoalStatus.STATUS_CANCELED
    wait_for(lambda: client.state.robot_motion == "standing", 30.0, "the word")
    assert reset(client).success
    wait_for(lambda: operator.locks[-1][1].data is False, 30.0, "the unlocking")
