"""An action server of bare services and topics, which says what a test wants it to say."""

from __future__ import annotations

import threading

import rclpy
from action_msgs.msg import GoalInfo, GoalStatus, GoalStatusArray
from example_interfaces.action import Fibonacci
from rclpy.callback_groups import ReentrantCallbackGroup
from rclpy.qos import qos_profile_action_status_default

Impl = Fibonacci.Impl


class RawServer:
    """Accepts every goal and says nothing more by itself. For a multi-threaded executor.

    ``results`` are the answers to questions for a goal's result: (status, sequence), by goal; None:
    that question is never answered. Of a goal that is not in it the status is UNKNOWN.
    """

    def __init__(self, name: str, node: str = "raw") -> None:
        self.context = rclpy.Context()
        rclpy.init(context=self.context)
        self.node = rclpy.create_node(node, context=self.context)
        self.goals: list[bytes] = []
        self.cancels: list[bytes] = []
        self.results: dict[bytes, tuple[int, list[int]] | None] = {}
        self.questions = 0
        self._told: dict[bytes, int] = {}
        self._forever = threading.Event()
        kinds = (
            ("send_goal", Impl.SendGoalService, self._on_goal),
            ("get_result", Impl.GetResultService, self._on_question),
            ("cancel_goal", Impl.CancelGoalService, self._on_cancel),
        )
        self._services = [
            self.node.create_service(
                kind, f"{name}/_action/{what}", answer, callback_group=ReentrantCallbackGroup()
            )
            for what, kind, answer in kinds
        ]
        self._feedback = self.node.create_publisher(
            Impl.FeedbackMessage, f"{name}/_action/feedback", 10
        )
        self._status = self.node.create_publisher(
            GoalStatusArray, f"{name}/_action/status", qos_profile_action_status_default
        )

    def tell(self, goal: bytes, status: int) -> None:
        """Publish a goal's status beside those of the others."""
        self._told[goal] = status
        entries = []
        for identity, known in self._told.items():
            info = GoalInfo()
            info.goal_id.uuid = list(identity)
            entries.append(GoalStatus(goal_info=info, status=known))
        self._status.publish(GoalStatusArray(status_list=entries))

    def feedback(self, goal: bytes) -> None:
        """Publish feedback of a goal."""
        message = Impl.FeedbackMessage()
        message.goal_id.uuid = list(goal)
        self._feedback.publish(message)

    def close(self) -> None:
        """End it, and every question that waits."""
        self._forever.set()
        while self._services:
            self.node.destroy_service(self._services.pop())
        for publisher in (self._status, self._feedback):
            self.node.destroy_publisher(publisher)

    def _on_goal(self, request, response):
        self.goals.append(bytes(bytearray(request.goal_id.uuid)))
        response.accepted = True
        return response

    def _on_question(self, request, response):
        self.questions += 1
        goal = bytes(bytearray(request.goal_id.uuid))
        answer = self.results.get(goal, (GoalStatus.STATUS_UNKNOWN, []))
        if answer is None:
            self._forever.wait()
        else:
            response.status, response.result.sequence = answer
        return response

    def _on_cancel(self, request, response):
        goal = bytes(bytearray(request.goal_info.goal_id.uuid))
        self.cancels.append(goal)
        response.goals_canceling = [request.goal_info]
        return response
