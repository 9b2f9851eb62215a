"""From feedback messages to progress, phase and estimated time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from execution_orchestrator.capabilities.conversions import seconds_of
from execution_orchestrator.capabilities.dotted_paths import MISSING, look_up
from execution_orchestrator.plan.capability import FeedbackMapping, ResumeSpec
from execution_orchestrator.plan.shortened import shortened

LONGEST = 300  # characters of a phase
SUDDEN = 0.5  # of what was left a message ago: nothing drives that far until the next one
NEAR = 0.25  # of the way: what is left of less than that may be gone with the next message


@dataclass(frozen=True, slots=True)
class Progress:
    """What feedback says: ``progress`` 0.0 to 1.0 and ``remaining`` seconds, None if unknown."""

    progress: float | None = None
    phase: str = ""
    remaining: float | None = None
    data: Mapping[str, Any] | None = None
    reached: float | None = None


class FeedbackMapper:
    """Follows one goal; it remembers the largest remainder to know how much is done."""

    def __init__(
        self,
        entry: FeedbackMapping,
        parameters: Mapping[str, Any],
        resume: ResumeSpec | None = None,
    ) -> None:
        self._entry = entry
        self._reached = resume.source if resume is not None else ""
        self._parameters = parameters
        self._largest = 0.0
        self._left = 0.0
        self._progress: float | None = None

    def __call__(self, feedback: Mapping[str, Any]) -> Progress:
        """Read one feedback message; progress never goes back."""
        entry = self._entry
        progress = self._measure(feedback)
        if progress is not None:
            self._progress = max(self._progress or 0.0, min(1.0, max(0.0, progress)))
        left = look_up(feedback, entry.estimated_remaining) if entry.estimated_remaining else None
        seconds = None if left is None or left is MISSING else seconds_of(left)
        return Progress(
            progress=self._progress,
            phase=self._phase(feedback),
            # Nav2 says 0 s as long as it has no estimate: at the start, and while it recovers.
            remaining=seconds if seconds is not None and seconds > 0 else None,
            reached=_number(look_up(feedback, self._reached)) if self._reached else None,
            data={path: look_up(feedback, path) for path in entry.data} or None,
        )

    def _phase(self, feedback: Mapping[str, Any]) -> str:
        if not self._entry.phase:
            return ""
        value = look_up(feedback, self._entry.phase)
        if value is MISSING:
            return ""
        return shortened(str(self._entry.phases.get(value, value)), LONGEST)

    def _measure(self, feedback: Mapping[str, Any]) -> float | None:
        entry = self._entry
        if entry.progress:
            return _number(look_up(feedback, entry.progress))
        if entry.remaining:
            return self._from_remaining(look_up(feedback, entry.remaining))
        if entry.done:
            done = _number(look_up(feedback, entry.done))
            total = self._total(feedback)
            return done / total if done is not None and total else None
        return None

    def _from_remaining(self, value: Any) -> float | None:
        left = seconds_of(value) if isinstance(value, Mapping) else _number(value)
        if left is None or left < 0:
            return None
        if NEAR * self._largest < self._left and left < SUDDEN * self._left:
            # Without a path, as when its planner fails on the way, bt_navigator says that nothing
            # is left, and of several poses its first messages are of the path of the goal before:
            # what was done so far stays done.
            self._largest = left / (1.0 - min(self._progress or 0.0, 1.0 - NEAR))
        self._largest = max(self._largest, left)
        self._left = left
        return 1.0 - left / self._largest if self._largest > 0 else None

    def _total(self, feedback: Mapping[str, Any]) -> float | None:
        found = look_up(feedback, self._entry.total)
        if found is MISSING:
            found = look_up(self._parameters, self._entry.total)
        if isinstance(found, list):
            return float(len(found))
        return abs(found) if (found := _number(found)) is not None else None


MOST_KEPT = 4096  # bytes of JSON


def journalled(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the feedback fields that are journalled for the compensation of an unfinished action.

    Of what is too large, only single values are left.
    """
    single = {k: v for k, v in fields.items() if not isinstance(v, Mapping | list)}
    kept: tuple[dict[str, Any], ...] = (dict(fields), single, {})
    return next(one for one in kept if len(msgspec.json.encode(one)) <= MOST_KEPT)


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) else None
