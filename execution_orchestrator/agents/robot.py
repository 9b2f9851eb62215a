"""The running node as the tools of agents see it: asynchronous, bounded in time, plain data."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections import deque
from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any
from uuid import uuid4

import anyio
import anyio.to_thread

from execution_orchestrator.engine.status import (
    ACTION_NAMES,
    EXECUTION_NAMES,
    FINAL_EXECUTION,
)
from execution_orchestrator.msg import ExecutionEvent, ValidationIssue
from execution_orchestrator.ros.client import (
    GoalSession,
    OrchestratorClient,
    OrchestratorUnavailableError,
)
from execution_orchestrator.runtime.rehearsing import LONGEST
from execution_orchestrator.srv import (
    Cancel,
    Confirm,
    DescribeRobot,
    EmergencyStop,
    GetExecution,
    ListExecutions,
    Pause,
    RecordRefusal,
    Resume,
    Signal,
    ValidatePlan,
)

ANSWER = 10.0  # seconds for an answer of the node
PLANNING = 150.0  # seconds for a plan: a language model may make it
AT_ONCE = 8  # questions to the node that are under way, of all clients together,
SLOW_AT_ONCE = 4  # of those that may take long,
STOPS_AT_ONCE = 8  # and of those that stop something: these wait for no others
NOT_RUNNING = 200  # executions that are known not to count
SOON = 0.1  # seconds for the refusal of a goal that cannot be taken in
FINAL = frozenset(status.value for status in FINAL_EXECUTION)
SEVERITY = {
    ValidationIssue.INFO: "info",
    ValidationIssue.WARNING: "warning",
    ValidationIssue.ERROR: "error",
}
LEVEL = {
    ExecutionEvent.DEBUG: "debug",
    ExecutionEvent.INFO: "info",
    ExecutionEvent.WARNING: "warning",
    ExecutionEvent.ERROR: "error",
}


AGREED = " (agreed to in its client)"  # behind the name of who asked
VIA = " via "  # between the name of a client in the policy and what it calls itself
# Who the request that is being answered is of, as the journal is to have it.
ASKING: ContextVar[str] = ContextVar("asking", default="an agent")


class RobotError(RuntimeError):
    """The node is not there, does not answer, or refuses; the message says which and why."""


class Robot:
    """One orchestrator node. A context manager; its methods are called on one event loop."""

    def __init__(self, name: str = "/execution_orchestrator") -> None:
        self._client = OrchestratorClient(name=name, on_change=self._changed, requester=ASKING.get)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._news = asyncio.Event()
        self._asking = anyio.CapacityLimiter(AT_ONCE)
        self._slow = anyio.CapacityLimiter(SLOW_AT_ONCE)
        self._stopping = anyio.CapacityLimiter(STOPS_AT_ONCE)
        # Who asked for what was begun here and has no result yet: the state is published later.
        self._begun: dict[str, tuple[str, GoalSession | None]] = {}
        # Those that do not count as running, whatever the node has published last.
        self._not_running: deque[str] = deque(maxlen=NOT_RUNNING)

    async def __aenter__(self) -> Robot:
        self._loop = asyncio.get_running_loop()
        await anyio.to_thread.run_sync(self._client.__enter__)
        return self

    async def __aexit__(self, *failure: object) -> None:
        await anyio.to_thread.run_sync(self._client.__exit__, None, None, None)

    async def news(self, seconds: float) -> None:
        """Wait until the node says something new, at most so long."""
        news = self._news
        with anyio.move_on_after(max(0.0, seconds)):
            await news.wait()

    def _changed(self) -> None:
        # On the client's spin thread.
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._wake)

    def _wake(self) -> None:
        self._news.set()
        self._news = asyncio.Event()

    async def describe(self) -> dict[str, Any]:
        """Return what ~/describe_robot tells, by its names.

        Raises:
            RobotError: the node does not answer.

        """
        answer = await self._call("describe_robot", DescribeRobot)
        if not answer.success:
            raise RobotError(answer.message)
        return {
            name: json.loads(getattr(answer, name) or "null")
            for name in ("capabilities", "places", "objects", "robot_state", "plan_schema")
        }

    async def rehearse(self, *, plan: str, context: str) -> dict[str, Any]:
        """Return what would happen if a plan ran now (docs/rehearsal.md).

        Raises:
            RobotError: the plan is not valid, it came to no result, or the node does not answer.

        """
        answer = await self._call(
            "validate_plan",
            ValidatePlan,
            timeout=PLANNING + LONGEST,
            plan=plan,
            context=context,
            rehearse=True,
        )
        if not answer.rehearsal:
            raise RobotError(answer.rehearsal_failure or answer.message)
        report: dict[str, Any] = json.loads(answer.rehearsal)
        return report

    async def check(
        self, *, command: str = "", plan: str = "", context: str = "", strict: bool = False
    ) -> dict[str, Any]:
        """Return what ~/validate_plan says of a plan, or of what a command becomes.

        Raises:
            RobotError: the node does not answer.

        """
        answer = await self._call(
            "validate_plan",
            ValidatePlan,
            timeout=PLANNING,
            command=command,
            plan=plan,
            context=context,
            strict=strict,
        )
        analysis = answer.analysis
        return {
            "valid": answer.valid,
            "message": answer.message,
            "issues": [_issue(one) for one in answer.issues],
            "plan": json.loads(answer.plan) if answer.plan else None,
            "document": plan or answer.document,
            "schedule": answer.schedule,
            "analysis": {
                "actions": analysis.action_count,
                "makespan": analysis.makespan,
                "critical_path": list(analysis.critical_path),
                "capabilities": list(analysis.capabilities),
                "suggestions": list(analysis.suggestions),
                "groups": [
                    {
                        "actions": list(group.action_ids),
                        "start": group.start,
                        "duration": group.duration,
                    }
                    for group in analysis.groups
                ],
            },
        }

    async def begin(self, *, counts: bool = True, **goal: Any) -> str:
        """Send a goal and return the id of its execution once the node has written it down.

        ``counts``: it is one of those that `running` returns.

        Raises:
            RobotError: the node is not there, or refuses the goal.

        """
        execution_id = goal.pop("execution_id", "") or uuid4().hex[:12]
        if not counts:
            self._not_running.append(execution_id)
        # Before anything is waited for: two that are begun at once count both.
        self._begun[execution_id] = (goal.get("requester", ""), None)
        try:
            await self._send(execution_id, goal)
        except BaseException:
            self._begun.pop(execution_id, None)
            raise
        return execution_id

    async def _send(self, execution_id: str, goal: Mapping[str, Any]) -> None:
        await self._ready()
        session = self._client.send(execution_id=execution_id, **goal)
        self._begun[execution_id] = (goal.get("requester", ""), session)
        if not await self._until(session.answered, ANSWER):
            session.cancel()
            raise RobotError(f"the node did not answer the goal within {ANSWER:.0f} s")
        if not session.accepted:
            raise RobotError(session.failure)
        # A goal that cannot be taken in has its result at once.
        if await self._until(session.done, SOON) and session.result is not None:
            result = session.result
            if result.error.type == "VALIDATION":
                raise RobotError(result.message)

    async def _until(self, done: threading.Event, seconds: float) -> bool:
        """Wait for something of a goal; say whether it is so."""
        ends = time.monotonic() + seconds
        while not done.is_set() and time.monotonic() < ends:
            await self.news(ends - time.monotonic())
        return done.is_set()

    async def result(self, execution_id: str, seconds: float) -> Any:
        """Return the result of a goal that was begun here, None if it has none in time."""
        _, session = self._begun.get(execution_id, ("", None))
        if session is None or not await self._until(session.done, seconds):
            return None
        return session.result

    async def execution(self, execution_id: str, *, events: bool = False) -> dict[str, Any]:
        """Return one execution with its actions, and its journal's newest events if asked for.

        Raises:
            RobotError: there is none of this id, or the node does not answer.

        """
        answer = await self._call(
            "get_execution",
            GetExecution,
            execution_id=execution_id,
            include_events=events,
            max_events=500,
        )
        if not answer.success:
            raise RobotError(answer.message)
        shown = headline(answer.state)
        if shown["status"] in FINAL and execution_id not in self._not_running:
            self._not_running.append(execution_id)  # the state is published later
        shown["actions"] = [_action(one) for one in answer.state.actions]
        if events:
            shown["events"] = [_event(one) for one in answer.events]
        return shown

    async def executions(self, *, offset: int = 0, limit: int = 20) -> dict[str, Any]:
        """Return {total, executions}, newest first.

        Raises:
            RobotError: the node does not answer.

        """
        answer = await self._call("list_executions", ListExecutions, offset=offset, limit=limit)
        if not answer.success:
            raise RobotError(answer.message)
        return {"total": answer.total, "executions": [headline(one) for one in answer.executions]}

    def running(self, requester: str) -> list[str]:
        """Return the ids of the unfinished executions that this requester asked for."""
        for name, (_, session) in list(self._begun.items()):
            if session is not None and session.done.is_set():
                del self._begun[name]
                self._not_running.append(name)
        begun = [name for name, (who, _) in self._begun.items() if asked_by(who, requester)]
        state = self._client.state
        shown = [
            one.execution_id
            for one in (state.executions if state is not None else ())
            if asked_by(one.requester, requester)
            and EXECUTION_NAMES.get(one.status.value) not in FINAL
        ]
        return [one for one in dict.fromkeys([*begun, *shown]) if one not in self._not_running]

    def seen(self, execution_id: str) -> dict[str, Any] | None:
        """Return what the node last published of an execution, None if that was nothing."""
        state = self._client.state
        for one in state.executions if state is not None else ():
            if one.execution_id == execution_id:
                return headline(one)
        return None

    def shown(self) -> list[dict[str, Any]]:
        """Return every execution that the node last published, ended ones too."""
        state = self._client.state
        return [headline(one) for one in (state.executions if state is not None else ())]

    def node_state(self) -> dict[str, Any]:
        """Return what the node last published of itself."""
        state = self._client.state
        if state is None:
            return {"seen": False}
        return {
            "seen": True,
            "emergency_stopped": state.emergency_stopped,
            "emergency_reason": state.emergency_reason,
            "storage_failure": state.storage_failure,
            "running": [
                headline(one)
                for one in state.executions
                if EXECUTION_NAMES.get(one.status.value) not in FINAL
            ],
            "resources_not_confirmed": [one.reason for one in state.quarantined],
        }

    async def pause(self, execution_id: str, reason: str) -> str:
        """Pause an execution; returns what was done. Raises RobotError if it was not."""
        return await self._do(
            "pause", Pause, self._stopping, execution_id=execution_id, reason=reason
        )

    async def resume(self, execution_id: str) -> str:
        """Resume a paused execution; returns what was done. Raises RobotError if it was not."""
        return await self._do("resume", Resume, execution_id=execution_id)

    async def cancel(self, execution_id: str, reason: str, *, compensate: bool) -> str:
        """Cancel an execution; returns what was done. Raises RobotError if it was not."""
        return await self._do(
            "cancel",
            Cancel,
            self._stopping,
            execution_id=execution_id,
            reason=reason,
            compensate=compensate,
        )

    async def confirm(self, execution_id: str, action_id: str, approve: bool, comment: str) -> str:
        """Answer what an execution waits for. Raises RobotError if it waits for nothing."""
        return await self._do(
            "confirm",
            Confirm,
            execution_id=execution_id,
            action_id=action_id,
            approve=approve,
            comment=comment,
        )

    async def signal(self, execution_id: str, name: str, value: str) -> str:
        """Send a value, as JSON, that a plan declares. Raises RobotError if it is not taken."""
        return await self._do("signal", Signal, execution_id=execution_id, name=name, value=value)

    async def emergency_stop(self, reason: str) -> str:
        """Stop everything; returns the robot's motion state. Raises RobotError if it fails."""
        return await self._do("emergency_stop", EmergencyStop, self._stopping, reason=reason)

    async def record_refusal(
        self, requester: str, request: str, reason: str, arguments: Mapping[str, Any]
    ) -> None:
        """Have a refusal written into the journal; a node that cannot is not waited for."""
        try:
            await self._call(
                "record_refusal",
                RecordRefusal,
                requester=requester,
                request=request,
                reason=reason,
                arguments=json.dumps(arguments, ensure_ascii=False, default=str)[:4096],
            )
        except RobotError:
            return

    async def _ready(self) -> None:
        try:
            await anyio.to_thread.run_sync(self._client.wait_ready, ANSWER)
        except OrchestratorUnavailableError as failure:
            raise RobotError(str(failure)) from None

    async def _do(
        self,
        service: str,
        kind: Any,
        limiter: anyio.CapacityLimiter | None = None,
        **fields: Any,
    ) -> str:
        answer = await self._call(service, kind, limiter=limiter, **fields)
        if not answer.success:
            raise RobotError(answer.message)
        return str(answer.message)

    async def _call(
        self,
        service: str,
        kind: Any,
        *,
        timeout: float = ANSWER,
        limiter: anyio.CapacityLimiter | None = None,
        **fields: Any,
    ) -> Any:
        # Each call has a thread while it waits, of which there are few; what stops something has
        # its own.
        threads = limiter or (self._slow if timeout > ANSWER else self._asking)

        def call() -> Any:
            return self._client.call(service, kind, timeout=timeout, **fields)

        try:
            return await anyio.to_thread.run_sync(call, abandon_on_cancel=True, limiter=threads)
        except OrchestratorUnavailableError as failure:
            raise RobotError(str(failure)) from None


def requester_of(client: str) -> str:
    """Return how a client is called as a requester."""
    return f"agent {client}"


def asked_by(noted: str, requester: str) -> bool:
    """Return whether an execution's requester is this one, whatever client it speaks through."""
    return noted.removesuffix(AGREED).partition(VIA)[0] == requester


def headline(state: Any) -> dict[str, Any]:
    """Return an ExecutionState message without its actions, as plain data; times in seconds."""
    progress = state.progress
    return {
        "execution_id": state.execution_id,
        "status": EXECUTION_NAMES.get(state.status.value, "UNKNOWN"),
        "reason": state.reason,
        "command": state.command,
        "requester": state.requester,
        "percentage": round(float(progress.percentage), 1),
        "elapsed": round(float(progress.elapsed), 2),
        "estimated_remaining": round(float(progress.estimated_remaining), 1),
        "running_actions": list(progress.running_actions),
        "questions": [
            {"action_id": one.action_id, "question": one.question} for one in state.questions
        ],
        "error": _error(state.error),
    }


def _error(error: Any) -> dict[str, Any] | None:
    if not error.type:
        return None
    return {
        "type": error.type,
        "code": error.code,
        "message": error.message,
        "action_id": error.action_id,
        "context": json.loads(error.context) if error.context else {},
    }


def _action(action: Any) -> dict[str, Any]:
    return {
        "action_id": action.action_id,
        "action_type": action.action_type,
        "status": ACTION_NAMES.get(action.status.value, "UNKNOWN"),
        "reason": action.reason,
        "phase": action.phase,
        "progress": round(float(action.progress), 3),
        "attempt": action.attempt,
        "duration": round(float(action.duration), 2),
        "error": _error(action.error),
        "output": json.loads(action.output) if action.output else None,
    }


def _event(event: Any) -> dict[str, Any]:
    return {
        "time": event.stamp.sec + event.stamp.nanosec / 1e9,
        "action_id": event.action_id,
        "type": event.type,
        "level": LEVEL.get(event.level, "error"),
        "description": event.description,
    }


def _issue(issue: Any) -> dict[str, Any]:
    return {
        "code": issue.code,
        "severity": SEVERITY.get(issue.severity, "error"),
        "pointer": issue.pointer,
        "line": issue.line,
        "message": issue.message,
        "hint": issue.hint,
    }
