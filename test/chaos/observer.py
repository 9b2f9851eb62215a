"""What the servers did, seen from outside: every goal they took, what was said, where things are."""

from __future__ import annotations

from types import TracebackType
from typing import Any, Self

import rclpy
from action_msgs.msg import GoalStatusArray
from rclpy.executors import SingleThreadedExecutor
from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy
from std_msgs.msg import String
from tf2_msgs.msg import TFMessage

from execution_orchestrator.ros.spinning import spinning

ACTIONS = (
    "navigate_to_pose", "move_action", "gripper_controller/gripper_cmd", "detect_objects",
    "capture_image", "speak",
)  # fmt: skip
STATUS = QoSProfile(
    depth=100, reliability=ReliabilityPolicy.RELIABLE, durability=DurabilityPolicy.TRANSIENT_LOCAL
)


class Observer:
    """A node that only listens."""

    def __init__(self) -> None:
        self.accepted: dict[tuple[str, str], set[tuple[int, int]]] = {}
        self.said: list[str] = []
        self.places: dict[str, tuple[float, float, float]] = {}
        self._context = rclpy.Context()

    def __enter__(self) -> Self:
        """Begin to listen."""
        rclpy.init(context=self._context)
        self._node = rclpy.create_node(
            "observer", context=self._context, start_parameter_services=False
        )
        for action in ACTIONS:
            self._node.create_subscription(
                GoalStatusArray,
                f"{action}/_action/status",
                lambda message, action=action: self._on_status(action, message),
                STATUS,
            )
        self._node.create_subscription(
            String, "speech/said", lambda message: self.said.append(message.data), 100
        )
        self._node.create_subscription(TFMessage, "/sim/object_poses", self._on_poses, 10)
        self._spinning = spinning(self._node, SingleThreadedExecutor(context=self._context))
        self._spinning.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Leave."""
        self._spinning.__exit__(kind, error, trace)

    def sees_all(self) -> bool:
        """Say whether every server is there."""
        return all(self._node.count_publishers(f"{action}/_action/status") for action in ACTIONS)

    def taken_twice(self) -> list[str]:
        """Goals that servers accepted more than once: each acceptance has its own time."""
        return [
            f"{action} took goal {goal} {len(times)} times"
            for (action, goal), times in self.accepted.items()
            if len(times) > 1
        ]

    def _on_status(self, action: str, message: Any) -> None:
        for status in message.status_list:
            goal = bytes(bytearray(status.goal_info.goal_id.uuid)).hex()
            stamp = status.goal_info.stamp
            self.accepted.setdefault((action, goal), set()).add((stamp.sec, stamp.nanosec))

    def _on_poses(self, message: Any) -> None:
        for each in message.transforms:
            place = each.transform.translation
            self.places[each.child_frame_id] = (place.x, place.y, place.z)
