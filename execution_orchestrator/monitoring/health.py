"""How the parts of the node are, as REP 107 has it: OK, WARN or ERROR, a sentence, figures."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from pathlib import Path

from execution_orchestrator.monitoring.alerts import AlertChange, Severity
from execution_orchestrator.monitoring.alerts.delivery.outbox import Waiting
from execution_orchestrator.plan.counted import counted

JUMP = 0.5  # seconds; a wall clock that departs from the monotonic one by more was set
REMEMBERED = 60.0  # seconds for which a jump of the clock is shown
LATE = 0.5  # seconds the loop may be late before it counts as overloaded
LEAST_SPACE = 100e6  # bytes of disk below which the journal is in danger
SLOW_COMMIT = 0.25  # seconds


class Level(IntEnum):
    """The levels of diagnostic_msgs/DiagnosticStatus."""

    OK = 0
    WARN = 1
    ERROR = 2
    STALE = 3


@dataclass(frozen=True)
class Health:
    """Health of one part; ``values`` are its details."""

    part: str
    level: Level
    message: str
    values: Mapping[str, object] = field(default_factory=dict)


def of_server(name: str, *, available: bool, breaker: str, failures: int) -> Health:
    """Say how an action server is."""
    values = {"available": available, "breaker": breaker, "failures_in_a_row": failures}
    if breaker == "OPEN":
        text, level = "fails; nothing is sent to it for a while", Level.ERROR
    elif not available:
        text, level = "not there", Level.WARN
    elif breaker == "HALF_OPEN":
        text, level = "is tried again", Level.WARN
    elif failures:
        text, level = f"there; failed {counted(failures, 'time')} in a row", Level.WARN
    else:
        text, level = "there", Level.OK
    return Health(f"server {name}", level, text, values)


def of_journal(
    directory: Path, *, failure: str, commit_seconds: float, events: int, missing: int
) -> Health:
    """Return the health of the journal; ``directory`` is its folder.

    ``missing`` is how many events were gone when the node started.
    """
    try:
        free = shutil.disk_usage(directory).free
    except OSError as gone:
        return Health("journal", Level.ERROR, f"{directory} cannot be looked at: {gone}")
    values = {
        "directory": directory,
        "events": events,
        "last_commit_seconds": round(commit_seconds, 6),
        "free_bytes": free,
    }
    if failure:
        return Health("journal", Level.ERROR, failure, values)
    if free < LEAST_SPACE:
        text = f"only {free / 1e6:.0f} MB of disk are left; free some space"
        return Health("journal", Level.WARN, text, values)
    if missing:
        text = f"{counted(missing, 'event')} were missing at the start; see EVENTS_MISSING"
        return Health("journal", Level.WARN, text, values)
    if commit_seconds > SLOW_COMMIT:
        return Health("journal", Level.WARN, "the disk is slow", values)
    return Health("journal", Level.OK, "written", values)


def of_executions(*, running: int, queued: int, capacity: int, emergency: str) -> Health:
    """Say how the executions are; ``emergency`` is the reason of an emergency stop, '' for none."""
    values = {"running": running, "queued": queued, "queue_capacity": capacity}
    if emergency:
        return Health("executions", Level.ERROR, f"emergency stop: {emergency}", values)
    if capacity and queued >= capacity:
        return Health("executions", Level.WARN, "the queue is full", values)
    return Health("executions", Level.OK, f"{running} running", values)


def of_quarantine(reasons: Iterable[str]) -> Health:
    """Say whether goals are not confirmed as ended; ``reasons`` are a sentence for each."""
    lines = list(reasons)
    values = {"goals": len(lines)}
    if lines:
        return Health("quarantine", Level.ERROR, "; ".join(lines[:5]), values)
    return Health("quarantine", Level.OK, "every goal is confirmed as ended", values)


def of_alerts(active: Iterable[AlertChange]) -> Health:
    """Say which alerts are raised."""
    raised = sorted(active, key=lambda alert: (alert.condition.alert_id, alert.execution_id))
    if not raised:
        return Health("alerts", Level.OK, "none")
    severities = {alert.condition.severity for alert in raised}
    level = Level.ERROR if Severity.ERROR in severities else Level.WARN
    if severities == {Severity.INFO}:
        level = Level.OK
    values = {
        f"{alert.condition.alert_id} {alert.execution_id}".strip(): alert.message
        for alert in raised
    }
    return Health("alerts", level, f"{len(raised)} raised", values)


def of_notifications(waiting: Waiting, failure: str) -> Health:
    """Say whether alerts reach whom they are for; ``failure``: why nothing can be kept or sent."""
    values = {"waiting": waiting.messages, "lost": waiting.lost, **(waiting.failing or {})}
    if failure:
        return Health("notifications", Level.ERROR, failure, values)
    if waiting.failing:
        unreached = "; ".join(f"{target}: {why}" for target, why in sorted(waiting.failing.items()))
        return Health("notifications", Level.WARN, f"alerts are not told to {unreached}", values)
    if waiting.lost:
        text = f"{counted(waiting.lost, 'message')} given up since the start"
        return Health("notifications", Level.WARN, text, values)
    return Health("notifications", Level.OK, "told", values)


def of_robot_state(ages: Mapping[str, tuple[float | None, float]]) -> Health:
    """Return the health of the robot's state by the age of its values.

    ``ages``: by name, seconds since the last message (None: there was none yet), and the age from
    which on the value counts as unknown (0.0: never). A robot may lack values of the configuration.
    """
    values = {
        name: "never heard" if age is None else f"{age:.1f} s ago"
        for name, (age, _) in sorted(ages.items())
    }
    old = [
        f"{name} ({age:.0f} s, unknown after {limit:g} s)"
        for name, (age, limit) in sorted(ages.items())
        if age is not None and limit and age > limit
    ]
    if old:
        return Health("robot state", Level.STALE, f"no news of {', '.join(old)}", values)
    never = [name for name, (age, _) in sorted(ages.items()) if age is None]
    if never:
        return Health("robot state", Level.OK, f"never heard of {', '.join(never)}", values)
    return Health("robot state", Level.OK, "fresh", values)


class ClockWatch:
    """Notices a wall clock that was set, simulated time that stopped, and a late loop.

    ``simulated`` returns simulated time in seconds, None while none was published.
    """

    def __init__(
        self,
        wall: Callable[[], float] = time.time,
        steady: Callable[[], float] = time.monotonic,
        simulated: Callable[[], float | None] | None = None,
    ) -> None:
        self._wall = wall
        self._steady = steady
        self._simulated = simulated
        self._simulated_before: float | None = None
        self._offset = wall() - steady()
        self._jump = 0.0
        self._jumped: float | None = None
        self._looked = steady()

    def look(self, period: float) -> Health:
        """Say how the clock is; called every ``period`` seconds by the loop that is watched."""
        now = self._steady()
        offset = self._wall() - now
        late = max(0.0, now - self._looked - period)
        self._looked = now
        if abs(offset - self._offset) > JUMP:
            self._jump, self._jumped = offset - self._offset, now
        self._offset = offset
        values: dict[str, object] = {"loop_late_seconds": round(late, 3)}
        if self._jumped is not None and now - self._jumped < REMEMBERED:
            values["jump_seconds"] = round(self._jump, 3)
            text = f"the wall clock was set by {self._jump:+.1f} s; durations do not change"
            return Health("clock", Level.WARN, text, values)
        if self._simulated is not None:
            before, self._simulated_before = self._simulated_before, self._simulated()
            if self._simulated_before is None:
                text = "nothing is published on /clock: timeouts and delays wait for it"
                return Health("clock", Level.WARN, text, values)
            if self._simulated_before == before:
                text = "simulated time stands still, and so do timeouts and delays"
                return Health("clock", Level.WARN, text, values)
        if late > LATE:
            return Health("clock", Level.WARN, f"the node is {late:.1f} s late", values)
        return Health("clock", Level.OK, "steady", values)
