"""The node's services for schedules: set, list, pause, resume, remove."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable
from itertools import islice
from typing import Any
from uuid import uuid4

import msgspec

from execution_orchestrator.engine import inputs as st
from execution_orchestrator.engine.line import of_schedule
from execution_orchestrator.engine.state import ExecutionState
from execution_orchestrator.msg import Schedule
from execution_orchestrator.observation import Observation, ScheduleRecord
from execution_orchestrator.plan.counted import counted
from execution_orchestrator.plan.issues import Issue, Severity
from execution_orchestrator.plan.nearest import Names
from execution_orchestrator.plan.timetable import Timetable, clock_words
from execution_orchestrator.plan.timing import GoalTimes
from execution_orchestrator.ros.interface.callers import caller_of, said
from execution_orchestrator.ros.interface.goal_numbers import wrong_number
from execution_orchestrator.ros.interface.serving import CommandRefusedError, ServiceHost
from execution_orchestrator.ros.interface.state_messages import (
    issue_message,
    json_text,
    time_message,
)
from execution_orchestrator.runtime.intake import Prepared, too_large
from execution_orchestrator.runtime.orchestrator import Orchestrator
from execution_orchestrator.runtime.planning import Planning
from execution_orchestrator.srv import ChangeSchedule, ListSchedules, SetSchedule

SHOWN_MOMENTS = 5
PLANNING_TIMEOUT = 150.0  # seconds; a planner may be asked
MAX_NAME = 80
_NAME = re.compile(r"[A-Za-z0-9_.-]*")
NO_SCHEDULE = Issue(
    "SCHEDULE_MISSING",
    "neither the request nor the plan has a schedule",
    hint="Fill in schedule: 0 7 * * * is every day at seven.",
)


class Schedules:
    """Handlers, each run on the loop's thread."""

    def __init__(
        self,
        orchestrator: Orchestrator,
        observation: Observation,
        planning: Planning,
        *,
        max_text: int,
        checkpoint_every: int,
    ) -> None:
        self._orchestrator = orchestrator
        self._observation = observation
        self._planning = planning
        self._max_text = max_text
        self._checkpoint_every = checkpoint_every

    def serve(self, host: ServiceHost) -> None:
        """Create the services."""
        host.serve("set_schedule", SetSchedule, self._set, timeout=lambda _: PLANNING_TIMEOUT)
        host.serve("list_schedules", ListSchedules, self._list)
        host.serve("pause_schedule", ChangeSchedule, self._pause)
        host.serve("resume_schedule", ChangeSchedule, self._resume)
        host.serve("remove_schedule", ChangeSchedule, self._remove)

    async def _set(self, request: Any, response: Any) -> None:
        issue = (
            _wrong_name(request.schedule_id)
            or wrong_number(request.execution_timeout, request.priority)
            or too_large(request.command, request.plan, request.context, self._max_text)
        )
        prepared = (
            Prepared((issue,))
            if issue is not None
            else await self._planning.prepare(
                request.command,
                request.plan,
                request.context,
                request.planner,
                times=GoalTimes(schedule=request.schedule),
            )
        )
        issues, timetable = list(prepared.issues), prepared.timing.timetable
        if prepared.plan is not None and timetable is None:
            issues.append(NO_SCHEDULE)
        response.issues = [issue_message(one) for one in issues]
        wrong = [one for one in issues if one.severity is Severity.ERROR]
        if wrong or timetable is None:
            more = f" (and {len(wrong) - 1} more)" if len(wrong) > 1 else ""
            raise CommandRefusedError(f"{wrong[0].message}{more}" if wrong else NO_SCHEDULE.message)
        name = request.schedule_id or prepared.timing.schedule_id or uuid4().hex[:12]
        response.schedule_id = name
        response.next = moments_of(timetable, time.time())
        if not request.dry_run:
            decision = self._orchestrator.handle(
                st.SetSchedule(
                    schedule_id=name,
                    timetable=timetable,
                    goal=st.RawGoal(
                        command=request.command, plan=request.plan, context=request.context
                    ),
                    command=request.command or str((prepared.plan or {}).get("command") or ""),
                    priority=request.priority,
                    timeout=request.execution_timeout if request.execution_timeout > 0.0 else None,
                    options=st.SubmitOptions(
                        planner=request.planner, checkpoint_every=self._checkpoint_every
                    ),
                    by=caller_of(request),
                )
            )
            if decision.refusal:
                raise CommandRefusedError(decision.refusal)
        response.success = True
        moment = timetable.after(time.time())
        when = "never" if moment is None else f"at {clock_words(moment, timetable.time_zone)}"
        would = "would start" if request.dry_run else "starts next"
        response.message = f"{name}, {timetable.described()}: it {would} {when}"

    async def _list(self, request: Any, response: Any) -> None:
        known = self._observation.known_schedules()
        if request.schedule_id:
            hint = Names(one.schedule_id for one in known).hint(request.schedule_id, "There are")
            known = [one for one in known if one.schedule_id == request.schedule_id]
            if not known:
                raise CommandRefusedError(f"no schedule {request.schedule_id!r}. {hint}")
        response.schedules = [self._message(one) for one in known]
        response.success = True
        response.message = counted(len(known), "schedule")

    async def _pause(self, request: Any, response: Any) -> None:
        self._change(
            st.PauseSchedule(
                schedule_id=request.schedule_id, reason=said(request.reason), by=caller_of(request)
            ),
            response,
            "paused",
        )

    async def _resume(self, request: Any, response: Any) -> None:
        resumed = st.ResumeSchedule(schedule_id=request.schedule_id, by=caller_of(request))
        self._change(resumed, response, "goes on")

    async def _remove(self, request: Any, response: Any) -> None:
        self._change(
            st.RemoveSchedule(
                schedule_id=request.schedule_id, reason=said(request.reason), by=caller_of(request)
            ),
            response,
            "removed",
        )

    def _change(self, incoming: st.Input, response: Any, done: str) -> None:
        decision = self._orchestrator.handle(incoming)
        if decision.refusal:
            raise CommandRefusedError(decision.refusal)
        response.success = True
        response.message = f"{', '.join(decision.ids)}: {done}"

    def _running(self, record: ScheduleRecord) -> list[ExecutionState]:
        return of_schedule(self._orchestrator.state, record.schedule_id)

    def _message(self, record: ScheduleRecord) -> Any:
        as_set, timetable = record.as_set, record.as_set.timetable
        return Schedule(
            schedule_id=record.schedule_id,
            rule=timetable.cron or f"every {timetable.every:g}",
            description=timetable.described(),
            time_zone=timetable.time_zone,
            overlap=timetable.overlap,
            catch_up=timetable.catch_up,
            command=as_set.command,
            goal=json_text(msgspec.to_builtins(as_set.goal)),
            paused=record.paused,
            reason=record.reason,
            next=[] if record.paused else _from(timetable, record.next_moment),
            last=time_message(record.last_moment or 0.0),
            last_execution_id=record.last_execution,
            running=[one.execution_id for one in self._running(record)],
            fired=record.fired,
            skipped=record.skipped,
        )


def _wrong_name(name: str) -> Issue | None:
    if len(name) <= MAX_NAME and _NAME.fullmatch(name):
        return None
    return Issue(
        "SCHEDULE_ID_INVALID",
        f"{name[:MAX_NAME]!r} is no name of a schedule",
        hint=f"Use letters, digits, _ . and -, at most {MAX_NAME}; empty: one is chosen.",
    )


def moments_of(timetable: Timetable, after: float) -> list[Any]:
    """Return the next moments after a time (Unix seconds) as messages, five at most."""
    return _messages(timetable.moments(after))


def _from(timetable: Timetable, first: float | None) -> list[Any]:
    if first is None:
        return []
    return [time_message(first), *_messages(timetable.moments(first))][:SHOWN_MOMENTS]


def _messages(moments: Iterable[float]) -> list[Any]:
    return [time_message(moment) for moment in islice(moments, SHOWN_MOMENTS)]
