"""Goals of the action to executions of the runtime, and executions to results."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from typing import Any
from uuid import uuid4

from execution_orchestrator.action import ExecuteCommand
from execution_orchestrator.engine.inputs import Cancel, RawGoal, Request, SubmitOptions
from execution_orchestrator.engine.status import ACTIVE_ACTION, EXECUTION_NUMBERS, NOT_DONE
from execution_orchestrator.monitoring.metrics.figures import compute_figures
from execution_orchestrator.msg import ExecutionStatus
from execution_orchestrator.observation import ExecutionRecord, Observation
from execution_orchestrator.plan.analysis import Analysis
from execution_orchestrator.plan.counted import counted
from execution_orchestrator.plan.drawing.boxes import Units
from execution_orchestrator.plan.drawing.outline import Usual, outline_of
from execution_orchestrator.plan.issues import Issue
from execution_orchestrator.plan.timing import GoalTimes
from execution_orchestrator.planning.stopping import may_stop
from execution_orchestrator.ros.interface.execute_command import Begun
from execution_orchestrator.ros.interface.goal_numbers import wrong_number
from execution_orchestrator.ros.interface.recalling import Past
from execution_orchestrator.ros.interface.state_messages import (
    action_message,
    analysis_message,
    error_message,
    event_messages,
    issue_message,
    json_text,
    metrics_message,
    progress_message,
    rollback_message,
    shown_actions,
    usage_messages,
)
from execution_orchestrator.runtime.intake import Prepared, too_large
from execution_orchestrator.runtime.orchestrator import Orchestrator
from execution_orchestrator.runtime.planning import Planning
from execution_orchestrator.runtime.rehearsing import (
    UNDECIDED,
    RehearsalError,
    Rehearser,
    verdict,
)
from execution_orchestrator.runtime.trace_context import trace_id_in
from execution_orchestrator.storage.journal import JournalEntry

ANALYSES_KEPT = 200
MAX_ID = 128
SAME_ID = ("attach", "refuse", "allow_if_failed")


class Backend:
    """Implements ExecutionBackend on the runtime."""

    def __init__(
        self,
        orchestrator: Orchestrator,
        observation: Observation,
        *,
        queue_capacity: int,
        max_text: int,
        checkpoint_every: int,
        same_id: str,
        planning: Planning,
        rehearser: Rehearser,
        prestage: Callable[[list[str]], None],
        past: Past,
        units: Units,
        attempts: Usual,
    ) -> None:
        self._orchestrator = orchestrator
        self._observation = observation
        self._capacity = queue_capacity
        self._max_text = max_text
        self._checkpoint_every = checkpoint_every
        self._same_id = same_id
        self._planning = planning
        self._rehearser = rehearser
        self._prestage = prestage
        self._past = past
        self._units = units
        self._attempts = attempts
        self._analyses: OrderedDict[str, Analysis] = OrderedDict()

    async def begin(self, request: Any) -> Begun:
        """Take a goal in, attach it to an execution of its id, or say at once what is wrong.

        When it returns an execution that is not over, the goal is in the journal.

        Raises:
            StorageError: the journal cannot be read or written; nothing was taken in.

        """
        execution_id = request.execution_id or uuid4().hex[:12]
        issue = (
            self._wrong_id(execution_id)
            or _wrong_policy(request)
            or wrong_number(request.timeout, request.priority)
            or _wrong_conversation(request.conversation_id)
            or too_large(request.command, request.plan, request.context, self._max_text)
        )
        if issue is not None:
            return self._refused(execution_id, Prepared((issue,)))
        if request.execution_id:
            await self._past.recall(execution_id)
        same_id = request.same_id or self._same_id
        if same_id == "allow_if_failed" and self._not_done(execution_id):
            # What its goals were called is known to the engine alone.
            await self._past.recall(execution_id, to_go_on=True)
        known = self._observation.executions.get(execution_id)
        # Another client may have begun it again while the journal was read.
        anew = same_id == "allow_if_failed" and self._not_done(execution_id)
        if known is not None and not anew:
            taken = _why_not_attached(known, request, same_id)
            if taken is not None:
                return self._refused(execution_id, Prepared((taken,)))
            return Begun(execution_id, self.result(execution_id))
        refusal = self._refusal(request.command)
        if refusal is not None:
            return self._refused(execution_id, Prepared((refusal,)))
        asked = _request_of(execution_id, request, self._checkpoint_every, anew=anew)
        decision = self._orchestrator.handle(asked)
        if decision.refusal:
            issue = Issue("EXECUTION_REFUSED", decision.refusal)
            return self._refused(execution_id, Prepared((issue,)))
        return Begun(execution_id)

    async def try_out(self, request: Any) -> Any:
        """Validate and analyse a goal without running it, rehearse it if wanted; nothing moves."""
        execution_id = request.execution_id or uuid4().hex[:12]
        prepared = await self._planning.prepare(
            request.command,
            request.plan,
            request.context,
            request.planner,
            optimise=request.optimise,
            breakpoints=list(request.breakpoints),
            strict=request.strict,
            times=GoalTimes(
                request.start_at, request.not_before, request.deadline, request.schedule
            ),
            conversation_id=request.conversation_id,
        )
        if prepared.plan is None:
            return self._refused(execution_id, prepared).result
        result = self._dry(execution_id, prepared)
        # To read a large plan again takes long, and an emergency stop has to be heard meanwhile.
        lines = await asyncio.to_thread(outline_of, prepared.plan, self._units, self._attempts)
        result.output = json_text({"outline": lines})
        if request.rehearse:
            await self._rehearse(result, prepared)
        return result

    def prepared(self, execution_id: str, prepared: Prepared) -> None:
        """Take note of what was found out about the plan of an execution."""
        if prepared.analysis is None:
            return
        self._analyses[execution_id] = prepared.analysis
        while len(self._analyses) > ANALYSES_KEPT:
            self._analyses.popitem(last=False)
        self._prestage(list(prepared.analysis.capabilities))

    def cancel(self, execution_id: str, reason: str) -> None:
        """Cancel an execution that has not ended."""
        self._orchestrator.post(Cancel(execution_id=execution_id, reason=reason))

    def feedback(self, execution_id: str, entries: list[JournalEntry]) -> Any:
        """Return the feedback message of this moment."""
        view = self._observation.executions.get(execution_id)
        if view is None:
            return None
        now = self._orchestrator.now()
        message = ExecuteCommand.Feedback(
            execution_id=execution_id,
            reason=view.reason,
            progress=progress_message(view, now),
            running=[
                action_message(view, one, self._observation.servers, now)
                for one in view.actions.values()
                if one.status in ACTIVE_ACTION
            ],
            events=event_messages(entries, lambda _: view.correlation_id),
        )
        message.status.value = EXECUTION_NUMBERS[view.status]
        return message

    def result(self, execution_id: str) -> Any:
        """Return the result message of an execution, None before its end."""
        view = self._observation.executions.get(execution_id)
        if view is None or not view.is_final:
            return None
        now = self._orchestrator.now()
        figures = compute_figures(view)
        message = ExecuteCommand.Result(
            execution_id=execution_id,
            message=view.reason,
            output=json_text(outputs_of(view)),
            deviations=list(view.deviations),
            error=error_message(view.error),
            rollback=rollback_message(view.rollback),
            issues=[issue_message(issue) for issue in view.issues],
            actions=[
                action_message(view, action, self._observation.servers, now)
                for action in shown_actions(view)
            ],
            metrics=metrics_message(figures),
            resource_usage=usage_messages(view, figures),
            analysis=analysis_message(self._analyses.get(execution_id)),
        )
        message.status.value = EXECUTION_NUMBERS[view.status]
        return message

    def _not_done(self, execution_id: str) -> bool:
        known = self._observation.executions.get(execution_id)
        return known is not None and known.status in NOT_DONE

    def _wrong_id(self, execution_id: str) -> Issue | None:
        if len(execution_id) <= MAX_ID and execution_id.isprintable() and execution_id.strip():
            return None
        return Issue(
            "EXECUTION_ID_INVALID",
            f"an execution id has at most {MAX_ID} printable characters, and not only blanks",
            hint="Leave it empty to have one chosen.",
        )

    def _refusal(self, command: str) -> Issue | None:
        state = self._orchestrator.state
        if state.emergency:
            return Issue(
                "EMERGENCY_STOPPED",
                f"the emergency stop is in force: {state.emergency_reason}",
                hint="Call ~/reset_emergency_stop when it is safe.",
            )
        waiting = self._orchestrator.queued
        if waiting >= self._capacity and not may_stop(command):
            return Issue(
                "QUEUE_FULL",
                f"{counted(waiting, 'execution')} waiting already, which is the limit",
                hint="Try again later, or raise queue_capacity.",
            )
        return None

    def _refused(self, execution_id: str, prepared: Prepared) -> Begun:
        errors = [issue for issue in prepared.issues if issue.severity == 3]
        first = errors[0].message if errors else "the plan cannot run"
        more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
        result = ExecuteCommand.Result(
            execution_id=execution_id,
            message=f"{first}{more}",
            issues=[issue_message(issue) for issue in prepared.issues],
            analysis=analysis_message(prepared.analysis),
        )
        result.status.value = ExecutionStatus.FAILED
        result.error.type = "VALIDATION"
        result.error.code = str(errors[0].code) if errors else "PLAN_INVALID"
        result.error.message = result.message
        return Begun(execution_id, result)

    def _dry(self, execution_id: str, prepared: Prepared) -> Any:
        analysis = prepared.analysis
        seconds = analysis.makespan if analysis else 0.0
        when = prepared.timing.described()
        result = ExecuteCommand.Result(
            execution_id=execution_id,
            message=(
                f"dry run: the plan is valid and would take about {seconds:.1f} s"
                f"{', ' if when else ''}{when}"
            ),
            issues=[issue_message(issue) for issue in prepared.issues],
            analysis=analysis_message(analysis),
        )
        result.status.value = ExecutionStatus.COMPLETED
        return result

    async def _rehearse(self, result: Any, prepared: Prepared) -> None:
        """Put into the result of a dry run what would happen."""
        try:
            report = await self._rehearser.rehearse(prepared)
        except RehearsalError as failure:
            result.status.value = ExecutionStatus.FAILED
            result.message = f"the rehearsal came to no result: {failure}"
            result.error.type, result.error.code = "EXECUTION", "REHEARSAL_FAILED"
            result.error.message = result.message
            return
        result.rehearsal = json_text(report)
        result.message = verdict(report)
        result.deviations = report["deviations"]
        ends = EXECUTION_NUMBERS | {UNDECIDED: ExecutionStatus.FAILED}
        result.status.value = ends[report["status"]]
        error = report["error"]
        if error is not None:
            result.error.type, result.error.code = error["type"], error["code"]
            result.error.message = error["message"]


def _wrong_conversation(name: str) -> Issue | None:
    if len(name) <= MAX_ID and (name.isprintable() or not name):
        return None
    return Issue(
        "CONVERSATION_ID_INVALID",
        f"a conversation id has at most {MAX_ID} printable characters",
        hint="Leave it empty for the conversation that all goals without one have together.",
    )


def _raw(request: Any) -> RawGoal:
    return RawGoal(
        command=request.command,
        plan=request.plan,
        context=request.context,
        strict=request.strict,
        start_at=request.start_at,
        not_before=request.not_before,
        deadline=request.deadline,
        schedule=request.schedule,
        conversation_id=request.conversation_id,
    )


def _wrong_policy(request: Any) -> Issue | None:
    if request.same_id in ("", *SAME_ID):
        return None
    hint = "Use attach, refuse or allow_if_failed, or leave it empty for the node's own."
    return Issue("SAME_ID_UNKNOWN", f"same_id is {request.same_id!r}", hint=hint)


def _why_not_attached(known: ExecutionRecord, request: Any, same_id: str) -> Issue | None:
    """Return why a goal with the id of an execution does not get that execution's result."""
    name = known.execution_id
    if same_id == "refuse":
        return Issue(
            "EXECUTION_ID_TAKEN",
            f"there is an execution {name!r} already: {known.status.value.lower()}",
            hint="Choose another id, or set same_id to attach or allow_if_failed.",
        )
    others = known.goal.differences(_raw(request)) if known.goal is not None else []
    if not others:
        return None
    return Issue(
        "EXECUTION_ID_TAKEN",
        f"the execution {name!r} is for another goal: its {' and '.join(others)} "
        f"{'is' if len(others) == 1 else 'are'} not the same",
        hint="Choose another id for another goal; the same id is for the same goal.",
    )


def _request_of(execution_id: str, request: Any, checkpoint_every: int, *, anew: bool) -> Request:
    return Request(
        execution_id=execution_id,
        anew=anew,
        goal=_raw(request),
        priority=request.priority,
        timeout=request.timeout if request.timeout > 0.0 else None,
        options=SubmitOptions(
            start_paused=request.start_paused,
            compensate_on_cancel=request.compensate_on_cancel,
            breakpoints=tuple(request.breakpoints),
            checkpoint_every=checkpoint_every,
            correlation_id=trace_id_in(request.context) or uuid4().hex,
            planner=request.planner,
            optimise=request.optimise,
            plan_again=not request.fail_if_interrupted,
            requester=request.requester,
            confirm_plan=request.confirm_plan,
        ),
    )


def outputs_of(view: ExecutionRecord) -> Any:
    """Value of ``return``, or the outputs of the actions by id."""
    if view.output is not None:
        return view.output
    return {key: action.output for key, action in view.actions.items() if action.output is not None}
