"""The clock that executions are measured with: it advances evenly, whatever is done to wall time.

Every moment in the engine and in the journal (an event's ``time``) is *execution time*: Unix
seconds when the journal began, and from then on as many seconds more as have passed by a monotonic
clock. A wall clock that is set, by NTP or by hand, therefore changes no duration. What people read
is execution time plus the ``offset`` of that moment.

With simulated time (``use_sim_time``) execution time passes as ``/clock`` does: at a fifth of real
time a timeout of 8 s lasts 40 real seconds; while the simulation is paused it does not pass at all.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from execution_orchestrator.engine.events import ClockAnchored, Event

# Seconds. Wall and monotonic clock are read one after the other, so they always differ a little.
JUMP = 0.25
# How often simulated time is looked at, in real seconds: its speed is not known beforehand.
SIMULATED_TICK = 0.02
# Seconds of simulated time: less at once is no leap, whatever went before.
LEAP = 2.0
# Real seconds between two reports of leaps: two simulations that both publish leap all the time.
LEAPS_PERIOD = 5.0
UNUSUAL = 4.0  # times the step before, or what the speed explains: more is a leap
WEIGHT = 0.2  # of the newest step in the speed
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


class Clock(Protocol):
    """What the orchestrator needs of a clock; times are execution time in seconds."""

    @property
    def offset(self) -> float:
        """Wall time minus execution time, in seconds; 0.0 until the wall clock was set."""

    @property
    def longest_sleep(self) -> float:
        """Return after how many real seconds, at most, the clock has to be read again."""

    def now(self) -> float:
        """Return the execution time of this moment; never less than before."""

    def wall(self) -> float:
        """Return what a wall clock shows now, in Unix seconds."""

    def was_set(self) -> bool:
        """Say whether the wall clock was set, or simulated time leapt, since the last look."""

    def look(self) -> float:
        """Return by how many seconds the wall clock was set since the last look, else 0.0."""

    def leapt(self) -> float:
        """Return by how many seconds simulated time leapt since the last look, else 0.0."""

    def resume(self, known: Known) -> ClockAnchored:
        """Continue the execution time of an earlier process; returns the event to journal."""


@dataclass(frozen=True, slots=True)
class Known:
    """Time in a journal: the last anchor, the newest event, whether anything runs."""

    anchor: ClockAnchored | None = None
    newest: Event | None = None
    running: bool = False


def read_boot_id() -> str:
    """Return the id of this boot of the machine, empty where the system has none."""
    try:
        return _BOOT_ID.read_text(encoding="ascii").strip()
    except OSError:
        return ""


async def wait_for_any(
    clock: Clock, futures: Collection[asyncio.Future[Any]], timeout: float
) -> bool:
    """Wait until one is done; False after ``timeout`` seconds of execution time."""
    end = clock.now() + timeout
    while (left := end - clock.now()) > 0.0:
        done, _ = await asyncio.wait(futures, timeout=min(left, clock.longest_sleep))
        if done:
            return True
    return any(future.done() for future in futures)


class WallClock:
    """The wall clock for timers at a time of day. It may be set at any time.

    So its timers never sleep for longer than a second.
    """

    longest_sleep = 1.0

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def now(self) -> float:
        """Return what the clock shows, in Unix seconds."""
        return self._clock.wall()


class SimulatedTime:
    """How much simulated time passes from one reading to the next. Times are seconds.

    A step is a leap if it is larger than the step before it, and the speed since the last reading,
    explain. The step after a leap may be as large: then the simulation has another pace.
    """

    def __init__(self) -> None:
        self.leapt = 0.0  # what was leapt over, forward or back, and not asked for yet
        self._newest: float | None = None
        self._read = 0.0  # the real moment of the last reading
        self._changed = 0.0
        self._step = 0.0
        self._speed = 1.0

    def passed(self, simulated: float, steady: float) -> float:
        """Return what passed since the reading before; ``steady``: the real moment of this one."""
        before, since_reading = self._newest, steady - self._read
        self._newest, self._read = simulated, steady
        if before is None or simulated < before:
            # A simulation that was reset begins at zero; execution time does not go back.
            if before is not None and before - simulated > JUMP:
                self.leapt += simulated - before
            self._changed, self._step = steady, 0.0
            return 0.0
        step = simulated - before
        if step == 0.0:
            return 0.0
        since_change = steady - self._changed
        usual = max(self._step, self._speed * since_reading)
        self._changed, self._step = steady, step
        if step > max(LEAP, UNUSUAL * usual):
            self.leapt += step
            return 0.0
        if since_change > 0.0:
            self._speed += WEIGHT * (step / since_change - self._speed)
        return step


class ExecutionClock:
    """Execution time by the monotonic clock, or by simulated time.

    ``simulated`` returns simulated time in seconds, None while none was published.
    """

    def __init__(
        self,
        *,
        steady: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
        boot_id: str | None = None,
        simulated: Callable[[], float | None] | None = None,
    ) -> None:
        self._steady = steady
        self._wall = wall
        self._boot_id = read_boot_id() if boot_id is None else boot_id
        self._simulated = simulated
        self._base = wall()
        self._passage = SimulatedTime()
        self._mark = steady()
        self._drift = wall() - steady()
        self._offset = 0.0
        self._reported = -LEAPS_PERIOD  # the real moment of the last report of a leap

    @property
    def offset(self) -> float:
        """Wall time minus execution time, in seconds."""
        return self._offset

    @property
    def longest_sleep(self) -> float:
        """Return after how many real seconds, at most, the clock has to be read again."""
        return 60.0 if self._simulated is None else SIMULATED_TICK

    def now(self) -> float:
        """Return the execution time of this moment; never less than before."""
        steady = self._steady()
        if self._simulated is None:
            return self._base + (steady - self._mark)
        simulated = self._simulated()
        if simulated is not None:
            self._base += self._passage.passed(simulated, steady)
        return self._base

    def leapt(self) -> float:
        """Return by how many seconds simulated time leapt since the last look, else 0.0.

        Below zero: back. Leaps that follow each other are reported as one, every few seconds.
        """
        if not self._has_leapt():
            return 0.0
        self._reported = self._steady()
        leapt, self._passage.leapt = self._passage.leapt, 0.0
        return leapt

    def _has_leapt(self) -> bool:
        return abs(self._passage.leapt) > JUMP and self._steady() - self._reported >= LEAPS_PERIOD

    def wall(self) -> float:
        """Return what a wall clock shows now, in Unix seconds."""
        return self._wall()

    def was_set(self) -> bool:
        """Say whether the wall clock was set, or simulated time leapt, since the last look."""
        return self._has_leapt() or abs(self._wall() - self._steady() - self._drift) > JUMP

    def look(self) -> float:
        """Return by how many seconds the wall clock was set since the last look, else 0.0."""
        wall = self._wall()
        gap = wall - self.now()
        if abs(gap - self._offset) > JUMP:
            self._offset = gap if abs(gap) > JUMP else 0.0
        jump = wall - self._steady() - self._drift
        if abs(jump) <= JUMP:
            return 0.0
        self._drift += jump
        return jump

    def resume(self, known: Known) -> ClockAnchored:
        """Continue the execution time of an earlier process.

        The time in which no node ran is measured with the monotonic clock, or, after a restart of
        the machine, with the wall clock, which may have been set; a negative time counts as zero.
        If no execution is unfinished, execution time is set to wall time again.
        """
        steady, wall = self._steady(), self._wall()
        now, how = wall, ""
        newest, anchor = known.newest, known.anchor
        if newest is not None:
            now = newest.time
            same_boot = anchor is not None and anchor.boot_id and anchor.boot_id == self._boot_id
            if self._simulated is not None:
                how = "simulated"
            elif anchor is not None and same_boot and steady >= anchor.steady:
                now = max(now, anchor.time + steady - anchor.steady)
                how = "monotonic"
            else:
                now += max(0.0, wall - newest.wall)
                how = "wall"
            if not known.running:
                now = max(now, wall)
        self._base = now
        self._mark = steady
        self._drift = wall - steady
        self._offset = wall - now if abs(wall - now) > JUMP else 0.0
        return ClockAnchored(
            time=now,
            boot_id="" if self._simulated is not None else self._boot_id,
            steady=steady,
            passed=0.0 if newest is None else now - newest.time,
            by=how,
        )
