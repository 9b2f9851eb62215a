"""One measured number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Figure:
    """A number with its unit, and what it should not exceed, if anything."""

    name: str
    value: float
    unit: str
    goal: float | None = None

    def as_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "figure": self.name,
            "value": round(self.value, 4),
            "unit": self.unit,
            "goal": self.goal,
        }
