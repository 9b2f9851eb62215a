"""What the web page wants done, taken in as a goal of the action is."""

from __future__ import annotations

from execution_orchestrator.action import ExecuteCommand
from execution_orchestrator.engine.inputs import Caller, RestoreCheckpoint
from execution_orchestrator.monitoring.web.desk import Order, Receipt
from execution_orchestrator.plan.issues import Issue, Severity
from execution_orchestrator.ros.interface.backend import Backend
from execution_orchestrator.ros.interface.recalling import Past
from execution_orchestrator.runtime.orchestrator import Orchestrator


class CommandDesk:
    """Implements Desk: the same checks and limits as for a goal of ``~/execute_command``."""

    def __init__(self, backend: Backend, orchestrator: Orchestrator, past: Past) -> None:
        self._backend = backend
        self._orchestrator = orchestrator
        self._past = past

    async def run(self, order: Order) -> Receipt:
        """Take an order in durably, or say why not.

        Raises:
            StorageError: the journal cannot be written.

        """
        begun = await self._backend.begin(
            ExecuteCommand.Goal(
                command=order.command,
                plan=order.plan,
                context=order.context,
                conversation_id=order.conversation_id,
                requester=order.requester,
                start_paused=order.start_paused,
                breakpoints=list(order.breakpoints),
            )
        )
        if begun.result is None:
            return Receipt(begun.execution_id)
        issues = tuple(
            Issue(
                one.code,
                one.message,
                severity=Severity(one.severity),
                pointer=one.pointer,
                hint=one.hint,
            )
            for one in begun.result.issues
        )
        return Receipt(message=begun.result.message, issues=issues)

    async def go_on(self, execution_id: str, caller: Caller) -> str:
        """Continue an execution from its newest checkpoint; return why not, '' if it works.

        Raises:
            StorageError: the journal cannot be read or written.

        """
        await self._past.recall(execution_id, to_go_on=True)
        asked = RestoreCheckpoint(execution_id=execution_id, checkpoint_id="", by=caller)
        return self._orchestrator.handle(asked).refusal
