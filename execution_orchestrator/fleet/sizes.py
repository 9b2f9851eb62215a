"""How large a value may be for Temporal (two megabytes), and what is done with a larger one."""

from __future__ import annotations

import json
import zlib
from dataclasses import replace
from typing import Any

from execution_orchestrator.fleet.orders import TaskOutcome

MOST = 1_500_000  # bytes of the outputs in one value; the rest of it needs some, too
MOST_TEXT = 10_000  # characters of what a robot says of a failure
LEFT_OUT = "its output is too large for Temporal and was left out; the robot's report has it"


def packed(value: Any) -> int:
    """Return the bytes that a value takes, which is compressed."""
    return len(zlib.compress(json.dumps(value, default=str).encode(), 1))


def that_fits(outcome: TaskOutcome) -> TaskOutcome:
    """Return an outcome that Temporal takes; what was done stays done without its output."""
    kept = replace(outcome, error=outcome.error[:MOST_TEXT], message=outcome.message[:MOST_TEXT])
    if packed(outcome.output) <= MOST:
        return kept
    return replace(kept, output=None, note=LEFT_OUT)
