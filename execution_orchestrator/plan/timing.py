"""When a plan begins, by when it has to be over, and whether it is done again and again.

A moment in a document is text: a date and time (``2026-12-01T07:00``, with ``Z`` or an offset if it
is not meant in the plan's time zone), a time of day (``07:00``), which is the next one, or a day
and a time (``tomorrow 07:00``, ``day after tomorrow 07:00``, ``friday 07:00``, which is the next
one to come). As a deadline it
is the next one after the start. What they mean is worked out once, when the plan is taken in; from
then on they are Unix seconds of a wall clock.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

import msgspec
from pydantic import ValidationError

from execution_orchestrator.plan.document import Limits, pointed, read_document
from execution_orchestrator.plan.issues import Issue, Severity
from execution_orchestrator.plan.model import DEADLINE_CLOCKS, Plan, Schedule
from execution_orchestrator.plan.nearest import Names
from execution_orchestrator.plan.timetable import (
    Timetable,
    TimetableError,
    check_cron,
    clock_words,
    zone_of,
)

LATE = 60.0  # seconds: a start that is no longer ago is not called past
FARTHEST = 10 * 366 * 86400.0  # seconds
_WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_AHEAD = {"today": 0, "tomorrow": 1, "day after tomorrow": 2}  # days
_TIME_OF_DAY = re.compile(
    rf"(?:({'|'.join((*_AHEAD, *_WEEK))})\s+)?([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?",
    re.IGNORECASE,
)
_HINT = (
    "Write 2026-12-01T07:00, with Z or +01:00 if it is no local time, a time of day: 07:00, "
    "or a day with it: tomorrow 07:00, friday 07:00."
)
_SCHEDULE_LIMITS = Limits(max_bytes=10_000, max_depth=4, max_nodes=100)


class Timing(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the times of a plan and its goal mean, as Unix seconds of a wall clock.

    It does not start before ``start`` and is cancelled at ``until``, if there are such moments.
    With a ``timetable`` it does not run itself: a schedule named ``schedule_id`` (empty: one is
    chosen) starts it again and again. ``zone`` is where people read the clock.
    """

    start: float | None = None
    until: float | None = None
    timetable: Timetable | None = None
    schedule_id: str = ""
    zone: str = "UTC"

    def described(self) -> str:
        """Return in words when it begins, or begins again and again; empty: at once."""
        if self.timetable is not None:
            return self.timetable.described()
        return f"from {clock_words(self.start, self.zone)} on" if self.start is not None else ""


UNTIMED = Timing()


@dataclass(frozen=True)
class GoalTimes:
    """The times of a goal, as its client sent them; each empty text leaves it to the plan.

    ``fired``: a schedule started it, so that its start and its schedule are no matter any more.
    ``asked`` is when somebody asked for it, in Unix seconds; None: now. A planner may have thought
    since, and what was said before is meant from then on.
    """

    start_at: str = ""
    not_before: str = ""
    deadline: str = ""
    schedule: str = ""
    fired: bool = False
    asked: float | None = None


NO_TIMES = GoalTimes()


def read_moment(text: str, zone: tzinfo, now: float) -> float:
    """Return the moment (Unix seconds) that a text means at ``now``.

    Raises:
        ValueError: it is none, or farther away than ten years; the message says so.

    """
    given = text.strip()
    daily = _TIME_OF_DAY.fullmatch(given)
    if daily is not None:
        hour, minute, second = (int(part or 0) for part in daily.groups()[1:])
        today = datetime.fromtimestamp(now, zone)
        # The fold says which of two times is meant when the clock shows both: the earlier.
        shown = today.replace(hour=hour, minute=minute, second=second, microsecond=0, fold=0)
        day = (daily[1] or "").lower()
        if day in _WEEK:
            shown += timedelta(days=(_WEEK.index(day) - shown.weekday()) % 7)
        else:
            shown += timedelta(days=_AHEAD.get(day, 0))
        if shown.timestamp() <= now and day != "today":
            shown += timedelta(days=7 if day in _WEEK else 1)
        return shown.astimezone(UTC).timestamp()
    try:
        read = datetime.fromisoformat(given)
    except ValueError:
        raise ValueError(f"{text!r} is no moment") from None
    if "T" not in given.upper() and " " not in given:
        raise ValueError(f"{text!r} is a day without a time")
    try:
        moment = (read if read.tzinfo is not None else read.replace(tzinfo=zone)).timestamp()
    except (OverflowError, ValueError):
        raise ValueError(f"{text!r} is no moment") from None
    if abs(moment - now) > FARTHEST:
        raise ValueError(f"{text!r} is more than ten years away")
    return moment


def _comes_again(text: str) -> bool:
    """Whether a moment is a time of day, or of a day of the week, of which there is a next one."""
    daily = _TIME_OF_DAY.fullmatch(text.strip())
    return daily is not None and (daily[1] or "").lower() not in _AHEAD


def timing_of(
    plan: Plan, times: GoalTimes, local_zone: str, now: float
) -> tuple[Timing, list[Issue]]:
    """Return what the times of a plan and its goal mean at ``now`` (Unix seconds), and the issues.

    ``local_zone`` is where a plan without ``time_zone`` reads the clock. What the goal says counts
    instead of what the plan says.
    """
    reader = _Reader(plan, local_zone, now, times.asked)
    timing = reader.timing(times)
    return timing, reader.issues


def schedule_of(text: str) -> tuple[Schedule | None, list[Issue]]:
    """Read the schedule of a goal: a mapping in JSON or YAML, or a cron line."""
    if not text.lstrip().startswith("{") and ":" not in text:
        return Schedule(cron=" ".join(text.split())), []
    read = read_document(text, _SCHEDULE_LIMITS)
    if read.issues or not isinstance(read.data, dict):
        message = read.issues[0].message if read.issues else "it is no mapping"
        hint = "Write a cron line such as 0 7 * * *, or a mapping such as {cron: 0 7 * * *}."
        return None, [Issue("SCHEDULE_INVALID", f"the schedule: {message}", hint=hint)]
    return _checked(read.data)


def _checked(data: Mapping[str, Any]) -> tuple[Schedule | None, list[Issue]]:
    try:
        return Schedule.model_validate(data), []
    except ValidationError as failure:
        return None, [_wrong_field(error, data) for error in failure.errors()]


def _wrong_field(error: Any, data: Mapping[str, Any]) -> Issue:
    name = str(error["loc"][0]) if error["loc"] else ""
    if error["type"] == "extra_forbidden":
        hint = Names(Schedule.model_fields).hint(name, "A schedule has")
        return Issue("SCHEDULE_INVALID", f"the schedule has no {name!r}", hint=hint)
    message = str(error["msg"])
    hint = f"It is {data.get(name)!r}." if name else "The plan reference says what it may be."
    return Issue("SCHEDULE_INVALID", f"the schedule's {name}: {message}", hint=hint)


def schedule_issues(schedule: Schedule, zone: str, now: float, where: str) -> list[Issue]:
    """Return what is wrong at ``now`` (Unix seconds) with a schedule that is no plan's.

    ``zone`` is where it reads the clock unless it says another, ``where`` its pointer.
    """
    reader = _Reader(Plan.model_construct(time_zone=zone, actions=()), zone, now)
    reader.repeated(schedule, where, NO_TIMES)
    return reader.issues


class _Reader:
    """Reads the times of one plan and its goal; what is wrong becomes issues."""

    def __init__(self, plan: Plan, local_zone: str, now: float, asked: float | None = None) -> None:
        self._plan = plan
        self._now = now
        self._asked = now if asked is None else asked
        self.issues: list[Issue] = []
        self._name = plan.time_zone or local_zone
        self._zone: tzinfo = UTC
        try:
            self._zone = zone_of(self._name)
        except TimetableError as failure:
            self._add("TIME_ZONE_UNKNOWN", str(failure), "/time_zone", _ZONE_HINT)
            self._name = "UTC"

    def _add(
        self, code: str, message: str, pointer: str, hint: str, severity: Severity = Severity.ERROR
    ) -> None:
        self.issues.append(Issue(code, message, pointer, hint, severity))

    def timing(self, times: GoalTimes) -> Timing:
        plan = self._plan
        if not times.fired:
            schedule, where = self._schedule(times)
            if schedule is not None:
                return self.repeated(schedule, where, times)
        start = None if times.fired else self._start(times)
        until = self._until(
            times.deadline or plan.deadline, "" if times.deadline else "/deadline", start
        )
        if start is not None and until is not None and until <= start:
            times_of_day = f"{self._clock(until)} and to start at {self._clock(start)}"
            message = f"it is to be over at {times_of_day}"
            self._add("TIMES_CONTRADICT", message, "/deadline", "Let it start before its deadline.")
        return Timing(start=start, until=until, zone=self._name)

    def _clock(self, moment: float) -> str:
        return clock_words(moment, self._name)

    def _schedule(self, times: GoalTimes) -> tuple[Schedule | None, str]:
        if not times.schedule.strip():
            return self._plan.schedule, "/schedule"
        schedule, issues = schedule_of(times.schedule)
        self.issues += issues
        return schedule, ""

    def _start(self, times: GoalTimes) -> float | None:
        plan = self._plan
        given = [
            ("start_at", times.start_at, ""),
            ("not_before", times.not_before, ""),
        ]
        if not times.start_at and not times.not_before:
            given = [
                ("start_at", plan.start_at or "", "/start_at"),
                ("not_before", plan.not_before or "", "/not_before"),
            ]
        start: float | None = None
        for name, text, pointer in given:
            moment = self._moment(text, pointer)
            if moment is None:
                continue
            if name == "not_before" and start is not None and start < moment:
                message = (
                    f"it is to start at {self._clock(start)} and not before {self._clock(moment)}, "
                    "which is later and counts"
                )
                hint = "Keep one of them."
                self._add("TIMES_CONTRADICT", message, pointer, hint, Severity.WARNING)
            if name == "start_at" and moment < self._asked - LATE:
                message = f"it was to start at {self._clock(moment)}, which is past"
                hint = "Name a moment to come; with not_before, a past one lets it start at once."
                self._add("START_AT_PAST", message, pointer, hint)
            start = moment if start is None else max(start, moment)
        return start

    def _until(self, text: str, pointer: str, start: float | None = None) -> float | None:
        if text in DEADLINE_CLOCKS:
            return None
        moment = self._moment(text, pointer)
        if moment is not None and start is not None and moment <= start and _comes_again(text):
            moment = read_moment(text, self._zone, start)
        if moment is not None and moment <= self._now:
            message = f"it was to be over at {self._clock(moment)}, which is past"
            self._add("DEADLINE_PAST", message, pointer, "Name a moment to come.")
        return moment

    def _moment(self, text: str, pointer: str) -> float | None:
        if not text:
            return None
        try:
            return read_moment(text, self._zone, self._asked)
        except ValueError as failure:
            self._add("TIME_INVALID", str(failure), pointer, _HINT)
            return None

    def repeated(self, schedule: Schedule, where: str, times: GoalTimes) -> Timing:
        plan = self._plan
        for name, given in (
            ("start_at", times.start_at or plan.start_at),
            ("not_before", times.not_before or plan.not_before),
        ):
            if given:
                message = f"it has a schedule, and {name} besides"
                hint = "Say in the schedule when it begins: starts."
                self._add("TIMES_CONTRADICT", message, f"/{name}" if where else "", hint)
        # Read now, so that its mistakes are reported now; each firing reads it again.
        self._until(times.deadline or plan.deadline, "" if times.deadline else "/deadline")
        self.issues += list(self._rules(schedule, where))
        zone = schedule.time_zone or self._name
        if self.issues:
            return Timing(zone=self._name)
        starts = self._moment(schedule.starts or "", pointed(where, "starts") if where else "")
        ends = self._moment(schedule.ends or "", pointed(where, "ends") if where else "")
        anchor = starts if starts is not None else float(round(self._now))
        timetable = Timetable(
            time_zone=zone,
            cron=" ".join(schedule.cron.split()),
            every=schedule.every or 0.0,
            anchor=anchor,
            starts=starts,
            ends=ends,
            overlap=schedule.overlap,
            catch_up=schedule.catch_up,
            most_waiting=schedule.most_waiting,
        )
        if not self.issues and timetable.after(self._now) is None:
            message = "the schedule has no moment to come"
            self._add("SCHEDULE_OVER", message, where, "Look at its starts and ends.")
        return Timing(timetable=timetable, schedule_id=schedule.id or plan.id, zone=self._name)

    def _rules(self, schedule: Schedule, where: str) -> Iterator[Issue]:
        def at(name: str) -> str:
            return pointed(where, name) if where else ""

        if bool(schedule.cron) == (schedule.every is not None):
            message = "a schedule has either cron or every"
            hint = "Write cron: 0 7 * * *, or every: 3600 (seconds)."
            yield Issue("SCHEDULE_INVALID", message, where, hint)
        elif schedule.cron:
            try:
                check_cron(schedule.cron)
            except TimetableError as failure:
                hint = "0 7 * * mon-fri is every weekday at seven, 0 * * * * every hour."
                yield Issue("SCHEDULE_INVALID", str(failure), at("cron"), hint)
        if schedule.time_zone:
            try:
                zone_of(schedule.time_zone)
            except TimetableError as failure:
                yield Issue("TIME_ZONE_UNKNOWN", str(failure), at("time_zone"), _ZONE_HINT)
            else:
                self._zone, self._name = zone_of(schedule.time_zone), schedule.time_zone
        if schedule.catch_up == "all" and schedule.overlap != "queue":
            message = f"to catch up all, they have to queue; overlap is {schedule.overlap}"
            yield Issue("SCHEDULE_INVALID", message, at("catch_up"), "Say overlap: queue, or last.")


_ZONE_HINT = "Names are those of the IANA database, such as Europe/Berlin or UTC."
