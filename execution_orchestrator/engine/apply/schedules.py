"""Events of schedules; the executions that they start have events of their own."""

from __future__ import annotations

from typing import Any

import msgspec

from execution_orchestrator.engine import events as e
from execution_orchestrator.engine.apply.moves import arm, disarm
from execution_orchestrator.engine.state import OrchestratorState, ScheduleState
from execution_orchestrator.engine.status import TimerKind


def _set(state: OrchestratorState, event: e.ScheduleSet) -> None:
    state.schedules[event.schedule_id] = ScheduleState(event)
    _wait(state, event.schedule_id, event.next_moment)


def _fired(state: OrchestratorState, event: e.ScheduleFired) -> None:
    schedule = state.schedules[event.schedule_id]
    schedule.fired, schedule.last_moment = event.fired, event.moment
    started = state.executions.get(event.started)
    if started is not None:
        started.fired = True
    _wait(state, event.schedule_id, event.next_moment)


def _skipped(state: OrchestratorState, event: e.ScheduleSkipped) -> None:
    state.schedules[event.schedule_id].skipped = event.skipped
    _wait(state, event.schedule_id, event.next_moment)


def _paused(state: OrchestratorState, event: e.SchedulePaused) -> None:
    state.schedules[event.schedule_id].paused = True
    disarm(state, TimerKind.SCHEDULE, subject=event.schedule_id)


def _resumed(state: OrchestratorState, event: e.ScheduleResumed) -> None:
    state.schedules[event.schedule_id].paused = False
    _wait(state, event.schedule_id, event.next_moment)


def _moved(state: OrchestratorState, event: e.ScheduleMoved) -> None:
    if event.anchor is not None:
        schedule = state.schedules[event.schedule_id]
        timetable = schedule.as_set.timetable
        schedule.as_set = msgspec.structs.replace(
            schedule.as_set,
            since=event.anchor - timetable.every,
            timetable=msgspec.structs.replace(timetable, anchor=event.anchor),
        )
    _wait(state, event.schedule_id, event.next_moment)


def _removed(state: OrchestratorState, event: e.ScheduleRemoved) -> None:
    del state.schedules[event.schedule_id]
    disarm(state, TimerKind.SCHEDULE, subject=event.schedule_id)


def _wait(state: OrchestratorState, schedule_id: str, moment: float | None) -> None:
    state.schedules[schedule_id].next_moment = moment
    arm(state, TimerKind.SCHEDULE, moment, subject=schedule_id)


HANDLERS: dict[type[e.Event], Any] = {
    e.ScheduleSet: _set,
    e.ScheduleFired: _fired,
    e.ScheduleSkipped: _skipped,
    e.SchedulePaused: _paused,
    e.ScheduleResumed: _resumed,
    e.ScheduleMoved: _moved,
    e.ScheduleRemoved: _removed,
}
