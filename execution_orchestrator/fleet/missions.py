"""Missions from Python: submit, look at, steer and schedule them (docs/fleet.md)."""

from __future__ import annotations

import asyncio
import contextlib
import getpass
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise
from typing import Any
from uuid import uuid4

from temporalio.api.enums.v1 import PendingActivityState
from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleIntervalSpec,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleSpec,
    ScheduleState,
    WorkflowFailureError,
    WorkflowHandle,
    WorkflowQueryFailedError,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.common import Priority, WorkflowIDReusePolicy
from temporalio.exceptions import ApplicationError, CancelledError, WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from execution_orchestrator.fleet.connection import is_unknown, lacks_namespace
from execution_orchestrator.fleet.document import Mission
from execution_orchestrator.fleet.mission import BEGAN, MissionWorkflow
from execution_orchestrator.fleet.mission.asking import priority_key
from execution_orchestrator.fleet.mission.books import NAME, ROBOTS, STATUS
from execution_orchestrator.fleet.needs import MISSIONS
from execution_orchestrator.fleet.orders import (
    MOST_EVENTS,
    Answer,
    Cancellation,
    Heartbeat,
    MissionOrder,
    MissionState,
    Move,
    SharedState,
    Signal,
)
from execution_orchestrator.fleet.shared import SharedThing, shared_id
from execution_orchestrator.plan.model import Schedule as Repetition
from execution_orchestrator.plan.nearest import Names
from execution_orchestrator.plan.timetable import Timetable, zone_of
from execution_orchestrator.plan.timing import read_moment

log = logging.getLogger(__name__)
ANSWER = 30.0  # seconds for an answer of a mission
# For a step of a mission, which on a busy machine may include that all before are read again; a
# step whose worker died is done by another one after it.
STEP = timedelta(seconds=20)
AGAIN = 2.0  # seconds until Temporal, which was away, is asked again
LOOK = 0.5  # seconds between two looks at a mission that is followed
OVERLAP = {
    "skip": ScheduleOverlapPolicy.SKIP,
    "queue": ScheduleOverlapPolicy.BUFFER_ALL,
    "replace": ScheduleOverlapPolicy.CANCEL_OTHER,
}
NO_CATCH_UP = 10.0  # seconds; Temporal takes no less
CATCH_UP = 365 * 86400.0  # seconds
MOST_LINES = 50  # tasks that the details of a workflow name
_NOT_SAID = "whether {} is still used could not be found out: no agent runs that works on missions"
NEAR = 100  # missions, of which those are named whose id is near an unknown one
LOOKED_AT = 1000  # moments of a cron line whose distances are looked at


GOING_ON = ("EXECUTING", "CANCELLING", "PAUSED", "COMPENSATING")


class MissionError(RuntimeError):
    """A mission cannot be found, refuses what is asked, or does not answer; says which."""


class NotAnsweringError(MissionError):
    """No worker runs missions at the moment, or Temporal is away; it may be asked again."""


@dataclass(frozen=True)
class Listed:
    """One mission of a list; times are Unix seconds, ``ended`` 0.0 before its end."""

    mission: str
    name: str
    status: str
    began: float
    ended: float
    robots: tuple[str, ...]


@dataclass(frozen=True)
class Shown:
    """A mission with the last heartbeat of its robots, by task."""

    state: MissionState
    live: Mapping[str, Heartbeat] = field(default_factory=dict)


class Missions:
    """The missions behind one connection to Temporal. Used on one event loop.

    ``most_events`` is how long the history of one run of those that it begins may become.
    """

    def __init__(self, client: Client, *, most_events: int = MOST_EVENTS) -> None:
        self._client = client
        self._most_events = most_events

    async def submit(
        self,
        mission: Mission,
        *,
        inputs: Mapping[str, Any] | None = None,
        mission_id: str = "",
        zone: str = "UTC",
    ) -> str:
        """Begin a mission and return its id; submitting an id twice begins nothing twice.

        Raises:
            MissionError: there was one of this id, or Temporal does not answer.

        """
        chosen = mission_id or f"{mission.name}-{uuid4().hex[:8]}"
        try:
            await _of_namespace(
                lambda: self._client.start_workflow(
                    MissionWorkflow.run,
                    self._order(mission, inputs or {}, zone),
                    id=chosen,
                    task_queue=MISSIONS,
                    task_timeout=STEP,
                    id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
                    priority=Priority(priority_key=priority_key(mission.priority)),
                    **_shown_in_temporal(mission),
                    rpc_timeout=timedelta(seconds=ANSWER),
                )
            )
        except WorkflowAlreadyStartedError:
            raise MissionError(
                f"there is a mission {chosen} already; choose another id, or leave it away"
            ) from None
        except RPCError as failure:
            raise MissionError(f"Temporal does not take the mission: {failure.message}") from None
        return chosen

    async def schedule(
        self,
        mission: Mission,
        *,
        inputs: Mapping[str, Any] | None = None,
        schedule_id: str = "",
        zone: str = "UTC",
        paused: bool = False,
    ) -> str:
        """Let Temporal begin the mission again and again, as its ``schedule`` says; returns its id.

        Raises:
            MissionError: it has no schedule, one of this id exists, or Temporal does not take it.

        """
        rule = mission.schedule
        if rule is None:
            raise MissionError(f"{mission.name} has no `schedule`")
        chosen = schedule_id or rule.id or mission.name
        named = rule.time_zone or mission.time_zone or zone
        place = zone_of(named)

        def moment(text: str | None) -> datetime | None:
            if text is None:
                return None
            return datetime.fromtimestamp(read_moment(text, place, time.time()), UTC)

        spec = ScheduleSpec(
            cron_expressions=_cron_lines(rule.cron),
            intervals=([ScheduleIntervalSpec(timedelta(seconds=rule.every))] if rule.every else []),
            start_at=moment(rule.starts),
            end_at=moment(rule.ends),
            time_zone_name=named,
        )
        # A deadline is a moment, the same for every firing: a timeout is what repeats.
        order = self._order(mission.model_copy(update={"deadline": None}), inputs or {}, zone)
        action = ScheduleActionStartWorkflow(
            MissionWorkflow.run,
            order,
            id=chosen,
            task_queue=MISSIONS,
            task_timeout=STEP,
            priority=Priority(priority_key=priority_key(mission.priority)),
            **_shown_in_temporal(mission),
        )
        try:
            await _of_namespace(
                lambda: self._client.create_schedule(
                    chosen,
                    Schedule(
                        action=action,
                        spec=spec,
                        policy=SchedulePolicy(
                            overlap=(
                                ScheduleOverlapPolicy.BUFFER_ONE
                                if rule.overlap == "queue" and rule.most_waiting == 1
                                else OVERLAP[rule.overlap]
                            ),
                            catchup_window=timedelta(seconds=_missed_for(rule, named)),
                        ),
                        state=ScheduleState(paused=paused),
                    ),
                )
            )
        except ScheduleAlreadyRunningError:
            raise MissionError(
                f"there is a schedule {chosen} already; remove it, or choose another id"
            ) from None
        except RPCError as failure:
            raise MissionError(f"Temporal does not take the schedule: {failure.message}") from None
        return chosen

    async def schedules(self) -> list[dict[str, Any]]:
        """Return the schedules: id, paused, next moments (ISO 8601), the missions begun last."""
        found = []
        async for one in await self._client.list_schedules():
            state = one.schedule.state if one.schedule is not None else None
            info = one.info
            found.append(
                {
                    "schedule": one.id,
                    "paused": bool(state and state.paused),
                    "next": [at.isoformat() for at in (info.next_action_times if info else [])],
                    "last": [
                        getattr(result.action, "workflow_id", "")
                        for result in (info.recent_actions if info else [])
                    ],
                }
            )
        return found

    async def change_schedule(self, schedule_id: str, what: str, reason: str = "") -> str:
        """Pause, resume or remove a schedule. Raises MissionError if there is none."""
        handle = self._client.get_schedule_handle(schedule_id)
        try:
            if what == "pause":
                await handle.pause(note=reason or "a person asked for it")
            elif what == "resume":
                await handle.unpause(note=reason or "a person asked for it")
            else:
                await handle.delete()
        except RPCError as failure:
            if not is_unknown(failure):
                raise MissionError(f"the schedule {schedule_id}: {failure.message}") from None
            names = Names(one["schedule"] for one in await self.schedules())
            message = f"there is no schedule {schedule_id}"
            raise MissionError(f"{message}. {names.hint(schedule_id, 'There are')}") from None
        return f"{what}: {schedule_id}"

    async def listed(self, *, limit: int = 50, query: str = "") -> list[Listed]:
        """Return the newest missions; ``query`` is one of Temporal's visibility, to narrow it.

        Raises:
            MissionError: the query is none.

        """
        whole = "WorkflowType = 'Mission' AND ExecutionStatus != 'ContinuedAsNew'"
        whole += f" AND ({query})" if query else ""
        found = []
        try:
            async for one in self._client.list_workflows(whole, limit=limit):
                attributes = one.typed_search_attributes
                status = attributes.get(STATUS) or ""
                if one.close_time is not None and status in GOING_ON:
                    status = one.status.name if one.status is not None else status
                found.append(
                    Listed(
                        one.id,
                        attributes.get(NAME) or "",
                        status or "SUBMITTED",
                        (await one.memo()).get(BEGAN) or one.start_time.timestamp(),
                        one.close_time.timestamp() if one.close_time is not None else 0.0,
                        tuple(attributes.get(ROBOTS) or ()),
                    )
                )
        except RPCError as failure:
            raise MissionError(f"the missions cannot be listed: {failure.message}") from None
        return found

    async def show(self, mission: str) -> Shown:
        """Return a mission with the last heartbeats of its robots.

        Raises:
            MissionError: there is none, or no worker of missions runs that could tell.

        """
        handle = self._handle(mission)
        try:
            state = await handle.query(
                MissionWorkflow.describe, rpc_timeout=timedelta(seconds=ANSWER)
            )
            found = await handle.describe()
        except (RPCError, WorkflowQueryFailedError) as failure:
            raise await self._no(mission, failure) from None
        live: dict[str, Heartbeat] = {}
        by_execution = {one.execution_id: one.key for one in state.tasks}
        for pending in found.raw_description.pending_activities:
            if not pending.HasField("heartbeat_details"):
                continue
            (beat,) = await self._client.data_converter.decode(
                pending.heartbeat_details.payloads, [Heartbeat]
            )
            if pending.state == PendingActivityState.PENDING_ACTIVITY_STATE_STARTED:
                live[by_execution.get(beat.execution_id, beat.execution_id)] = beat
        return Shown(state, live)

    async def follow(self, mission: str) -> AsyncIterator[Shown]:
        """Yield the state of a mission until it has ended; waits while no worker answers.

        Raises:
            MissionError: there is none.

        """
        logged = ""
        while True:
            try:
                shown = await self.show(mission)
            except NotAnsweringError as failure:
                if str(failure) != logged:
                    logged = str(failure)
                    log.warning("%s; waiting", logged)
                await asyncio.sleep(LOOK)
                continue
            logged = ""
            yield shown
            if shown.state.ended:
                return
            await asyncio.sleep(LOOK)

    async def result(self, mission: str) -> MissionState:
        """Wait for the end of a mission and return how it ended; Temporal may be away meanwhile.

        Raises:
            MissionError: there is none, or it was terminated in Temporal.

        """
        while True:
            try:
                return await self._ended(mission)
            except NotAnsweringError as failure:
                log.warning("%s; waiting", failure)
                await asyncio.sleep(AGAIN)

    async def _ended(self, mission: str) -> MissionState:
        try:
            return await self._handle(mission).result()
        except WorkflowFailureError as failure:
            cause = failure.cause
            if isinstance(cause, CancelledError) or (
                isinstance(cause, ApplicationError) and cause.type == "MissionFailed"
            ):
                return (await self.show(mission)).state
            raise MissionError(f"{mission}: {cause or failure}") from None
        except RPCError as failure:
            raise await self._no(mission, failure) from None

    async def cancel(self, mission: str, reason: str = "", *, compensate: bool = False) -> str:
        """Cancel it; it ends when its robots have said that they stopped. Raises MissionError."""
        request = Cancellation(reason or "a person asked for it", compensate)
        answer = await self._update(mission, "cancel", request)
        # So that Temporal's own lists show it as cancelled; it has ended if this is refused.
        with contextlib.suppress(RPCError):
            await self._handle(mission).cancel(rpc_timeout=timedelta(seconds=ANSWER))
        return answer

    async def pause(self, mission: str, reason: str = "") -> str:
        """Begin no task any more, and pause those that run. Raises MissionError."""
        return await self._update(mission, "pause", reason)

    async def resume(self, mission: str) -> str:
        """Resume a paused mission. Raises MissionError."""
        return await self._update(mission, "resume")

    async def confirm(self, mission: str, answer: Answer) -> str:
        """Answer a task that asks. Raises MissionError if none does."""
        return await self._update(mission, "confirm", answer)

    async def send(self, mission: str, signal: Signal) -> str:
        """Give a value to a mission, or to one of its tasks. Raises MissionError."""
        return await self._update(mission, "send", signal)

    async def move(self, mission: str, request: Move) -> str:
        """Take a task from a lost robot, as a person confirms. Raises MissionError."""
        return await self._update(mission, "move", request)

    async def shared(self, name: str) -> SharedState:
        """Return who holds a shared thing, and who waits. Raises MissionError if it is idle."""
        try:
            return await self._client.get_workflow_handle_for(
                SharedThing.run, shared_id(name)
            ).query(SharedThing.describe)
        except RPCError as failure:
            raise await self._not_wanted(name, failure) from None

    async def free(self, name: str, reason: str = "") -> str:
        """Release a shared thing, because a person says that it is free. Raises MissionError.

        A thing whose holder has not ended stays with its holder.
        """
        handle = self._client.get_workflow_handle(shared_id(name))
        try:
            answer: str = await handle.execute_update(
                SharedThing.free,
                reason or "a person said so",
                rpc_timeout=timedelta(seconds=ANSWER),
            )
        except WorkflowUpdateFailedError as failure:
            cause = failure.cause
            raise MissionError(
                str(cause) if isinstance(cause, ApplicationError) else _NOT_SAID.format(name)
            ) from None
        except RPCError as failure:
            raise await self._not_wanted(name, failure) from None
        except WorkflowUpdateRPCTimeoutOrCancelledError:
            raise MissionError(_NOT_SAID.format(name)) from None
        return answer

    async def _not_wanted(self, name: str, failure: RPCError) -> MissionError:
        if not is_unknown(failure):
            return MissionError(f"{name}: {failure.message}")
        things = self._client.list_workflows("WorkflowType = 'Shared'", limit=NEAR)
        names = Names([one.id.removeprefix(shared_id("")) async for one in things])
        return MissionError(f"nobody has wanted {name}. {names.hint(name, 'Wanted are')}")

    def _handle(self, mission: str) -> WorkflowHandle[MissionWorkflow, MissionState]:
        return self._client.get_workflow_handle_for(MissionWorkflow.run, mission)

    async def _update(self, mission: str, what: str, *arguments: Any) -> str:
        try:
            answer: str = await self._handle(mission).execute_update(
                what,
                args=arguments,
                result_type=str,
                rpc_timeout=timedelta(seconds=ANSWER),
            )
        except WorkflowUpdateFailedError as failure:
            raise MissionError(str(failure.cause)) from None
        except (RPCError, WorkflowUpdateRPCTimeoutOrCancelledError) as failure:
            raise await self._no(mission, failure) from None
        return answer

    def _order(self, mission: Mission, inputs: Mapping[str, Any], zone: str) -> MissionOrder:
        deadline = 0.0
        if mission.deadline is not None:
            place = zone_of(mission.time_zone or zone)
            deadline = read_moment(mission.deadline, place, time.time())
        return MissionOrder(
            mission.model_dump(by_alias=True, exclude_defaults=True, mode="json"),
            dict(inputs),
            deadline,
            getpass.getuser(),
            self._most_events,
        )

    async def _no(self, mission: str, failure: Exception) -> MissionError:
        status = failure.status if isinstance(failure, RPCError) else None
        if isinstance(failure, RPCError) and is_unknown(failure):
            return MissionError(await self._unknown(mission))
        if status in (
            RPCStatusCode.DEADLINE_EXCEEDED,
            RPCStatusCode.CANCELLED,
            RPCStatusCode.UNAVAILABLE,
            RPCStatusCode.RESOURCE_EXHAUSTED,
            RPCStatusCode.ABORTED,
            RPCStatusCode.FAILED_PRECONDITION,  # its last step took too long and is done again
            RPCStatusCode.NOT_FOUND,  # of the namespace, of a server that has just started
        ) or isinstance(failure, WorkflowUpdateRPCTimeoutOrCancelledError):
            return NotAnsweringError(
                f"{mission} does not answer: Temporal is away, or no agent runs that works on "
                "missions; start one with fleet_agent.launch.py"
            )
        return MissionError(f"{mission}: {failure}")

    async def _unknown(self, mission: str) -> str:
        """Say that a mission has ended, or that there was none of this id, and what is near it."""
        try:
            await self._handle(mission).describe(rpc_timeout=timedelta(seconds=ANSWER))
        except RPCError as failure:
            message = f"there is no mission {mission}"
            if not is_unknown(failure):
                return message
        else:
            return f"{mission} has ended"
        with contextlib.suppress(MissionError):
            names = [one.mission for one in await self.listed(limit=NEAR)]
            return f"{message}. {Names(names).hint(mission, 'There are')}"
        return message


async def _of_namespace(ask: Callable[[], Awaitable[object]]) -> None:
    """Ask until a server that has just started finds its namespace."""
    deadline = time.monotonic() + ANSWER
    while True:
        try:
            await ask()
        except RPCError as failure:
            if not lacks_namespace(failure) or time.monotonic() > deadline:
                raise
            await asyncio.sleep(LOOK)
        else:
            return


def _shown_in_temporal(mission: Mission) -> dict[str, Any]:
    """Return what Temporal's UI shows of a mission from its beginning."""
    tasks = [
        f"- **{task.id}** {task.description or task.command or task.file or ''}"
        + (f" (after {', '.join(task.depends_on)})" if task.depends_on else "")
        for task in mission.tasks[:MOST_LINES]
    ]
    more = len(mission.tasks) - len(tasks)
    return {
        "static_summary": mission.description[:200] or mission.name,
        "static_details": "\n".join([*tasks, *([f"- and {more} more"] if more else [])]),
        "memo": {"submitted_by": getpass.getuser()},
    }


def _cron_lines(text: str) -> list[str]:
    """Return the lines that mean to Temporal what one means to cron.

    Where days of the month and of the week are given, cron takes those that fit one of both, and
    Temporal those that fit both.
    """
    if not text:
        return []
    minute, hour, day, month, weekday = text.split()
    if day.startswith("*") or weekday.startswith("*"):
        return [text]
    return [f"{minute} {hour} {day} {month} *", f"{minute} {hour} * {month} {weekday}"]


def _missed_for(rule: Repetition, zone: str) -> float:
    """Return the age in seconds up to which a missed firing is made up for.

    For ``last`` it is the longest distance between two firings, so that the newest always counts,
    and no other one of those that come evenly.
    """
    if rule.catch_up != "last":
        return NO_CATCH_UP if rule.catch_up == "none" else CATCH_UP
    if rule.every:
        return max(NO_CATCH_UP, rule.every)
    moments = islice(Timetable(time_zone=zone, cron=rule.cron).moments(time.time()), LOOKED_AT)
    return max((after - before for before, after in pairwise(moments)), default=CATCH_UP)
