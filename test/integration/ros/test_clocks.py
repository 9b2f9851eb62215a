"""The node by clocks that are set, that go slowly, and that stand still."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import rclpy
from diagnostic_msgs.msg import DiagnosticArray
from rosgraph_msgs.msg import Clock

from execution_orchestrator.msg import ExecutionStatus
from execution_orchestrator.ros.client import OrchestratorClient
from test.faketime import LIBRARIES, MISSING, WallClock
from test.integration.ros.processes import LONG, wait_for

needs_faketime = pytest.mark.skipif(not LIBRARIES, reason=MISSING)
pytestmark = pytest.mark.timeout(360)
COMPLETED = ExecutionStatus.COMPLETED


def plan(*actions, **more):
    return json.dumps({"version": 1, "ordering": "sequence", "actions": list(actions), **more})


def delay(seconds):
    return {"action_type": "delay", "duration": seconds}


def work(milliseconds, timeout):
    parameters = {"milliseconds": milliseconds}
    return {"action_type": "work", "timeout": timeout, "parameters": parameters}


def wall_clock(world):
    """The wall clock of the processes that the world starts from now on."""
    made = WallClock(world.folder)
    world.env |= made.env
    return made


def started(client):
    """Whether an action has begun, as ~/state tells it."""
    runs = client.state.executions if client.state else ()
    return any(one.started.sec for run in runs for one in run.actions)


@needs_faketime
@pytest.mark.parametrize("jump", [3600, -3600])
def test_a_wall_clock_that_is_set_changes_no_delay_and_no_timeout(world, jump):
    world.server("work")
    clock = wall_clock(world)
    node = world.node()
    with OrchestratorClient() as client:
        client.wait_ready(90.0)
        # The first delay leaves a busy machine time to notice the jump before the work begins.
        goal = client.send(plan=plan(delay(4.0), work(3000, 20.0), delay(2.0), timeout=60.0))
        began = time.monotonic()
        wait_for(lambda: started(client), 30.0, "the first delay")
        clock.set(jump)
        wait_for(lambda: world.lines("work")[-1][0] == "began", 30.0, "the work")
        assert time.monotonic() - began > 3.5
        jumped = time.time() + jump
        wait_for(lambda: abs(client.state.stamp.sec - jumped) < 60, 30.0, "the stamp that is shown")
        clock.set(0)
        assert goal.done.wait(60.0)
        assert goal.result.status.value == COMPLETED, goal.result.message
        assert time.monotonic() - began > 8.5
        first, working, last = goal.result.actions
        assert abs(first.started.sec - time.time()) < 60
        assert abs(working.started.sec - jumped) < 60
        assert abs(last.ended.sec - time.time()) < 60
        assert working.duration < 10.0
    assert "the wall clock was set" in node.said()


@needs_faketime
def test_a_delay_ends_when_it_should_after_a_restart_with_the_clock_an_hour_back(world):
    clock = wall_clock(world)
    node = world.node()
    with OrchestratorClient() as client:
        client.wait_ready(90.0)
        client.send(plan=plan(delay(20.0)), execution_id="errand")
        began = time.monotonic()
        wait_for(lambda: "execution accepted" in node.said(), 30.0, "the acceptance")
        node.kill()
    clock.set(-3600)
    successor = world.node()
    # The graph still has the dead node for a while; a goal sent now could go to nobody.
    wait_for(lambda: successor.said().count("ready for goals") == 2, 90.0, "the restart")
    with OrchestratorClient() as client:
        client.wait_ready(90.0)
        again = client.send(plan=plan(delay(20.0)), execution_id="errand")
        assert again.done.wait(60.0)
        assert again.result.status.value == COMPLETED, again.result.message
        assert time.monotonic() - began > 19.0


class SimulatedTime:
    """Publishes /clock at a share of real time."""

    def __init__(self):
        self.speed = 1.0
        self.seconds = 100.0
        self.leap = 0.0
        self.stop = False

    def run(self, publisher):
        last = time.monotonic()
        while not self.stop:
            now = time.monotonic()
            self.seconds += (now - last) * self.speed + self.leap
            self.leap = 0.0
            last = now
            message = Clock()
            message.clock.sec = int(self.seconds)
            message.clock.nanosec = int(self.seconds % 1.0 * 1e9)
            publisher.publish(message)
            time.sleep(0.01)


@contextmanager
def simulated_time() -> Iterator[SimulatedTime]:
    context = rclpy.Context()
    rclpy.init(context=context)
    node = rclpy.create_node("simulator", context=context, start_parameter_services=False)
    clock = SimulatedTime()
    thread = threading.Thread(target=clock.run, args=(node.create_publisher(Clock, "/clock", 1),))
    thread.start()
    try:
        yield clock
    finally:
        clock.stop = True
        thread.join()
        node.destroy_node()
        rclpy.shutdown(context=context)


def test_timeouts_and_delays_are_in_simulated_time_and_stand_still_with_it(world):
    world.server("work")
    with simulated_time() as clock:
        world.node(use_sim_time=True)
        with OrchestratorClient() as client:
            client.wait_ready(90.0)
            clock.speed = 0.2
            # Three real seconds are 0.6 simulated ones: the timeout of one second is not reached.
            slow = client.send(plan=plan(work(3000, 1.0)))
            assert slow.done.wait(60.0)
            assert slow.result.status.value == COMPLETED, slow.result.message
            clock.speed = 0.0
            waiting = client.send(plan=plan(delay(1.0)))
            assert not waiting.done.wait(4.0)
            clock.speed = 5.0
            assert waiting.done.wait(30.0)
            assert waiting.result.status.value == COMPLETED, waiting.result.message


@pytest.mark.parametrize("paused", [False, True])
def test_what_the_simulation_leaps_over_ends_no_goal_and_no_delay(world, paused):
    world.server("work")
    with simulated_time() as clock:
        node = world.node(use_sim_time=True)
        with OrchestratorClient() as client:
            client.wait_ready(90.0)
            words = clock_health(client)
            driving = client.send(plan=plan(work(LONG, 60.0), timeout=90.0))
            waiting = client.send(plan=plan(delay(60.0)))
            wait_for(lambda: world.lines("work")[-1][0] == "began", 30.0, "the work")
            if paused:
                clock.speed = 0.0
                wait_for(lambda: words and "stands still" in words[-1], 60.0, "the diagnosis")
            clock.leap = 3600.0
            clock.speed = 1.0
            wait_for(lambda: "/clock leapt forward by 36" in node.said(), 60.0, "the leap")
            world.finish("work")
            assert driving.done.wait(30.0)
            assert driving.result.status.value == COMPLETED, driving.result.message
            assert not waiting.done.is_set()
            clock.speed = 20.0
            assert waiting.done.wait(30.0)
            assert waiting.result.status.value == COMPLETED, waiting.result.message


def clock_health(client):
    """Return a list to which each word of /diagnostics on the clock is added."""
    words = []

    def on_diagnostics(message):
        words.extend(status.message for status in message.status if status.name.endswith(": clock"))

    client._node.create_subscription(DiagnosticArray, "/diagnostics", on_diagnostics, 10)
    return words
