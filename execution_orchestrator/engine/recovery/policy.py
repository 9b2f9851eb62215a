"""Recovery tables: which strategies, in which order, for which error of which capability.

The format is that of config/recovery.yaml (docs/recovery_reference.md)::

    version: 1
    tables:
      navigation:
        - errors: [NAV2_NO_VALID_PATH, NAVIGATION]     # codes or types, empty: every error
          strategies:
            - {strategy: clear_costmaps, max_runs: 2, settings: {timeout: 2.0}}
            - retry
      default:
        - strategies: [retry, recovery_plan, fallback]
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from execution_orchestrator.plan.errors import ErrorInfo, ErrorType


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, defer_build=True)


class StrategyEntry(_Part):
    """One strategy of a rule.

    ``max_runs`` bounds its runs per action (retry: the action's own retry policy does);
    ``timeout`` is seconds for a run, None for the engine's limit; ``delay`` is seconds before the
    retry it leads to.
    """

    strategy: str = Field(min_length=1, max_length=128)
    max_runs: int = Field(1, ge=1, le=100)
    timeout: float | None = Field(None, gt=0.0, le=86400.0)
    delay: float = Field(0.0, ge=0.0, le=86400.0)
    settings: dict[str, Any] = {}

    @model_validator(mode="before")
    @classmethod
    def _short_form(cls, value: Any) -> Any:
        return {"strategy": value} if isinstance(value, str) else value


class RecoveryRule(_Part):
    """Strategies for some errors; ``errors`` names codes or types, none means every error.

    ``recoverable_only``: errors marked as not recoverable pass by.
    """

    errors: tuple[str, ...] = ()
    recoverable_only: bool = True
    strategies: tuple[StrategyEntry, ...] = Field(min_length=1)

    @field_validator("errors")
    @classmethod
    def _upper_case(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        wrong = [name for name in value if name != name.upper()]
        if wrong:
            known = ", ".join(kind.value for kind in ErrorType)
            raise ValueError(
                f"{', '.join(wrong)}: error types and codes are upper case; types are {known}"
            )
        return value

    def matches(self, error: ErrorInfo) -> bool:
        """Say whether the rule is for this error."""
        if self.recoverable_only and not error.recoverable:
            return False
        return not self.errors or error.code in self.errors or error.type.value in self.errors


_DEFAULT = RecoveryRule(
    strategies=(
        StrategyEntry(strategy="retry"),
        StrategyEntry(strategy="recovery_plan"),
        StrategyEntry(strategy="fallback"),
    )
)
_LAST_RESORT = (StrategyEntry(strategy="recovery_plan"), StrategyEntry(strategy="fallback"))


class RecoveryPolicy(_Part):
    """All tables; ``default`` is for capabilities without one of their own."""

    version: int = Field(1, ge=1, le=1)
    tables: dict[str, tuple[RecoveryRule, ...]] = {}

    def strategies(self, table: str, error: ErrorInfo) -> tuple[StrategyEntry, ...]:
        """Return the strategies for an error, in order: the first rule that matches decides.

        What the plan itself says (its recovery plan, its fallback action) is tried at the end if
        the rule does not name it: whoever wrote it wants it.
        """
        for rule in self.tables.get(table) or self.tables.get("default") or (_DEFAULT,):
            if rule.matches(error):
                named = {entry.strategy for entry in rule.strategies}
                if "abort" in named:
                    return rule.strategies
                extra = tuple(entry for entry in _LAST_RESORT if entry.strategy not in named)
                return rule.strategies + extra
        return _LAST_RESORT

    def names(self) -> frozenset[str]:
        """Return the names of all strategies that the tables name."""
        return frozenset(
            entry.strategy
            for rules in self.tables.values()
            for rule in rules
            for entry in rule.strategies
        )


def load_recovery_policy(document: Mapping[str, Any]) -> RecoveryPolicy:
    """Check the content of config/recovery.yaml.

    Raises:
        pydantic.ValidationError: something is wrong; every place is listed.

    """
    return RecoveryPolicy.model_validate(document)
