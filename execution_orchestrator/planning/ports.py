"""What every planner takes and gives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class PlanningResult:
    """A plan document (not yet validated), or the reasons why there is none.

    ``confidence`` is from 0 to 1; ``problems`` are sentences for the person who gave the command.
    """

    plan: Mapping[str, Any] | None
    confidence: float = 1.0
    problems: tuple[str, ...] = ()
    usage: Mapping[str, float] = field(default_factory=dict)
