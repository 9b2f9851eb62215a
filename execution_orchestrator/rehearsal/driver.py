"""Sends goals to the simulated servers, as the node's driver does to those of the graph."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from uuid import UUID

from execution_orchestrator.capabilities.adapter import GenericAdapter
from execution_orchestrator.capabilities.conversions import (
    ConversionContext,
    ConversionError,
    located,
)
from execution_orchestrator.capabilities.geometry import PoseError, pose_fields
from execution_orchestrator.capabilities.goal_template import GoalError
from execution_orchestrator.capabilities.loading import LoadedRobot
from execution_orchestrator.capabilities.namespaced_port import NamespacedPort
from execution_orchestrator.capabilities.robot_port import GoalEnd, RobotCallError
from execution_orchestrator.capabilities.steps.context import (
    GripperMemory,
    StepContext,
    StepFailedError,
    UnderWay,
)
from execution_orchestrator.capabilities.steps.shipped import multi_step_capabilities
from execution_orchestrator.capabilities.tools import Tool, ToolRunner
from execution_orchestrator.capabilities.tools.plain import PLAIN_TOOLS
from execution_orchestrator.engine.effects import Dispatch, HoldGoal, Reattach, StopBelow
from execution_orchestrator.engine.inputs import (
    GoalAccepted,
    GoalCancelled,
    GoalFailed,
    GoalProgress,
    GoalSucceeded,
    HoldFailed,
    Input,
)
from execution_orchestrator.plan.capability import CapabilitySpec
from execution_orchestrator.plan.errors import ErrorInfo, ErrorType
from execution_orchestrator.plan.robots import name_on
from execution_orchestrator.rehearsal.port import StagePort
from execution_orchestrator.rehearsal.world import flat_matrix

Report = Callable[[Input], None]
SHORTEST = 1.0  # seconds of an action without an estimate


class MemoryLedger:
    """Steps that are done, for as long as a rehearsal takes."""

    def __init__(self) -> None:
        self._steps: dict[UUID, dict[str, Any]] = {}

    def results(self, goal_id: UUID) -> Mapping[str, Any]:
        """Return the results of the steps done so far."""
        return self._steps.get(goal_id, {})

    def begin(self, goal_id: UUID, under_way: UnderWay) -> None:
        """Keep nothing: a rehearsal is not taken up by another process."""

    def under_way(self, goal_id: UUID) -> UnderWay | None:
        """Know of none."""

    def record(self, goal_id: UUID, step: str, result: Any) -> None:
        """Keep that a step is done."""
        self._steps.setdefault(goal_id, {})[step] = result

    def forget(self, goal_id: UUID) -> None:
        """Drop what was kept."""
        self._steps.pop(goal_id, None)


class StageDriver:
    """Implements the runtime's `Driver`.

    ``expected`` is how many seconds an action probably takes, ``supposed`` hears of an action whose
    outcome is not rehearsed, ``on_output`` of every output.
    """

    def __init__(
        self,
        robot: LoadedRobot,
        port: StagePort,
        simulated: Callable[[str], bool],
        conversion: Callable[[str], ConversionContext],
        gripper: Callable[[str, str], GripperMemory],
        *,
        pose: Callable[[str], Any],
        expected: Callable[[Dispatch], float],
        supposed: Callable[[Dispatch, str], None],
        on_output: Callable[[Mapping[str, Any]], None],
    ) -> None:
        self._robot = robot
        self._port = port
        self._simulated = simulated
        self._conversion = conversion
        self._gripper = gripper
        self._pose = pose
        self._expected = expected
        self._supposed = supposed
        self._on_output = on_output
        self._ledger = MemoryLedger()
        self._steps = multi_step_capabilities()
        self._tools = ToolRunner({name: _at_once(one) for name, one in PLAIN_TOOLS.items()})
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def dispatch(self, effect: Dispatch, report: Report) -> None:
        """Run a goal as a task and report how it ends."""
        report(GoalAccepted(goal_id=effect.goal_id))
        task = asyncio.get_running_loop().create_task(self._run(effect, report))
        self._tasks[effect.goal_id] = task
        task.add_done_callback(lambda _: self._tasks.pop(effect.goal_id, None))

    def reattach(self, effect: Reattach, report: Report) -> None:
        """Dispatch the goal: a rehearsal has no earlier process to adopt goals from."""
        self.dispatch(effect, report)

    def cancel(self, goal_id: str) -> None:
        """Cancel a goal."""
        task = self._tasks.get(goal_id)
        if task is not None:
            asyncio.get_running_loop().call_soon(task.cancel)

    def stop_below(self, effect: StopBelow) -> None:
        """Leave it: a simulated server ends its goal when it is cancelled."""

    def hold(self, effect: HoldGoal, report: Report) -> None:
        """Report that no simulated server can hold a goal."""
        report(HoldFailed(goal_id=effect.goal_id, hold=effect.hold, reason="it is not simulated"))

    async def _run(self, effect: Dispatch, report: Report) -> None:
        goal_id = effect.goal_id
        try:
            output = await self._output(effect, report)
        except asyncio.CancelledError:
            report(GoalCancelled(goal_id=goal_id))
        except StepFailedError as failure:
            report(GoalFailed(goal_id=goal_id, error=failure.error))
        except GoalError as failure:
            report(_failed(goal_id, ErrorType.VALIDATION, "PARAMETER_INVALID", str(failure)))
        except RobotCallError as failure:
            report(_failed(goal_id, ErrorType.CONNECTIVITY, "CALL_FAILED", str(failure)))
        else:
            self._on_output(output)
            report(GoalSucceeded(goal_id=goal_id, output=output))

    async def _output(self, effect: Dispatch, report: Report) -> dict[str, Any]:
        spec = self._robot.model.capabilities[effect.capability]
        if spec.interface.kind == "tool" and spec.interface.name in PLAIN_TOOLS:
            return await self._tools.run(spec, effect.parameters)
        adapter = GenericAdapter(spec, self._robot.tables)
        if adapter.spec.python:
            return dict(await self._steps[adapter.spec.python].run(self._context(effect, adapter)))
        known = self._robot.model.robots.get(effect.robot)
        name = spec.interface.name
        if known is not None:
            name = name_on(known.namespace, name)
        if not self._simulated(name):
            return await self._suppose(effect, spec, name)
        context = self._conversion(adapter.spec.frame)
        fields = adapter.goal_fields(effect.parameters, context)
        if spec.interface.kind == "service":
            answer = await self._port.call_service(
                spec.interface.type, name, fields, timeout=effect.timeout or spec.timeout
            )
            output, error = adapter.outcome(answer)
            if error is not None:
                raise StepFailedError(error)
            return output
        return await self._goal(effect, spec, adapter, name, fields, context, report)

    async def _goal(
        self,
        effect: Dispatch,
        spec: CapabilitySpec,
        adapter: GenericAdapter,
        name: str,
        fields: Mapping[str, Any],
        context: ConversionContext,
        report: Report,
    ) -> dict[str, Any]:
        mapper = adapter.follow(effect.parameters)

        def take(feedback: Mapping[str, Any]) -> None:
            reached = mapper(feedback).reached
            if reached is not None:
                report(
                    GoalProgress(
                        goal_id=effect.goal_id,
                        progress=None,
                        phase="",
                        remaining=None,
                        reached=reached,
                    )
                )

        # The engine watches the timeout of an action itself.
        outcome = await self._port.run_action(
            spec.interface.type,
            name,
            fields,
            timeout=24 * 3600.0,
            on_feedback=take if adapter.spec.resume else None,
        )
        if outcome.end is GoalEnd.REJECTED:
            raise StepFailedError(
                ErrorInfo(type=ErrorType.VALIDATION, code="GOAL_INVALID", message=outcome.reason)
            )
        output, error = adapter.outcome(outcome.result)
        undone = adapter.missed(outcome.result)
        if error is None and undone and adapter.spec.result.missed_is("fail"):
            error = ErrorInfo(
                type=ErrorType.EXECUTION, code="RESULT_INCOMPLETE", message=undone, recoverable=True
            )
        if error is None and outcome.end is not GoalEnd.SUCCEEDED:
            error = ErrorInfo(
                type=ErrorType.EXECUTION,
                code="GOAL_ABORTED",
                message=f"the action server aborted {effect.capability} and gave no reason",
                recoverable=True,
            )
        if error is not None:
            raise StepFailedError(error)
        if spec.arrival is not None:
            output |= self._arrival(effect, spec.arrival.target, context)
        return output

    def _arrival(self, effect: Dispatch, target: str, context: ConversionContext) -> dict[str, Any]:
        """Return what the node adds to the output of an action that drives somewhere."""
        pose = self._pose(effect.robot)
        value = effect.parameters.get(target)
        try:
            place = located(value[-1] if isinstance(value, list) else value, context)
            wanted = pose_fields(place)["position"]
        except (ConversionError, PoseError, IndexError):
            return {}
        away = math.hypot(wanted["x"] - pose[0, 3], wanted["y"] - pose[1, 3])
        return {"position_error": round(away, 3), "yaw_error": 0.0, "final_pose": flat_matrix(pose)}

    async def _suppose(self, effect: Dispatch, spec: CapabilitySpec, name: str) -> dict[str, Any]:
        """Let an action without a physics take the time it usually takes, and succeed."""
        self._supposed(effect, name)
        await asyncio.sleep(self._expected(effect) or SHORTEST)
        found = example_of(spec.output)
        return found if isinstance(found, dict) else {}

    def _context(self, effect: Dispatch, adapter: GenericAdapter) -> StepContext:
        known = self._robot.model.robots.get(effect.robot)
        return StepContext(
            goal_id=UUID(effect.goal_id),
            parameters={**adapter.spec.settings, **effect.parameters},
            conversion=self._conversion(adapter.spec.frame),
            robot=(
                NamespacedPort(self._port, known.namespace) if known is not None else self._port
            ),
            tables=self._robot.tables,
            ledger=self._ledger,
            gripper=self._gripper(effect.robot, f"{effect.execution_id}/{effect.key}"),
            report=lambda _, __: None,
        )


def _at_once(tool: Tool) -> Tool:
    """Return a tool that computes on the loop: virtual time waits for no thread."""

    async def run(parameters: Mapping[str, Any]) -> Mapping[str, Any]:
        found = tool(parameters)
        return await found if isinstance(found, Awaitable) else found

    return run


def example_of(schema: Mapping[str, Any]) -> Any:
    """Return the plainest value that a JSON Schema allows: it says nothing about the world."""
    for given in ("default", "const"):
        if given in schema:
            return schema[given]
    if schema.get("enum"):
        return schema["enum"][0]
    kind = schema.get("type")
    kind = kind[0] if isinstance(kind, list) and kind else kind
    if kind == "object" or "properties" in schema:
        return {name: example_of(one) for name, one in schema.get("properties", {}).items()}
    plain: dict[str, Any] = {"array": [], "string": "", "boolean": True}
    if kind in ("number", "integer"):
        lowest = schema.get("minimum", 0)
        return max(0, lowest) if isinstance(lowest, int | float) else 0
    return plain.get(str(kind))


def _failed(goal_id: str, kind: ErrorType, code: str, message: str) -> GoalFailed:
    recoverable = kind is not ErrorType.VALIDATION
    error = ErrorInfo(type=kind, code=code, message=message, recoverable=recoverable)
    return GoalFailed(goal_id=goal_id, error=error)
