"""When something repeats: the moments of a cron line, or of a fixed distance, on a wall clock.

All moments are Unix seconds of a wall clock. A cron line is read as Debian's cron reads it: in the
night in which the clocks are put forward, a time of day in the hour that is left out comes right
after it; in the one in which they are put back, a time of day comes once, and what repeats within
the hour goes on evenly.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterator
from datetime import UTC, datetime, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

import msgspec
from cronsim import CronSim, CronSimError

from execution_orchestrator.plan.counted import counted
from execution_orchestrator.plan.nearest import Names

CRON_FIELDS = 5
# Seconds: the first stretch before a moment in which its forerunners are looked for.
_STRETCH = 3600.0


class TimetableError(ValueError):
    """A cron line or a time zone that does not exist; the message says what would."""


class Timetable(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The moments of a schedule, and what to do about them.

    Either ``cron``, five fields read in ``time_zone``, or ``every``, seconds from ``anchor`` on.
    Nothing comes before ``starts`` or after ``ends``. ``overlap``: what a firing does while an
    earlier one still runs (skip, queue, replace). ``catch_up``: which firings that were missed are
    made up for (none, last, all); ``most_waiting`` is how many may wait at once.
    """

    time_zone: str
    cron: str = ""
    every: float = 0.0
    anchor: float = 0.0
    starts: float | None = None
    ends: float | None = None
    overlap: str = "skip"
    catch_up: str = "none"
    most_waiting: int = 10

    def after(self, moment: float) -> float | None:
        """Return the first moment after this one, None if there is none any more."""
        return next(self.moments(moment), None)

    def moments(self, after: float) -> Iterator[float]:
        """Yield the moments after this one."""
        if self.starts is not None and after < self.starts:
            # What comes exactly at the start counts.
            after = math.nextafter(self.starts, -math.inf)
        for moment in self._evenly(after) if self.every else self._by_cron(after):
            if self.ends is not None and moment > self.ends:
                return
            yield moment

    def due(self, since: float, until: float) -> tuple[tuple[float, ...], bool]:
        """Return the moments from one that is due up to now, and whether there were earlier ones.

        Only the newest ``most_waiting`` are returned, however many there were.
        """
        stretch = _STRETCH
        while True:
            begin = max(math.nextafter(since, -math.inf), until - stretch)
            found: deque[float] = deque(maxlen=self.most_waiting + 1)
            for moment in self.moments(begin):
                if moment > until:
                    break
                found.append(moment)
            everything = begin < since
            if everything and not found:
                # The rules of the time zone have changed since: the announced moment is kept.
                return (since,), False
            if everything or len(found) > self.most_waiting:
                kept = tuple(found)[-self.most_waiting :]
                return kept, len(found) > len(kept) or (not everything and kept[0] > since)
            stretch *= 4.0

    def _evenly(self, after: float) -> Iterator[float]:
        step = max(0, math.floor((after - self.anchor) / self.every) + 1)
        while True:
            moment = self.anchor + step * self.every
            if moment > after:
                yield moment
            step += 1

    def _by_cron(self, after: float) -> Iterator[float]:
        zone = zone_of(self.time_zone)
        try:
            for found in CronSim(self.cron, datetime.fromtimestamp(math.floor(after), zone)):
                moment = found.timestamp()
                # A time that the clock shows twice, or leaves out, is one moment.
                if moment > after:
                    yield moment
                    after = moment
        except (CronSimError, OverflowError, ValueError):
            return

    def described(self) -> str:
        """Return the rule in words."""
        if self.every:
            return f"every {_span(self.every)}"
        text = CronSim(self.cron, datetime(2000, 1, 1, tzinfo=UTC)).explain()
        return f"{text[0].lower()}{text[1:]} ({self.time_zone})"


def check_cron(text: str) -> None:
    """Raise if a text is no cron line.

    Raises:
        TimetableError: the message says which field is wrong.

    """
    fields = text.split()
    if len(fields) != CRON_FIELDS:
        raise TimetableError(
            f"{text!r} has {counted(len(fields), 'field')}; a cron line has five: minute, hour, "
            "day of the month, month, day of the week"
        )
    try:
        found = next(CronSim(text, datetime(2000, 1, 1, tzinfo=UTC)), None)
    except CronSimError as failure:
        which = str(failure).removeprefix("Bad ").replace("-", " ")
        raise TimetableError(f"the {which} of {text!r} cannot be read") from None
    if found is None:
        raise TimetableError(f"{text!r} is a date that never comes")


@lru_cache(maxsize=64)
def zone_of(name: str) -> tzinfo:
    """Return a time zone of the IANA database by its name, such as Europe/Berlin.

    Raises:
        TimetableError: there is none of this name; the message has the nearest ones.

    """
    if name == "UTC":
        return UTC
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        names = sorted(available_timezones())
        meant = name.replace(" ", "_").lower()
        same = [one for one in names if meant in (one.lower(), one.rpartition("/")[2].lower())]
        near = f"Did you mean {' or '.join(same[:3])}?" if same else _near(meant, names)
        raise TimetableError(f"there is no time zone {name!r}. {near}") from None


def _near(name: str, names: list[str]) -> str:
    region = name.partition("/")[0]
    of_region = [one for one in names if one.lower().startswith(f"{region}/")] or names
    return Names(of_region).hint(name, "Some of them")


def clock_words(moment: float, zone: str) -> str:
    """Return what a wall clock shows at a moment, such as ``07:00 on 2026-12-01 (Europe/Berlin)``.

    Seconds are shown where there are some.
    """
    shown = datetime.fromtimestamp(moment, zone_of(zone))
    return f"{shown:{'%H:%M:%S' if shown.second else '%H:%M'}} on {shown:%Y-%m-%d} ({zone})"


def _span(seconds: float) -> str:
    for size, name in ((86400.0, "day"), (3600.0, "hour"), (60.0, "minute")):
        if seconds % size == 0.0:
            count = int(seconds // size)
            return name if count == 1 else f"{count} {name}s"
    return f"{seconds:g} s"
