"""The node's services that steer executions."""

from __future__ import annotations

import asyncio
import json
import math
from collections import Counter
from collections.abc import Callable
from typing import Any
from uuid import uuid4

from execution_orchestrator.engine import inputs as st
from execution_orchestrator.engine.status import EXECUTION_NAMES, FINAL_EXECUTION
from execution_orchestrator.monitoring.metrics.figures import compute_figures
from execution_orchestrator.monitoring.past_runs import record_of_entry
from execution_orchestrator.msg import Checkpoint, DeadLetter
from execution_orchestrator.observation import ExecutionRecord, Observation
from execution_orchestrator.observation.reasons import goes_on_in_a_pause
from execution_orchestrator.plan.counted import counted
from execution_orchestrator.ros.interface.callers import caller_of, named, said
from execution_orchestrator.ros.interface.recalling import Past
from execution_orchestrator.ros.interface.serving import CommandRefusedError, ServiceHost
from execution_orchestrator.ros.interface.state_messages import (
    action_message,
    analysis_message,
    error_message,
    event_messages,
    execution_message,
    issue_message,
    json_text,
    metrics_message,
    shown_actions,
    time_message,
    usage_messages,
)
from execution_orchestrator.ros.stopping import RobotStop
from execution_orchestrator.runtime.orchestrator import Decision, Orchestrator
from execution_orchestrator.runtime.planning import Planning
from execution_orchestrator.runtime.rehearsing import LONGEST, RehearsalError, Rehearser
from execution_orchestrator.srv import (
    AllocateResources,
    Cancel,
    Confirm,
    CreateCheckpoint,
    EmergencyStop,
    GetExecution,
    ListCheckpoints,
    ListDeadLetters,
    ListExecutions,
    Pause,
    ReleaseQuarantine,
    ReleaseResources,
    ResetEmergencyStop,
    RestoreCheckpoint,
    Resume,
    RetryDeadLetter,
    SetBreakpoints,
    Step,
    ValidatePlan,
)

MAX_LISTED = 200
MAX_LEASE_WAIT = 300.0  # seconds
MAX_VALIDATION = 150.0  # seconds; a language model may be asked for the plan


class Commands:
    """Handlers, each run on the loop's thread."""

    def __init__(
        self,
        orchestrator: Orchestrator,
        observation: Observation,
        planning: Planning,
        past: Past,
        *,
        rehearser: Rehearser,
        active_goals: Callable[[], int],
        stop: RobotStop,
    ) -> None:
        self._orchestrator = orchestrator
        self._observation = observation
        self._planning = planning
        self._past = past
        self._rehearser = rehearser
        self._active_goals = active_goals
        self._stop = stop

    def serve(self, host: ServiceHost, waiting_group: Any) -> None:
        """Create the services; the one that waits gets a callback group of its own."""
        host.serve("pause", Pause, self._pause)
        host.serve("resume", Resume, self._resume)
        host.serve("cancel", Cancel, self._cancel)
        host.serve("confirm", Confirm, self._confirm)
        host.serve("set_breakpoints", SetBreakpoints, self._breakpoints)
        host.serve("step", Step, self._step)
        host.serve("emergency_stop", EmergencyStop, self._emergency_stop)
        host.serve("reset_emergency_stop", ResetEmergencyStop, self._reset)
        host.serve("create_checkpoint", CreateCheckpoint, self._checkpoint)
        host.serve("restore_checkpoint", RestoreCheckpoint, self._restore)
        host.serve("list_checkpoints", ListCheckpoints, self._checkpoints)
        host.serve("list_dead_letters", ListDeadLetters, self._dead_letters)
        host.serve("retry_dead_letter", RetryDeadLetter, self._retry)
        host.serve("validate_plan", ValidatePlan, self._validate, timeout=_validation_time)
        host.serve("get_execution", GetExecution, self._get)
        host.serve("list_executions", ListExecutions, self._list)
        host.serve("release_quarantine", ReleaseQuarantine, self._release_quarantine)
        host.serve("release_resources", ReleaseResources, self._release)
        host.serve(
            "allocate_resources",
            AllocateResources,
            self._allocate,
            timeout=lambda request: min(MAX_LEASE_WAIT, max(0.0, request.timeout)) + 5.0,
            callback_group=waiting_group,
        )

    # ------------------------------------------------------------------ steering

    def _shown(self, execution_id: str) -> ExecutionRecord:
        record = self._observation.executions.get(execution_id)
        if record is None:
            known = [one.execution_id for one in self._observation.newest()[:5]]
            raise CommandRefusedError(
                f"no execution {execution_id!r}; the newest are: {', '.join(known) or 'none'}"
            )
        return record

    async def _pause(self, request: Any, response: Any) -> None:
        decision = self._orchestrator.handle(
            st.Pause(
                execution_id=request.execution_id,
                reason=said(request.reason),
                by=caller_of(request),
            )
        )
        known = (self._observation.executions.get(name) for name in decision.ids)
        running = [words for one in known if one and (words := goes_on_in_a_pause(one))]
        _done(response, decision, "; ".join(["paused", *running]), about=True)

    async def _resume(self, request: Any, response: Any) -> None:
        decision = self._orchestrator.handle(
            st.Resume(execution_id=request.execution_id, by=caller_of(request))
        )
        _done(response, decision, "resumed", about=True)

    async def _cancel(self, request: Any, response: Any) -> None:
        decision = self._orchestrator.handle(
            st.Cancel(
                execution_id=request.execution_id,
                compensate=request.compensate,
                reason=said(request.reason),
                by=caller_of(request),
            )
        )
        _done(response, decision, "being cancelled", about=True)

    async def _confirm(self, request: Any, response: Any) -> None:
        decision = self._orchestrator.handle(
            st.Confirm(
                execution_id=request.execution_id,
                key=request.action_id,
                approve=request.approve,
                comment=said(request.comment),
                by=caller_of(request),
            )
        )
        answered = next(iter(decision.ids), "")
        _done(response, decision, f"answered {answered or 'for the plan'}")

    async def _breakpoints(self, request: Any, response: Any) -> None:
        decision = self._orchestrator.handle(
            st.SetBreakpoints(
                execution_id=request.execution_id,
                keys=tuple(request.action_ids),
                by=caller_of(request),
            )
        )
        _done(response, decision, f"{counted(len(request.action_ids), 'breakpoint')} set")

    async def _step(self, request: Any, response: Any) -> None:
        decision = self._orchestrator.handle(
            st.Step(
                execution_id=request.execution_id,
                key=request.action_id,
                run_to_next_breakpoint=request.run_to_next_breakpoint,
                by=caller_of(request),
            )
        )
        _done(response, decision, "goes on")

    async def _emergency_stop(self, request: Any, response: Any) -> None:
        own = self._active_goals()
        self._orchestrator.handle(
            st.EmergencyStop(reason=said(request.reason) or "service call", by=caller_of(request))
        )
        verdict = await self._stop.verdict()
        response.cancelled_goals = max(own, verdict.goals)
        response.success = not verdict.moves
        response.message = f"{verdict.words}; goals are refused until the reset"

    async def _reset(self, request: Any, response: Any) -> None:
        caller = named(request.operator_name)
        decision = self._orchestrator.handle(st.ResetEmergencyStop(by=caller))
        _done(response, decision, f"reset by {caller.name or 'somebody without a name'}")

    async def _release_quarantine(self, request: Any, response: Any) -> None:
        caller = named(request.operator_name)
        decision = self._orchestrator.handle(
            st.ReleaseQuarantine(
                goal_id=request.goal_id,
                resource="" if request.goal_id else request.resource,
                who=caller.name,
                by=caller,
            )
        )
        response.goal_ids = list(decision.ids)
        _done(response, decision, f"released: {', '.join(decision.ids)}")

    # ------------------------------------------------------------------ checkpoints, dead letters

    async def _checkpoint(self, request: Any, response: Any) -> None:
        decision = self._orchestrator.handle(
            st.CheckpointRequested(
                execution_id=request.execution_id,
                reason=said(request.reason) or "on demand",
                by=caller_of(request),
            )
        )
        _done(response, decision, f"saved {', '.join(decision.ids)}")
        if response.success:
            made = self._checkpoint_messages(self._shown(request.execution_id))
            response.checkpoint = next(m for m in made if m.checkpoint_id in decision.ids)

    async def _restore(self, request: Any, response: Any) -> None:
        await self._past.recall(request.execution_id, to_go_on=True)
        decision = self._orchestrator.handle(
            st.RestoreCheckpoint(
                execution_id=request.execution_id,
                checkpoint_id=request.checkpoint_id,
                by=caller_of(request),
            )
        )
        _done(response, decision, "goes back to the checkpoint")
        response.execution_id = request.execution_id

    async def _checkpoints(self, request: Any, response: Any) -> None:
        await self._past.recall(request.execution_id)
        chosen = (
            [self._shown(request.execution_id)]
            if request.execution_id
            else self._observation.newest()
        )
        response.checkpoints = [m for view in chosen for m in self._checkpoint_messages(view)][
            :MAX_LISTED
        ]
        response.success = True
        response.message = counted(len(response.checkpoints), "checkpoint")

    def _checkpoint_messages(self, record: ExecutionRecord) -> list[Any]:
        return [
            Checkpoint(
                checkpoint_id=checkpoint.checkpoint_id,
                execution_id=record.execution_id,
                stamp=time_message(record.wall.of(checkpoint.time)),
                completed_actions=checkpoint.completed,
            )
            for checkpoint in reversed(record.checkpoints)
        ]

    async def _dead_letters(self, request: Any, response: Any) -> None:
        letters = [
            letter
            for letter in self._orchestrator.state.dead_letters.values()
            if request.execution_id in ("", letter.execution_id)
            and request.action_type in ("", letter.action_type)
            and (not request.error_type or _type_of(letter) == request.error_type)
        ]
        letters.sort(key=lambda letter: letter.time, reverse=True)
        response.total = len(letters)
        response.analysis = json_text(
            {
                "by_action_type": Counter(letter.action_type for letter in letters),
                "by_error_type": Counter(_type_of(letter) for letter in letters),
                "by_error_code": Counter(
                    letter.error.code if letter.error else "" for letter in letters
                ),
            }
        )
        shown = letters[request.offset :][: min(request.limit or MAX_LISTED, MAX_LISTED)]
        response.dead_letters = [
            DeadLetter(
                dead_letter_id=letter.dead_letter_id,
                execution_id=letter.execution_id,
                action_id=letter.key,
                action_type=letter.action_type,
                parameters=json_text(letter.parameters),
                error=error_message(letter.error, letter.key),
                attempts=letter.attempts,
                retries=letter.retries,
                stamp=time_message(self._observation.wall.of(letter.time)),
                retry_after=time_message(
                    letter.retry_after and self._observation.wall.of(letter.retry_after)
                ),
                status=letter.status,
            )
            for letter in shown
        ]
        response.success = True
        response.message = f"{len(letters)} dead letters"

    async def _retry(self, request: Any, response: Any) -> None:
        execution_id = "" if request.discard else uuid4().hex[:12]
        decision = self._orchestrator.handle(
            st.RetryDeadLetter(
                dead_letter_id=request.dead_letter_id,
                execution_id=execution_id,
                discard=request.discard,
                by=caller_of(request),
            )
        )
        done = "discarded" if request.discard else f"runs again as {execution_id}"
        _done(response, decision, done)
        response.execution_id = execution_id if response.success else ""

    # ------------------------------------------------------------------ looking

    async def _validate(self, request: Any, response: Any) -> None:
        prepared = await self._planning.prepare(
            request.command,
            request.plan,
            request.context,
            request.planner,
            optimise=request.optimise,
            strict=request.strict,
        )
        response.valid = prepared.plan is not None
        response.recommendation = "proceed" if response.valid else "revise"
        response.issues = [issue_message(issue) for issue in prepared.issues]
        response.analysis = analysis_message(prepared.analysis)
        response.plan = json_text(prepared.plan)
        response.document = json_text(prepared.planned.plan) if prepared.planned else ""
        timetable = prepared.timing.timetable
        response.schedule = timetable.described() if timetable is not None else ""
        response.message = f"{'valid' if response.valid else 'not valid'}, " + (
            counted(len(prepared.issues), "issue") if prepared.issues else "no issues"
        )
        if request.rehearse and response.valid:
            try:
                response.rehearsal = json_text(await self._rehearser.rehearse(prepared))
            except RehearsalError as failure:
                response.rehearsal_failure = str(failure)

    async def _get(self, request: Any, response: Any) -> None:
        await self._past.recall(request.execution_id)
        view = self._shown(request.execution_id)
        now = self._orchestrator.now()
        response.state = execution_message(view, now)
        response.state.reason = self._observation.reason_now(view)
        response.state.actions = [
            action_message(view, action, self._observation.servers, now)
            for action in shown_actions(view)
        ]
        response.plan = json_text(view.plan)
        response.context = json_text(view.input)
        figures = compute_figures(view, now=now)
        response.metrics = metrics_message(figures)
        response.resource_usage = usage_messages(view, figures)
        if request.include_events:
            limit = min(request.max_events or 1000, 10_000)
            entries = await asyncio.to_thread(
                lambda: list(self._orchestrator.journal.read(execution_id=view.execution_id))
            )
            response.events = event_messages(entries[-limit:], lambda _: view.correlation_id)
        response.success = True
        response.message = view.reason or view.status.lower()

    async def _list(self, request: Any, response: Any) -> None:
        since = request.since.sec + request.since.nanosec / 1e9
        wanted = {EXECUTION_NAMES.get(int(number)) for number in request.statuses}
        known = self._observation.executions
        going_on = [record for record in known.values() if not record.is_final]
        page = await asyncio.to_thread(
            self._orchestrator.journal.page,
            since=since,
            ended=[status.value for status in wanted if status in FINAL_EXECUTION],
            others=[one.execution_id for one in going_on if not wanted or one.status in wanted],
            everything=not wanted,
            offset=request.offset,
            limit=min(request.limit or MAX_LISTED, MAX_LISTED),
        )
        now = self._orchestrator.now()
        response.total = page.total
        response.executions = [
            execution_message(known.get(entry.execution_id) or record_of_entry(entry), now)
            for entry in page.entries
        ]
        response.success = True
        response.message = (
            f"{counted(page.total, 'execution')}, {len(going_on)} in all have not ended"
        )

    # ------------------------------------------------------------------ resources

    async def _allocate(self, request: Any, response: Any) -> None:
        if not request.requirements:
            raise CommandRefusedError("no requirements are given")
        if not all(math.isfinite(n) and n >= 0 for n in (request.timeout, request.duration)):
            raise CommandRefusedError("timeout and duration are seconds, 0.0 or more")
        demands = tuple(_demand(requirement) for requirement in request.requirements)
        request_id = uuid4().hex
        answer = asyncio.ensure_future(self._orchestrator.lease_answer(request_id))
        await asyncio.sleep(0)
        self._orchestrator.post(
            st.AllocateLease(
                request_id=request_id,
                demands=demands,
                holder=request.holder or "somebody without a name",
                priority=max(-100, min(100, request.priority)),
                timeout=min(MAX_LEASE_WAIT, request.timeout),
                duration=request.duration,
                by=named(request.holder),
            )
        )
        given = await answer
        response.success = bool(given.lease_ids)
        response.lease_ids = list(given.lease_ids)
        response.message = given.reason or counted(len(given.lease_ids), "lease")

    async def _release(self, request: Any, response: Any) -> None:
        decision = self._orchestrator.handle(
            st.ReleaseLease(lease_ids=tuple(request.lease_ids), by=caller_of(request))
        )
        _done(response, decision, "given back")


def _demand(requirement: Any) -> st.LeaseDemand:
    try:
        constraints = json.loads(requirement.constraints) if requirement.constraints else {}
    except ValueError as failure:
        raise CommandRefusedError(f"constraints are no JSON: {failure}") from None
    if not isinstance(constraints, dict):
        raise CommandRefusedError("constraints are a JSON object")
    if not math.isfinite(requirement.amount) or requirement.amount <= 0:
        raise CommandRefusedError(f"the amount of {requirement.resource} has to be positive")
    return st.LeaseDemand(
        resource=requirement.resource,
        amount=requirement.amount,
        shared=requirement.shared,
        constraints=constraints,
    )


def _type_of(letter: Any) -> str:
    return str(letter.error.type.value) if letter.error else ""


def _validation_time(request: Any) -> float:
    return MAX_VALIDATION + (LONGEST if request.rehearse else 0.0)


def _done(response: Any, decision: Decision, done: str, *, about: bool = False) -> None:
    """Answer with what was decided; ``about``: name the executions it is about."""
    response.success = not decision.refusal
    response.message = decision.refusal or done
    if about:
        response.execution_ids = list(decision.ids)
        if response.success:
            response.message = f"{', '.join(decision.ids)}: {done}"
