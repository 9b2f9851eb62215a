"""Moments and schedules as people write them."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from execution_orchestrator.plan.loader import load_plan
from execution_orchestrator.plan.timetable import Timetable, TimetableError, check_cron, zone_of
from execution_orchestrator.plan.timing import GoalTimes, read_moment, schedule_of, timing_of

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 28, 17, 0, tzinfo=BERLIN).timestamp()
PLAN = "{actions: [{id: a, action_type: delay, duration: 1}]%s}"


def shown(moment):
    return datetime.fromtimestamp(moment, BERLIN).isoformat()


def read(more="", **goal):
    loaded = load_plan(PLAN % (f", {more}" if more else ""))
    assert loaded.plan is not None, loaded.issues
    return timing_of(loaded.plan, GoalTimes(**goal), "Europe/Berlin", NOW)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("07:00", "2026-11-29T07:00:00+01:00"),
        ("18:30", "2026-11-28T18:30:00+01:00"),
        ("17:00:00", "2026-11-29T17:00:00+01:00"),
        ("today 18:30", "2026-11-28T18:30:00+01:00"),
        ("today 07:00", "2026-11-28T07:00:00+01:00"),
        ("tomorrow 18:30", "2026-11-29T18:30:00+01:00"),
        ("day after tomorrow 18:30", "2026-11-30T18:30:00+01:00"),
        ("Sunday 07:00", "2026-11-29T07:00:00+01:00"),
        ("saturday 18:30", "2026-11-28T18:30:00+01:00"),
        ("saturday 07:00", "2026-12-05T07:00:00+01:00"),
        ("2026-12-01T07:00", "2026-12-01T07:00:00+01:00"),
        ("2026-12-01 07:00", "2026-12-01T07:00:00+01:00"),
        ("2026-12-01T07:00Z", "2026-12-01T08:00:00+01:00"),
        ("2026-12-01T07:00:00-05:00", "2026-12-01T13:00:00+01:00"),
        ("2027-07-01T07:00", "2027-07-01T07:00:00+02:00"),
    ],
)
def test_a_moment_is_read_in_its_time_zone(text, meant):
    assert shown(read_moment(text, BERLIN, NOW)) == meant


@pytest.mark.parametrize(
    "text", ["", "tomorrow", "25:00", "7", "2026-12-01", "2026-13-01T07:00", "9999-12-31T23:59",
             "1970-01-01T00:00", "12345", "2026-12-01T07:00+99:00"]
)  # fmt: skip
def test_what_is_no_moment_is_told(text):
    with pytest.raises(ValueError, match=r"no moment|without a time|ten years"):
        read_moment(text, BERLIN, NOW)


@pytest.mark.parametrize(
    ("more", "code", "pointer"),
    [
        ("start_at: soon", "TIME_INVALID", "/start_at"),
        ("start_at: '2010-01-01T07:00'", "TIME_INVALID", "/start_at"),
        ("start_at: '2026-11-28T16:00'", "START_AT_PAST", "/start_at"),
        ("deadline: '2026-11-28T16:00'", "DEADLINE_PAST", "/deadline"),
        ("deadline: runing", "TIME_INVALID", "/deadline"),
        ("start_at: '19:00', deadline: today 18:00", "TIMES_CONTRADICT", "/deadline"),
        ("start_at: '19:00', deadline: '2026-11-28T18:00'", "TIMES_CONTRADICT", "/deadline"),
        ("start_at: '19:00', not_before: '20:00'", "TIMES_CONTRADICT", "/not_before"),
        ("time_zone: Berlin", "TIME_ZONE_UNKNOWN", "/time_zone"),
        ("schedule: {}", "SCHEDULE_INVALID", "/schedule"),
        ("schedule: {cron: 0 7 * * *, every: 5}", "SCHEDULE_INVALID", "/schedule"),
        ("schedule: {cron: 0 7 * *}", "SCHEDULE_INVALID", "/schedule/cron"),
        ("schedule: {cron: 0 0 31 2 *}", "SCHEDULE_INVALID", "/schedule/cron"),
        ("schedule: {every: 5, time_zone: Mars}", "TIME_ZONE_UNKNOWN", "/schedule/time_zone"),
        ("schedule: {every: 5, catch_up: all}", "SCHEDULE_INVALID", "/schedule/catch_up"),
        ("schedule: {every: 5, ends: '2026-11-01T00:00'}", "SCHEDULE_OVER", "/schedule"),
        ("schedule: {every: 5}, start_at: '19:00'", "TIMES_CONTRADICT", "/start_at"),
    ],
)
def test_wrong_times_are_issues_with_a_place_and_a_cure(more, code, pointer):
    _, [issue] = read(more)
    assert (issue.code, issue.pointer) == (code, pointer)
    assert issue.hint


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ("", ""),
        ("start_at: '07:00'", "from 07:00 on 2026-11-29 (Europe/Berlin) on"),
        ("schedule: {cron: '0 7 * * *'}", "at 07:00 every day (Europe/Berlin)"),
    ],
)
def test_when_a_plan_begins_is_said_in_words(more, words):
    timing, issues = read(more)
    assert issues == []
    assert timing.described() == words


def test_what_the_goal_says_counts_instead():
    timing, issues = read("start_at: '19:00', deadline: '20:00'", start_at="18:00")
    assert not issues
    assert shown(timing.start) == "2026-11-28T18:00:00+01:00"
    assert shown(timing.until) == "2026-11-28T20:00:00+01:00"


@pytest.mark.parametrize(
    ("times", "until"),
    [
        ("start_at: '07:00', deadline: '18:00'", "2026-11-29T18:00:00+01:00"),
        ("start_at: '18:00', deadline: '17:30'", "2026-11-29T17:30:00+01:00"),
        ("start_at: 'monday 07:00', deadline: 'sunday 07:00'", "2026-12-06T07:00:00+01:00"),
        ("not_before: 'monday 07:00', deadline: '09:00'", "2026-11-30T09:00:00+01:00"),
    ],
)
def test_a_deadline_of_a_time_of_day_is_the_next_one_after_the_start(times, until):
    timing, issues = read(times)
    assert not issues
    assert shown(timing.until) == until


def test_a_past_not_before_lets_it_start_at_once():
    timing, issues = read("not_before: '2026-11-28T16:00'")
    assert not issues
    assert timing.start < NOW


def test_a_schedule_of_the_goal_is_a_line_or_a_mapping():
    timing, issues = read(schedule="0  7 * * mon-fri")
    assert not issues
    assert timing.timetable.cron == "0 7 * * mon-fri"
    assert timing.timetable.time_zone == "Europe/Berlin"
    timing, issues = read("id: round", schedule="{every: 60, overlap: queue}")
    assert (timing.timetable.every, timing.timetable.overlap) == (60.0, "queue")
    assert timing.schedule_id == "round"
    assert schedule_of("{every: 60, overlp: queue}")[1][0].hint == "Did you mean overlap?"
    assert schedule_of("every: [")[1][0].code == "SCHEDULE_INVALID"
    assert schedule_of("every: -3")[1][0].code == "SCHEDULE_INVALID"


def test_what_a_schedule_fired_has_neither_start_nor_schedule_and_its_deadline_is_the_next_one():
    timing, issues = read("schedule: {cron: 0 7 * * *}, deadline: '18:00'", fired=True)
    assert not issues
    assert timing.timetable is None
    assert shown(timing.until) == "2026-11-28T18:00:00+01:00"


def first(cron, since, count, zone="Europe/Berlin"):
    after = datetime.fromisoformat(since).replace(tzinfo=ZoneInfo(zone)).timestamp()
    table = Timetable(time_zone=zone, cron=cron)
    found = table.moments(after)
    return [
        datetime.fromtimestamp(next(found), ZoneInfo(zone)).strftime("%d %H:%M %z")
        for _ in range(count)
    ]


def test_the_nights_of_the_changing_clocks():
    assert first("30 2 * * *", "2026-03-28T00:00", 3) == [
        "28 02:30 +0100", "29 03:00 +0200", "30 02:30 +0200",
    ]  # fmt: skip
    assert first("30 2 * * *", "2026-10-24T12:00", 2) == ["25 02:30 +0200", "26 02:30 +0100"]
    assert first("0 * * * *", "2026-10-25T01:30", 3) == [
        "25 02:00 +0200", "25 02:00 +0100", "25 03:00 +0100",
    ]  # fmt: skip
    assert first("0 * * * *", "2026-03-29T00:30", 3) == [
        "29 01:00 +0100", "29 03:00 +0200", "29 04:00 +0200",
    ]  # fmt: skip


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe"])
@pytest.mark.parametrize("cron", ["*/20 * * * *", "30 2 * * *", "15 */3 * * *", "0 0 1,15 * mon"])
def test_moments_go_on_and_on_and_the_same_from_wherever_one_looks(zone, cron):
    table = Timetable(time_zone=zone, cron=cron, most_waiting=40)
    since = datetime(2026, 3, 1, tzinfo=UTC).timestamp()
    found = table.moments(since)
    moments = [next(found) for _ in range(400)]
    assert moments == sorted(set(moments))
    for before, after in pairwise(moments):
        assert table.after(before) == after
    kept, more = table.due(moments[0], moments[-1])
    assert more
    assert list(kept) == moments[-40:]


def test_what_is_due_after_years_is_found_at_once():
    table = Timetable(time_zone="UTC", every=1.0, most_waiting=5)
    assert table.due(0.0, 1e9) == ((1e9 - 4, 1e9 - 3, 1e9 - 2, 1e9 - 1, 1e9), True)
    assert table.due(1e9 - 1, 1e9) == ((1e9 - 1, 1e9), False)
    leap = Timetable(time_zone="UTC", cron="0 0 29 2 *", most_waiting=5)
    assert len(leap.due(0.0, NOW)[0]) == 5


@pytest.mark.parametrize(
    ("text", "told"),
    [("", "0 fields"), ("@daily", "1 field"), ("* * * * * *", "6 fields"), ("a * * * *", "minute"),
     ("0 0 32 * *", "day of month"), ("0 0 * 13 *", "month"), ("0 0 * * 9", "day of week")],
)  # fmt: skip
def test_a_wrong_cron_line_is_told_by_its_field(text, told):
    with pytest.raises(TimetableError, match=told):
        check_cron(text)


@pytest.mark.parametrize(
    ("name", "near"),
    [("Berlin", "Europe/Berlin"), ("Europe/Berln", "Europe/Berlin"), ("../../etc/passwd", "Some"),
     ("America/New York", "America/New_York")],
)  # fmt: skip
def test_a_wrong_time_zone_is_told_with_near_ones(name, near):
    with pytest.raises(TimetableError, match=near):
        zone_of(name)


def test_what_was_asked_before_its_moment_is_not_meant_for_the_next_day():
    asked = NOW - 20.0
    timing, issues = read(start_at="16:59:50", asked=asked)
    assert (issues, shown(timing.start)) == ([], "2026-11-28T16:59:50+01:00")
    timing, issues = read(deadline="17:00:10", asked=asked)
    assert (issues, shown(timing.until)) == ([], "2026-11-28T17:00:10+01:00")
    (issue,) = read(deadline="16:59:50", asked=asked)[1]
    assert issue.code == "DEADLINE_PAST"
    assert read(start_at="16:59:50", asked=NOW - 600.0)[1] == []
