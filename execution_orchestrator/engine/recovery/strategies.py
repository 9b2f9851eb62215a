"""What a recovery strategy of the shell says when it is done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class StrategyOutcome(StrEnum):
    """What the engine does after a recovery strategy; NEXT: it tries the following strategy."""

    RETRY = "RETRY"
    SKIP = "SKIP"
    FALLBACK = "FALLBACK"
    ABORT = "ABORT"
    CHECKPOINT_RESTORE = "CHECKPOINT_RESTORE"
    REPLAN = "REPLAN"
    NEXT = "NEXT"


@dataclass(frozen=True, slots=True)
class StrategyResult:
    """What a strategy did; ``delay`` in seconds before a retry with ``parameters`` changed."""

    outcome: StrategyOutcome
    reason: str = ""
    delay: float = 0.0
    parameters: Mapping[str, Any] = field(default_factory=dict)
