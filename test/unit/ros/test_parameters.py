"""Parameters from outside that the node does not have are told or refused."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest
import rclpy
import yaml
from rclpy.parameter import Parameter

from execution_orchestrator.capabilities.problems import ConfigurationError
from execution_orchestrator.engine.config import EngineConfig
from execution_orchestrator.plan.errors import ErrorType
from execution_orchestrator.ros.engine_parameters import MADE, engine_config
from execution_orchestrator.ros.parameters import ENTRIES, declare, unknown_overrides


def a_node(**overrides):
    context = rclpy.Context()
    rclpy.init(context=context)
    try:
        given = [Parameter(name, value=value) for name, value in overrides.items()]
        node = rclpy.create_node("told", context=context, parameter_overrides=given)
        return declare(node), unknown_overrides(node)
    finally:
        context.try_shutdown()


def test_a_misspelt_parameter_is_refused_with_the_nearest_name():
    with pytest.raises(ConfigurationError) as refused:
        a_node(queue_capcity=3, cancel_timeuot=1.0, max_replans=1)
    assert [str(problem) for problem in refused.value.problems] == [
        f"parameter {wrong}: this node has no such parameter, its value does nothing "
        f"(Did you mean {right}?)"
        for wrong, right in (
            ("queue_capcity", "queue_capacity"),
            ("cancel_timeuot", "cancel_timeout"),
        )
    ]


def test_what_may_be_for_another_node_is_told_only():
    values, unknown = a_node(**{"max_replans": 1, "qos_overrides./x.publisher.depth": 5, "fps": 3})
    assert values["max_replans"] == 1
    assert values.keys() == {entry.name for entry in ENTRIES}
    assert [problem.place for problem in unknown] == ["parameter fps"]


DEFAULTS = {entry.name: entry.default for entry in ENTRIES}


def test_every_setting_of_the_engine_is_a_parameter_with_the_same_default():
    assert {one.name for one in fields(EngineConfig)} - MADE <= DEFAULTS.keys()
    assert engine_config(DEFAULTS) == EngineConfig()


def test_the_shipped_file_has_only_parameters_and_their_defaults():
    file = Path(__file__).parents[3] / "config" / "orchestrator.yaml"
    shipped = yaml.safe_load(file.read_text(encoding="utf-8"))["/**"]["ros__parameters"]
    assert shipped == {name: DEFAULTS[name] for name in shipped}
    engine = {one.name for one in fields(EngineConfig)} - MADE
    assert engine <= shipped.keys()


def test_servers_may_have_breakers_of_their_own():
    given = {**DEFAULTS, "breaker_servers": ["/detect 2 60.0"], "breaker_errors": ["SENSOR"]}
    config = engine_config(given)
    of_camera = config.breaker_of("/detect")
    assert (of_camera.threshold, of_camera.reset_timeout) == (2, 60.0)
    assert config.breaker_of("/nav").threshold == 5
    assert of_camera.error_types == {ErrorType.SENSOR}


def test_wrong_breakers_are_all_told_with_place_and_cure():
    wrong = {**DEFAULTS, "breaker_servers": ["/detect two 60", "/nav 0 1"], "breaker_errors": ["X"]}
    with pytest.raises(ConfigurationError) as caught:
        engine_config(wrong)
    told = str(caught.value)
    assert told.count("breaker_servers") == 2
    assert "'X' is none of CONNECTIVITY" in told
    assert "such as '/detect 2 60.0'" in told
