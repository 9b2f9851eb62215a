"""The node's services to talk with an execution: send it a value, read one, amend its plan."""

from __future__ import annotations

import json
from typing import Any

from execution_orchestrator.engine import inputs as st
from execution_orchestrator.engine.amending import amendment
from execution_orchestrator.engine.state import ExecutionState
from execution_orchestrator.engine.status import WaitingKind
from execution_orchestrator.plan.expressions import (
    Expression,
    ExpressionError,
    compile_expression,
)
from execution_orchestrator.plan.issues import Severity
from execution_orchestrator.plan.nearest import Names
from execution_orchestrator.plan.tree import ids_of
from execution_orchestrator.ros.interface.callers import caller_of, said
from execution_orchestrator.ros.interface.recalling import Past
from execution_orchestrator.ros.interface.serving import CommandRefusedError, ServiceHost
from execution_orchestrator.ros.interface.state_messages import issue_message
from execution_orchestrator.runtime.intake import Prepared, too_large
from execution_orchestrator.runtime.orchestrator import Orchestrator
from execution_orchestrator.runtime.planning import Planning
from execution_orchestrator.srv import AmendPlan, Query, Signal

VALIDATION_TIMEOUT = 60.0  # seconds
MAX_EXPRESSION = 10_000  # characters
MAX_RESULT = 4 * 1024 * 1024  # characters of JSON


class Talking:
    """Handlers, each run on the loop's thread."""

    def __init__(
        self, orchestrator: Orchestrator, planning: Planning, past: Past, *, max_text: int
    ) -> None:
        self._orchestrator = orchestrator
        self._planning = planning
        self._past = past
        self._max_text = max_text

    def serve(self, host: ServiceHost) -> None:
        """Create the services."""
        host.serve("signal", Signal, self._signal)
        host.serve("query", Query, self._query)
        host.serve("amend_plan", AmendPlan, self._amend, timeout=lambda _: VALIDATION_TIMEOUT)

    async def _signal(self, request: Any, response: Any) -> None:
        execution = self._orchestrator.state.executions.get(request.execution_id)
        waits = _waiting(execution, request.name) if execution is not None else []
        decision = self._orchestrator.handle(
            st.SignalSent(
                execution_id=request.execution_id,
                name=request.name,
                value=_value(request.value, request.name, execution),
                by=caller_of(request),
            )
        )
        if decision.refusal:
            raise CommandRefusedError(decision.refusal)
        response.success = True
        taken = f"taken by {waits[0]}" if waits else "kept until an action waits for it"
        response.message = f"{request.name}: {taken}"

    async def _query(self, request: Any, response: Any) -> None:
        if len(request.expression) > MAX_EXPRESSION:
            raise CommandRefusedError(f"an expression has at most {MAX_EXPRESSION} characters")
        if not request.expression.strip():
            raise CommandRefusedError("the expression is empty")
        if not await self._past.recall(request.execution_id, to_go_on=True):
            known = Names(self._orchestrator.state.executions)
            hint = known.hint(request.execution_id, "There are")
            raise CommandRefusedError(f"no execution {request.execution_id!r}. {hint}")
        execution = self._orchestrator.state.executions[request.execution_id]
        if request.action_id not in execution.actions:
            hint = Names(execution.actions).hint(request.action_id, "There are")
            raise CommandRefusedError(f"no action {request.action_id!r} has begun there. {hint}")
        try:
            _refuse_unknown_actions(compile_expression(request.expression), execution)
            value = self._orchestrator.evaluate(
                request.execution_id, request.action_id, request.expression
            )
        except ExpressionError as failure:
            raise CommandRefusedError(str(failure)) from None
        result = json.dumps(value, default=str)
        if len(result) > MAX_RESULT:
            raise CommandRefusedError(
                f"the value has {len(result)} characters as JSON, at most {MAX_RESULT} are told; "
                "ask for a part of it"
            )
        response.result = result
        response.success = True

    async def _amend(self, request: Any, response: Any) -> None:
        execution = self._orchestrator.state.executions.get(request.execution_id)
        if execution is None or execution.is_final:
            # The engine says what there is instead.
            decision = self._orchestrator.handle(
                st.AmendPlan(execution_id=request.execution_id, plan={}, by=caller_of(request))
            )
            raise CommandRefusedError(decision.refusal)
        issue = too_large("", request.plan, "", self._max_text)
        # What was optimised when it was taken in would be no longer what has begun.
        prepared = (
            await self._planning.prepare("", request.plan, "", optimise="none")
            if issue is None
            else Prepared((issue,))
        )
        response.issues = [issue_message(one) for one in prepared.issues]
        if prepared.plan is None:
            errors = [one for one in prepared.issues if one.severity is Severity.ERROR]
            more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
            raise CommandRefusedError(f"{errors[0].message}{more}")
        found = amendment(execution, prepared.plan)
        for name in ("begun", "added", "changed", "removed", "problems"):
            setattr(response, name, getattr(found, name))
        if found.problems:
            raise CommandRefusedError("; ".join(found.problems))
        if not request.dry_run:
            decision = self._orchestrator.handle(
                st.AmendPlan(
                    execution_id=request.execution_id,
                    plan=prepared.plan,
                    reason=said(request.reason),
                    by=caller_of(request),
                )
            )
            if decision.refusal:
                raise CommandRefusedError(decision.refusal)
        response.success = True
        would = "would be " if request.dry_run else ""
        response.message = (
            "; ".join(
                f"{would}{what}: {', '.join(keys)}"
                for what, keys in (
                    ("added", found.added),
                    ("changed", found.changed),
                    ("left out", found.removed),
                )
                if keys
            )
            or "only what the plan is for, or its signals, change"
        )


def _refuse_unknown_actions(expression: Expression, execution: ExecutionState) -> None:
    """Refuse a name that no action has: it would read as one that has not begun.

    Raises:
        CommandRefusedError: there is one.

    """
    begun = (action.node.id for action in execution.actions.values())
    planned = ids_of(execution.program.data["actions"], undo=True)
    kept = (key.rpartition("/")[2] for key in execution.achieved)
    known = Names([*begun, *planned, *kept])
    for name in sorted(expression.actions):
        if name not in known:
            hint = known.hint(name, "There are")
            raise CommandRefusedError(f"there is no action {name!r}. {hint}")


def _waiting(execution: ExecutionState, name: str) -> list[str]:
    return [
        action.key
        for action in execution.waiting_for_condition.values()
        if action.waiting_kind is WaitingKind.SIGNAL and action.node.data["signal"] == name
    ]


def _value(text: str, name: str, execution: ExecutionState | None) -> Any:
    if not text.strip():
        declared = execution.program.signals.get(name, {}) if execution is not None else {}
        return declared.get("default")
    try:
        return json.loads(text, parse_constant=_not_finite)
    except (ValueError, RecursionError) as failure:
        raise CommandRefusedError(
            f"the value of {name} is no JSON: {failure}; a text stands in quotes"
        ) from None


def _not_finite(text: str) -> Any:
    raise ValueError(f"{text} is not a finite number")
