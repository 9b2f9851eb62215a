"""Past values of the robot's state, made readable only for those who ask."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from typing import Any

Past = deque[tuple[float, Any]]  # times and values, oldest first


class StateHistory(Mapping[str, list[dict[str, Any]]]):
    """Past values by name as {age, value}, oldest first; ages are seconds before ``now``."""

    def __init__(self, past: Mapping[str, Past], now: float) -> None:
        self._past = past
        self._now = now

    def __getitem__(self, name: str) -> list[dict[str, Any]]:
        return [{"age": self._now - time, "value": value} for time, value in self._past[name]]

    def __iter__(self) -> Iterator[str]:
        return iter(self._past)

    def __len__(self) -> int:
        return len(self._past)
