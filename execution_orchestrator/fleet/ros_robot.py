"""A robot of the fleet behind its orchestrator node's action, services and topics."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import quote

from lifecycle_msgs.msg import State
from lifecycle_msgs.srv import GetState

from execution_orchestrator.engine.status import EXECUTION_NAMES, FINAL_EXECUTION
from execution_orchestrator.fleet.agent import HandedBackError, RefusedError, Watch
from execution_orchestrator.fleet.needs import Offer
from execution_orchestrator.fleet.orders import REQUESTER, Control, TaskOrder, TaskOutcome
from execution_orchestrator.ros.client import (
    GoalSession,
    OrchestratorClient,
    OrchestratorUnavailableError,
)
from execution_orchestrator.srv import (
    Cancel,
    Confirm,
    DescribeRobot,
    GetExecution,
    Pause,
    Resume,
    Signal,
)

log = logging.getLogger(__name__)
ANSWER = 5.0  # seconds for an answer of the node
DESCRIBED = 3.0  # seconds between two looks at capabilities, battery and lifecycle nodes
LOOK = 0.5  # seconds between two looks at a task while the node publishes nothing
BRIEF = 0.05  # seconds between two looks while its plan is made
OVER = 50  # executions that are remembered as ended
MOST_REQUESTER = 128  # characters of the field; a mission with a longer name is not looked after
WORD = 50.0  # seconds for an execution to end after its cancel
FINAL = frozenset(status.value for status in FINAL_EXECUTION)
PLANNED = frozenset({"PENDING", "PAUSED", "EXECUTING", "RECOVERING"})


@dataclass(frozen=True)
class RobotSettings:
    """What the operator says of a robot: payload in kilograms, battery from 0.0 to 1.0.

    With less than ``min_battery`` it takes nothing. ``lifecycle_nodes`` have to be active, or it
    takes nothing. ``report_url`` is where its page is, for links.
    """

    payload: float = 0.0
    zones: Sequence[str] = ()
    min_battery: float = 0.0
    lifecycle_nodes: Sequence[str] = ()
    report_url: str = ""


class RosRobot:
    """One orchestrator node. A context manager; used on one event loop."""

    def __init__(self, name: str, node: str, settings: RobotSettings) -> None:
        self.name = name
        self._settings = settings
        self._news: set[asyncio.Future[None]] = set()
        self._loop = asyncio.get_running_loop()
        self._client = OrchestratorClient(
            name=node, on_change=self._changed, requester=lambda: "a mission"
        )
        self._capabilities: frozenset[str] = frozenset()
        self._battery: float | None = None
        self._described = "its orchestrator has not answered yet"
        self._look: asyncio.Task[None] | None = None
        # Executions whose result came before the node's next state message.
        self._over: deque[str] = deque(maxlen=OVER)

    async def __aenter__(self) -> RosRobot:
        """Begin to listen to the node."""
        await asyncio.to_thread(self._client.__enter__)
        self._look = asyncio.create_task(self._keep_looking())
        return self

    async def __aexit__(self, *failure: object) -> None:
        """Stop to listen; what runs on the node runs on."""
        if self._look is not None:
            self._look.cancel()
        await asyncio.to_thread(self._client.__exit__, None, None, None)

    # ------------------------------------------------------------------ what it can do now

    @property
    def offer(self) -> Offer:
        """Return what it can do now."""
        return Offer(
            self._capabilities,
            self._settings.payload,
            frozenset(self._settings.zones),
            self._battery,
        )

    @property
    def unable(self) -> str:
        """Return why it may take nothing, empty if it may."""
        state = self._client.state
        if state is None or not self._client.ready:
            return "its orchestrator is not there"
        if state.emergency_stopped:
            return f"emergency stop: {state.emergency_reason}"
        if state.storage_failure:
            return str(state.storage_failure)
        if state.quarantined:
            return f"not confirmed as ended: {state.quarantined[0].reason}"
        if self._described:
            return self._described
        least = self._settings.min_battery
        if least and self._battery is None:
            return "its battery is not known"
        if least and self._battery is not None and self._battery < least:
            return f"its battery is at {self._battery:.0%}, {least:.0%} are needed"
        return ""

    @property
    def busy(self) -> list[str]:
        """Return the ids of the executions that have not ended."""
        return [one.execution_id for one in self._unfinished()]

    def of_missions(self) -> dict[str, str]:
        """Return the missions of unfinished executions by their ids."""
        return {
            one.execution_id: one.requester.removeprefix(REQUESTER)
            for one in self._unfinished()
            if one.requester.startswith(REQUESTER) and len(one.requester) < MOST_REQUESTER
        }

    async def changed(self, timeout: float) -> None:
        """Return when the node has published something, or after ``timeout`` seconds."""
        news = self._loop.create_future()
        self._news.add(news)
        try:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(news, timeout)
        finally:
            self._news.discard(news)

    def _unfinished(self) -> list[Any]:
        state = self._client.state
        return [
            one
            for one in (state.executions if state is not None else ())
            if EXECUTION_NAMES.get(one.status.value) not in FINAL
            and one.execution_id not in self._over
        ]

    def _changed(self) -> None:
        """Wake the waiting tasks; called on the client's spin thread."""
        with contextlib.suppress(RuntimeError):  # the loop has ended
            self._loop.call_soon_threadsafe(self._wake)

    def _wake(self) -> None:
        for news in self._news:
            if not news.done():
                news.set_result(None)

    async def _keep_looking(self) -> None:
        while True:
            try:
                answer = await self._call("describe_robot", DescribeRobot)
                found = json.loads(answer.capabilities or "{}")
                self._capabilities = frozenset(
                    name for name, one in found.items() if not one.get("unavailable")
                )
                battery = (json.loads(answer.robot_state or "{}") or {}).get("battery")
                self._battery = float(battery) if isinstance(battery, int | float) else None
                self._described = await self._inactive()
            except OrchestratorUnavailableError as failure:
                self._described = str(failure)
            except (ValueError, AttributeError) as failure:
                self._described = f"its orchestrator's answer cannot be read: {failure}"
            self._wake()
            await asyncio.sleep(DESCRIBED)

    async def _inactive(self) -> str:
        for node in self._settings.lifecycle_nodes:
            try:
                ask = partial(self._client.call_any, f"{node}/get_state", GetState, timeout=ANSWER)
                answer = await asyncio.to_thread(ask)
            except OrchestratorUnavailableError as failure:
                return str(failure)
            if answer.current_state.id != State.PRIMARY_STATE_ACTIVE:
                return f"{node} is {answer.current_state.label}, not active"
        return ""

    # ------------------------------------------------------------------ tasks

    async def run(self, order: TaskOrder, watch: Watch) -> TaskOutcome:
        """Do it, or re-attach to it. Goals are sent paused and resumed once the mission agrees.

        Raises:
            HandedBackError: nothing has begun, and the mission does not want it here.

        """
        outcome = await _Run(self, order, watch).outcome()
        self._over.append(order.execution_id)
        return outcome

    async def knows(self, execution_id: str) -> bool | None:
        """Say whether it has an execution, running or ended; None if the node does not answer."""
        try:
            state = await self.execution(execution_id)
        except OrchestratorUnavailableError:
            return None
        return state is not None and not _was_given_back(state)

    async def send(self, order: TaskOrder) -> GoalSession:
        """Send the goal, which attaches to the execution if there is one.

        One that was cancelled before anything had begun was given back; it is begun after all.

        Raises:
            OrchestratorUnavailableError: the node does not answer.

        """
        before = await self.execution(order.execution_id)
        return self._client.send(
            execution_id=order.execution_id,
            same_id="allow_if_failed" if _was_given_back(before) else "attach",
            command=order.command,
            plan=json.dumps(order.plan) if order.plan is not None else "",
            context=json.dumps(order.context) if order.context else "",
            timeout=order.timeout,
            priority=order.priority,
            start_paused=True,
            requester=f"{REQUESTER}{order.mission}"[:MOST_REQUESTER],
        )

    @property
    def instance(self) -> str:
        """Return what changes whenever the node is started, empty while it is not there."""
        state = self._client.state
        return str(state.instance_id) if state is not None and self._client.ready else ""

    async def execution(self, execution_id: str) -> Any:
        """Return the ExecutionState of an execution, None if there is none.

        Raises:
            OrchestratorUnavailableError: the node does not answer.

        """
        answer = await self._call("get_execution", GetExecution, execution_id=execution_id)
        return answer.state if answer.success else None

    def seen(self, execution_id: str) -> Any:
        """Return what the node last published of an execution, None if that was nothing."""
        state = self._client.state
        for one in state.executions if state is not None else ():
            if one.execution_id == execution_id:
                return one
        return None

    def not_confirmed(self, execution_id: str) -> list[str]:
        """Return the goals of an execution of which no server said that they had ended."""
        state = self._client.state
        return [
            f"{one.action_id} on {one.server}: {one.reason}"
            for one in (state.quarantined if state is not None else ())
            if one.execution_id == execution_id
        ]

    def report_of(self, execution_id: str) -> str:
        """Return where its report is, empty if the address of the robot's page is unknown."""
        url = self._settings.report_url.rstrip("/")
        return f"{url}/api/executions/{quote(execution_id, safe='')}/report.html" if url else ""

    async def control(self, request: Control) -> str:
        """Do what is asked about an execution, and return what was done.

        Raises:
            RefusedError: the node refused it; the message says why.

        """
        if request.what == "cancel":
            return await self._stopped(request)
        asked: dict[str, tuple[Any, dict[str, Any]]] = {
            "pause": (Pause, {"reason": request.reason}),
            "resume": (Resume, {}),
            "confirm": (Confirm, {"approve": request.approve, "comment": request.reason}),
            "signal": (Signal, {"name": request.name, "value": json.dumps(request.value)}),
        }
        kind, fields = asked[request.what]
        answer = await self._call(request.what, kind, execution_id=request.execution_id, **fields)
        if not answer.success:
            raise RefusedError(answer.message)
        return str(answer.message)

    async def resume(self, execution_id: str) -> bool:
        """Resume a paused execution; False if the node refuses."""
        answer = await self._call("resume", Resume, execution_id=execution_id)
        return bool(answer.success)

    async def cancel(self, execution_id: str, reason: str) -> None:
        """Ask the node to cancel an execution and all its goals."""
        await self._call("cancel", Cancel, execution_id=execution_id, reason=reason)

    async def _stopped(self, request: Control) -> str:
        """Cancel an execution and wait for its end; empty if every server confirmed it."""
        state = await self.execution(request.execution_id)
        if state is None:
            return ""
        if EXECUTION_NAMES.get(state.status.value) not in FINAL:
            await self.cancel(request.execution_id, request.reason)
        deadline = self._loop.time() + WORD
        while True:
            state = await self.execution(request.execution_id)
            if state is None or EXECUTION_NAMES.get(state.status.value) in FINAL:
                return "; ".join(self.not_confirmed(request.execution_id))
            if self._loop.time() > deadline:
                return f"it is still {EXECUTION_NAMES.get(state.status.value)}: {state.reason}"
            await self.changed(LOOK)

    async def _call(self, service: str, kind: Any, **fields: Any) -> Any:
        def call() -> Any:
            return self._client.call(service, kind, timeout=ANSWER, **fields)

        return await asyncio.to_thread(call)


def _was_given_back(state: Any) -> bool:
    """Say whether an execution was cancelled before anything of it had begun."""
    return (
        state is not None
        and EXECUTION_NAMES.get(state.status.value) == "CANCELLED"
        and not state.started.sec
    )


class _Run:
    """One task on the robot: sent, claimed, resumed, watched, and its end."""

    def __init__(self, robot: RosRobot, order: TaskOrder, watch: Watch) -> None:
        self._robot = robot
        self._order = order
        self._watch = watch
        self._claimed = ""
        self._cancelled = False
        self._resumed = False

    async def outcome(self) -> TaskOutcome:
        session: GoalSession | None = None
        instance = ""
        while True:
            now = self._robot.instance
            if session is None or (now and now != instance) or self._is_lost(session):
                if not now or self._robot.unable.startswith("its orchestrator is not"):
                    self._tell("its orchestrator is not there")
                    await self._robot.changed(LOOK)
                    continue
                if session is not None and session.done.is_set():
                    await self._robot.changed(LOOK)
                session = None
            try:
                if session is None:
                    session, instance = await self._robot.send(self._order), now
                if session.done.is_set() and session.result is not None:
                    return self._ended(session.result)
                await self._look(session)
            except OrchestratorUnavailableError as failure:
                self._tell(str(failure))
            await self._robot.changed(BRIEF if not self._claimed else LOOK)

    def _is_lost(self, session: GoalSession) -> bool:
        """Say whether the goal has ended without a result: rejected, or its answer got lost."""
        if not session.done.is_set() or session.result is not None:
            return False
        self._tell(session.failure)
        return True

    async def _look(self, session: GoalSession) -> None:
        if not session.accepted:
            return
        name = self._order.execution_id
        state = self._robot.seen(name) if self._claimed else await self._robot.execution(name)
        if state is None:
            return
        status = EXECUTION_NAMES.get(state.status.value, "UNKNOWN")
        beat = self._watch.beat
        beat.status, beat.reason = status, state.reason
        beat.report = self._robot.report_of(name)
        beat.phase = state.progress.current_phase
        beat.progress = round(float(state.progress.percentage), 1)
        begun = bool(state.started.sec)
        beat.begun = beat.begun or begun
        if status in FINAL:
            return
        if self._watch.stop.is_set() or self._claimed == "no":
            if not self._cancelled:
                await self._robot.cancel(name, "its mission does not want it here any more")
                self._cancelled = True
        elif not self._claimed and status in PLANNED:
            self._claimed = await self._watch.claim()
        if self._claimed == "begin" and not self._resumed and status == "PAUSED":
            # Once: a pause that comes later is a person's, or the mission's.
            self._resumed = True
            if not begun:
                await self._robot.resume(name)

    def _ended(self, result: Any) -> TaskOutcome:
        name = self._order.execution_id
        if self._claimed == "no" and not self._watch.stop.is_set():
            raise HandedBackError("the mission has given it to another robot, or has ended")
        status = EXECUTION_NAMES.get(result.status.value, "UNKNOWN")
        error = result.error
        return TaskOutcome(
            robot=self._robot.name,
            status=status,
            message=result.message,
            output=json.loads(result.output) if result.output else None,
            error=f"{error.code or error.type}: {error.message}" if error.type else "",
            unconfirmed=self._robot.not_confirmed(name),
            report=self._robot.report_of(name),
        )

    def _tell(self, reason: str) -> None:
        self._watch.beat.reason = reason
