"""Somebody else with the same robot: RViz, a web panel, a second program."""

from __future__ import annotations

import threading
import time

import rclpy
from action_msgs.srv import CancelGoal
from builtin_interfaces.msg import Duration
from control_msgs.action import FollowJointTrajectory, GripperCommand
from geometry_msgs.msg import PoseStamped, TransformStamped
from lifecycle_msgs.srv import ChangeState
from moveit_msgs.action import MoveGroup
from nav2_msgs.action import FollowPath, FollowWaypoints, NavigateThroughPoses, NavigateToPose, Spin
from nav2_msgs.srv import ManageLifecycleNodes
from rclpy.qos import DurabilityPolicy, QoSProfile
from std_msgs.msg import String
from tf2_msgs.msg import TFMessage

from execution_orchestrator.ros.action_client import SafeActionClient
from test.integration.ros.processes import wait_for


class Operator:
    """Somebody else who uses the robot."""

    def __init__(self) -> None:
        self.prefix = ""  # of the robot's names
        self.context = rclpy.Context()
        rclpy.init(context=self.context)
        self.node = rclpy.create_node("operator", context=self.context)

    def drive(self, x: float, y: float, frame: str = "map") -> object:
        goal = NavigateToPose.Goal()
        goal.pose.header.frame_id = frame
        goal.pose.pose.position.x, goal.pose.pose.position.y = x, y
        goal.pose.pose.orientation.w = 1.0
        return self._send(NavigateToPose, "navigate_to_pose", goal)

    def drive_through(self, *places: tuple[float, float]) -> object:
        goal = NavigateThroughPoses.Goal(poses=_poses(places))
        return self._send(NavigateThroughPoses, "navigate_through_poses", goal)

    def follow_waypoints(self, *places: tuple[float, float]) -> object:
        goal = FollowWaypoints.Goal(poses=_poses(places))
        return self._send(FollowWaypoints, "follow_waypoints", goal)

    def _send(self, kind: object, name: str, goal: object) -> object:
        client = SafeActionClient(self.node, kind, f"{self.prefix}{name}")
        assert client.wait_for_server(30.0)
        for _ in range(3):
            answered = threading.Event()
            sent = client.send_goal_async(goal)
            sent.add_done_callback(lambda _, answered=answered: answered.set())
            # One that was sent to a dead process, which the graph still shows, has no answer.
            if answered.wait(10.0):
                break
        assert sent.done()
        assert sent.result().accepted
        return sent.result()

    def follow(self, end: tuple[float, float]) -> object:
        """Straight from the origin, behind the navigator's back."""
        goal = FollowPath.Goal()
        goal.path.header.frame_id = "map"
        for share in (0.0, 0.25, 0.5, 0.75, 1.0):
            one = PoseStamped()
            one.header.frame_id = "map"
            one.pose.position.x, one.pose.position.y = end[0] * share, end[1] * share
            one.pose.orientation.w = 1.0
            goal.path.poses.append(one)
        return self._send(FollowPath, "follow_path", goal)

    def spin(self, angle: float) -> object:
        allowed = Duration(sec=60)
        return self._send(Spin, "spin", Spin.Goal(target_yaw=angle, time_allowance=allowed))

    def move_arm(self) -> object:
        return self._send(MoveGroup, "move_action", MoveGroup.Goal())

    def follow_trajectory(self) -> object:
        """As a teach pendant does, behind MoveIt's back."""
        name = "arm_controller/follow_joint_trajectory"
        return self._send(FollowJointTrajectory, name, FollowJointTrajectory.Goal())

    def close_gripper(self) -> object:
        return self._send(GripperCommand, "gripper_controller/gripper_cmd", GripperCommand.Goal())

    def cancel_all(self, action: str) -> None:
        """What RViz's "Cancel" does."""
        self._call(CancelGoal, f"{action}/_action/cancel_goal", CancelGoal.Request())

    def manage(self, command: int) -> None:
        """What the buttons of RViz's Nav2 panel do."""
        name = f"{self.prefix}lifecycle_manager_navigation/manage_nodes"
        self._call(ManageLifecycleNodes, name, ManageLifecycleNodes.Request(command=command))

    def change(self, node: str, transition: int) -> None:
        """What `ros2 lifecycle set` does."""
        request = ChangeState.Request()
        request.transition.id = transition
        self._call(ChangeState, f"{node}/change_state", request)

    def _call(self, kind: object, name: str, request: object) -> None:
        client = self.node.create_client(kind, name)
        assert client.wait_for_service(30.0)
        done = threading.Event()
        for _ in range(3):
            client.call_async(request).add_done_callback(lambda _: done.set())
            # ROS 2 loses the answer if the server has not found the caller yet.
            if done.wait(20.0):
                return
        raise AssertionError(f"{name} has not answered")

    def put_frame(self, name: str, parent: str = "map") -> None:
        """Say on tf that there is a frame, at the origin of another one."""
        latched = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)
        placed = TransformStamped()
        placed.header.frame_id, placed.child_frame_id = parent, name
        placed.transform.rotation.w = 1.0
        publisher = self.node.create_publisher(TFMessage, "/tf_static", latched)
        publisher.publish(TFMessage(transforms=[placed]))

    def fault(self, *texts: str) -> None:
        latched = QoSProfile(depth=10, durability=DurabilityPolicy.TRANSIENT_LOCAL)
        publisher = self.node.create_publisher(String, f"{self.prefix}scripted_nav2/fault", latched)
        wait_for(lambda: publisher.get_subscription_count() > 0, 30.0, "a listener for faults")
        for _ in range(5):
            # The listener may be known here before this publisher is known there.
            for text in texts:
                publisher.publish(String(data=text))
            time.sleep(0.2)


def _poses(places: tuple[tuple[float, float], ...]) -> list[PoseStamped]:
    poses = []
    for x, y in places:
        one = PoseStamped()
        one.header.frame_id = "map"
        one.pose.position.x, one.pose.position.y = x, y
        one.pose.orientation.w = 1.0
        poses.append(one)
    return poses
