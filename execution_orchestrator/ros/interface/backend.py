"""Goals of the action to executions of the runtime, and executions to results."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Any
from uuid import uuid4

from execution_orchestrator.action import ExecuteCommand
from execution_orchestrator.engine.status import ACTIVE_ACTION, EXECUTION_NUMBERS
from execution_orchestrator.engine.stimuli import Cancel, Submit, SubmitOptions
from execution_orchestrator.monitoring.metrics.figures import compute_figures
from execution_orchestrator.msg import ExecutionStatus
from execution_orchestrator.observation import ExecutionRecord, Observation
from execution_orchestrator.plan.counted import counted
from execution_orchestrator.plan.issues import Issue
from execution_orchestrator.planning.selection import CHOICES
from execution_orchestrator.ros.interface.execute_command import Begun
from execution_orchestrator.ros.interface.past import Past
from execution_orchestrator.ros.interface.state_messages import (
    action_message,
    analysis_message,
    error_message,
    event_message,
    issue_message,
    json_text,
    metrics_message,
    progress_message,
    shown_actions,
    usage_messages,
)
from execution_orchestrator.runtime.intake import Intake, Prepared
from execution_orchestrator.runtime.orchestrator import Orchestrator
from execution_orchestrator.runtime.planning import Planning, report_of
from execution_orchestrator.storage.database import StorageError
from execution_orchestrator.storage.journal import JournalEntry

PREPARED_KEPT = 200
VALIDATION_TIMEOUT = 30.0  # seconds
MAX_ID = 128


class Backend:
    """Implements ExecutionBackend on the runtime."""

    def __init__(
        self,
        orchestrator: Orchestrator,
        intake: Intake,
        observation: Observation,
        *,
        queue_capacity: int,
        checkpoint_every: int,
        planning: Planning,
        prestage: Callable[[list[str]], None],
        past: Past,
    ) -> None:
        self._orchestrator = orchestrator
        self._intake = intake
        self._observation = observation
        self._capacity = queue_capacity
        self._checkpoint_every = checkpoint_every
        self._planning = planning
        self._prestage = prestage
        self._past = past
        self._prepared: OrderedDict[str, Prepared] = OrderedDict()
        self._validating = asyncio.Semaphore(2)

    async def prepare(
        self,
        command: str,
        plan: str,
        context: str,
        planner: str = "",
        *,
        optimise: str = "",
        breakpoints: Sequence[str] = (),
    ) -> Prepared:
        """Validate in a worker thread, so that a large document holds up nothing that runs."""
        if command.strip() and not plan.strip():
            return await self._planning.prepare(
                command, context, planner, optimise=optimise, breakpoints=breakpoints
            )
        async with self._validating:
            work = asyncio.to_thread(
                self._intake.prepare,
                command,
                plan,
                context,
                optimise=optimise,
                breakpoints=breakpoints,
            )
            try:
                return await asyncio.wait_for(work, VALIDATION_TIMEOUT)
            except TimeoutError:
                issue = Issue("PLAN_TOO_COMPLEX", f"validation took over {VALIDATION_TIMEOUT} s")
                return Prepared((issue,))

    async def begin(self, request: Any) -> Begun:
        """Start an execution, attach to one, or say at once what is wrong."""
        execution_id = request.execution_id or uuid4().hex[:12]
        if request.execution_id:
            try:
                await self._past.recall(execution_id)
            except StorageError as failure:
                issue = Issue("STORAGE_FAILED", str(failure))
                return self._refused(execution_id, Prepared((issue,)))
        attached = self._attached(execution_id)
        if attached is not None:
            return attached
        refusal = self._refusal(execution_id)
        if refusal:
            return self._refused(execution_id, Prepared((refusal,)))
        prepared = await self.prepare(
            request.command,
            request.plan,
            request.context,
            request.planner,
            optimise=request.optimise,
            breakpoints=list(request.breakpoints),
        )
        if prepared.plan is None:
            return self._refused(execution_id, prepared)
        if request.dry_run:
            return Begun(execution_id, self._dry(execution_id, prepared))
        attached = self._attached(execution_id)
        refusal = self._refusal(execution_id)
        if attached is not None:
            return attached
        if refusal:
            return self._refused(execution_id, Prepared((refusal,)))
        self._keep(execution_id, prepared)
        self._prestage(list(prepared.analysis.capabilities) if prepared.analysis else [])
        try:
            self._orchestrator.handle(self._submission(execution_id, request, prepared))
        except StorageError as failure:
            return self._refused(execution_id, Prepared((Issue("STORAGE_FAILED", str(failure)),)))
        view = self._observation.executions.get(execution_id)
        if view is None:
            issue = Issue("EXECUTION_REFUSED", self._orchestrator.refusal or "it was not taken")
            return self._refused(execution_id, Prepared((issue,)))
        return Begun(execution_id, self.result(execution_id) if view.is_final else None)

    async def cancel(self, execution_id: str) -> None:
        """Cancel an execution because its client asked for it."""
        view = self._observation.executions.get(execution_id)
        if view is not None and not view.is_final:
            self._orchestrator.post(
                Cancel(execution_id=execution_id, reason="its client cancelled the goal")
            )

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
            events=[
                event_message(entry.sequence, entry.event, view.correlation_id) for entry in entries
            ],
        )
        message.status.value = EXECUTION_NUMBERS[view.status]
        return message

    def result(self, execution_id: str) -> Any:
        """Return the result message of an execution that has ended."""
        view = self._observation.executions[execution_id]
        prepared = self._prepared.get(execution_id, Prepared())
        now = self._orchestrator.now()
        figures = compute_figures(view)
        message = ExecuteCommand.Result(
            execution_id=execution_id,
            message=view.reason,
            output=json_text(outputs_of(view)),
            error=error_message(view.error),
            issues=[issue_message(issue) for issue in prepared.issues],
            actions=[
                action_message(view, action, self._observation.servers, now)
                for action in shown_actions(view)
            ],
            metrics=metrics_message(figures),
            resource_usage=usage_messages(figures),
            analysis=analysis_message(prepared.analysis),
        )
        message.status.value = EXECUTION_NUMBERS[view.status]
        return message

    def _attached(self, execution_id: str) -> Begun | None:
        view = self._observation.executions.get(execution_id)
        if view is None:
            return None
        return Begun(execution_id, self.result(execution_id) if view.is_final else None)

    def _refusal(self, execution_id: str) -> Issue | None:
        if len(execution_id) > MAX_ID or not execution_id.isprintable():
            return Issue(
                "EXECUTION_ID_INVALID",
                f"an execution id has at most {MAX_ID} printable characters",
                hint="Leave it empty to have one chosen.",
            )
        if self._observation.emergency:
            return Issue(
                "EMERGENCY_STOPPED",
                f"the emergency stop is in force: {self._observation.emergency_reason}",
                hint="Call ~/reset_emergency_stop when it is safe.",
            )
        if self._orchestrator.failure:
            return Issue("STORAGE_FAILED", self._orchestrator.failure)
        waiting = sum(v.status == "PENDING" for v in self._observation.executions.values())
        if waiting >= self._capacity > 0:
            return Issue(
                "QUEUE_FULL",
                f"{counted(waiting, 'execution')} waiting already, which is the limit",
                hint="Try again later, or raise queue_capacity.",
            )
        return None

    def _submission(self, execution_id: str, request: Any, prepared: Prepared) -> Submit:
        assert prepared.plan is not None
        timeout = request.timeout or prepared.plan.get("timeout") or 0.0
        return Submit(
            execution_id=execution_id,
            plan=prepared.plan,
            input=dict(prepared.input),
            command=request.command or str(prepared.plan.get("command", "")),
            priority=max(-100, min(100, request.priority)),
            deadline=self._orchestrator.now() + timeout if timeout > 0 else None,
            changes=prepared.changes,
            options=SubmitOptions(
                start_paused=request.start_paused,
                compensate_on_cancel=request.compensate_on_cancel,
                breakpoints=tuple(request.breakpoints),
                confirm_plan=prepared.confirm,
                checkpoint_every=self._checkpoint_every,
                correlation_id=uuid4().hex,
                planner=request.planner if request.planner in CHOICES else "",
                optimise=request.optimise,
            ),
            planning=report_of(prepared.planned) if prepared.planned is not None else None,
        )

    def _keep(self, execution_id: str, prepared: Prepared) -> None:
        # What a result tells of it; the plan itself may be large, and the engine has it.
        self._prepared[execution_id] = Prepared(prepared.issues, analysis=prepared.analysis)
        while len(self._prepared) > PREPARED_KEPT:
            self._prepared.popitem(last=False)

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
        result = ExecuteCommand.Result(
            execution_id=execution_id,
            message=f"dry run: the plan is valid and would take about {seconds:.1f} s",
            issues=[issue_message(issue) for issue in prepared.issues],
            analysis=analysis_message(analysis),
        )
        result.status.value = ExecutionStatus.COMPLETED
        return result


def outputs_of(view: ExecutionRecord) -> Any:
    """Value of ``return``, or the outputs of the actions by id."""
    if view.output is not None:
        return view.output
    return {key: action.output for key, action in view.actions.items() if action.output is not None}
