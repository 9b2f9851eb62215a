"""What moves the robot, or empties its costmap, needs a cause that it can cure."""

from pathlib import Path

import pytest

from execution_orchestrator.capabilities.error_codes import SHIPPED_TABLES as ERROR_CODES
from execution_orchestrator.capabilities.recovery.applicable import (
    never_applicable,
    unread_settings,
)
from execution_orchestrator.capabilities.recovery.causes import NO_CAUSE, refusal
from execution_orchestrator.capabilities.recovery.shipped import robot_strategies
from execution_orchestrator.engine.recovery.policy import load_recovery_policy
from execution_orchestrator.plan.capability import CapabilitySpec, InterfaceSpec
from execution_orchestrator.plan.errors import ErrorInfo, ErrorType
from execution_orchestrator.plan.yaml_reader import read_yaml

RECOVERY_FILE = Path(__file__).parents[3] / "config" / "recovery.yaml"
STRATEGIES = robot_strategies()
CAREFUL = {
    name: strategy
    for name, strategy in STRATEGIES.items()
    if strategy.resources or name == "clear_costmaps"
}
BLIND = ("SPIN", "BACKUP", "DRIVE_ON_HEADING")


def error(code):
    return ErrorInfo(type=ErrorType.NAVIGATION, code=code, message="")


@pytest.mark.parametrize("name", CAREFUL)
@pytest.mark.parametrize(
    "code", [*sorted(NO_CAUSE), *(f"NAV2_{motion}_COLLISION_AHEAD" for motion in BLIND)]
)
def test_nothing_moves_and_nothing_is_cleared_without_a_cause(name, code):
    assert refusal(STRATEGIES[name], name, error(code), {})
    assert refusal(STRATEGIES[name], name, error(code), {"cures": [code]})


@pytest.mark.parametrize("name", ["back_up", "spin", "clear_costmaps"])
def test_a_stuck_robot_is_a_cause(name):
    assert not refusal(STRATEGIES[name], name, error("NAV2_FAILED_TO_MAKE_PROGRESS"), {})


def test_codes_of_own_servers_are_added_in_the_settings():
    assert not refusal(STRATEGIES["spin"], "spin", error("MY_STUCK"), {"cures": ["MY_STUCK"]})


def test_a_strategy_that_names_no_causes_is_for_every_error():
    assert not refusal(object(), "open_the_door", error("GOAL_REJECTED"), {})


def test_the_shipped_tables_move_nothing_without_a_cause():
    policy = load_recovery_policy(read_yaml(RECOVERY_FILE.read_text()))
    for table, rules in policy.tables.items():
        for rule in rules:
            for entry in rule.strategies:
                if entry.strategy in CAREFUL:
                    cures = CAREFUL[entry.strategy].cures
                    assert rule.errors, (table, entry.strategy)
                    assert set(rule.errors) <= cures, (table, entry.strategy)


def told(document, **capabilities):
    known = {
        name: CapabilitySpec(
            name=name,
            description=name,
            interface=InterfaceSpec(name=name),
            recovery="mine",
            parameters={"properties": {key: {} for key in names}},
        )
        for name, names in capabilities.items()
    }
    policy = load_recovery_policy({"version": 1, "tables": {"mine": document}})
    found = never_applicable("recovery.yaml", policy, known, STRATEGIES, ERROR_CODES)
    return [str(problem) for problem in found]


def test_a_strategy_that_an_action_has_no_parameter_for_is_told():
    rule = [{"errors": ["NAV2_NO_VALID_PATH"], "strategies": ["alternative_goal"]}]
    told_of = told(rule, drive=["target_location"], drive_through=["poses"])
    assert len(told_of) == 1
    assert "tables.mine.0.alternative_goal" in told_of[0]
    assert "never applies to drive_through" in told_of[0]
    assert not told(rule, drive=["target_location"])


@pytest.mark.parametrize(
    ("errors", "useless"),
    [
        (["EXECUTION", "TIMEOUT"], True),
        (["GOAL_REJECTED"], True),
        (["NAVIGATION"], False),
        (["NAV2_NO_VALID_CONTROL", "GOAL_REJECTED"], False),
        ([], False),
    ],
)
def test_a_rule_for_errors_that_a_strategy_never_cures_is_told(errors, useless):
    assert bool(told([{"errors": errors, "strategies": ["back_up"]}])) is useless


def test_a_cure_for_what_nothing_cures_is_told():
    entry = {"strategy": "back_up", "settings": {"cures": ["GOAL_REJECTED"]}}
    assert "nothing that it can cure" in told([{"strategies": [entry]}])[0]


def wrong_settings(strategy, **settings):
    entry = {"strategy": strategy, "settings": settings}
    policy = load_recovery_policy({"tables": {"navigation": [{"strategies": [entry]}]}})
    return [str(one) for one in unread_settings("recovery.yaml", policy, STRATEGIES)]


def test_every_setting_of_the_shipped_file_is_read():
    policy = load_recovery_policy(read_yaml(RECOVERY_FILE.read_text(encoding="utf-8")))
    assert unread_settings("recovery.yaml", policy, STRATEGIES) == []


def test_settings_that_nobody_reads_are_told_with_the_ones_there_are():
    place = "recovery.yaml: tables.navigation.0"
    assert wrong_settings("safe_stop", topic="cmd_vel") == [
        f"{place}.safe_stop.settings.topic: safe_stop has no such setting (It has: timeout.)"
    ]
    assert wrong_settings("back_up", distanse=0.3) == [
        f"{place}.back_up.settings.distanse: back_up has no such setting (Did you mean distance?)"
    ]
    assert wrong_settings("retry", delay=1.0)
    assert wrong_settings("retry_longer_timeout", factor=2) == []
    assert wrong_settings("spin", cures=["MY_CODE"], angle=1) == []
    assert wrong_settings("safe_stop", cures=["MY_CODE"])


@pytest.mark.parametrize("value", ["0.3", True, None, [0.3]])
def test_a_setting_of_another_type_is_told(value):
    assert "is not a number" in wrong_settings("back_up", distance=value)[0]
