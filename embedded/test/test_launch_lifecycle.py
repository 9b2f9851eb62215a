"""launch_ros takes lifecycle nodes through their states, and tests can wait for messages."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ros2_embedded import bootstrap
from test.domains import free_domain

bootstrap.activate()

from launch.actions import (  # noqa: E402
    EmitEvent,
    OpaqueFunction,
    RegisterEventHandler,
    Shutdown,
    TimerAction,
)
from launch_ros.actions import LifecycleNode, ROSTimer, SetUseSimTime  # noqa: E402
from launch_ros.event_handlers import OnStateTransition  # noqa: E402
from launch_ros.events.lifecycle import ChangeState, matches_node_name  # noqa: E402
from launch_ros.ros_adapters import get_ros_node  # noqa: E402

from launch import LaunchDescription, LaunchService, logging  # noqa: E402

NODES = Path(__file__).parent / "nodes"
START = (
    "from ros2_embedded import bootstrap; bootstrap.activate(); import runpy, sys; "
    "runpy.run_path(sys.argv.pop(1), run_name='__main__')"
)


@pytest.fixture(autouse=True)
def _domain(tmp_path, monkeypatch):
    monkeypatch.setenv("ROS_LOG_DIR", str(tmp_path / "log"))
    monkeypatch.setenv("ROS_DOMAIN_ID", str(free_domain()))
    logging.reset()
    yield
    logging.reset()


def managed(**kwargs):
    return LifecycleNode(
        executable=sys.executable,
        arguments=["-c", START, str(NODES / "managed.py")],
        name="managed",
        namespace="/cell",
        **kwargs,
    )


def run(*entities):
    service = LaunchService(noninteractive=True)
    limit = TimerAction(period=60.0, actions=[Shutdown(reason="took too long")])
    service.include_launch_description(LaunchDescription([*entities, limit]))
    return service.run()


def note_states(node, states, last, grace=0.0):
    """Note every state a node comes to, and shut down `grace` seconds after the last."""

    def note(context):
        states.append(context.locals.event.goal_state)
        if states[-1] != last:
            return None
        return [TimerAction(period=grace, actions=[Shutdown(reason="done")])]

    return RegisterEventHandler(
        OnStateTransition(target_lifecycle_node=node, entities=OpaqueFunction(function=note))
    )


def configuring():
    """Ask the node to be configured."""
    return EmitEvent(
        event=ChangeState(
            lifecycle_node_matcher=matches_node_name("/cell/managed"), transition_id=1
        )
    )


def test_event_asks_for_a_transition_and_ros_timer_fires():
    node, states = managed(), []
    timer = ROSTimer(period=0.01, actions=[configuring()])
    assert run(node, note_states(node, states, "inactive"), timer) == 0
    assert states[-1] == "inactive"


def test_refused_transition_is_reported(capsys):
    node, states = managed(parameters=[{"refuse": True}]), []
    # The state is published before the service answers.
    assert run(node, note_states(node, states, "unconfigured", grace=1.0), configuring()) == 0
    assert "active" not in states
    assert "Failed to make transition 'TRANSITION_CONFIGURE'" in capsys.readouterr().out


def test_lifecycle_commands():
    environment = dict(os.environ)

    def ros2(*words):
        return subprocess.run(
            [sys.executable, "-m", "ros2_embedded.cli", "lifecycle", *words],
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    node = subprocess.Popen([sys.executable, "-c", START, str(NODES / "managed.py")])
    try:
        for _ in range(20):
            if ros2("nodes").stdout == "/managed\n":
                break
        assert ros2("get", "/managed").stdout == "unconfigured [1]\n"
        assert "- configure [1]\n\tStart: unconfigured\n\tGoal: configuring\n" in (
            ros2("list", "/managed").stdout
        )
        assert ros2("set", "/managed", "configure").stdout == "Transitioning successful\n"
        assert ros2("get").stdout == "/managed: inactive [2]\n"
        unknown = ros2("set", "/managed", "fly")
        assert unknown.returncode == 1
        assert "Unknown transition requested, available ones are:\n- cleanup [2]" in unknown.stderr
    finally:
        node.terminate()
        node.wait(timeout=10)


def test_launcher_uses_simulated_time():
    values = []

    def read(context):
        node = get_ros_node(context)
        values.append(node.get_parameter("use_sim_time").value)

    assert run(SetUseSimTime(True), OpaqueFunction(function=read), Shutdown(reason="done")) == 0
    assert values == [True]
