"""The thread that spins outlives what is destroyed beside it, and ends when it is told to."""

import threading
from types import SimpleNamespace

import pytest
from rclpy.exceptions import InvalidHandle

from execution_orchestrator.ros.spinning import SpinThread

PATIENCE = 10.0  # seconds


class Scripted:
    """An executor whose first round fails."""

    def __init__(self, failure):
        self.failure = failure
        self.rounds = 0
        self.again = threading.Event()
        self.woken = threading.Event()
        self.is_shutdown = False

    def add_node(self, node):
        self.node = node

    def spin_once(self):
        self.rounds += 1
        if self.rounds == 1:
            raise self.failure
        self.again.set()
        self.woken.wait(PATIENCE)

    def shutdown(self, timeout_sec):
        self.is_shutdown = True


@pytest.mark.parametrize(
    "failure",
    [InvalidHandle("cannot use Destroyable because destruction was requested"), KeyError("goal")],
)
def test_it_spins_on_after_a_round_that_failed_and_ends_when_it_is_told_to(failure):
    executor = Scripted(failure)
    wake = SimpleNamespace(trigger=executor.woken.set)
    node = SimpleNamespace(
        context=SimpleNamespace(ok=lambda: True),
        get_name=lambda: "node",
        create_guard_condition=lambda callback, callback_group: wake,
    )
    thread = SpinThread(node, executor)
    assert executor.again.wait(PATIENCE), "the thread died"
    thread.stop(PATIENCE)
    assert executor.is_shutdown
    assert not thread._thread.is_alive()
