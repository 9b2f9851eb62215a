"""Goals that are started again and again: which firing is due, and what becomes of it.

A firing is an execution whose id is made of the schedule's name and the moment, and that it began
is in the journal together with the next moment: a process that dies in between finds the one or
the other, never a firing that is lost or made twice. All moments are those of a wall clock.
"""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec

from execution_orchestrator.engine import events as e
from execution_orchestrator.engine.cancellation import request_cancel
from execution_orchestrator.engine.inputs import (
    PauseSchedule,
    RemoveSchedule,
    ResumeSchedule,
    WallClockSet,
)
from execution_orchestrator.engine.intake import begin_planning, ends_at, may_come_in
from execution_orchestrator.engine.line import of_schedule
from execution_orchestrator.engine.state import ExecutionState, ScheduleState
from execution_orchestrator.engine.status import CancelCause
from execution_orchestrator.engine.turn import Turn
from execution_orchestrator.plan.counted import counted
from execution_orchestrator.plan.nearest import Names
from execution_orchestrator.plan.timetable import Timetable, clock_words

# Seconds: a firing that is no later than this is in time, and no matter of catching up.
IN_TIME = 60.0
# Firings that are looked through one by one where the clock was set back; more are passed over.
MOST_KNOWN = 10_000
_EXACT = 1e-3  # seconds by which a sum of floats may be off
_APART = 1e-3  # seconds between two moments whose firings have different names


def on_pause(turn: Turn, incoming: PauseSchedule) -> None:
    """Let a schedule start nothing."""
    schedule = _found(turn, incoming.schedule_id)
    if schedule is None:
        return
    if schedule.paused:
        turn.refuse(f"the schedule {incoming.schedule_id} is paused already")
        return
    reason = incoming.reason or "a client paused it"
    turn.emit(e.SchedulePaused(time=turn.now, schedule_id=incoming.schedule_id, reason=reason))


def on_resume(turn: Turn, incoming: ResumeSchedule) -> None:
    """Resume a paused schedule."""
    schedule = _found(turn, incoming.schedule_id)
    if schedule is None:
        return
    if not schedule.paused:
        turn.refuse(f"the schedule {incoming.schedule_id} is not paused")
        return
    turn.emit(
        e.ScheduleResumed(
            time=turn.now,
            schedule_id=incoming.schedule_id,
            next_moment=_next(turn, schedule, turn.wall),
        )
    )
    _count_anew(turn, schedule)
    _remove_if_over(turn, schedule)


def on_remove(turn: Turn, incoming: RemoveSchedule) -> None:
    """Forget a schedule."""
    if _found(turn, incoming.schedule_id) is not None:
        _remove(turn, incoming.schedule_id, incoming.reason or "a client removed it")


def on_wall_clock_set(turn: Turn, _: WallClockSet) -> None:
    """Recalculate the next moments of schedules after the wall clock was set."""
    look_at_clock(turn)


def look_at_clock(turn: Turn) -> None:
    """Recalculate next moments if the clock went back; moments that it skipped are due anyway.

    A moment that was fired before the clock went back is not fired again. A schedule with a fixed
    interval keeps its interval.
    """
    for schedule in list(turn.state.schedules.values()):
        if schedule.paused:
            continue
        if counts_on(schedule.as_set.timetable):
            _count_anew(turn, schedule)
            continue
        moment = _next(turn, schedule, turn.wall)
        before = schedule.next_moment
        if moment is not None and (before is None or moment < before):
            turn.emit(
                e.ScheduleMoved(
                    time=turn.now, schedule_id=schedule.as_set.schedule_id, next_moment=moment
                )
            )


def due(turn: Turn, schedule_id: str) -> None:
    """Fire a schedule that is due, by its rules for missed moments and overlap."""
    schedule = turn.state.schedules.get(schedule_id)
    if schedule is None or schedule.paused or schedule.next_moment is None:
        return
    timetable = schedule.as_set.timetable
    moments, more = timetable.due(schedule.next_moment, turn.wall)
    newest = moments[-1]
    if timetable.catch_up == "all":
        wanted = moments
    elif timetable.catch_up == "last" or turn.wall - newest <= IN_TIME:
        wanted = moments[-1:]
    else:
        wanted = ()
    missed = len(moments) - len(wanted)
    if missed or more:
        _miss(turn, schedule, moments[missed - 1] if missed else moments[0], missed, more=more)
    for moment in wanted:
        _fire(turn, schedule, moment)
    _count_anew(turn, schedule)
    _remove_if_over(turn, schedule)


def execution_id(schedule_id: str, moment: float) -> str:
    """Return the name of a firing: no two moments, in whatever time zone, have the same."""
    shown = datetime.fromtimestamp(moment, UTC)
    part = f".{shown.microsecond // 1000:03}" if shown.microsecond else ""
    return f"{schedule_id}-{shown:%Y%m%dT%H%M%S}{part}Z"


def _found(turn: Turn, schedule_id: str) -> ScheduleState | None:
    turn.ids = (schedule_id,)
    schedule = turn.state.schedules.get(schedule_id)
    if schedule is None:
        hint = Names(turn.state.schedules).hint(schedule_id, "There are")
        turn.refuse(f"no schedule {schedule_id!r}. {hint}")
    return schedule


def _next(turn: Turn, schedule: ScheduleState, after: float) -> float | None:
    """Return the next moment that was not fired already; the clock may have been set back."""
    as_set = schedule.as_set
    for count, moment in enumerate(as_set.timetable.moments(max(after, as_set.since))):
        if not _was(turn, as_set.schedule_id, moment):
            return moment
        if count >= MOST_KNOWN:
            return as_set.timetable.after(max(moment, schedule.last_moment or moment))
    return None


def _was(turn: Turn, schedule_id: str, moment: float) -> bool:
    name = execution_id(schedule_id, moment)
    return name in turn.state.executions or name in turn.state.forgotten


def counts_on(timetable: Timetable) -> bool:
    """Whether it repeats after so many seconds, whatever the time is."""
    return bool(timetable.every) and timetable.starts is None


def _count_anew(turn: Turn, schedule: ScheduleState) -> None:
    """Let what repeats after so many seconds be no later than that, where the clock went back."""
    name, timetable = schedule.as_set.schedule_id, schedule.as_set.timetable
    moment, anchor = schedule.next_moment, turn.wall + timetable.every
    if not counts_on(timetable) or moment is None or moment <= anchor + _EXACT:
        return
    while _was(turn, name, anchor):
        anchor += _APART
    if timetable.ends is None or anchor <= timetable.ends:
        turn.emit(
            e.ScheduleMoved(time=turn.now, schedule_id=name, next_moment=anchor, anchor=anchor)
        )


def _miss(turn: Turn, schedule: ScheduleState, moment: float, missed: int, *, more: bool) -> None:
    zone = schedule.as_set.timetable.time_zone
    last = clock_words(moment, zone)
    if missed == 1 and not more:
        message = f"{last} was missed"
    elif missed:
        message = (
            f"{'more than ' if more else ''}{counted(missed, 'moment')} up to {last} were missed"
        )
    else:
        message = f"what was before {last} was missed, and more does not wait"
    reason = f"{message}; catch_up is {schedule.as_set.timetable.catch_up}"
    _skip(turn, schedule, moment, reason, max(1, missed))


def _skip(turn: Turn, schedule: ScheduleState, moment: float, reason: str, count: int = 1) -> None:
    turn.emit(
        e.ScheduleSkipped(
            time=turn.now,
            schedule_id=schedule.as_set.schedule_id,
            moment=moment,
            reason=reason,
            next_moment=_next(turn, schedule, max(moment, turn.wall)),
            skipped=schedule.skipped + count,
        )
    )


def _fire(turn: Turn, schedule: ScheduleState, moment: float) -> None:
    as_set, state = schedule.as_set, turn.state
    timetable = as_set.timetable
    name = execution_id(as_set.schedule_id, moment)
    shown = clock_words(moment, timetable.time_zone)
    known = state.executions.get(name)
    if name in state.forgotten or (known is not None and known.fired):
        _skip(turn, schedule, moment, f"{shown} was there before: the clock was set back")
        return
    if known is None:  # else the journal has only the beginning of this
        earlier = of_schedule(state, as_set.schedule_id)
        reason = _kept_back(timetable.overlap, timetable.most_waiting, earlier)
        if not reason and not may_come_in(turn, name):
            reason, turn.refusal = turn.refusal, ""
        if reason:
            _skip(turn, schedule, moment, f"{shown} is left out: {reason}")
            return
        if timetable.overlap == "replace":
            for one in earlier:
                request_cancel(
                    turn,
                    one,
                    CancelCause.CANCEL,
                    f"the schedule {as_set.schedule_id} starts it anew",
                    compensate=one.options.compensate_on_cancel,
                )
        _begin(turn, as_set, name)
    turn.emit(
        e.ScheduleFired(
            time=turn.now,
            schedule_id=as_set.schedule_id,
            moment=moment,
            started=name,
            next_moment=_next(turn, schedule, max(moment, turn.wall)),
            fired=schedule.fired + 1,
        )
    )


def _kept_back(overlap: str, most_waiting: int, earlier: list[ExecutionState]) -> str:
    if not earlier:
        return ""
    if overlap == "skip":
        return f"{earlier[0].execution_id} has not ended"
    if overlap == "queue" and len(earlier) > most_waiting:
        return f"{most_waiting} wait already"
    return ""


def _begin(turn: Turn, as_set: e.ScheduleSet, name: str) -> None:
    limit = as_set.timeout
    turn.emit(
        e.ExecutionRequested(
            time=turn.now,
            execution_id=name,
            goal=as_set.goal,
            priority=as_set.priority,
            deadline=None if limit is None else turn.now + limit,
            options=msgspec.structs.replace(as_set.options, correlation_id=name),
            limit=limit,
            schedule_id=as_set.schedule_id,
            until=ends_at(turn, as_set.goal),
        )
    )
    begin_planning(turn, turn.state.executions[name])


def _remove_if_over(turn: Turn, schedule: ScheduleState) -> None:
    name = schedule.as_set.schedule_id
    if schedule.next_moment is None and turn.state.schedules.get(name) is schedule:
        _remove(turn, name, "its last moment has passed")


def _remove(turn: Turn, schedule_id: str, reason: str) -> None:
    turn.emit(e.ScheduleRemoved(time=turn.now, schedule_id=schedule_id, reason=reason))
