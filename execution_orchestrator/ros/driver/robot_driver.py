"""The driver: dispatches, adopts and cancels goals of every kind of capability."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any
from uuid import UUID

from execution_orchestrator.capabilities.adapter import GenericAdapter
from execution_orchestrator.capabilities.conversions import ConversionContext
from execution_orchestrator.capabilities.goal_template import GoalError
from execution_orchestrator.capabilities.loading import LoadedRobot
from execution_orchestrator.capabilities.namespaced_port import NamespacedPort
from execution_orchestrator.capabilities.robot_port import (
    GoalEnd,
    GoalOutcome,
    RobotCallError,
)
from execution_orchestrator.capabilities.steps.context import (
    GripperMemory,
    MultiStepCapability,
    StepContext,
    StepFailedError,
    StepLedger,
    step_id,
)
from execution_orchestrator.capabilities.tools import ToolRunner
from execution_orchestrator.capabilities.trial import frames_in, unknown_frames
from execution_orchestrator.engine.effects import Dispatch, HoldGoal, Reattach, StopBelow
from execution_orchestrator.engine.inputs import (
    GoalCancelled,
    GoalLost,
    GoalNoticed,
    GoalProgress,
    HoldFailed,
    Input,
)
from execution_orchestrator.engine.prestaging import Upcoming
from execution_orchestrator.engine.resources import LATE_TRANSFORM
from execution_orchestrator.plan.capability import CapabilitySpec
from execution_orchestrator.plan.errors import ErrorInfo, ErrorType
from execution_orchestrator.plan.robots import name_on
from execution_orchestrator.ros.bridge import Bridge
from execution_orchestrator.ros.driver.arrival import ArrivalCheck
from execution_orchestrator.ros.driver.followers import Followers
from execution_orchestrator.ros.driver.passing import Passing
from execution_orchestrator.ros.driver.reporting import (
    Arrived,
    Explain,
    GoalReporter,
    OutputSeen,
    Placed,
    Report,
    failed,
)
from execution_orchestrator.ros.driver.rest import Rest
from execution_orchestrator.ros.driver.seen_motion import SeenMotion
from execution_orchestrator.ros.driver.staged_goals import BuiltGoal, StagedGoals
from execution_orchestrator.ros.driver.task_goals import TaskGoals
from execution_orchestrator.ros.goals import ClientPool
from execution_orchestrator.ros.goals.awaited import AwaitedGoal
from execution_orchestrator.ros.messages.from_fields import MessageFieldError, message_from_fields
from execution_orchestrator.ros.messages.installed import InterfaceNotFoundError, interface_class
from execution_orchestrator.ros.motions import word
from execution_orchestrator.ros.robot_port import RosRobotPort
from execution_orchestrator.ros.stopping import Aftermath, Odometers

log = logging.getLogger(__name__)
HOLD_TIMEOUT = 2.0  # seconds for a server to stand still, before its goal is cancelled instead
LET_GO_TRIES = 5
LOOKS_AFTER = 2  # looks for what follows on something that was left behind and is cancelled
LEFT_BEHIND = 1.0  # seconds after the end of a goal by which those of the servers below have ended
NO_PLACE = "tf has not said yet where the robot is"
FRAME_PATIENCE = 3.0  # seconds for tf to say where the frames of a goal are
FRAME_UNKNOWN = "FRAME_UNKNOWN"
SUBSCRIBER_WAIT = 2.0  # seconds for a topic's subscribers to be discovered


@dataclass(frozen=True, slots=True)
class DriverParts:
    """What the driver is made of."""

    bridge: Bridge
    pool: ClientPool
    port: RosRobotPort
    robot: LoadedRobot
    ledger: StepLedger
    gripper: Callable[[str, str], GripperMemory]
    multi_step: Mapping[str, MultiStepCapability]
    tools: ToolRunner
    conversion: Callable[[str], ConversionContext]
    on_output: OutputSeen
    now: Callable[[], float]
    explain: Explain
    look_first: Callable[[Dispatch, Callable[[], None]], None]
    frames: Callable[[str], Collection[str]]  # that tf knows of a robot
    left_behind: Callable[[str, str], str]  # robot, action type -> server that goes on, or ''
    stale_frames: Callable[[Iterable[str], str], str]  # what is wrong with their places, or ''
    unplaced: Callable[
        [Any, str], bool
    ]  # place, robot -> it is the robot's own, tf does not say where
    placed: Placed
    arrival: ArrivalCheck
    aftermath: Aftermath
    rest: Rest
    server_memory: float  # seconds for which a server surely knows a goal that has ended
    odometers: Odometers


class RobotDriver:
    """Performs Dispatch, Reattach and CancelGoal. Used on the loop's thread only."""

    def __init__(self, parts: DriverParts) -> None:
        self._parts = parts
        self._adapters = {
            name: GenericAdapter(spec, parts.robot.tables)
            for name, spec in parts.robot.model.capabilities.items()
        }
        self._holding: set[asyncio.Task[None]] = set()
        self._staged = StagedGoals()
        self._followers = Followers()
        self._inner: dict[str, UUID] = {}  # goals of steps that are to end, by the whole goal's id
        self._tasks = TaskGoals(parts.bridge.loop, parts.on_output, self._explain_step)

    @property
    def active(self) -> int:
        """Goals without a final result."""
        return self._parts.pool.active + self._tasks.active + self._parts.rest.active

    def dispatch(self, effect: Dispatch, report: Report) -> None:
        """Send a goal, once the base rests if it has to; ``report`` hears what becomes of it."""
        rest = self._parts.rest
        if rest.delays(effect):
            rest.wait(
                effect,
                lambda: self._begin(effect, report, adopt=False),
                lambda: report(GoalCancelled(goal_id=effect.goal_id)),
            )
        else:
            self._begin(effect, report, adopt=False)

    def reattach(self, effect: Reattach, report: Report) -> None:
        """Attach again to a goal of an earlier process."""
        spec = self._parts.robot.model.capabilities.get(effect.capability)
        if effect.interface:
            self._watch(
                effect, effect.interface, effect.server, UUID(effect.goal_id), report, word=word
            )
        elif effect.cancel and spec is not None and spec.python:
            self._watch_step(effect, report)
        else:
            self._begin(effect, report, adopt=True)

    def _watch_step(self, effect: Reattach, report: Report) -> None:
        """Report the end of the step that was under way: the others are not to be done."""
        goal_id = UUID(effect.goal_id)
        step = self._parts.ledger.under_way(goal_id)
        if step is None:
            self._parts.ledger.forget(goal_id)
            report(GoalCancelled(goal_id=effect.goal_id))
            return
        name = name_on(self._namespace(effect.robot), step.server) if effect.robot else step.server
        inner = step_id(goal_id, step.step)
        self._inner[effect.goal_id] = inner

        def last_word(identity: str, outcome: GoalOutcome) -> Input:
            self._inner.pop(identity, None)
            self._parts.ledger.forget(goal_id)
            if outcome.end is GoalEnd.LOST:
                return GoalLost(goal_id=identity, reason=outcome.reason)
            return GoalCancelled(goal_id=identity)

        self._watch(effect, step.interface_type, name, inner, report, word=last_word)

    def _watch(
        self,
        effect: Reattach,
        interface_type: str,
        name: str,
        goal_id: UUID,
        report: Report,
        *,
        word: Callable[[str, GoalOutcome], Input],
    ) -> None:
        """Report the end of one goal on a server; the effect that cancels it follows."""
        pool = self._parts.pool

        def ended(waiting: asyncio.Future[GoalOutcome]) -> None:
            pool.forget(goal_id)
            if not waiting.cancelled():
                report(word(effect.goal_id, waiting.result()))

        listener = AwaitedGoal(
            self._parts.bridge.loop,
            unconfirmed=lambda reason: report(
                GoalLost(goal_id=effect.goal_id, reason=reason, may_run=True)
            ),
        )
        listener.outcome.add_done_callback(ended)
        try:
            pool.adopt(interface_type, name, goal_id, listener)
        except InterfaceNotFoundError as failure:
            report(GoalLost(goal_id=effect.goal_id, reason=str(failure), may_run=True))

    def cancel(self, goal_id: str) -> None:
        """Cancel a goal; its server's result is reported as the outcome."""
        if not self._parts.rest.cancel(goal_id) and not self._tasks.cancel(goal_id):
            self._parts.pool.cancel(self._inner.get(goal_id, UUID(goal_id)))

    def stop_below(self, effect: StopBelow) -> None:
        """Cancel what the servers of these resources do, until the goal has ended."""
        goal_id, pool, tasks = effect.goal_id, self._parts.pool, self._tasks
        self._parts.aftermath.keep_stopped(
            goal_id,
            effect.resources,
            lambda: tasks.follows(goal_id) or pool.follows(self._inner.get(goal_id, UUID(goal_id))),
        )

    def hold(self, effect: HoldGoal, report: Report) -> None:
        """Put a goal on hold on its server, or resume it; a failure is reported."""
        spec = self._parts.robot.model.capabilities.get(effect.capability)
        service = spec.hold.service if spec is not None and spec.hold is not None else ""
        if service and effect.robot:
            service = name_on(self._namespace(effect.robot), service)
        holding = self._parts.bridge.loop.create_task(self._hold(service, effect, report))
        self._holding.add(holding)
        holding.add_done_callback(self._holding.discard)

    async def _hold(self, service: str, effect: HoldGoal, report: Report) -> None:
        if not service:
            reason = f"the capability {effect.capability} names no hold service"
        else:
            # To hold a goal is asked once, as it is cancelled instead; to resume it several times.
            for _ in range(1 if effect.hold else LET_GO_TRIES):
                reason = await self._ask_to_hold(service, hold=effect.hold)
                if not reason:
                    return
        report(HoldFailed(goal_id=effect.goal_id, hold=effect.hold, reason=reason))

    async def _ask_to_hold(self, service: str, *, hold: bool) -> str:
        """Call the service; return why it did not do it, empty if it did."""
        try:
            answer = await self._parts.port.call_service(
                "std_srvs/srv/SetBool", service, {"data": hold}, timeout=HOLD_TIMEOUT
            )
        except RobotCallError as failure:
            return str(failure)
        return "" if answer["success"] else f"{service} says: {answer['message'] or 'no'}"

    def prepare(self, capabilities: list[str]) -> None:
        """Make the endpoints of these capabilities' servers, so that the first goal is fast."""
        for name in capabilities:
            spec = self._parts.robot.model.capabilities.get(name)
            if spec is not None and spec.interface.kind == "action":
                try:
                    self._parts.pool.channel(spec.interface.type, spec.interface.name)
                except InterfaceNotFoundError:
                    continue

    def prestage(self, upcoming: Upcoming) -> None:
        """Look for the server of what comes next and build its goal; nothing is sent."""
        spec = self._parts.robot.model.capabilities.get(upcoming.capability)
        if spec is None or spec.interface.kind != "action" or upcoming.several:
            return
        interface = spec.interface
        adapter = self._adapters[upcoming.capability]
        try:
            channel = self._parts.pool.channel(interface.type, interface.name)
            if not channel.active and not channel.is_ready():
                log.info(
                    "%s comes next, and its server %s is not there (yet)",
                    upcoming.key,
                    interface.name,
                )
            if upcoming.parameters is None or adapter.spec.python:
                return
            context = self._parts.conversion(adapter.spec.frame)
            goal = _built(interface.type, adapter.goal_fields(upcoming.parameters, context))
        except (GoalError, MessageFieldError, InterfaceNotFoundError):
            # It may be another goal by then; if not, the dispatch says what is wrong with it.
            return
        self._staged.put(upcoming, upcoming.parameters, context, goal)

    def abandon(self) -> None:
        """Stop following the goals; they run on, and the next process takes them up again."""
        self._parts.rest.abandon()
        self._tasks.abandon()

    async def stop(self, timeout: float) -> None:
        """Cancel what runs as a task and wait, at most ``timeout`` seconds."""
        await self._parts.rest.stop()
        await self._tasks.stop(timeout)

    # ------------------------------------------------------------------ each kind

    def _begin(self, effect: Dispatch, report: Report, *, adopt: bool) -> None:
        spec = self._parts.robot.model.capabilities.get(effect.capability)
        if spec is None:
            message = (
                f"the capability {effect.capability} is not configured (any more); "
                "add it to a capability file"
            )
            if adopt:
                report(GoalLost(goal_id=effect.goal_id, reason=message, may_run=True))
                return
            report(
                failed(
                    effect.goal_id,
                    ErrorType.ROUTING,
                    "CAPABILITY_UNKNOWN",
                    message,
                    recoverable=False,
                )
            )
            return
        adapter = self._adapters[effect.capability]
        if effect.robot:
            interface = spec.interface
            name = name_on(self._namespace(effect.robot), interface.name)
            spec = spec.model_copy(
                update={"interface": interface.model_copy(update={"name": name})}
            )
        try:
            if adapter.spec.python:
                self._begin_steps(effect, adapter, report, adopt=adopt)
            elif spec.interface.kind == "action":
                self._begin_action(effect, spec, adapter, report, adopt=adopt)
            elif isinstance(effect, Reattach) and (effect.cancel or not effect.idempotent):
                reason = f"nobody knows whether {effect.capability} was done before the restart"
                report(GoalLost(goal_id=effect.goal_id, reason=reason, never_seen=False))
            else:
                work = self._call(effect, spec, adapter, report)
                self._tasks.start(effect, work, report, done=lambda: None)
        except GoalError as failure:
            report(
                failed(
                    effect.goal_id,
                    ErrorType.VALIDATION,
                    "PARAMETER_INVALID",
                    str(failure),
                    parameter=failure.parameter,
                    recoverable=False,
                )
            )
        except (MessageFieldError, InterfaceNotFoundError) as failure:
            report(
                failed(
                    effect.goal_id,
                    ErrorType.VALIDATION,
                    "GOAL_INVALID",
                    str(failure),
                    recoverable=False,
                )
            )

    def _begin_action(
        self,
        effect: Dispatch,
        spec: CapabilitySpec,
        adapter: GenericAdapter,
        report: Report,
        *,
        adopt: bool,
    ) -> None:
        goal_id = UUID(effect.goal_id)
        pool = self._parts.pool
        # The beginning of an adopted goal's path was not recorded.
        passing = None if adopt else self._passing(effect, spec, adapter)
        motion = None if adopt else self._seen_motion(effect, spec)
        if motion is not None:
            report = partial(motion.report, report=report)

        def done() -> None:
            pool.forget(goal_id)
            if passing is not None:
                passing.stop()

        listener = GoalReporter(
            effect,
            adapter,
            report,
            done=done,
            on_output=self._parts.on_output,
            placed=self._parts.placed,
            loop=self._parts.bridge.loop,
            explain=self._parts.explain,
            look_first=self._parts.look_first,
            server_died=lambda reason: self._parts.aftermath.server_died(
                effect.goal_id, effect.robot, _held(effect, spec), reason, report
            ),
            server_silent=lambda reason, tell: self._parts.aftermath.server_silent(
                effect.goal_id, effect.robot, _held(effect, spec), reason, tell
            ),
            still_silent=lambda: pool.silent(goal_id),
            ended_early=lambda: self._look_below(effect, spec),
            arrived=self._arrived(effect, spec, adapter, passing),
            mapper=self._followers.of(effect, adapter),
            may_be_done=self._may_be_done(effect),
        )
        interface = spec.interface
        if adopt:
            pool.adopt(interface.type, interface.name, goal_id, listener)
            return
        context = replace(self._parts.conversion(adapter.spec.frame), stretch=effect.timeout_factor)
        goal = self._staged.take(effect, context) if effect.timeout_factor == 1.0 else None
        if goal is None:
            goal = _built(interface.type, adapter.goal_fields(effect.parameters, context))
        message = goal.message

        def send() -> None:
            if passing is not None:
                passing.start()
            if motion is not None:
                motion.start()
            pool.send(interface.type, interface.name, goal_id, message, listener)

        def send_seen() -> None:
            report(GoalNoticed(goal_id=effect.goal_id))
            send()

        if self._unplaced(effect, spec) or self._without_place(effect, goal.frames)[0]:
            self._await_place(effect, spec, goal.frames, send, report)
        elif passing is not None and not passing.sees:
            # The way has to be seen from its beginning.
            self._await_tf(effect, NO_PLACE, lambda: passing.sees, send_seen, report)
        else:
            send()

    def _without_place(self, effect: Dispatch, frames: frozenset[str]) -> tuple[str, str]:
        """Return code and words of what tf does not say of a goal's frames; empty: it says all."""
        known = self._parts.frames(effect.robot)
        strange = unknown_frames(frames, known)
        if strange:
            there = ", ".join(sorted(known)[:12])
            return FRAME_UNKNOWN, f"tf knows no frame {', '.join(strange)} (it knows {there})"
        stale = self._parts.stale_frames(frames, effect.robot)
        return ("TRANSFORM_STALE", stale) if stale else ("", "")

    def _unplaced(self, effect: Dispatch, spec: CapabilitySpec) -> bool:
        """Whether a target moves with a robot whose place tf does not say now."""
        given = effect.parameters
        return any(
            self._parts.unplaced(given[name], effect.robot)
            for name in spec.targets
            if name in given
        )

    def _await_place(
        self,
        effect: Dispatch,
        spec: CapabilitySpec,
        frames: frozenset[str],
        send: Callable[[], None],
        report: Report,
    ) -> None:
        """Wait a moment for a transform that is missing: its publisher may have just been started.

        A target that moves with the robot is fixed in the map before its goal is sent, so the
        action begins again once tf has the robot's pose.
        """
        goal_id = effect.goal_id
        unplaced = self._unplaced(effect, spec)
        notice = self._without_place(effect, frames)[1] or NO_PLACE

        def go_on() -> None:
            code, words = self._without_place(effect, frames)
            if code:
                words = f"{words}; nothing was sent"
                # A frame that was not published by now will be missing in a second attempt, too.
                again = code != FRAME_UNKNOWN
                report(failed(goal_id, ErrorType.TRANSFORMATION, code, words, recoverable=again))
            elif unplaced and not self._unplaced(effect, spec):
                words = "only now tf says where the robot is; nothing was sent before"
                report(failed(goal_id, ErrorType.TRANSFORMATION, LATE_TRANSFORM, words))
            else:
                report(GoalNoticed(goal_id=goal_id))
                send()

        self._await_tf(
            effect,
            notice,
            lambda: not self._without_place(effect, frames)[0] and not self._unplaced(effect, spec),
            go_on,
            report,
        )

    def _await_tf(
        self,
        effect: Dispatch,
        notice: str,
        ready: Callable[[], bool],
        go_on: Callable[[], None],
        report: Report,
    ) -> None:
        """Wait until tf has the transforms that a goal needs, for a moment at most."""
        goal_id = effect.goal_id
        report(GoalNoticed(goal_id=goal_id, notice=notice))
        self._parts.rest.wait_until(
            ready, FRAME_PATIENCE, effect, go_on, lambda: report(GoalCancelled(goal_id=goal_id))
        )

    def _look_below(self, effect: Dispatch, spec: CapabilitySpec) -> None:
        """Cancel the goals of the servers below, a moment after a goal was cancelled or aborted.

        A navigator that cancelled its goal, and did not reach the controller, leaves it driving.
        A server that continues with the next part of its list is cancelled again.
        """

        def look(more: int) -> None:
            server = self._parts.left_behind(effect.robot, effect.capability)
            if server:
                log.warning("%s goes on although %s has ended; cancelled", server, effect.key)
                self._parts.aftermath.cancel_below(effect.goal_id, _held(effect, spec))
                more = LOOKS_AFTER
            if more:
                self._parts.bridge.loop.call_later(LEFT_BEHIND, look, more - 1)

        self._parts.bridge.loop.call_later(LEFT_BEHIND, look, 0)

    def _passing(
        self, effect: Dispatch, spec: CapabilitySpec, adapter: GenericAdapter
    ) -> Passing | None:
        if spec.arrival is None:
            return None
        context = self._parts.conversion(adapter.spec.frame)
        return self._parts.arrival.watch(spec.arrival, effect, context)

    def _seen_motion(self, effect: Dispatch, spec: CapabilitySpec) -> SeenMotion | None:
        """Return who watches by odometry how far a relative motion comes, if its goal has one."""
        amount = effect.parameters.get(spec.resume.into) if spec.resume is not None else None
        if spec.resume is None or not spec.resume.seen or not isinstance(amount, int | float):
            return None
        odometers = self._parts.odometers
        return SeenMotion(
            self._parts.bridge.loop,
            spec.resume,
            float(amount),
            travelled=lambda: odometers.travelled(effect.robot),
            motion=lambda: odometers.of(effect.robot).motion,
        )

    def _arrived(
        self,
        effect: Dispatch,
        spec: CapabilitySpec,
        adapter: GenericAdapter,
        passing: Passing | None,
    ) -> Arrived | None:
        rule = spec.arrival
        if rule is None:
            return None
        check, context = self._parts.arrival, self._parts.conversion
        return lambda report: check.look(rule, effect, context(adapter.spec.frame), report, passing)

    def _explain_step(
        self,
        effect: Dispatch,
        error: ErrorInfo,
        tell: Callable[[ErrorInfo], None],
        /,
        *,
        since: float,
    ) -> None:
        """Find out why a step failed; the servers below one that died are stopped."""
        if error.code == "GOAL_LOST":
            spec = self._parts.robot.model.capabilities[effect.capability]
            self._parts.aftermath.cancel_below(effect.goal_id, _held(effect, spec))
        self._parts.explain(effect, error, tell, since=since)

    def _namespace(self, robot: str) -> str:
        known = self._parts.robot.model.robots.get(robot)
        # A robot that was taken out of the configuration while it worked had its name for one.
        return known.namespace if known is not None else f"/{robot}"

    def _may_be_done(self, effect: Dispatch) -> bool:
        """Whether a server that does not know this goal may nevertheless have done it.

        Servers forget a goal some seconds after its end. Until then "unknown" means "never seen".
        """
        if not isinstance(effect, Reattach) or effect.idempotent:
            return False
        age = self._parts.now() - effect.dispatched
        return effect.accepted or age > self._parts.server_memory

    def _begin_steps(
        self, effect: Dispatch, adapter: GenericAdapter, report: Report, *, adopt: bool
    ) -> None:
        goal_id = UUID(effect.goal_id)

        def progress(done: float, phase: str) -> None:
            said = {"progress": done, "phase": phase} if effect.feedback else None
            report(GoalProgress(goal_id=effect.goal_id, progress=done, phase=phase, feedback=said))

        def unconfirmed(reason: str) -> None:
            report(GoalLost(goal_id=effect.goal_id, reason=reason, may_run=True))

        context = StepContext(
            goal_id=goal_id,
            parameters={**adapter.spec.settings, **effect.parameters},
            conversion=self._parts.conversion(adapter.spec.frame),
            robot=(
                NamespacedPort(self._parts.port, self._namespace(effect.robot))
                if effect.robot
                else self._parts.port
            ),
            tables=self._parts.robot.tables,
            ledger=self._parts.ledger,
            gripper=self._parts.gripper(effect.robot, f"{effect.execution_id}/{effect.key}"),
            report=progress,
            unconfirmed=unconfirmed,
            adopting=adopt,
        )
        capability = self._parts.multi_step[adapter.spec.python]
        self._tasks.start(
            effect,
            capability.run(context),
            report,
            done=lambda: self._parts.ledger.forget(goal_id),
        )

    async def _call(
        self, effect: Dispatch, spec: CapabilitySpec, adapter: GenericAdapter, report: Report
    ) -> Mapping[str, Any]:
        interface = spec.interface
        if interface.kind == "tool":
            return await self._parts.tools.run(spec, effect.parameters)
        try:
            fields = adapter.goal_fields(
                effect.parameters, self._parts.conversion(adapter.spec.frame)
            )
        except GoalError as failure:
            raise StepFailedError(
                ErrorInfo(
                    type=ErrorType.VALIDATION,
                    code="PARAMETER_INVALID",
                    message=str(failure),
                    recoverable=False,
                )
            ) from None
        if interface.kind == "service":
            answer = await self._parts.port.call_service_to_its_end(
                interface.type,
                interface.name,
                fields,
                timeout=effect.timeout or spec.timeout,
                unconfirmed=lambda reason: report(
                    GoalLost(goal_id=effect.goal_id, reason=reason, may_run=True)
                ),
            )
            output, error = adapter.outcome(answer)
            if error is not None:
                raise StepFailedError(error)
            return output
        return await self._publish(spec, adapter, fields)

    async def _publish(
        self, spec: CapabilitySpec, adapter: GenericAdapter, fields: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        interface = spec.interface
        wanted = adapter.spec.interface.wait_for_subscribers
        port = self._parts.port
        if wanted and not await port.wait_for_subscribers(
            interface.type, interface.name, wanted, timeout=SUBSCRIBER_WAIT
        ):
            raise RobotCallError(
                f"nobody listens on {interface.name}: {wanted} subscribers are needed"
            )
        await port.publish(interface.type, interface.name, fields)
        return {}


def _built(kind: str, fields: Mapping[str, Any]) -> BuiltGoal:
    """Return the goal of an action type with these fields.

    Raises:
        MessageFieldError: the type has no such fields, or not of such values.
        InterfaceNotFoundError: it is not installed.

    """
    message = message_from_fields(interface_class(kind).Goal, fields)
    return BuiltGoal(message, frozenset(frames_in(fields)))


def _held(effect: Dispatch, spec: CapabilitySpec) -> list[str]:
    """Return what a goal holds, by the names of its robot."""
    prefix = f"{effect.robot}/" if effect.robot else ""
    return [f"{prefix}{demand.resource}" for demand in spec.resources]
