"""Which alerts are raised, given the figures of this moment."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from execution_orchestrator.monitoring.alerts.condition import AlertCondition

MAX_CONDITIONS = 1000


@dataclass(frozen=True)
class AlertChange:
    """An alert that was raised (``active``) or cleared at ``time`` (Unix seconds)."""

    condition: AlertCondition
    active: bool
    execution_id: str
    value: float
    time: float
    message: str


class AlertMonitor:
    """Keeps the conditions and says only what changes: an alert is raised once and cleared once.

    Figures of the node are given under the empty execution id, those of an execution under its
    own; a condition looks at every subject that has its metric.
    """

    def __init__(self, conditions: Iterable[AlertCondition] = ()) -> None:
        self._conditions: dict[str, AlertCondition] = {}
        self._held_since: dict[tuple[str, str], float] = {}
        self._active: dict[tuple[str, str], AlertChange] = {}
        for condition in conditions:
            self.set(condition, time=0.0)

    @property
    def active(self) -> tuple[AlertChange, ...]:
        """The alerts that are raised now."""
        return tuple(self._active.values())

    @property
    def conditions(self) -> tuple[AlertCondition, ...]:
        """Every condition in force."""
        return tuple(self._conditions.values())

    def set(self, condition: AlertCondition, *, time: float) -> list[AlertChange]:
        """Add or replace a condition; a raised alert of the old one is cleared.

        Raises:
            ValueError: there are 1,000 conditions already.

        """
        if condition.alert_id not in self._conditions and len(self._conditions) >= MAX_CONDITIONS:
            raise ValueError(f"there are {MAX_CONDITIONS} alerts already; remove one first")
        cleared = self.remove(condition.alert_id, time=time)
        self._conditions[condition.alert_id] = condition
        return cleared

    def remove(self, alert_id: str, *, time: float) -> list[AlertChange]:
        """Take a condition away and return what that clears."""
        self._conditions.pop(alert_id, None)
        for key in [key for key in self._held_since if key[0] == alert_id]:
            del self._held_since[key]
        raised = [key for key in self._active if key[0] == alert_id]
        return [self._clear(key, self._active[key].value, time) for key in raised]

    def __contains__(self, alert_id: str) -> bool:
        return alert_id in self._conditions

    def update(
        self, figures: Mapping[str, Mapping[str, float]], *, time: float
    ) -> list[AlertChange]:
        """Compare all conditions with ``figures[execution_id][metric]`` and return the changes."""
        changes: list[AlertChange] = []
        seen: set[tuple[str, str]] = set()
        for condition, subject, value in self._matches(figures):
            key = (condition.alert_id, subject)
            seen.add(key)
            if condition.comparison.holds(value, condition.threshold):
                since = self._held_since.setdefault(key, time)
                if key not in self._active and time - since >= condition.duration:
                    change = AlertChange(
                        condition, True, subject, value, time, condition.describe(value)
                    )
                    self._active[key] = change
                    changes.append(change)
            else:
                self._held_since.pop(key, None)
                if key in self._active:
                    changes.append(self._clear(key, value, time))
        # A subject that is gone (an execution that left the list) cannot stay in alarm.
        for key in [key for key in self._active if key not in seen]:
            changes.append(self._clear(key, self._active[key].value, time))
        for key in [key for key in self._held_since if key not in seen]:
            del self._held_since[key]
        return changes

    def _matches(
        self, figures: Mapping[str, Mapping[str, float]]
    ) -> Iterator[tuple[AlertCondition, str, float]]:
        for condition in self._conditions.values():
            subjects = [condition.execution_id] if condition.execution_id else list(figures)
            for subject in subjects:
                value = figures.get(subject, {}).get(condition.metric)
                if value is not None:
                    yield condition, subject, value

    def _clear(self, key: tuple[str, str], value: float, time: float) -> AlertChange:
        raised = self._active.pop(key)
        self._held_since.pop(key, None)
        return AlertChange(
            raised.condition, False, raised.execution_id, value, time, raised.message
        )
