"""A server of another type under the expected name is told at once, with both types."""

from __future__ import annotations

import json

import rclpy
from rclpy.action import ActionServer
from rclpy.executors import SingleThreadedExecutor
from tf2_msgs.action import LookupTransform

from execution_orchestrator.msg import ExecutionStatus
from execution_orchestrator.ros.client import OrchestratorClient
from execution_orchestrator.ros.spinning import spinning


def test_the_wrong_type_is_named_after_one_look(world):
    context = rclpy.Context()
    rclpy.init(context=context)
    node = rclpy.create_node("other", context=context, start_parameter_services=False)
    with spinning(node, SingleThreadedExecutor(context=context)):
        ActionServer(node, LookupTransform, "work", lambda handle: LookupTransform.Result())
        world.node()
        with OrchestratorClient() as client:
            client.wait_ready(90.0)
            plan = {"action_type": "work", "parameters": {"milliseconds": 10}}
            goal = client.send(plan=json.dumps({"version": 1, "actions": [plan]}))
            assert goal.done.wait(30.0)
    result = goal.result
    assert result.status.value == ExecutionStatus.FAILED
    assert result.error.code == "SERVER_TYPE_MISMATCH", result.message
    for kind in ("tf2_msgs/action/LookupTransform", "example_interfaces/action/Fibonacci"):
        assert kind in result.message
    assert [action.attempt for action in result.actions] == [1]
