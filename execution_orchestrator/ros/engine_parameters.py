"""The engine's settings as the node's parameters give them, at its start and at run time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from typing import Any

from rcl_interfaces.msg import SetParametersResult

from execution_orchestrator.capabilities.problems import ConfigurationError, ConfigurationProblem
from execution_orchestrator.engine.config import BreakerSettings, EngineConfig
from execution_orchestrator.plan.capability import RetryPolicy
from execution_orchestrator.plan.errors import ErrorType

# Settings that are made of other things than one parameter of the same name.
MADE = frozenset(
    {
        "resources",
        "recovery",
        "breaker",
        "breaker_servers",
        "replan_written_plans",
        "repositioning",
        "strategy_resources",
        "time_zone",
    }
)
# Parameters that may be changed while the node runs: they hold from the next decision on. All
# others are read-only, because something was made with them.
AT_RUN_TIME = frozenset(
    {
        *("max_running_executions", "max_waiting_for_start", "max_schedules", "max_iterations"),
        *("max_lease_duration", "max_lease_requests", "reserve_after", "poll_period"),
        *("cancel_timeout", "confirmation_timeout", "planning_timeout", "replan_timeout"),
        *("breaker_threshold", "breaker_reset_timeout", "breaker_errors", "breaker_servers"),
        *("strategy_timeout", "max_restores", "lost_redispatches", "max_hindrances", "max_takes"),
        *("dead_letters_kept", "dead_letter_backoff"),
    }
)


def follow_changes(
    node: Any, parameters: dict[str, Any], changed: Callable[[dict[str, Any]], None]
) -> None:
    """Update ``parameters`` with what is set at run time, then call ``changed`` with that.

    Both happen on the thread that spins the node. Values that make no configuration are refused
    with the reason.
    """

    def check(given: Sequence[Any]) -> Any:
        try:
            engine_config({**parameters, **_at_run_time(given)})
        except ConfigurationError as failure:
            return SetParametersResult(successful=False, reason=str(failure))
        return SetParametersResult(successful=True)

    def take(given: Sequence[Any]) -> None:
        new = _at_run_time(given)
        if new:
            parameters.update(new)
            changed(new)

    node.add_on_set_parameters_callback(check)
    node.add_post_set_parameters_callback(take)


def _at_run_time(given: Sequence[Any]) -> dict[str, Any]:
    return {one.name: one.value for one in given if one.name in AT_RUN_TIME}


def engine_config(parameters: Mapping[str, Any]) -> EngineConfig:
    """Return the settings; a parameter has the name of the setting, see engine/config.py.

    Raises:
        ConfigurationError: the settings of circuit breakers are wrong; all of it is listed.

    """
    settings = {
        setting.name: parameters[setting.name]
        for setting in fields(EngineConfig)
        if setting.name not in MADE
    }
    settings["confirmation_timeout"] = settings["confirmation_timeout"] or None
    problems: list[ConfigurationProblem] = []
    errors = _errors(parameters["breaker_errors"], problems)
    servers = _servers(parameters["breaker_servers"], errors, problems)
    if problems:
        raise ConfigurationError(problems)
    breaker = BreakerSettings(
        threshold=parameters["breaker_threshold"],
        reset_timeout=parameters["breaker_reset_timeout"],
        error_types=errors,
    )
    return EngineConfig(**settings, breaker=breaker, breaker_servers=servers)


def retry_policy(parameters: Mapping[str, Any]) -> RetryPolicy:
    """Return the policy of capabilities and actions that name none: the parameters retry_*."""
    return RetryPolicy(**{name: parameters[f"retry_{name}"] for name in RetryPolicy.model_fields})


def _errors(names: list[str], problems: list[ConfigurationProblem]) -> frozenset[ErrorType]:
    known = {kind.value: kind for kind in ErrorType}
    for name in names:
        if name and name not in known:
            problems.append(
                ConfigurationProblem(
                    "parameter breaker_errors", f"{name!r} is none of {', '.join(known)}"
                )
            )
    return frozenset(known[name] for name in names if name in known)


def _servers(
    entries: list[str], errors: frozenset[ErrorType], problems: list[ConfigurationProblem]
) -> dict[str, BreakerSettings]:
    found = {}
    for entry in entries:
        if not entry.strip():
            continue
        try:
            name, threshold, seconds = entry.split()
            settings = BreakerSettings(
                threshold=int(threshold), reset_timeout=float(seconds), error_types=errors
            )
        except ValueError:
            settings = None
        if settings is None or settings.threshold < 1 or not 0.0 < settings.reset_timeout < 1e6:
            problems.append(
                ConfigurationProblem(
                    "parameter breaker_servers",
                    f"{entry!r} is not 'NAME FAILURES SECONDS', such as '/detect 2 60.0'",
                )
            )
        else:
            found[name] = settings
    return found
