"""Recovery rules that can never do anything, and settings without effect, found at the start."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from execution_orchestrator.capabilities.error_codes import ErrorCodeTables
from execution_orchestrator.capabilities.problems import ConfigurationProblem
from execution_orchestrator.capabilities.recovery.causes import cures_of, is_no_cause
from execution_orchestrator.engine.recovery.built_in import BUILT_IN
from execution_orchestrator.engine.recovery.policy import (
    RecoveryPolicy,
    RecoveryRule,
)
from execution_orchestrator.plan.capability import CapabilitySpec
from execution_orchestrator.plan.errors import ErrorType
from execution_orchestrator.plan.nearest import Names

KINDS = {float: "number", str: "text", list: "list"}


def never_applicable(
    file: str,
    policy: RecoveryPolicy,
    capabilities: Mapping[str, CapabilitySpec],
    strategies: Mapping[str, object],
    tables: ErrorCodeTables,
) -> list[ConfigurationProblem]:
    """List the entries of a recovery file that no failure can make use of."""
    types = _types(tables)
    problems = []
    for table, rules in policy.tables.items():
        users = [spec for name, spec in capabilities.items() if _table(policy, spec) == table]
        for number, rule in enumerate(rules):
            for entry in rule.strategies:
                strategy = strategies.get(entry.strategy)
                if strategy is None:
                    continue
                place = f"{file}: tables.{table}.{number}.{entry.strategy}"
                needs: tuple[str, ...] = getattr(strategy, "needs", ())
                without = [spec.name for spec in users if not _knows(spec, needs)]
                if without:
                    problems.append(
                        ConfigurationProblem(
                            place,
                            f"never applies to {', '.join(sorted(without))}, which has no "
                            f"parameter {' or '.join(needs)}",
                            "give them a table of their own without it",
                        )
                    )
                problems += _causes(place, strategy, rule, entry.settings, types)
    return problems


def unread_settings(
    file: str, policy: RecoveryPolicy, strategies: Mapping[str, object]
) -> list[ConfigurationProblem]:
    """List the settings of a recovery file that their strategies do not have, or cannot use.

    Strategies of other packages that declare no settings are not checked.
    """
    return [
        ConfigurationProblem(
            f"{file}: tables.{table}.{number}.{entry.strategy}.settings.{name}", *wrong
        )
        for table, rules in policy.tables.items()
        for number, rule in enumerate(rules)
        for entry in rule.strategies
        for name, value in entry.settings.items()
        if (wrong := _wrong_setting(entry.strategy, strategies, name, value))
    ]


def _wrong_setting(
    strategy: str, strategies: Mapping[str, object], name: str, value: Any
) -> tuple[str, ...]:
    """Return the error of a setting and its cure, or nothing."""
    if strategy in BUILT_IN:
        known: Mapping[str, type] | None = BUILT_IN[strategy].settings
    else:
        known = getattr(strategies.get(strategy), "settings", None)
        if name == "cures" and getattr(strategies.get(strategy), "cures", None) is not None:
            known = {"cures": list}
    if known is None:
        return ()
    if name not in known:
        return (f"{strategy} has no such setting", Names(known).hint(name, "It has"))
    kind = known[name]
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if is_number if kind is float else isinstance(value, kind):
        return ()
    return (f"{value!r} is not a {KINDS[kind]}",)


def _table(policy: RecoveryPolicy, spec: CapabilitySpec) -> str:
    return spec.recovery if spec.recovery in policy.tables else "default"


def _knows(spec: CapabilitySpec, needs: Iterable[str]) -> bool:
    wanted = tuple(needs)
    known = spec.parameters.get("properties", {})
    return not wanted or any(name in known for name in wanted)


def _causes(
    place: str,
    strategy: object,
    rule: RecoveryRule,
    settings: Mapping[str, Any],
    types: Mapping[str, ErrorType],
) -> list[ConfigurationProblem]:
    cures = cures_of(strategy, settings)
    if cures is None:
        return []
    problems = []
    added = settings.get("cures", ())
    refused = [str(code) for code in added if is_no_cause(str(code))] if added else []
    if refused:
        problems.append(
            ConfigurationProblem(place, f"{', '.join(refused)} is nothing that it can cure")
        )
    known_types = {kind.value for kind in ErrorType}
    meant = {code for code in rule.errors if code not in known_types}
    kinds = {types[code].value for code in cures if code in types}
    if rule.errors and not (meant & cures or kinds.intersection(rule.errors)):
        problems.append(
            ConfigurationProblem(
                place,
                f"never applies: it cures none of {', '.join(rule.errors)}",
                f"it cures {', '.join(sorted(cures))}; settings.cures adds codes of your own",
            )
        )
    return problems


def _types(tables: ErrorCodeTables) -> dict[str, ErrorType]:
    return {
        known.code: known.type for name in tables.names() for known in tables[name].codes.values()
    }
