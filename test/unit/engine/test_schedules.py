"""Schedules and starts at a moment: wall time, journalled, never lost and never twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec
import pytest

from execution_orchestrator.engine import effects as fx
from execution_orchestrator.engine import events as e
from execution_orchestrator.engine import inputs as s
from execution_orchestrator.engine.apply import fold
from execution_orchestrator.engine.machine import Machine
from execution_orchestrator.engine.pruning import superseded
from execution_orchestrator.engine.schedule_firings import execution_id
from execution_orchestrator.engine.status import ExecutionStatus as Status
from execution_orchestrator.engine.turn import WALL_OFFSET
from execution_orchestrator.plan.timetable import Timetable
from execution_orchestrator.plan.timing import Timing
from test.snapshot import snapshot
from test.unit.engine.driving import Rig, action, plan

BERLIN = ZoneInfo("Europe/Berlin")
MINUTE = Timetable(time_zone="UTC", every=60.0)
GOAL = s.RawGoal(command="look around")


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN).timestamp()


class Scheduled(Rig):
    """Prepares every firing at once with a plan of one action."""

    def take(self, step):
        super().take(step)
        for asked in [one for one in step.effects if isinstance(one, fx.Prepare)]:
            if self.machine.state.executions[asked.execution_id].schedule_id:
                assert asked.fired
                self.feed(
                    s.PreparationFinished(
                        execution_id=asked.execution_id,
                        run_id=asked.run_id,
                        plan=plan(action("a")),
                    )
                )

    def schedule(self, name="round", **more):
        timetable = msgspec.structs.replace(more.pop("timetable", MINUTE), **more)
        return self.feed(s.SetSchedule(schedule_id=name, timetable=timetable, goal=GOAL))

    @property
    def started(self):
        return [one.started for one in self.journal if isinstance(one, e.ScheduleFired)]

    @property
    def skips(self):
        return [one.reason for one in self.journal if isinstance(one, e.ScheduleSkipped)]

    def end(self, name):
        goal = next(
            one.goal_id
            for one in self.journal
            if isinstance(one, e.TaskStarted) and one.execution_id == name
        )
        self.feed(s.GoalAccepted(goal_id=goal))
        self.feed(s.GoalSucceeded(goal_id=goal))
        assert self.execution(name).status is Status.COMPLETED

    def away(self, seconds):
        """Let nothing run for a while, then start again."""
        self.now += seconds
        self.restart()
        self.wait(0.0)


@pytest.fixture
def rig():
    made = Scheduled()
    made.now = 1_000_000_000.0
    yield made
    made.check()


def test_each_firing_is_an_execution_named_by_its_moment(rig):
    rig.schedule()
    for _ in range(3):
        rig.wait(60.0)
        rig.end(rig.started[-1])
    assert rig.started == [
        "round-20010909T014700Z", "round-20010909T014800Z", "round-20010909T014900Z",
    ]  # fmt: skip
    assert rig.execution(rig.started[0]).schedule_id == "round"


def test_a_firing_while_the_last_one_runs_is_left_out(rig):
    rig.schedule()
    rig.wait(180.0)
    assert len(rig.started) == 1
    assert rig.skips == [
        f"01:4{minute} on 2001-09-09 (UTC) is left out: {rig.started[0]} has not ended"
        for minute in (8, 9)
    ]
    rig.end(rig.started[0])
    rig.wait(60.0)
    assert len(rig.started) == 2


def test_firings_queue_one_behind_the_other_up_to_a_limit(rig):
    rig.schedule(overlap="queue", most_waiting=2)
    rig.wait(60.0 * 5)
    first, second, third = rig.started
    assert "2 wait already" in rig.skips[-1]
    assert rig.execution(second).status is Status.PENDING
    assert rig.record(second).reason == f"starts when {first} has ended"
    rig.end(first)
    assert rig.execution(second).status is Status.EXECUTING
    assert rig.execution(third).status is Status.PENDING
    rig.feed(s.Cancel(execution_id=third))
    assert rig.execution(third).status is Status.CANCELLED


def test_a_firing_replaces_the_one_that_runs_once_that_is_confirmed_as_stopped(rig):
    rig.schedule(overlap="replace")
    rig.wait(85.0)
    first, second = rig.started
    assert rig.execution(first).cancel_cause == "cancel"
    assert rig.execution(second).status is Status.PENDING
    rig.feed(s.GoalCancelled(goal_id=next(iter(rig.machine.state.goals))))
    assert rig.execution(first).status is Status.CANCELLED
    assert rig.execution(second).status is Status.EXECUTING


@pytest.mark.parametrize(
    ("catch_up", "overlap", "expected"),
    [("none", "skip", 0), ("last", "skip", 1), ("all", "queue", 3)],
)
def test_what_was_missed_is_caught_up_as_the_schedule_says(rig, catch_up, overlap, expected):
    rig.schedule(
        timetable=Timetable(time_zone="UTC", every=3600.0),
        catch_up=catch_up,
        overlap=overlap,
        most_waiting=3,
    )
    rig.away(5 * 3600.0 + 600.0)
    assert len(rig.started) == expected
    assert len(rig.skips) == 1
    assert f"catch_up is {catch_up}" in rig.skips[0]
    rig.away(0.0)
    assert len(rig.started) == expected


def test_a_process_that_dies_at_any_point_of_a_firing_fires_once(rig):
    rig.schedule()
    rig.wait(59.0)
    before = list(rig.journal)
    rig.wait(2.0)
    [name] = rig.started
    for length in range(len(before), len(rig.journal) + 1):
        other = Scheduled()
        other.now, other.journal = rig.now, rig.journal[:length]
        other.machine = Machine(other.machine.config, fold(other.journal))
        other.restart()
        other.wait(1.0)
        requested = [one for one in other.journal if isinstance(one, e.ExecutionRequested)]
        assert [one.execution_id for one in requested] == [name]
        assert other.started == [name]
        assert other.execution(name).status is Status.EXECUTING
        other.check()


def test_an_ended_one_is_not_taken_back_beside_the_next_one(rig):
    rig.schedule(overlap="queue", most_waiting=3)
    rig.wait(121.0)
    first, second = rig.started
    rig.feed(s.CheckpointRequested(execution_id=first))
    rig.fail("a")
    assert rig.execution(second).status is Status.EXECUTING
    refusal = rig.feed(s.RestoreCheckpoint(execution_id=first)).refusal
    assert second in refusal
    assert "wait for its end, or cancel it" in refusal
    rig.succeed("a")
    assert not rig.feed(s.RestoreCheckpoint(execution_id=first)).refusal
    assert rig.execution(first).status is Status.EXECUTING


def test_paused_it_starts_nothing_and_makes_nothing_up(rig):
    rig.schedule(catch_up="last")
    rig.feed(s.PauseSchedule(schedule_id="round"))
    assert rig.feed(s.PauseSchedule(schedule_id="round")).refusal
    rig.wait(600.0)
    rig.restart()
    rig.wait(600.0)
    assert rig.started == []
    rig.feed(s.ResumeSchedule(schedule_id="round"))
    rig.wait(1.0)
    assert rig.started == []
    rig.wait(60.0)
    assert len(rig.started) == 1


def test_removed_it_starts_nothing_and_its_execution_runs_on(rig):
    rig.schedule()
    rig.wait(60.0)
    rig.feed(s.RemoveSchedule(schedule_id="round"))
    rig.wait(600.0)
    assert len(rig.started) == 1
    rig.end(rig.started[0])
    assert "There are: none" in rig.feed(s.RemoveSchedule(schedule_id="round")).refusal
    rig.schedule("evening")
    assert "Did you mean evening" in rig.feed(s.PauseSchedule(schedule_id="evenin")).refusal


def test_it_is_over_after_its_last_moment(rig):
    rig.schedule(ends=rig.now + 130.0)
    rig.wait(60.0)
    rig.end(rig.started[-1])
    rig.wait(600.0)
    assert len(rig.started) == 2
    assert rig.machine.state.schedules == {}


def test_in_an_emergency_it_starts_nothing(rig):
    rig.schedule()
    rig.feed(s.EmergencyStop(reason="red button"))
    rig.wait(60.0)
    assert rig.started == []
    assert "emergency" in rig.skips[0]


def test_more_schedules_than_may_be_are_refused(rig):
    rig.machine = Machine(replace(rig.machine.config, max_schedules=1))
    rig.schedule()
    assert rig.schedule("other").refusal
    assert not rig.schedule().refusal


def test_the_night_of_the_changing_clocks_has_every_firing_once(rig):
    rig.now = at("2026-10-24T12:00")
    rig.schedule(timetable=Timetable(time_zone="Europe/Berlin", cron="30 2 * * *"))
    rig.wait(3 * 86400.0)
    assert len(rig.started) == 1
    assert rig.started == ["round-20261025T003000Z"]
    rig.end(rig.started[-1])
    rig.wait(86400.0)
    assert rig.started[1:] == ["round-20261028T013000Z"]


def test_set_forward_what_the_clock_jumped_over_is_late_and_set_back_it_is_not_done_again(rig):
    rig.now = at("2026-11-02T06:00")
    rig.schedule(timetable=Timetable(time_zone="Europe/Berlin", cron="0 7 * * *"), catch_up="last")
    rig.world[WALL_OFFSET] = 2 * 3600.0
    rig.feed(s.WallClockSet())
    rig.feed(s.TimerFired(timer_id="schedule:/round"))
    assert rig.started == ["round-20261102T060000Z"]
    rig.end(rig.started[0])
    rig.world[WALL_OFFSET] = 0.0
    rig.feed(s.WallClockSet())
    rig.wait(2 * 3600.0)
    assert len(rig.started) == 1
    rig.wait(24 * 3600.0)
    assert rig.started[1:] == ["round-20261103T060000Z"]


def test_a_moment_that_comes_again_with_a_clock_that_was_set_back_is_not_started_again(rig):
    rig.schedule(catch_up="last", starts=rig.now)
    rig.now += 185.0  # three moments are missed, and the last one of them is caught up
    rig.feed(s.TimerFired(timer_id="schedule:/round"))
    (first,) = rig.started
    rig.end(first)
    rig.world[WALL_OFFSET] = -185.0
    rig.feed(s.WallClockSet())
    rig.now += 185.0
    rig.feed(s.TimerFired(timer_id="schedule:/round"))
    assert rig.started == [first]
    assert rig.skips[-1].endswith("was there before: the clock was set back")


@pytest.mark.parametrize("stopped", ["", "restart", "pause"])
def test_what_repeats_after_so_many_seconds_goes_on_when_the_clock_is_set_back(rig, stopped):
    rig.schedule()
    rig.wait(120.0)
    for name in list(rig.started):
        rig.end(name)
    before = len(rig.started)
    if stopped == "pause":
        rig.feed(s.PauseSchedule(schedule_id="round"))
    rig.world[WALL_OFFSET] = -3600.0
    if stopped == "restart":
        rig.restart()
    rig.feed(s.WallClockSet())
    if stopped == "pause":
        rig.feed(s.ResumeSchedule(schedule_id="round"))
    rig.wait(61.0)
    assert len(rig.started) == before + 1, "an hour more than the minute"
    rig.end(rig.started[-1])
    rig.wait(60.0)
    assert len(rig.started) == before + 2
    assert len(set(rig.started)) == len(rig.started)
    gone = set(superseded(list(enumerate(rig.journal))))
    kept = fold([one for place, one in enumerate(rig.journal) if place not in gone])
    schedule, known = kept.schedules["round"], rig.machine.state.schedules["round"]
    assert (schedule.as_set, schedule.next_moment) == (known.as_set, known.next_moment)
    rig.check()


def test_what_counts_anew_does_not_wait_for_moments_that_were_there(rig):
    rig.now = 6000.0
    rig.schedule()
    rig.wait(120.0)  # the second moment finds the first one at work, and is left out
    rig.end(rig.started[-1])
    rig.wait(60.0)
    rig.end(rig.started[-1])
    rig.world[
        WALL_OFFSET
    ] = -120.0  # the moment that was left out comes next, one that was not after it
    rig.feed(s.WallClockSet())
    rig.wait(60.0)
    rig.end(rig.started[-1])
    rig.wait(61.0)
    assert len(rig.started) == 4
    rig.check()


def test_with_a_start_its_moments_are_those_of_the_clock(rig):
    rig.schedule(timetable=Timetable(time_zone="UTC", every=60.0, anchor=rig.now, starts=rig.now))
    rig.wait(120.0)
    before = len(rig.started)
    rig.world[WALL_OFFSET] = -3600.0
    rig.feed(s.WallClockSet())
    rig.wait(61.0)
    assert len(rig.started) == before


def test_a_clock_that_was_years_ahead_keeps_nothing_from_starting(rig):
    rig.world[WALL_OFFSET] = 4 * 365 * 86400.0
    rig.schedule()
    rig.world[WALL_OFFSET] = 0.0
    rig.feed(s.WallClockSet())
    # It was set at a moment to come; until then there is nothing that anybody asked for.
    rig.schedule()
    rig.wait(60.0)
    assert len(rig.started) == 1


def test_a_clock_without_a_battery_fires_nothing_of_long_ago(rig):
    rig.schedule(timetable=Timetable(time_zone="UTC", cron="0 * * * *"))
    set_at = rig.now
    rig.world[WALL_OFFSET] = -set_at + 10.0  # 1970
    rig.restart()
    rig.feed(s.WallClockSet())
    rig.feed(s.TimerFired(timer_id="schedule:/round"))
    assert rig.started == []
    assert rig.machine.state.schedules["round"].next_moment > set_at


def test_pruned_history_keeps_what_a_schedule_is(rig):
    rig.schedule("gone")
    rig.feed(s.RemoveSchedule(schedule_id="gone"))
    rig.schedule()
    for _ in range(4):
        rig.wait(60.0)
        rig.wait(60.0)
        rig.end(rig.started[-1])
    rig.feed(s.PauseSchedule(schedule_id="round"))
    rig.feed(s.ResumeSchedule(schedule_id="round"))
    own = [
        (index, one) for index, one in enumerate(rig.journal, 1) if isinstance(one, e.SCHEDULING)
    ]
    gone = set(superseded(own))
    assert len(own) - len(gone) == 5
    kept = [one for index, one in own if index not in gone]
    whole, less = fold([one for _, one in own]), fold(kept)
    for state in (whole, less):
        state.events = 0
    assert snapshot(whole) == snapshot(less)


# --- a start at a moment, and a goal that asks for a schedule -----------------------------------


def request(rig, timing, *, said="tidy up", understood=None, **more):
    rig.feed(s.Request(execution_id="e", goal=s.RawGoal(command=said), **more))
    [asked] = rig.of(fx.Prepare)
    made = plan(action("a"), timeout=50.0)
    rig.feed(
        s.PreparationFinished(
            execution_id="e",
            run_id=asked.run_id,
            plan=made if understood is None else {**made, "command": understood},
            timing=timing,
        )
    )


def test_an_execution_waits_for_its_moment_and_its_time_counts_from_then(rig):
    rig.now = at("2026-12-01T06:00")
    request(rig, Timing(start=at("2026-12-01T07:00"), zone="Europe/Berlin"), timeout=100.0)
    assert rig.execution().status is Status.PENDING
    assert rig.record().reason == "starts at 07:00 on 2026-12-01 (Europe/Berlin)"
    rig.wait(1800.0)
    rig.restart()
    assert rig.record().reason.startswith("starts at 07:00")
    rig.wait(1799.0)
    assert rig.sent == []
    rig.wait(2.0)
    assert rig.sent == ["a"]
    rig.wait(50.0)
    assert rig.execution().cancel_cause == "deadline"


def test_waiting_for_its_moment_it_can_be_cancelled_paused_and_takes_nobodys_place(rig):
    rig.machine = Machine(replace(rig.machine.config, queue_capacity=1, max_running_executions=1))
    request(rig, Timing(start=rig.now + 100.0))
    assert rig.submit("other", action("b")).refusal == ""
    assert rig.sent == ["b"]
    rig.feed(s.Pause(execution_id="e"))
    assert rig.execution().status is Status.PAUSED
    rig.feed(s.Resume(execution_id="e"))
    assert rig.record().reason.startswith("starts at ")
    rig.feed(s.Cancel(execution_id="e"))
    assert rig.execution().status is Status.CANCELLED
    rig.wait(200.0)
    assert rig.sent == ["b"]


def test_paused_at_its_moment_it_starts_when_it_is_resumed_with_its_whole_time(rig):
    request(rig, Timing(start=rig.now + 100.0), timeout=30.0)
    rig.feed(s.Pause(execution_id="e"))
    rig.wait(300.0)
    assert rig.execution().status is Status.PAUSED
    rig.feed(s.Resume(execution_id="e"))
    assert rig.sent == ["a"]
    rig.wait(29.0)
    assert not rig.execution().cancel_cause
    rig.wait(2.0)
    assert rig.execution().cancel_cause == "deadline"


def test_a_deadline_on_the_clock_ends_it_whatever_the_pauses(rig):
    request(rig, Timing(until=rig.now + 20.0))
    rig.feed(s.Pause(execution_id="e"))
    rig.wait(21.0)
    assert rig.execution().cancel_cause == "deadline"


def test_a_goal_with_a_schedule_sets_it_and_is_done(rig):
    timetable = Timetable(time_zone="UTC", cron="0 * * * *")
    request(rig, Timing(timetable=timetable, schedule_id="hourly"), priority=7, timeout=90.0)
    assert rig.execution().status is Status.COMPLETED
    assert rig.record().reason == (
        "the schedule hourly is set, at the start of every hour (UTC); it starts next "
        "at 02:00 on 2001-09-09 (UTC)"
    )
    rig.wait(3600.0)
    fired = rig.execution(rig.started[0])
    assert (fired.priority, fired.command) == (7, "tidy up")
    assert fired.execution_id == execution_id("hourly", 1_000_000_800.0)


def test_a_schedule_keeps_what_was_meant_by_its_command(rig):
    request(rig, Timing(timetable=MINUTE), said="do that every minute", understood="tidy up")
    [kept] = [one for one in rig.journal if isinstance(one, e.ScheduleSet)]
    assert (kept.goal.command, kept.command) == ("tidy up", "tidy up")
    rig.wait(61.0)
    assert rig.execution(rig.started[0]).command == "tidy up"


def test_a_resumed_plan_may_not_be_kept_by_a_schedule_that_is_full(rig):
    rig.machine = Machine(replace(rig.machine.config, max_schedules=0))
    request(rig, Timing(timetable=MINUTE))
    assert rig.execution().status is Status.FAILED
    assert rig.execution().error.code == "SCHEDULE_REFUSED"


def test_who_cannot_wait_for_its_moment_keeps_nobody_else_from_running(rig):
    rig.machine = Machine(replace(rig.machine.config, max_waiting_for_start=1))
    later = rig.now + 100.0
    assert not rig.submit("one", action("a"), start=later).refusal
    assert "1 executions wait" in rig.submit("two", action("a"), start=later).refusal
    request(rig, Timing(start=later))
    assert rig.execution().error.code == "START_REFUSED"
    assert not rig.submit("now", action("b")).refusal
    assert rig.sent == ["b"]
