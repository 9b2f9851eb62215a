"""What one run of a multi-step capability works with."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID, uuid5

from execution_orchestrator.capabilities.conversions import ConversionContext
from execution_orchestrator.capabilities.error_codes import ErrorCodeTables
from execution_orchestrator.capabilities.robot_port import GoalEnd, GoalOutcome, RobotPort
from execution_orchestrator.plan.errors import ErrorInfo, ErrorType

log = logging.getLogger(__name__)
LEDGER_RETRY = 2.0  # seconds


class StepFailedError(Exception):
    """A step failed; ``error`` says what and why."""

    def __init__(self, error: ErrorInfo) -> None:
        self.error = error
        super().__init__(error.message)


@dataclass(frozen=True, slots=True)
class UnderWay:
    """A step that was begun: the action type and the name of its server, as the step has it."""

    step: str
    interface_type: str
    server: str


class StepLedger(Protocol):
    """Remembers, durably, the steps of a goal that are done, so that none is done twice."""

    def begin(self, goal_id: UUID, under_way: UnderWay) -> None:
        """Keep which step is under way, before it is sent."""

    def under_way(self, goal_id: UUID) -> UnderWay | None:
        """Return the step that was begun and is not done, as far as is known."""

    def results(self, goal_id: UUID) -> Mapping[str, Any]:
        """Results of the steps done so far, by step name."""

    def record(self, goal_id: UUID, step: str, result: Any) -> None:
        """Keep that a step is done."""

    def forget(self, goal_id: UUID) -> None:
        """Delete the finished steps of a goal that has ended."""


class GripperMemory(Protocol):
    """Remembers, durably, what the robot's gripper holds: move_group does not."""

    def held(self) -> Mapping[str, Mapping[str, Any]]:
        """How each object is held, by its id: {pose, frame, size}, as `attach` wants it."""

    def grasped(self, object_id: str, held_as: Mapping[str, Any]) -> None:
        """Keep that an object is held now."""

    def released(self, object_id: str) -> None:
        """Keep that an object is not held any more."""

    def put_down(self) -> str:
        """Return the object that an earlier attempt of this action released; empty: none."""


class MultiStepCapability(Protocol):
    """A capability written in Python, found by its entry point."""

    async def run(self, context: StepContext) -> Mapping[str, Any]:
        """Do it and return the output.

        Raises:
            StepFailedError: a step failed.

        """


@dataclass(slots=True)
class StepContext:
    """Parameters (with the capability's settings as defaults), the robot, and the finished steps.

    ``adopting`` is true when an earlier process may have begun this goal;
    ``unconfirmed`` is called with the reason if a cancelled step may still move the robot.
    """

    goal_id: UUID
    parameters: Mapping[str, Any]
    conversion: ConversionContext
    robot: RobotPort
    tables: ErrorCodeTables
    ledger: StepLedger
    gripper: GripperMemory
    report: Callable[[float, str], None]
    unconfirmed: Callable[[str], None] | None = None
    adopting: bool = False

    async def goal(
        self,
        step: str,
        interface_type: str,
        name: str,
        goal: Mapping[str, Any],
        *,
        timeout: float,
        failure: ErrorType = ErrorType.EXECUTION,
        done_if: Collection[str] = (),
    ) -> Mapping[str, Any]:
        """Run one goal as a step, under a UUID derived from the whole goal's and the step's name.

        ``done_if`` are fields of the result: if one is true, an aborted goal did what it was for.

        Raises:
            StepFailedError: it did not succeed; ``failure`` is the type of a plain abort.

        """
        earlier = self.ledger.results(self.goal_id)
        if step in earlier:
            found: Mapping[str, Any] = earlier[step]
            return found
        self._note_begin(UnderWay(step, interface_type, name))
        outcome = await self.robot.run_action(
            interface_type,
            name,
            goal,
            timeout=timeout,
            goal_id=step_id(self.goal_id, step),
            adopt=self.adopting,
            unconfirmed=self.unconfirmed,
        )
        # Only the first step that is not in the ledger can be under way on the robot.
        self.adopting = False
        done = outcome.end is GoalEnd.ABORTED and any(
            outcome.result.get(field) is True for field in done_if
        )
        # What comes next needs the result: a goal whose result is lost is no success of a step.
        succeeded = outcome.end is GoalEnd.SUCCEEDED and not outcome.reason
        if not succeeded and not done:
            server = {"server": name, "kind": "action", "interface_type": interface_type}
            raise StepFailedError(self._classified(step, server, outcome, failure))
        await self._remember(step, _scalars(outcome.result))
        return outcome.result

    def _note_begin(self, under_way: UnderWay) -> None:
        try:
            self.ledger.begin(self.goal_id, under_way)
        except OSError as failure:
            log.error("that %s begins cannot be noted: %s", under_way.step, failure)

    async def _remember(self, step: str, result: Mapping[str, Any]) -> None:
        """Keep the result of a step; a full disk is waited for, as the step must not be redone."""
        while True:
            try:
                self.ledger.record(self.goal_id, step, result)
            except OSError as failure:
                log.error("the step %s is done and cannot be noted: %s", step, failure)
                await asyncio.sleep(LEDGER_RETRY)
            else:
                return

    async def call(
        self, step: str, interface_type: str, name: str, request: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        """Call a service as a step; services are asked again after a crash, so they must be safe.

        Raises:
            StepFailedError: it is not there or does not answer.

        """
        try:
            return await self.robot.call_service(interface_type, name, request, timeout=5.0)
        except RuntimeError as failure:
            raise StepFailedError(
                ErrorInfo(
                    type=ErrorType.CONNECTIVITY,
                    code="SERVICE_CALL_FAILED",
                    message=f"{step}: {failure}",
                    recoverable=True,
                    context={
                        "step": step,
                        "server": name,
                        "kind": "service",
                        "interface_type": interface_type,
                    },
                )
            ) from None

    def _classified(
        self, step: str, server: Mapping[str, str], outcome: GoalOutcome, failure: ErrorType
    ) -> ErrorInfo:
        code = outcome.result.get("error_code")
        if isinstance(code, Mapping) and isinstance(code.get("val"), int) and code["val"] != 1:
            error = self.tables["moveit"].classify(code["val"], str(code.get("message", "")))
            return ErrorInfo(
                type=error.type,
                code=error.code,
                message=f"{step}: {error.message}",
                server_code=error.server_code,
                recoverable=error.recoverable,
                context={"step": step},
            )
        return self._error(step, server, outcome, failure)

    def _error(
        self, step: str, server: Mapping[str, str], outcome: GoalOutcome, failure: ErrorType
    ) -> ErrorInfo:
        error_type, code = {
            GoalEnd.SUCCEEDED: (ErrorType.CONNECTIVITY, "GOAL_OUTCOME_UNKNOWN"),
            GoalEnd.ABORTED: (failure, "GOAL_ABORTED"),
            GoalEnd.CANCELLED: (ErrorType.CANCELLATION, "GOAL_CANCELLED"),
            GoalEnd.REJECTED: (failure, "GOAL_REJECTED"),
            GoalEnd.TIMED_OUT: (ErrorType.TIMEOUT, "STEP_TIMED_OUT"),
            GoalEnd.LOST: (ErrorType.CONNECTIVITY, "GOAL_LOST"),
            GoalEnd.NO_SERVER: (ErrorType.CONNECTIVITY, "SERVER_UNAVAILABLE"),
            GoalEnd.OTHER_TYPE: (ErrorType.VALIDATION, "SERVER_TYPE_MISMATCH"),
        }[outcome.end]
        reason = outcome.reason or f"{server['server']} {outcome.end.value} the goal"
        return ErrorInfo(
            type=error_type,
            code=code,
            message=f"{step}: {reason}",
            recoverable=outcome.end is not GoalEnd.OTHER_TYPE,
            context={"step": step, **server},
        )


def step_id(goal_id: UUID, step: str) -> UUID:
    """Return the id of a step's own goal."""
    return uuid5(goal_id, step)


def _scalars(result: Mapping[str, Any]) -> dict[str, Any]:
    """Return what of a result is worth keeping: no trajectories, no pictures."""
    return {
        key: value for key, value in result.items() if isinstance(value, str | bool | int | float)
    }
