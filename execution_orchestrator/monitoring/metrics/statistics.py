"""Statistics of durations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class DurationStatistics:
    """Count, mean, extremes and nearest-rank percentiles of durations in seconds."""

    count: int
    mean: float
    minimum: float
    maximum: float
    p50: float
    p90: float
    p99: float

    @classmethod
    def of(cls, durations: Sequence[float]) -> DurationStatistics:
        """Compute them; all zero for an empty sequence."""
        if not durations:
            return cls(0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
        ordered = sorted(durations)
        return cls(
            count=len(ordered),
            mean=sum(ordered) / len(ordered),
            minimum=ordered[0],
            maximum=ordered[-1],
            p50=nearest_rank(ordered, 0.50),
            p90=nearest_rank(ordered, 0.90),
            p99=nearest_rank(ordered, 0.99),
        )


def nearest_rank(ordered: Sequence[float], fraction: float) -> float:
    """Return the smallest value that is at least as large as ``fraction`` of all values."""
    rank = -(-len(ordered) * fraction // 1)  # ceiling
    return ordered[max(0, min(len(ordered), int(rank)) - 1)]
