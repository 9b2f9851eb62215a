"""Bars of the timeline: where each interval lies between the first and the last moment."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from execution_orchestrator.observation.record import ExecutionRecord, in_reading_order

ROOM = 94.0  # percent of the width up to which a label has room behind its mark


@dataclass(frozen=True)
class Bar:
    """One bar; ``left`` and ``width`` are percentages of the row."""

    left: float
    width: float
    kind: str
    label: str
    title: str


@dataclass(frozen=True)
class Row:
    """One line of the timeline."""

    name: str
    bars: tuple[Bar, ...]
    critical: bool = False


@dataclass(frozen=True)
class Tick:
    """A mark of the time axis."""

    left: float
    label: str

    @property
    def at_the_end(self) -> bool:
        """Whether there is no room for its label behind it."""
        return self.left > ROOM


class Scale:
    """Maps Unix seconds to percent of the width."""

    def __init__(self, start: float, end: float) -> None:
        self.start = start
        self.span = max(end - start, 1e-3)

    def bar(self, start: float, end: float, kind: str, label: str, title: str) -> Bar:
        """Place an interval; one that is too short to see still gets a hair's width."""
        left = 100 * (start - self.start) / self.span
        width = max(100 * (end - start) / self.span, 0.15)
        return Bar(round(left, 3), round(min(width, 100 - min(left, 99.85)), 3), kind, label, title)

    def ticks(self) -> list[Tick]:
        """Choose five to ten round marks."""
        raw = self.span / 8
        power = 10.0 ** math.floor(math.log10(raw))
        step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= raw)
        count = int(self.span / step) + 1
        return [Tick(round(100 * i * step / self.span, 3), f"{i * step:g} s") for i in range(count)]


def action_rows(
    record: ExecutionRecord, scale: Scale, critical: Sequence[str], until: float
) -> list[Row]:
    """Draw a row an action: waiting, every attempt, every recovery."""
    on_path = set(critical)
    waits: dict[str, set[tuple[float, float]]] = {}
    for lease in record.leases.values():
        if lease.wanted is not None and lease.waited > 0:
            waits.setdefault(lease.key, set()).add((lease.wanted, lease.acquired))
    rows = []
    for action in in_reading_order(record):
        bars: list[Bar] = []
        # Every resource of an attempt is wanted and got at the same times: one bar tells them all.
        for wanted, acquired in sorted(waits.get(action.key, ())):
            label = f"ready, waited {acquired - wanted:.2f} s"
            bars.append(scale.bar(wanted, acquired, "waiting", "", label))
        for attempt in action.attempts:
            end = attempt.ended if attempt.ended is not None else until
            took = f"{end - attempt.dispatched:.2f} s"
            label = f"attempt {attempt.number}: {attempt.outcome or 'running'}, {took}"
            if attempt.error_message:
                label += f"; {attempt.error_code} {attempt.error_message}"
            bars.append(
                scale.bar(
                    attempt.dispatched,
                    end,
                    attempt.outcome or "running",
                    str(attempt.number),
                    label,
                )
            )
        if not action.attempts and action.started is not None:
            end = action.ended if action.ended is not None else until
            bars.append(
                scale.bar(
                    action.started,
                    end,
                    "composite",
                    "",
                    f"{action.action_type}, {end - action.started:.2f} s",
                )
            )
        for recovery in record.recoveries:
            if recovery.key == action.key:
                end = recovery.ended if recovery.ended is not None else until
                cause = f"{recovery.strategy} for {recovery.error_code}"
                title = f"{cause}: {recovery.outcome} {recovery.reason}"
                bars.append(scale.bar(recovery.started, end, "recovery", "", title))
        rows.append(Row(action.key, tuple(bars), action.key in on_path))
    return rows


def resource_rows(record: ExecutionRecord, scale: Scale, until: float) -> list[Row]:
    """Draw a row a resource: who held it when."""
    names = sorted({lease.resource for lease in record.leases.values()})
    return [Row(name, tuple(_lease_bars(record, scale, name, until))) for name in names]


def _lease_bars(
    record: ExecutionRecord, scale: Scale, resource: str, until: float
) -> Iterable[Bar]:
    for lease in record.leases.values():
        if lease.resource == resource:
            end = lease.released if lease.released is not None else until
            title = f"{lease.key} held {lease.amount:g} for {end - lease.acquired:.2f} s"
            yield scale.bar(lease.acquired, end, "lease", lease.key, title)


def pause_bars(record: ExecutionRecord, scale: Scale, until: float) -> list[Bar]:
    """Draw the pauses of the whole execution."""
    return [
        scale.bar(start, end if end is not None else until, "pause", "", "paused")
        for start, end in record.pauses
    ]
