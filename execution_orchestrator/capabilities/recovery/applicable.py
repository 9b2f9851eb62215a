"""Recovery rules that can never do anything, found when the file is read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from execution_orchestrator.capabilities.error_codes import ErrorCodeTables
from execution_orchestrator.capabilities.problems import ConfigurationProblem
from execution_orchestrator.capabilities.recovery.causes import cures_of, is_no_cause
from execution_orchestrator.engine.recovery.policy import RecoveryPolicy, RecoveryRule
from execution_orchestrator.plan.capability import CapabilitySpec
from execution_orchestrator.plan.errors import ErrorType


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
        known.code: known.type for name in tables.names() for known in tables[name].entries.values()
    }
