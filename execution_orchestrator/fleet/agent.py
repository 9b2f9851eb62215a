"""The agent of one robot: takes tasks from Temporal when its orchestrator may have one.

The task queues are the load balancer: for each set of needs that running missions have and the
robot fulfils there is a worker, whose slot is given only while the robot is free and able. Tasks
that the robot has begun, and those meant for it alone, come by its own queue.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
import random
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from itertools import takewhile
from typing import Protocol
from uuid import uuid4

from temporalio import activity
from temporalio.api.common.v1 import Payloads, WorkflowExecution
from temporalio.api.enums.v1 import TaskQueueType, UpdateWorkflowExecutionLifecycleStage
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.update.v1 import Input, Meta, Request, WaitPolicy
from temporalio.api.workflowservice.v1 import (
    DescribeTaskQueueRequest,
    UpdateWorkflowExecutionRequest,
)
from temporalio.client import Client
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory
from temporalio.service import RPCError, RPCStatusCode
from temporalio.worker import (
    CustomSlotSupplier,
    FixedSizeSlotSupplier,
    SlotMarkUsedContext,
    SlotPermit,
    SlotReleaseContext,
    SlotReserveContext,
    Worker,
    WorkerTuner,
)

from execution_orchestrator.fleet import orders
from execution_orchestrator.fleet.connection import is_unknown
from execution_orchestrator.fleet.mission import MORE, NEEDS, MissionWorkflow
from execution_orchestrator.fleet.needs import Demand, Offer, control_queue, own_queue
from execution_orchestrator.fleet.orders import Claim, Control, Heartbeat, TaskOrder, TaskOutcome
from execution_orchestrator.fleet.sizes import that_fits
from execution_orchestrator.fleet.worker import is_running, mission_worker

log = logging.getLogger(__name__)
LOOK = 2.0  # seconds between two looks at what running missions need, at least,
PAUSES = 20.0  # times the duration of the last look, so that a large fleet does not load Temporal,
LONGEST_LOOK = 30.0  # and at most so many seconds
BEAT = 1.0  # seconds between two looks whether a task has news for its next heartbeat
SILENCE = 4.0  # seconds without news, after which a heartbeat says that the robot is there
STEP = 5.0  # per cent of progress that are news
KEPT = 600.0  # seconds that a queue is polled after the last mission that needed it
MOST_QUEUES = 64  # that one robot polls
MOST_MISSIONS = 1000  # that are looked at for their needs
MOST_OWN = 20  # tasks of the robot's own queue that may wait in the agent
MOST_CONTROLS = 20
ASK_AGAIN = 10.0  # seconds until the mission of a waiting task is asked again
TIDY = 30.0  # seconds between two looks for executions that no longer belong to a mission
ANSWER = 20.0  # seconds for an answer of a mission
# By default Temporal accepts ten concurrent updates of one workflow. Another one is refused and
# aborts those ten, so a refused agent must not ask again soon.
CROWDED = (RPCStatusCode.RESOURCE_EXHAUSTED, RPCStatusCode.ABORTED)
CROWD = 1.0  # seconds over which refused agents spread their next question, doubled each time,
LONGEST_CROWD = 10.0  # and at most so many
MORE_AT_ONCE = "so many robots wait for each other; let Temporal take more (docs/fleet.md)"
ANSWERED = UpdateWorkflowExecutionLifecycleStage.UPDATE_WORKFLOW_EXECUTION_LIFECYCLE_STAGE_COMPLETED
TWINS = 30.0  # seconds between two looks for other agents of this robot


def pause_after(took: float) -> float:
    """Return the seconds until the next look at what missions need, by those that one took.

    Agents that were started together do not look together for long.
    """
    return min(max(LOOK, PAUSES * took), LONGEST_LOOK) * random.uniform(0.75, 1.25)


class Robot(Protocol):
    """A robot as its agent sees it. Called on the agent's loop."""

    name: str

    @property
    def offer(self) -> Offer:
        """Return what it can do now."""

    @property
    def unable(self) -> str:
        """Return why it may take nothing (emergency stop ...), empty if it may."""

    @property
    def busy(self) -> list[str]:
        """Return the ids of the executions that have not ended."""

    async def changed(self, timeout: float) -> None:
        """Return when something of the above may have changed, or the time (seconds) is over."""

    async def knows(self, execution_id: str) -> bool | None:
        """Say whether it has an execution, running or ended; None if it cannot tell now."""

    async def run(self, order: TaskOrder, watch: Watch) -> TaskOutcome:
        """Do it, or re-attach to it; never twice. Begins nothing before ``watch.claim`` allows it.

        Raises:
            HandedBackError: nothing has begun, and the mission does not want it here.

        """

    async def control(self, request: Control) -> str:
        """Do what is asked about an execution, and return what was done.

        Raises:
            RefusedError: it was refused; the message says why.

        """

    def of_missions(self) -> dict[str, str]:
        """Return the missions (workflow ids) of unfinished executions by their ids."""


class HandedBackError(Exception):
    """The robot does not do this task, and nothing of it has begun."""


class RefusedError(Exception):
    """The robot refuses what is asked; asking again would not help."""


@dataclass
class Watch:
    """What passes between a task on the robot and its mission while it runs."""

    claim: Callable[[], Awaitable[str]]
    beat: Heartbeat
    stop: asyncio.Event = field(default_factory=asyncio.Event)


class _Gate(CustomSlotSupplier):
    """Gives one slot at a time, and only while the robot may take a task of the queue."""

    def __init__(self, robot: Robot, shut: Callable[[], str]) -> None:
        self._robot = robot
        self._shut = shut
        self._loop = asyncio.get_running_loop()
        self._back = asyncio.Event()
        self._back.set()
        self.look = asyncio.Event()  # set when the agent itself became free

    async def reserve_slot(self, ctx: SlotReserveContext) -> SlotPermit:
        del ctx
        await self._back.wait()
        while self._shut():
            self.look.clear()
            waits = [
                asyncio.ensure_future(self._robot.changed(LOOK)),
                asyncio.ensure_future(self.look.wait()),
            ]
            try:
                await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for one in waits:
                    one.cancel()
        self._back.clear()
        return SlotPermit()

    def try_reserve_slot(self, ctx: SlotReserveContext) -> SlotPermit | None:
        del ctx
        return None

    def mark_slot_used(self, ctx: SlotMarkUsedContext) -> None:
        pass

    def release_slot(self, ctx: SlotReleaseContext) -> None:
        del ctx
        with contextlib.suppress(RuntimeError):  # the loop has ended
            self._loop.call_soon_threadsafe(self._back.set)


def _handed_back(why: str) -> ApplicationError:
    """Return what gives a task back to its queue; nothing has gone wrong."""
    return ApplicationError(
        why,
        type=orders.HANDED_BACK,
        non_retryable=True,
        category=ApplicationErrorCategory.BENIGN,
    )


class Agent:
    """Takes tasks for one robot until it is stopped."""

    def __init__(self, client: Client, robot: Robot, *, missions: bool = True) -> None:
        self._client = client
        self._robot = robot
        self._missions = missions
        self._identity = f"{robot.name} ({client.identity})"  # in Temporal's UI
        # How urgent the executions are whose activity runs in this agent, as they came.
        self._here: dict[str, float] = {}
        self._queues: dict[str, asyncio.Task[None]] = {}
        self._gates: dict[str, _Gate] = {}
        self._needed: dict[str, float] = {}
        self._crowd_logged = False

    async def run(self) -> None:
        """Take tasks; cancelled, it leaves those that run to their robot, for the next agent."""
        name = self._robot.name
        async with asyncio.TaskGroup() as group:
            if self._missions:
                group.create_task(mission_worker(self._client).run())
            own = self._worker(own_queue(name), FixedSizeSlotSupplier(MOST_OWN))
            group.create_task(own.run())
            control = Worker(
                self._client,
                identity=self._identity,
                task_queue=control_queue(name),
                activities=[self._control_task],
                max_concurrent_activities=MOST_CONTROLS,
                max_concurrent_activity_task_polls=1,
            )
            group.create_task(control.run())
            group.create_task(self._follow_needs(group))
            group.create_task(self._tidy())
            group.create_task(self._look_for_twins())

    # ------------------------------------------------------------------ queues

    def _worker(self, queue: str, slots: CustomSlotSupplier | FixedSizeSlotSupplier) -> Worker:
        one = FixedSizeSlotSupplier(1)
        return Worker(
            self._client,
            identity=self._identity,
            task_queue=queue,
            activities=[self._run_task],
            tuner=WorkerTuner.create_composite(
                workflow_supplier=one,
                activity_supplier=slots,
                local_activity_supplier=one,
                nexus_supplier=one,
            ),
            max_concurrent_activity_task_polls=1,
            max_heartbeat_throttle_interval=timedelta(seconds=BEAT),
            default_heartbeat_throttle_interval=timedelta(seconds=BEAT),
            disable_eager_activity_execution=True,
        )

    async def _follow_needs(self, group: asyncio.TaskGroup) -> None:
        """Poll the queues of what running missions need, as far as this robot has it."""
        while True:
            began = time.monotonic()
            try:
                wanted = await self._wanted()
            except RPCError as failure:
                log.warning("the missions cannot be listed: %s; trying again", failure.message)
            else:
                now = time.monotonic()
                for queue in wanted:
                    self._needed[queue] = now
                self._needed = {
                    queue: since
                    for queue, since in self._needed.items()
                    if now - since <= KEPT and self._could(queue)
                }
                # Those that were wanted last, if there are too many.
                newest = sorted(self._needed, key=lambda one: -self._needed[one])[:MOST_QUEUES]
                for queue in set(self._queues) - set(newest):
                    self._queues.pop(queue).cancel()
                    del self._gates[queue]
                for queue in newest:
                    if queue not in self._queues:
                        gate = _Gate(self._robot, partial(self._shut, queue))
                        self._gates[queue] = gate
                        self._queues[queue] = group.create_task(self._poll(queue, gate))
            await asyncio.sleep(pause_after(time.monotonic() - began))

    async def _poll(self, queue: str, gate: _Gate) -> None:
        with contextlib.suppress(asyncio.CancelledError):
            log.info("%s takes tasks of %s", self._robot.name, queue)
            await self._worker(queue, gate).run()

    async def _wanted(self) -> set[str]:
        found: set[str] = set()
        query = "WorkflowType = 'Mission' AND ExecutionStatus = 'Running'"
        async for one in self._client.list_workflows(query, limit=MOST_MISSIONS):
            needs = one.typed_search_attributes.get(NEEDS) or ()
            found.update(await self._queues_of(one.id) if MORE in needs else needs)
        return found

    async def _queues_of(self, mission: str) -> list[str]:
        handle = self._client.get_workflow_handle_for(MissionWorkflow.run, mission)
        try:
            return await handle.query(MissionWorkflow.queues, rpc_timeout=timedelta(seconds=ANSWER))
        except RPCError as failure:
            log.warning("the mission %s cannot be asked: %s", mission, failure.message)
            return []

    def _could(self, queue: str) -> bool:
        """Say whether the robot can do this at all, however its battery is now."""
        demand = Demand.read(queue)
        if demand is None or self._robot.name in demand.others_than:
            return False
        return not replace(demand, battery=0.0).unmet(self._robot.offer)

    def _shut(self, queue: str) -> str:
        """Return why no task of a queue may be taken now, empty if one may."""
        demand = Demand.read(queue)
        busy = {*self._robot.busy, *self._here}
        if busy:
            return f"it works on {', '.join(sorted(busy))}"
        return self._robot.unable or (demand.unmet(self._robot.offer) if demand else "")

    # ------------------------------------------------------------------ activities

    @activity.defn(name=orders.RUN_TASK)
    async def _run_task(self, order: TaskOrder) -> TaskOutcome:
        info = activity.info()
        own = info.task_queue == own_queue(self._robot.name)
        if order.execution_id in self._here:
            # The activity before was given up by Temporal and has not noticed yet.
            raise _handed_back("it is still being asked")
        why = "" if own else self._shut(info.task_queue)
        if why:
            raise _handed_back(why)
        self._here[order.execution_id] = order.priority
        try:
            return that_fits(await self._watched(order))
        except HandedBackError as failure:
            raise _handed_back(str(failure)) from None
        finally:
            del self._here[order.execution_id]
            for gate in self._gates.values():
                gate.look.set()

    async def _watched(self, order: TaskOrder) -> TaskOutcome:
        """Run it with heartbeats; a cancel by the mission is passed on and its end waited for."""
        watch = Watch(lambda: self._claim(order), Heartbeat(self._robot.name, order.execution_id))
        own = activity.info().task_queue == own_queue(self._robot.name)
        beats = asyncio.create_task(_beat(watch.beat))
        run = asyncio.create_task(self._when_able(order, watch, may_have_begun=own))
        try:
            while True:
                try:
                    return await asyncio.shield(run)
                except asyncio.CancelledError:
                    details = activity.cancellation_details()
                    if run.done() or details is None or not details.cancel_requested:
                        raise
                    watch.stop.set()
        finally:
            run.cancel()
            beats.cancel()
            await asyncio.gather(run, beats, return_exceptions=True)

    async def _when_able(
        self, order: TaskOrder, watch: Watch, *, may_have_begun: bool
    ) -> TaskOutcome:
        """Wait until the robot may begin; a task that it has begun continues at once."""
        if may_have_begun:
            await self._must_know(order, watch)
        ask_at = 0.0
        while order.execution_id not in self._robot.busy:
            others = {*self._robot.busy, *self._ahead_of(order.execution_id)}
            why = self._robot.unable or ("it works on something else" if others else "")
            if not why:
                break
            if time.monotonic() >= ask_at:
                if not await self._is_new(order):
                    break
                ask_at = time.monotonic() + ASK_AGAIN
            if watch.stop.is_set():
                raise HandedBackError("cancelled before it began")
            watch.beat.reason = f"waits: {why}"
            await self._robot.changed(LOOK)
        self._here[order.execution_id] = math.inf  # nothing overtakes it any more
        return await self._robot.run(order, watch)

    async def _must_know(self, order: TaskOrder, watch: Watch) -> None:
        """Refuse what a robot of this name has begun, and this one does not know.

        Two robots may have been given one name, or its journal is gone: it would be done twice.

        Raises:
            ApplicationError: it is so; a person has to decide.

        """
        while (known := await self._robot.knows(order.execution_id)) is None:
            watch.beat.reason = self._robot.unable or "its orchestrator does not answer"
            await self._robot.changed(LOOK)
        while not known:
            try:
                holder = await self._holder(order)
            except RPCError as failure:
                if is_unknown(failure):
                    return
                log.warning("the mission %s cannot be asked: %s", order.mission, failure.message)
                await asyncio.sleep(LOOK)
                continue
            if holder != self._robot.name:
                return
            message = (
                f"{self._robot.name} has begun it, and its orchestrator does not know it: another "
                "robot has the same name, or its journal is gone; `mission move` gives it on"
            )
            log.error("%s of %s: %s", order.task, order.mission, message)
            raise ApplicationError(message, type=orders.NOT_HERE, non_retryable=True)

    def _ahead_of(self, execution_id: str) -> Iterator[str]:
        """Yield those that begin before one: the more urgent, then who came first."""
        line = sorted(self._here, key=lambda one: -self._here[one])
        return takewhile(lambda one: one != execution_id, line)

    async def _is_new(self, order: TaskOrder) -> bool:
        """Say whether this robot has not begun it; True also while the mission does not answer."""
        try:
            return await self._holder(order) != self._robot.name
        except RPCError as failure:
            # Of a mission that is gone it need not wait: it may not begin.
            return not is_unknown(failure)

    async def _holder(self, order: TaskOrder) -> str:
        """Return the robot to which the mission has given it, empty before."""
        handle = self._client.get_workflow_handle_for(MissionWorkflow.run, order.mission)
        return await handle.query(
            MissionWorkflow.holder, order.execution_id, rpc_timeout=timedelta(seconds=ANSWER)
        )

    async def _claim(self, order: TaskOrder) -> str:
        """Ask the mission whether to begin; waits for Temporal as long as it is away."""
        claim = Claim(order.task, order.execution_id, self._robot.name)
        question = UpdateWorkflowExecutionRequest(
            namespace=self._client.namespace,
            workflow_execution=WorkflowExecution(workflow_id=order.mission),
            wait_policy=WaitPolicy(lifecycle_stage=ANSWERED),
            request=Request(
                # The same however often it is asked: an answer that got lost is given again.
                meta=Meta(update_id=str(uuid4()), identity=self._identity),
                input=Input(
                    name=orders.CLAIM,
                    args=Payloads(payloads=await self._client.data_converter.encode([claim])),
                ),
            ),
        )
        crowd, logged = CROWD, ""
        while True:
            try:
                answer = await self._client.workflow_service.update_workflow_execution(
                    question, retry=False, timeout=timedelta(seconds=ANSWER)
                )
            except RPCError as failure:
                if is_unknown(failure):
                    return "no"
                pause = BEAT
                if failure.status in CROWDED:
                    if not self._crowd_logged:
                        self._crowd_logged = True
                        log.warning("%s: %s; %s", order.mission, failure.message, MORE_AT_ONCE)
                    pause = random.uniform(crowd / 2, crowd)
                    crowd = min(2 * crowd, LONGEST_CROWD)
                elif failure.message != logged:
                    logged = failure.message
                    log.warning("the mission %s cannot be asked: %s", order.mission, logged)
                await asyncio.sleep(pause)
            else:
                if answer.outcome.HasField("failure"):
                    raise RuntimeError(answer.outcome.failure.message)
                if answer.outcome.HasField("success"):
                    payloads = answer.outcome.success.payloads
                    (said,) = await self._client.data_converter.decode(payloads, [str])
                    return str(said)

    @activity.defn(name=orders.CONTROL_TASK)
    async def _control_task(self, request: Control) -> str:
        try:
            return await self._robot.control(request)
        except RefusedError as failure:
            raise ApplicationError(str(failure), type="Refused", non_retryable=True) from None

    # ------------------------------------------------------------------ started twice

    async def _look_for_twins(self) -> None:
        """Tell of other agents that take tasks for a robot of this name; each tells of the other.

        Nothing is done twice by them, but the robot may be given two tasks at once.
        """
        asked = DescribeTaskQueueRequest(
            namespace=self._client.namespace,
            task_queue=TaskQueue(name=own_queue(self._robot.name)),
            task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY,
        )
        seen: dict[str, int] = {}
        logged: set[str] = set()
        while True:
            with contextlib.suppress(RPCError):  # other calls report that Temporal is unreachable
                found = await self._client.workflow_service.describe_task_queue(asked)
                # Temporal lists dead pollers for a while; a live one shows a newer access time.
                for one in found.pollers:
                    polled = one.last_access_time.ToNanoseconds()
                    lives = polled > seen.get(one.identity, polled)
                    seen[one.identity] = polled
                    if lives and one.identity not in (self._identity, *logged):
                        logged.add(one.identity)
                        log.error(
                            "%s also takes tasks for %s: end one of both, or give each robot a "
                            "name of its own",
                            one.identity,
                            self._robot.name,
                        )
            await asyncio.sleep(TWINS)

    # ------------------------------------------------------------------ what is left over

    async def _tidy(self) -> None:
        """Cancel executions that their missions do not want here any more."""
        unwanted: set[str] = set()
        while True:
            found: set[str] = set()
            for execution_id, mission in self._robot.of_missions().items():
                if execution_id in self._here:
                    continue
                try:
                    if await self._is_unwanted(mission, execution_id):
                        found.add(execution_id)
                except RPCError as failure:
                    log.warning("the mission %s cannot be asked: %s", mission, failure.message)
            # Unwanted in two looks: between two activities of a task no agent holds it.
            for execution_id in found & unwanted:
                log.warning("%s belongs to no mission any more: cancelled", execution_id)
                request = Control(
                    execution_id, "cancel", "its mission does not want it here any more"
                )
                with contextlib.suppress(RefusedError):
                    await self._robot.control(request)
            unwanted = found - unwanted
            await asyncio.sleep(BEAT * 5 if found else TIDY)

    async def _is_unwanted(self, mission: str, execution_id: str) -> bool:
        if not await is_running(self._client, mission):
            return True
        handle = self._client.get_workflow_handle_for(MissionWorkflow.run, mission)
        return await handle.query(MissionWorkflow.holder, execution_id) != self._robot.name


async def _beat(beat: Heartbeat) -> None:
    """Tell Temporal of a task: when there is news, and that the robot is there.

    Each heartbeat costs the server as much as a step of a task. What lasts no longer than a
    moment needs none, and that its mission is cancelled a robot hears otherwise (`Asking.stop`).
    """
    sent, silent = Heartbeat(beat.robot, beat.execution_id), 0.0
    while True:
        await asyncio.sleep(BEAT)
        silent += BEAT
        if silent >= SILENCE or is_news(beat, sent):
            sent, silent = replace(beat), 0.0
            activity.heartbeat(sent)


def is_news(beat: Heartbeat, sent: Heartbeat) -> bool:
    """Say whether a heartbeat tells more than the one before."""
    same = replace(beat, progress=sent.progress) == sent
    return not same or abs(beat.progress - sent.progress) >= STEP
