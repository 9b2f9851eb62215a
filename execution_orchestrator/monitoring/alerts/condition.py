"""What raises an alert."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field


class Comparison(StrEnum):
    """How the metric is compared with the threshold."""

    GT = "gt"
    GTE = "gte"
    LT = "lt"
    LTE = "lte"
    EQ = "eq"
    NE = "ne"

    def holds(self, value: float, threshold: float) -> bool:
        """Compare ``value`` with ``threshold``."""
        return _COMPARE[self](value, threshold)


_COMPARE: Mapping[Comparison, Callable[[float, float], bool]] = {
    Comparison.GT: operator.gt,
    Comparison.GTE: operator.ge,
    Comparison.LT: operator.lt,
    Comparison.LTE: operator.le,
    Comparison.EQ: operator.eq,
    Comparison.NE: operator.ne,
}


class Severity(StrEnum):
    """How bad it is."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class AlertCondition(BaseModel):
    """One alert: raised when the comparison has held for ``duration`` seconds."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, defer_build=True)

    alert_id: str = Field(min_length=1, max_length=128)
    metric: str = Field(min_length=1, max_length=128)
    comparison: Comparison
    threshold: float
    duration: float = Field(default=0.0, ge=0.0, description="seconds")
    execution_id: str = Field(default="", description="only this execution; empty: all")
    severity: Severity = Severity.WARNING
    message: str = Field(
        default="", description="empty: made from the condition; {value} stands for the value"
    )

    @property
    def words(self) -> str:
        """The comparison in words, such as ``error_rate gt 0.5 for 10 s``."""
        held = f" for {self.duration:g} s" if self.duration else ""
        return f"{self.metric} {self.comparison} {self.threshold:g}{held}"

    def describe(self, value: float) -> str:
        """Say in words what is the matter; ``value`` is in the metric's unit."""
        if "{value}" in self.message:
            return self.message.replace("{value}", f"{value:g}")
        if self.message:
            return f"{self.message} ({self.metric} = {value:g})"
        held = f" for {self.duration:g} s" if self.duration else ""
        return f"{self.metric} = {value:g} is {self.comparison} {self.threshold:g}{held}"
