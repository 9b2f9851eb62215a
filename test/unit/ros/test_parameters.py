"""Parameters from outside that the node does not have are told or refused."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest
import rclpy
import yaml
from rclpy.parameter import Parameter

from execution_orchestrator.capabilities.loading import load_robot
from execution_orchestrator.capabilities.problems import ConfigurationError
from execution_orchestrator.engine.config import BreakerSettings, EngineConfig
from execution_orchestrator.plan.capability import RetryPolicy
from execution_orchestrator.plan.errors import ErrorType
from execution_orchestrator.plan.model import Plan
from execution_orchestrator.plan.resolve import resolve
from execution_orchestrator.ros.engine_parameters import (
    AT_RUN_TIME,
    MADE,
    engine_config,
    follow_changes,
    retry_policy,
)
from execution_orchestrator.ros.parameters import (
    ENTRIES,
    declare,
    descriptor_of,
    unknown_overrides,
    why_not_saved,
)

CONFIG = Path(__file__).parents[3] / "config"


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


def test_values_of_another_type_or_outside_the_limits_are_told_all_at_once():
    with pytest.raises(ConfigurationError) as refused:
        a_node(cancel_timeout=60, queue_capacity=-3, places_file=1.5, capability_files="tools.yaml")
    told = {problem.place: (problem.message, problem.hint) for problem in refused.value.problems}
    assert told == {
        "parameter cancel_timeout": (
            "60 is of type integer, and it has to be double",
            "Write 60.0.",
        ),
        "parameter queue_capacity": (
            "-3 is outside 0 to 100000",
            f"The default is {DEFAULTS['queue_capacity']}.",
        ),
        "parameter places_file": (
            "1.5 is of type double, and it has to be string",
            "The default is places.yaml.",
        ),
        "parameter capability_files": (
            "'tools.yaml' is of type string, and it has to be string_array",
            "The default is ['capabilities.yaml', 'tools.yaml'].",
        ),
    }


def test_what_may_be_for_another_node_is_told_only():
    values, unknown = a_node(**{"max_replans": 1, "qos_overrides./x.publisher.depth": 5, "fps": 3})
    assert values["max_replans"] == 1
    assert values.keys() == {entry.name for entry in ENTRIES}
    assert [problem.place for problem in unknown] == ["parameter fps"]


DEFAULTS = {entry.name: entry.default for entry in ENTRIES}


def test_every_setting_of_the_engine_is_a_parameter_with_the_same_default():
    assert {one.name for one in fields(EngineConfig)} - MADE <= DEFAULTS.keys()
    assert engine_config(DEFAULTS) == EngineConfig()


def test_the_settings_inside_a_setting_are_parameters_too():
    for inner, prefix, others in (
        (BreakerSettings, "breaker", {"error_types": "errors"}),
        (RetryPolicy, "retry", {}),
    ):
        names = getattr(inner, "model_fields", None) or [one.name for one in fields(inner)]
        assert {f"{prefix}_{others.get(name, name)}" for name in names} <= DEFAULTS.keys()
    assert retry_policy(DEFAULTS) == RetryPolicy()


def test_every_parameter_is_described():
    assert DEFAULTS.keys() >= AT_RUN_TIME
    for entry in ENTRIES:
        assert descriptor_of(entry).description == entry.description != ""
        if not isinstance(entry.default, bool | str | list):
            assert entry.low is not None, entry.name
            assert entry.high is not None, entry.name


def test_retries_that_nobody_names_are_the_parameters():
    policy = retry_policy({**DEFAULTS, "retry_max_attempts": 4, "retry_initial_delay": 3.0})
    robot = load_robot([CONFIG / "capabilities.yaml"], retry=policy).model
    plan = Plan.model_validate(
        {
            "version": 1,
            "actions": [
                {"id": "a", "action_type": "wait"},
                {"id": "b", "action_type": "navigate_to", "retry": {"max_attempts": 5}},
                {"id": "c", "action_type": "navigate_to"},
            ],
        }
    )
    unsaid, partly, of_file = resolve(plan, robot)["actions"]
    assert (unsaid["retry"]["max_attempts"], unsaid["retry"]["initial_delay"]) == (4, 3.0)
    of_capability = robot.capabilities["navigate_to"].retry
    assert of_file["retry"] == of_capability.model_dump()
    assert of_capability.max_attempts == 3
    assert partly["retry"] == {**of_file["retry"], "max_attempts": 5}


def test_the_shipped_file_has_every_parameter_with_its_default():
    file = CONFIG / "orchestrator.yaml"
    shipped = yaml.safe_load(file.read_text(encoding="utf-8"))["/**"]["ros__parameters"]
    assert shipped == DEFAULTS


def test_settings_of_the_engine_change_while_the_node_runs():
    context = rclpy.Context()
    rclpy.init(context=context)
    try:
        node = rclpy.create_node("changing", context=context)
        values, configs = declare(node), []
        follow_changes(node, values, lambda _: configs.append(engine_config(values)))

        def set_to(name, value):
            [answer] = node.set_parameters([Parameter(name, value=value)])
            return answer

        assert set_to("breaker_threshold", 2).successful
        assert set_to("breaker_servers", ["/detect 3 60.0"]).successful
        assert configs[-1].breaker.threshold == 2
        assert configs[-1].breaker_of("/detect").threshold == 3
        wrong = set_to("breaker_servers", ["/detect often"])
        assert not wrong.successful
        assert "such as '/detect 2 60.0'" in wrong.reason
        assert not set_to("strategy_timeout", -1.0).successful
        assert not set_to("queue_capacity", 3).successful
        assert len(configs) == 2
        assert values["breaker_servers"] == ["/detect 3 60.0"]
        node.destroy_node()
    finally:
        context.try_shutdown()


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


def test_plans_are_saved_only_where_that_is_asked_for_and_the_folder_is_ones_own():
    mine = {"web_save_plans": True, "plans_directory": "/home/ada/plans"}
    assert why_not_saved(mine) == ""
    assert "set its parameter web_save_plans" in why_not_saved({**mine, "web_save_plans": False})
    assert "plans_directory to a folder of yours" in why_not_saved({**mine, "plans_directory": ""})
    assert why_not_saved({entry.name: entry.default for entry in ENTRIES}) != ""
