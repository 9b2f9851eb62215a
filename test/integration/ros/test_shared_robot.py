"""Beside a Nav2 that others use, pause and kill: recognised, waited for, and nothing moves."""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path

import pytest
import rclpy
from nav2_msgs.action import NavigateThroughPoses, NavigateToPose
from nav2_msgs.srv import ManageLifecycleNodes
from rclpy.action import ActionClient
from rclpy.executors import SingleThreadedExecutor
from rclpy.qos import DurabilityPolicy, QoSProfile
from std_msgs.msg import String

from execution_orchestrator.msg import ExecutionStatus
from execution_orchestrator.ros.client import OrchestratorClient
from test.integration.ros.processes import ROOT, wait_for
from test.scripted_nav2.log import read as read_log
from test.spinning import spinning

pytestmark = pytest.mark.timeout(240)
CONFIG = ROOT / "config"
BEHIND_THE_NAVIGATOR = ("spin", "backup", "drive_on_heading")


class Operator:
    """Somebody else who uses the robot."""

    def __init__(self) -> None:
        self.context = rclpy.Context()
        rclpy.init(context=self.context)
        self.node = rclpy.create_node("operator", context=self.context)

    def drive(self, x: float, y: float) -> object:
        goal = NavigateToPose.Goal()
        goal.pose.header.frame_id = "map"
        goal.pose.pose.position.x, goal.pose.pose.position.y = x, y
        goal.pose.pose.orientation.w = 1.0
        return self._send(NavigateToPose, "navigate_to_pose", goal)

    def drive_through(self, *places: tuple[float, float]) -> object:
        goal = NavigateThroughPoses.Goal()
        for x, y in places:
            one = NavigateToPose.Goal().pose
            one.header.frame_id = "map"
            one.pose.position.x, one.pose.position.y = x, y
            one.pose.orientation.w = 1.0
            goal.poses.append(one)
        return self._send(NavigateThroughPoses, "navigate_through_poses", goal)

    def _send(self, kind: object, name: str, goal: object) -> object:
        client = ActionClient(self.node, kind, name)
        assert client.wait_for_server(20.0)
        answered = threading.Event()
        sent = client.send_goal_async(goal)
        sent.add_done_callback(lambda _: answered.set())
        assert answered.wait(10.0)
        assert sent.result().accepted
        return sent.result()

    def manage(self, command: int) -> None:
        """What the buttons of RViz's Nav2 panel do."""
        client = self.node.create_client(
            ManageLifecycleNodes, "lifecycle_manager_navigation/manage_nodes"
        )
        assert client.wait_for_service(20.0)
        done = threading.Event()
        answer = client.call_async(ManageLifecycleNodes.Request(command=command))
        answer.add_done_callback(lambda _: done.set())
        assert done.wait(20.0)

    def fault(self, *texts: str) -> None:
        latched = QoSProfile(depth=10, durability=DurabilityPolicy.TRANSIENT_LOCAL)
        publisher = self.node.create_publisher(String, "scripted_nav2/fault", latched)
        wait_for(lambda: publisher.get_subscription_count() > 0, 10.0, "a listener for faults")
        for _ in range(5):
            # The listener may be known here before this publisher is known there.
            for text in texts:
                publisher.publish(String(data=text))
            time.sleep(0.2)


@pytest.fixture
def operator(world):
    made = Operator()
    with spinning(made.node, SingleThreadedExecutor(context=made.context)):
        yield made
    made.context.try_shutdown()


@pytest.fixture
def client(world):
    world.node(
        capability_files=f"[{CONFIG / 'capabilities.yaml'}]",
        recovery_file=CONFIG / "recovery.yaml",
    )
    with OrchestratorClient() as made:
        made.wait_ready(40.0)
        yield made


def plan(action_type: str, **parameters: object) -> str:
    action = {"id": "go", "action_type": action_type, "parameters": parameters}
    return json.dumps({"version": 1, "actions": [action]})


def drive(x: float, y: float = 0.0) -> str:
    return plan("navigate_to", target_location={"x": x, "y": y})


def reason(client: OrchestratorClient) -> str:
    """Why the action stands where it stands, from ~/state."""
    state = client.state
    actions = [a for e in (state.executions if state else ()) for a in e.actions]
    return actions[0].reason if actions else ""


def began(log: Path, *actions: str) -> list[str]:
    return [
        line["action"]
        for line in read_log(log)
        if line["what"] == "goal" and line["action"] in actions
    ]


def completed(session) -> object:
    assert session.done.wait(90.0), "no result in time"
    result = session.result
    assert result.status.value == ExecutionStatus.COMPLETED, result.message
    return result


def test_an_operators_goal_is_waited_for_and_never_aborted(world, client, operator):
    world.nav2()
    session = client.send(plan=drive(4.0))
    wait_for(lambda: began(world.nav2_log, "navigate_to_pose"), 30.0, "our drive")
    theirs = operator.drive(-1.0, 0.0)
    wait_for(lambda: "somebody else uses" in reason(client), 10.0, "the reason")
    completed(session)
    ends = [line for line in read_log(world.nav2_log) if line["what"] == "end"]
    by_goal = {line["id"]: line["status"] for line in ends}
    assert by_goal[bytes(bytearray(theirs.goal_id.uuid)).hex()] == "succeeded"
    assert len(began(world.nav2_log, "navigate_to_pose")) == 3
    assert not began(world.nav2_log, *BEHIND_THE_NAVIGATOR)


def test_a_plan_does_not_begin_while_another_navigator_works(world, client, operator):
    world.nav2()
    operator.drive_through((1.0, 0.0), (-1.0, 0.0))
    wait_for(lambda: began(world.nav2_log, "navigate_through_poses"), 20.0, "their drive")
    completed(client.send(plan=drive(1.0)))
    lines = read_log(world.nav2_log)
    order = [line["what"] for line in lines if str(line.get("action", "")).startswith("navigate_")]
    assert order == ["goal", "end", "goal", "end"]
    assert not began(world.nav2_log, *BEHIND_THE_NAVIGATOR)


def test_a_stack_that_is_paused_is_waited_for(world, client, operator):
    world.nav2()
    session = client.send(plan=drive(4.0))
    wait_for(lambda: began(world.nav2_log, "navigate_to_pose"), 30.0, "our drive")
    operator.manage(ManageLifecycleNodes.Request.PAUSE)
    wait_for(lambda: "inactive" in reason(client), 15.0, "the reason")
    assert not session.done.is_set()
    operator.manage(ManageLifecycleNodes.Request.RESUME)
    completed(session)
    # A goal may reach the stack while it changes its state: it is only sent again.
    assert {one.strategy for one in client.recoveries} <= {"retry"}
    assert not began(world.nav2_log, *BEHIND_THE_NAVIGATOR)


def test_a_dead_controller_is_named_and_nothing_moves_until_it_is_back(world, client, operator):
    others = [
        *("base", "velocity_smoother", "planner_server", "behavior_server", "bt_navigator"),
        *("waypoint_follower", "docking_server"),
    ]
    controller = world.nav2("controller_server")
    world.nav2(*others)
    session = client.send(plan=drive(4.0))
    wait_for(lambda: began(world.nav2_log, "follow_path"), 30.0, "our drive")
    controller.kill()
    wait_for(lambda: "controller_server" in reason(client), 20.0, "the reason")
    assert not session.done.is_set()
    world.nav2("controller_server")
    completed(session)
    assert not client.recoveries
    assert not began(world.nav2_log, *BEHIND_THE_NAVIGATOR)


def test_what_the_server_said_is_part_of_the_error_and_nothing_moves(world, client):
    world.nav2()
    parameters = {"target_location": {"x": 1.0, "y": 0.0}, "behavior_tree": "/nowhere/tree.xml"}
    session = client.send(plan=plan("navigate_to", **parameters))
    assert session.done.wait(60.0)
    assert session.result.status.value == ExecutionStatus.FAILED
    assert "the behaviour tree /nowhere/tree.xml cannot be loaded" in session.result.message
    assert not began(world.nav2_log, *BEHIND_THE_NAVIGATOR)


def test_undocked_already_is_done_with_a_warning(world, client):
    world.nav2()
    session = client.send(plan=plan("undock"))
    completed(session)
    assert len(began(world.nav2_log, "undock_robot")) == 1
    wait_for(lambda: "although it aborted the goal" in reason(client), 10.0, "the warning")


def test_a_turn_that_had_too_little_time_gets_more(world, client):
    world.nav2()
    completed(client.send(plan=plan("spin", angle=3.0, time_allowance=1.5)))
    assert len(began(world.nav2_log, "spin")) == 2


def test_a_position_that_falls_silent_is_told(world, client, operator):
    world.nav2()
    session = client.send(plan=drive(4.0))
    # It plans anew once a second: after some seconds the node has heard where the robot is.
    wait_for(lambda: len(began(world.nav2_log, "compute_path_to_pose")) > 3, 30.0, "our drive")
    operator.fault("tf off", "odometry off")
    wait_for(lambda: "no position since" in reason(client), 15.0, "the reason")
    operator.fault("odometry on", "tf on")
    completed(session)


def test_a_frame_that_tf_does_not_know_is_not_sent(world, client):
    world.nav2()
    wait_for(world.nav2_log.exists, 10.0, "the robot")
    place = {"x": 1.0, "y": 0.0, "frame": "moon"}
    session = client.send(plan=plan("navigate_to", target_location=place))
    assert session.done.wait(60.0)
    assert session.result.status.value == ExecutionStatus.FAILED
    assert "tf knows no frame moon" in session.result.message
    assert not began(world.nav2_log, "navigate_to_pose")
