"""Faults by parameter, at the start and at run time, on a real server."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from action_msgs.msg import GoalStatus
from rcl_interfaces.msg import Parameter, ParameterType, ParameterValue
from rcl_interfaces.srv import SetParameters
from std_srvs.srv import Trigger

from execution_orchestrator.action import Speak
from execution_orchestrator.simulation.servers.simulated_server import DIED
from test.integration.simulation.conftest import Robot

HELLO = Speak.Goal(text="hello")


@pytest.fixture
def robot(robots: Callable[[str], Robot]) -> Robot:
    return robots("tabletop")


def set_fault(robot: Robot, mode: str) -> str:
    value = ParameterValue(type=ParameterType.PARAMETER_STRING, string_value=mode)
    request = SetParameters.Request(parameters=[Parameter(name="fault.mode", value=value)])
    answer = robot.call(SetParameters, "/sim_speech/set_parameters", request)
    return str(answer.results[0].reason)


def speak(robot: Robot) -> tuple[int, int]:
    status, result = robot.do(Speak, "speak", HELLO)
    return status, result.error_code


def test_reject_and_abort_heal(robot: Robot) -> None:
    robot.start("speech", "fault.mode:=reject")
    assert not robot.begin(Speak, "speak", HELLO).accepted
    assert speak(robot) == (GoalStatus.STATUS_SUCCEEDED, 0)
    assert set_fault(robot, "abort") == ""
    assert speak(robot) == (GoalStatus.STATUS_ABORTED, 640)
    assert speak(robot) == (GoalStatus.STATUS_SUCCEEDED, 0)
    assert "known: none" in set_fault(robot, "explode")


@pytest.mark.parametrize("mode", ["hang", "drop"])
def test_no_answer_until_it_is_cancelled(robot: Robot, mode: str) -> None:
    robot.start("speech", f"fault.mode:={mode}")
    told: list[object] = []
    handle = robot.begin(Speak, "speak", HELLO, told.append)
    assert handle.accepted
    answer = handle.get_result_async()
    with pytest.raises(AssertionError, match="an end"):
        robot.until(answer.done, "an end", patience=1.0)
    assert not told
    cancel = handle.cancel_goal_async()
    robot.until(cancel.done, "the cancel is answered")
    robot.until(answer.done, "the goal ends")
    assert answer.result().status == GoalStatus.STATUS_CANCELED
    assert robot.call(Trigger, "/sim_speech/heal", Trigger.Request()).success
    assert speak(robot) == (GoalStatus.STATUS_SUCCEEDED, 0)


def test_death_is_remembered(robot: Robot, tmp_path: Path) -> None:
    faults = ("fault.mode:=die", f"fault.record:={tmp_path / 'record.json'}")
    robot.start("speech", *faults)
    assert robot.begin(Speak, "speak", HELLO).accepted
    process = robot.processes["speech"]
    robot.until(lambda: process.poll() is not None, "it dies")
    assert process.returncode == DIED
    # Until DDS has noticed the death, requests would go to the dead server.
    robot.until(lambda: not robot.node.count_publishers("/speech/said"), "its death is noticed")
    robot.start("speech", *faults)
    assert len(robot.goal_log("speech")) == 0
    assert speak(robot) == (GoalStatus.STATUS_SUCCEEDED, 0)
    assert len(robot.goal_log("speech")) == 1


def test_a_bad_parameter_ends_the_server_with_the_cure(robot: Robot) -> None:
    robot.start("speech", "fault.mode:=explode")
    process = robot.processes["speech"]
    robot.until(lambda: process.poll() is not None, "it ends")
    assert process.returncode == 1
    assert "known: none, reject" in robot.logs()
