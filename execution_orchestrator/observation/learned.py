"""What runs of before say of how long the goals of a capability take, for estimates."""

from __future__ import annotations

import statistics
import threading
from collections.abc import Iterable, Iterator
from itertools import combinations

from execution_orchestrator.observation.observation import Observation
from execution_orchestrator.observation.record import ActionRecord, ExecutionRecord
from execution_orchestrator.plan.learned import Learned

SAMPLES = 40  # of a capability, the newest
LEAST = 5  # samples from which on anything is said
SPREAD = 1.0  # metres that ways have to differ by before seconds per metre are fitted


class LearnedDurations:
    """Looks at the ended executions in memory when it is asked; may be asked from any thread."""

    def __init__(self, observation: Observation) -> None:
        self._observation = observation
        self._lock = threading.Lock()
        self._read: tuple[str, ...] = ()
        self._found: dict[str, Learned] = {}

    def __call__(self, action_type: str) -> Learned | None:
        """Return what is known of a capability, None if that is too little."""
        ended = [one for one in self._observation.newest() if one.ended is not None]
        names = tuple(f"{one.execution_id} {one.ended}" for one in ended)
        with self._lock:
            if names != self._read:
                self._read, self._found = names, learned_from(ended)
            return self._found.get(action_type)


def learned_from(records: Iterable[ExecutionRecord]) -> dict[str, Learned]:
    """Return what ended executions, the newest first, say of each capability."""
    samples: dict[str, list[tuple[float, float]]] = {}
    for record in records:
        for action_type, metres, seconds in _samples(record):
            of_one = samples.setdefault(action_type, [])
            if len(of_one) < SAMPLES:
                of_one.append((metres, seconds))
    return {name: _line(found) for name, found in samples.items() if len(found) >= LEAST}


def _samples(record: ExecutionRecord) -> Iterator[tuple[str, float, float]]:
    """Yield (capability, metres, seconds) of what succeeded at once and without a pause."""
    metres: dict[str, float] = {}
    for way in record.travelled:
        metres[way.key] = metres.get(way.key, 0.0) + way.metres
    for action in record.actions.values():
        seconds = _undisturbed(record, action)
        if seconds is not None:
            yield action.action_type, metres.get(action.key, 0.0), seconds


def _undisturbed(record: ExecutionRecord, action: ActionRecord) -> float | None:
    if len(action.attempts) != 1 or action.attempts[0].outcome != "succeeded":
        return None
    (attempt,) = action.attempts
    end = attempt.ended
    if end is None or any(
        start < end and (until is None or until > attempt.dispatched)
        for start, until in record.pauses
    ):
        return None
    return max(0.0, end - attempt.dispatched)


def _line(samples: list[tuple[float, float]]) -> Learned:
    """Fit seconds to metres by medians, so that a few strange runs change nothing (Theil-Sen)."""
    usual = statistics.median(seconds for _, seconds in samples)
    ways = [metres for metres, _ in samples]
    if max(ways) - min(ways) < SPREAD:
        return Learned(usual, usual, 0.0, len(samples))
    slopes = [
        (other[1] - one[1]) / (other[0] - one[0])
        for one, other in combinations(samples, 2)
        if abs(other[0] - one[0]) >= SPREAD / 2
    ]
    slope = max(0.0, statistics.median(slopes))
    besides = statistics.median(seconds - slope * metres for metres, seconds in samples)
    return Learned(usual, max(0.0, besides), slope, len(samples))
