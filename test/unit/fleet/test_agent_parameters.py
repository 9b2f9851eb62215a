"""What the agent of a robot says of parameters that it cannot use."""

from __future__ import annotations

import pytest
import rclpy
from rclpy.parameter import Parameter

from execution_orchestrator.fleet.agent_node import read_settings


def settings(**given):
    context = rclpy.Context()
    rclpy.init(context=context)
    try:
        overrides = [Parameter(name, value=value) for name, value in given.items()]
        return read_settings(
            rclpy.create_node("agent", context=context, parameter_overrides=overrides)
        )
    finally:
        context.try_shutdown()


def test_all_that_is_wrong_is_told_at_once():
    with pytest.raises(ValueError, match="parameter robot: 7 is of type integer") as refused:
        settings(robot=7, payload=5, min_battery=20.0)
    assert "parameter payload: 5 is of type integer, and it has to be double (Write 5.0.)" in str(
        refused.value
    )
    assert "parameter min_battery: 20.0 is outside 0.0 to 1.0" in str(refused.value)


def test_what_is_left_out_has_a_default():
    read = settings(robot="r1", payload=5.0, zones=["hall", ""])
    assert (read.robot, read.settings.payload, read.settings.zones) == ("r1", 5.0, ("hall",))
    assert read.orchestrator == "execution_orchestrator"
