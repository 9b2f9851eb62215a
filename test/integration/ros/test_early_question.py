"""Servers that accept a goal, and answer for its result, in every order."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator

import pytest
import rclpy
from action_msgs.msg import GoalStatus
from action_msgs.srv import CancelGoal
from example_interfaces.action import Fibonacci
from rclpy.callback_groups import ReentrantCallbackGroup
from rclpy.executors import MultiThreadedExecutor
from rclpy.qos import qos_profile_action_status_default

from execution_orchestrator.ros.spinning import spinning
from test.integration.ros.test_client_pool import send, until

PATIENCE = 20.0  # seconds
IMPL = Fibonacci.Impl
pytestmark = pytest.mark.timeout(360)


class RawServer:
    """The services of an action without an ActionServer: a test says what is answered when."""

    def __init__(self, node) -> None:
        group = {"callback_group": ReentrantCallbackGroup()}
        self.asked = threading.Semaphore(0)
        self.questions = 0
        self.asked_for: list[bytes] = []
        self.asked_before: set[bytes] = set()  # goals that were asked for before they were accepted
        self.accept = True
        self.decided = threading.Event()
        self.known = GoalStatus.STATUS_UNKNOWN
        self.doubts = 0  # questions after the acceptance that are answered with "unknown"
        node.create_service(IMPL.SendGoalService, "work/_action/send_goal", self._goal, **group)
        node.create_service(IMPL.GetResultService, "work/_action/get_result", self._result, **group)
        node.create_service(CancelGoal, "work/_action/cancel_goal", lambda _, a: a, **group)
        node.create_publisher(IMPL.FeedbackMessage, "work/_action/feedback", 10)
        node.create_publisher(
            IMPL.GoalStatusMessage, "work/_action/status", qos_profile_action_status_default
        )

    def _goal(self, request, answer):
        assert self.decided.wait(PATIENCE)
        self.asked_before |= {bytes(request.goal_id.uuid)} & set(self.asked_for)
        answer.accepted = self.accept
        return answer

    def _result(self, request, answer):
        self.questions += 1
        self.asked_for.append(bytes(request.goal_id.uuid))
        answer.status = self.known
        if self.decided.is_set() and self.doubts:
            self.doubts -= 1
            answer.status = GoalStatus.STATUS_UNKNOWN
        answer.result.sequence = [7]
        self.asked.release()
        return answer


@pytest.fixture
def server(world) -> Iterator[RawServer]:
    context = rclpy.Context()
    rclpy.init(context=context)
    node = rclpy.create_node("raw", context=context)
    made = RawServer(node)
    with spinning(node, MultiThreadedExecutor(num_threads=4, context=context)):
        yield made
        made.decided.set()


async def asked(server: RawServer) -> None:
    assert await asyncio.to_thread(server.asked.acquire, timeout=PATIENCE)


async def test_nobody_is_asked_for_the_result_of_what_is_being_accepted(server, pool):
    # rclpy's server notes a goal down in two steps, and fails between them.
    server.known = GoalStatus.STATUS_SUCCEEDED
    server.decided.set()
    for number in range(20):
        _, heard = send(pool, number)
        await until(heard.over)
        assert heard.names == ["accepted", "finished"]
    assert len(set(server.asked_for)) >= 20
    assert server.asked_before == set()


async def test_a_server_asked_before_it_accepts_is_asked_again_afterwards(server, pool):
    _, heard = send(pool, 1)
    await asked(server)  # although nothing was accepted
    server.known = GoalStatus.STATUS_SUCCEEDED
    server.decided.set()
    await until(heard.over)
    assert heard.names == ["accepted", "finished"]
    assert heard.calls[-1][1] == GoalStatus.STATUS_SUCCEEDED
    assert list(heard.calls[-1][2].sequence) == [7]
    assert server.questions >= 2


async def test_a_result_that_overtakes_the_acceptance_counts_as_both(server, pool):
    server.known = GoalStatus.STATUS_SUCCEEDED
    _, heard = send(pool, 1)
    await until(heard.over)
    assert not server.decided.is_set()
    assert heard.names == ["accepted", "finished"]
    server.decided.set()
    _, after = send(pool, 1)
    await until(after.over)
    assert after.names == ["accepted", "finished"]
    assert len(heard.names) == 2


async def test_a_rejection_stays_one_whatever_was_asked_before(server, pool):
    server.accept = False
    _, heard = send(pool, 1)
    await asked(server)
    server.decided.set()
    await until(heard.over)
    assert heard.names == ["rejected"]


@pytest.mark.parametrize(
    ("doubts", "names"), [(1, ["accepted", "finished"]), (9, ["accepted", "lost"])]
)
async def test_a_server_that_does_not_know_what_it_accepted_is_asked_twice(
    server, pool, doubts, names
):
    _, heard = send(pool, 1)
    await asked(server)
    server.known, server.doubts = GoalStatus.STATUS_SUCCEEDED, doubts
    server.decided.set()
    await until(heard.over)
    assert heard.names == names
