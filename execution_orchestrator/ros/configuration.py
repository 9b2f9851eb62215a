"""Reads and checks all configuration files of the node; all mistakes are reported together."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import ValidationError

from execution_orchestrator.capabilities.loading import LoadedRobot, load_robot
from execution_orchestrator.capabilities.problems import (
    ConfigurationError,
    ConfigurationProblem,
    problems_of,
)
from execution_orchestrator.capabilities.recovery.applicable import (
    never_applicable,
    unread_settings,
)
from execution_orchestrator.capabilities.recovery.shipped import robot_strategies
from execution_orchestrator.capabilities.robot_state_document import (
    RobotStateDocument,
    read_robot_state,
)
from execution_orchestrator.capabilities.tools import ToolRegistry
from execution_orchestrator.capabilities.tools.plain import PLAIN_TOOLS
from execution_orchestrator.engine.recovery.built_in import BUILT_IN
from execution_orchestrator.engine.recovery.policy import (
    RecoveryPolicy,
    load_recovery_policy,
)
from execution_orchestrator.monitoring.alerts import AlertCondition
from execution_orchestrator.monitoring.alerts.delivery.rules import Rules, RulesError
from execution_orchestrator.monitoring.alerts.delivery.sending import AppriseSender, Sender
from execution_orchestrator.plan.optimise.options import OptionError, read_kinds
from execution_orchestrator.plan.timetable import TimetableError, zone_of
from execution_orchestrator.plan.yaml_reader import read_yaml
from execution_orchestrator.planning.llm import LlmSettings
from execution_orchestrator.planning.llm.chat import ChatModel
from execution_orchestrator.planning.llm.chat_thread import ChatInThread
from execution_orchestrator.planning.llm.openai_chat import OpenAiChat
from execution_orchestrator.planning.llm.settings import settings_of
from execution_orchestrator.planning.llm.tools import NAMES as LLM_TOOLS
from execution_orchestrator.planning.llm.tools import WITHOUT as WITHOUT_LLM
from execution_orchestrator.planning.llm.tools import llm_tools
from execution_orchestrator.planning.selection import CHOICES
from execution_orchestrator.planning.vocabulary import Vocabulary, VocabularyError
from execution_orchestrator.ros.engine_parameters import retry_policy
from execution_orchestrator.ros.interface.alerts import read_alerts
from execution_orchestrator.ros.interface.backend import SAME_ID
from execution_orchestrator.ros.messages.installed import (
    InstalledInterfaces,
)
from execution_orchestrator.ros.parameters import config_file

log = logging.getLogger(__name__)
Parameters = Mapping[str, Any]
T = TypeVar("T")


@dataclass(frozen=True)
class Configuration:
    """What the configuration files say, checked."""

    robot: LoadedRobot
    recovery: RecoveryPolicy
    state: RobotStateDocument
    vocabulary: Vocabulary | None
    places: Mapping[str, Any]
    alerts: list[AlertCondition]
    notifications: tuple[Rules, Sender] | None
    tools: ToolRegistry
    llm: LlmSettings | None
    chat: ChatModel | None


def read_configuration(parameters: Parameters) -> Configuration:
    """Read and check every configuration file.

    Raises:
        ConfigurationError: something is wrong; all of it is listed.

    """
    problems: list[ConfigurationProblem] = []
    robot = _attempt(
        lambda: load_robot(
            [config_file(name) for name in parameters["capability_files"]],
            InstalledInterfaces(),
            retry_policy(parameters),
        ),
        problems,
    )
    for name, reason in sorted(robot.unavailable.items()) if robot is not None else ():
        log.warning("%s cannot be used here: %s", name, reason)
    recovery = _attempt(lambda: _recovery(config_file(parameters["recovery_file"])), problems)
    state = _attempt(
        lambda: read_robot_state(config_file(parameters["robot_state_file"])), problems
    )
    vocabulary: Vocabulary | None = None
    if parameters["places_file"]:
        try:
            vocabulary = Vocabulary.load(config_file(parameters["places_file"]))
        except VocabularyError as failure:
            problems.append(ConfigurationProblem("places_file", str(failure)))
    if parameters["planner"] not in CHOICES:
        problems.append(
            ConfigurationProblem(
                "planner", f"there is no planner {parameters['planner']!r}", ", ".join(CHOICES)
            )
        )
    if parameters["same_id"] not in SAME_ID:
        message = f"there is no policy {parameters['same_id']!r}"
        problems.append(ConfigurationProblem("same_id", message, ", ".join(SAME_ID)))
    if robot is not None:
        problems += [
            ConfigurationProblem(
                parameter,
                f"no capability is called {name}",
                f"known: {', '.join(sorted(robot.model.capabilities))}",
            )
            for parameter in ("llm_capabilities", "llm_confirmed")
            for name in parameters[parameter]
            if name and name not in {*robot.model.capabilities, *robot.unavailable}
        ]
    if parameters["time_zone"]:
        try:
            zone_of(parameters["time_zone"])
        except TimetableError as failure:
            problems.append(ConfigurationProblem("time_zone", str(failure)))
    strategies = robot_strategies()
    if recovery is not None:
        known = set(strategies) | set(BUILT_IN)
        problems += [
            ConfigurationProblem(
                parameters["recovery_file"],
                f"no recovery strategy is called {name}",
                f"known: {', '.join(sorted(known))}",
            )
            for name in sorted(recovery.names() - known)
        ]
        problems += unread_settings(parameters["recovery_file"], recovery, strategies)
    try:
        read_kinds(parameters["optimise"])
    except OptionError as failure:
        problems.append(ConfigurationProblem("optimise", str(failure)))
    alerts: list[AlertCondition] | None = []
    if parameters["alerts_file"]:
        alerts = _attempt(lambda: read_alerts(config_file(parameters["alerts_file"])), problems)
    notifications = _attempt(lambda: _notifications(parameters["notifications_file"]), problems)
    if problems or robot is None or recovery is None or state is None or alerts is None:
        raise ConfigurationError(problems)
    for useless in never_applicable(
        parameters["recovery_file"],
        recovery,
        robot.model.capabilities,
        strategies,
        robot.tables,
    ):
        log.warning("%s", useless)
    llm = settings_of(parameters)
    chat = ChatInThread(OpenAiChat(llm)) if llm is not None else None
    tools = _tools(llm, chat)
    return Configuration(
        tools.usable(robot),
        recovery,
        state,
        vocabulary,
        _places(vocabulary),
        alerts,
        notifications,
        tools,
        llm,
        chat,
    )


def _notifications(name: str) -> tuple[Rules, Sender] | None:
    if not name:
        return None
    try:
        rules = Rules.load(config_file(name))
        return rules, AppriseSender(rules.urls())
    except RulesError as failure:
        raise ConfigurationError(
            [ConfigurationProblem("notifications_file", str(failure))]
        ) from None


def _tools(llm: LlmSettings | None, chat: ChatModel | None) -> ToolRegistry:
    asking = llm_tools(llm, chat) if llm is not None and chat is not None else {}
    missing = {} if asking else dict.fromkeys(LLM_TOOLS, WITHOUT_LLM)
    registry = ToolRegistry({**PLAIN_TOOLS, **asking}, missing)
    registry.load_entry_points()
    return registry


def _attempt(read: Callable[[], T], problems: list[ConfigurationProblem]) -> T | None:
    try:
        return read()
    except ConfigurationError as failure:
        problems.extend(failure.problems)
        return None


def _recovery(file: Path) -> RecoveryPolicy:
    try:
        return load_recovery_policy(read_yaml(file.read_text(encoding="utf-8")) or {})
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as failure:
        problems = [ConfigurationProblem(str(file), f"cannot be read: {failure}")]
    except ValidationError as failure:
        problems = problems_of(file, failure, RecoveryPolicy)
    raise ConfigurationError(problems)


def _places(vocabulary: Vocabulary | None) -> dict[str, Any]:
    if vocabulary is None:
        return {}
    return {name: place.flat() for name, place in vocabulary.places.items()}
