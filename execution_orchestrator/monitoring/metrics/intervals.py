"""Lengths of sets of time intervals."""

from __future__ import annotations

from collections.abc import Iterable

Interval = tuple[float, float]


def union_length(intervals: Iterable[Interval]) -> float:
    """Return the seconds covered by at least one interval; reversed ones count nothing."""
    covered = 0.0
    reached = float("-inf")
    for start, end in sorted(intervals):
        begin = max(start, reached)
        if end > begin:
            covered += end - begin
            reached = end
    return covered


def total_length(intervals: Iterable[Interval]) -> float:
    """Return the summed length of all intervals, in seconds; reversed ones count nothing."""
    return sum(max(0.0, end - start) for start, end in intervals)
