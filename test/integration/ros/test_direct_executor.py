"""An answer of a service makes rclpy look at all entities of a node once, and not once or twice more."""

import threading

import pytest
import rclpy
from rclpy.executors import SingleThreadedExecutor
from std_srvs.srv import Trigger

from execution_orchestrator.ros.spinning import DirectExecutor, spinning

CALLS = 50
PATIENCE = 20.0  # seconds


class Counted(DirectExecutor):
    """Counts the looks: rclpy asks for its nodes once for each wait set."""

    looks = 0

    def get_nodes(self):
        self.looks += 1
        return super().get_nodes()


@pytest.fixture
def contexts():
    made = [rclpy.Context(), rclpy.Context()]
    for context in made:
        rclpy.init(context=context)
    yield made
    for context in made:
        context.try_shutdown()


def test_each_answer_costs_one_look_and_its_callback_runs_in_the_thread_that_spins(contexts):
    node, serving = (
        rclpy.create_node(name, context=context)
        for name, context in zip(("asking", "serving"), contexts, strict=True)
    )
    serving.create_service(Trigger, "answer", lambda _, response: response)
    client = node.create_client(Trigger, "answer")
    threads, done = set(), threading.Event()
    left = CALLS

    def answered(_):
        nonlocal left
        threads.add(threading.get_ident())
        left -= 1
        if left:
            ask()
        else:
            done.set()

    def ask():
        client.call_async(Trigger.Request()).add_done_callback(answered)

    executor = Counted(context=contexts[0])
    with (
        spinning(node, executor),
        spinning(serving, SingleThreadedExecutor(context=contexts[1])),
    ):
        assert client.wait_for_service(PATIENCE)
        before = executor.looks
        ask()
        assert done.wait(PATIENCE)
        assert executor.looks - before <= CALLS + 5
    assert len(threads) == 1
    assert threads != {threading.get_ident()}
