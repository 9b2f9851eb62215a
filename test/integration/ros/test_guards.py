"""A topic changes, and what has a guard on it stops on its server, and goes on."""

from __future__ import annotations

import json
import time

import pytest
import rclpy
from rclpy.qos import DurabilityPolicy, QoSProfile
from std_msgs.msg import Bool

from execution_orchestrator.msg import ExecutionStatus
from execution_orchestrator.ros.client import OrchestratorClient
from test.integration.ros.processes import LONG, wait_for

pytestmark = pytest.mark.timeout(360)
STATE = """
version: 1
state:
  clear: {kind: value, topic: clear, type: std_msgs/msg/Bool, field: data, period: 0.5, latched: true}
"""


class Watchman:
    """Says whether the way is clear."""

    def __init__(self) -> None:
        self._context = rclpy.Context()
        rclpy.init(context=self._context)
        self._node = rclpy.create_node("watchman", context=self._context)
        latched = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)
        self._publisher = self._node.create_publisher(Bool, "clear", latched)

    def says(self, clear: bool) -> None:
        self._publisher.publish(Bool(data=clear))

    def close(self) -> None:
        self._node.destroy_node()
        rclpy.shutdown(context=self._context)


@pytest.fixture
def watchman(world, monkeypatch):
    made = Watchman()
    yield made
    made.close()


@pytest.fixture
def client(world, watchman):
    state = world.folder / "robot_state.yaml"
    state.write_text(STATE, encoding="utf-8")
    world.node(robot_state_file=str(state))
    watchman.says(True)
    with OrchestratorClient() as made:
        made.wait_ready(90.0)
        yield made


def send(client, *actions):
    return client.send(plan=json.dumps({"version": 1, "actions": list(actions)}))


def guarded(milliseconds, policy, **more):
    return {
        "action_type": "work",
        "parameters": {"milliseconds": milliseconds},
        "while": "robot.clear",
        "on_guard_failed": policy,
        **more,
    }


def counted(world, what):
    return sum(1 for line in world.lines("work") if line[0] == what)


def ended(session):
    assert session.done.wait(30.0), "the goal has no result"
    return session.result


def test_a_goal_waits_for_its_guard_and_is_sent_again(world, watchman, client):
    world.server("work")
    session = send(client, guarded(LONG, "wait", id="carry"))
    wait_for(lambda: counted(world, "began") == 1, 60.0, "the first goal")
    # Two words within the topic's period: the last one counts.
    watchman.says(True)
    watchman.says(False)
    wait_for(lambda: counted(world, "cancelled") == 1, 30.0, "the stop")

    def reason():
        executions = client.state.executions if client.state else []
        return [action.reason for one in executions for action in one.actions]

    wait_for(lambda: "waits until robot.clear again" in reason(), 30.0, "the reason")
    time.sleep(1.0)
    assert counted(world, "began") == 1
    watchman.says(True)
    wait_for(lambda: counted(world, "began") == 2, 60.0, "the second goal")
    world.finish("work")
    result = ended(session)
    assert result.status.value == ExecutionStatus.COMPLETED, result.message


@pytest.mark.parametrize(
    ("policy", "status"),
    [("fail", ExecutionStatus.FAILED), ("skip", ExecutionStatus.COMPLETED)],
)
def test_a_guard_ends_a_block_and_all_that_runs_in_it(world, watchman, client, policy, status):
    world.server("work")
    block = {
        "id": "both",
        "action_type": "parallel",
        "while": "robot.clear",
        "on_guard_failed": policy,
        "actions": [
            {"action_type": "work", "parameters": {"milliseconds": LONG}},
            {"action_type": "work", "parameters": {"milliseconds": LONG}},
        ],
    }
    session = send(client, block)
    wait_for(lambda: counted(world, "began") == 2, 60.0, "the goals")
    watchman.says(False)
    result = ended(session)
    assert counted(world, "cancelled") == 2
    assert result.status.value == status, result.message
    assert "robot.clear no longer holds" in result.message
