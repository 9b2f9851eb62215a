"""Publishes what happens: events and recoveries at once, the state at a bounded rate."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy

from execution_orchestrator.engine import events as ev
from execution_orchestrator.engine.inputs import GoalProgress
from execution_orchestrator.msg import ExecutionEvent, OrchestratorState, RecoveryEvent
from execution_orchestrator.observation import Observation
from execution_orchestrator.plan.capability import ResourceSpec
from execution_orchestrator.ros.interface.execute_command import ExecuteCommandServer
from execution_orchestrator.ros.interface.state_messages import (
    event_messages,
    recovery_message,
)
from execution_orchestrator.ros.interface.state_snapshots import StateSnapshots
from execution_orchestrator.storage.journal import JournalEntry

LATCHED = QoSProfile(
    depth=1,
    reliability=ReliabilityPolicy.RELIABLE,
    durability=DurabilityPolicy.TRANSIENT_LOCAL,
)
RELIABLE = QoSProfile(depth=100, reliability=ReliabilityPolicy.RELIABLE)
STATE_SHARE = 0.05  # of the processor's time that large state messages may take
HEARTBEAT = 5.0  # seconds after which the state is published although nothing changed
LONGEST_SLICE = 0.003  # seconds that a state is worked at before the loop does something else
UNWATCHED = 1.0  # seconds between two states while nobody subscribes: for those who come late


class Publishing:
    """Observer of the runtime, after the observation itself. Used on the loop's thread."""

    def __init__(
        self,
        node: Any,
        observation: Observation,
        resources: Mapping[str, ResourceSpec],
        *,
        instance_id: str,
        queue_capacity: int,
        state_period: float,
        failure: Callable[[], str],
        server: Callable[[], ExecuteCommandServer | None],
        now: Callable[[], float],
    ) -> None:
        self._observation = observation
        self._now = now
        self._snapshots = StateSnapshots(
            observation,
            resources,
            instance_id=instance_id,
            queue_capacity=queue_capacity,
            failure=failure,
        )
        self._period = state_period
        self._server = server
        self._changed = asyncio.Event()
        self._published = -UNWATCHED
        self._events = node.create_publisher(ExecutionEvent, "~/events", RELIABLE)
        self._recoveries = node.create_publisher(RecoveryEvent, "~/recovery_events", RELIABLE)
        self._state = node.create_publisher(OrchestratorState, "~/state", LATCHED)
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Publish the state from now on."""
        self._changed.set()
        self._task = asyncio.get_running_loop().create_task(self._run(), name="state")

    def stop(self) -> None:
        """Publish the last state and stop."""
        if self._task is not None:
            self._task.cancel()
        self._publish_state()

    def on_events(self, entries: Sequence[JournalEntry]) -> None:
        """Take note of events that are durable."""
        server = self._server()
        if self._events.get_subscription_count() > 0:
            for message in event_messages(entries, self._correlation_id):
                self._events.publish(message)
        ended = []
        for entry in entries:
            event = entry.event
            recovery = recovery_message(event)
            if recovery is not None:
                self._recoveries.publish(recovery)
            if server is not None and event.execution_id:
                server.note(event.execution_id, entry)
            if isinstance(event, ev.ExecutionFinished):
                ended.append(event.execution_id)
        self._changed.set()
        if server is not None:
            for execution_id in ended:
                server.ended(execution_id)

    def on_feedback(self, feedback: GoalProgress) -> None:
        """Take note that something moved without an event; the observation has it already."""
        self._changed.set()
        execution_id = self._observation.execution_of(feedback.goal_id)
        server = self._server()
        if server is not None and execution_id:
            server.progressed(execution_id)

    def _correlation_id(self, execution_id: str) -> str:
        record = self._observation.executions.get(execution_id)
        return record.correlation_id if record is not None else ""

    async def _run(self) -> None:
        while True:
            try:
                async with asyncio.timeout(HEARTBEAT):
                    await self._changed.wait()
            except TimeoutError:
                pass
            if not self._due():
                await asyncio.sleep(self._period)
                continue
            self._changed.clear()
            # Measured in processor time: while other programs have the processor, a message takes
            # long on the clock, and displays would freeze for seconds.
            cost = await self._publish_in_slices()
            await asyncio.sleep(max(self._period, cost / STATE_SHARE))

    async def _publish_in_slices(self) -> float:
        """Publish the state without holding up the loop; return the processor time it took."""
        self._published = time.monotonic()
        steps = self._snapshots.steps(self._now())
        cost, began = 0.0, time.thread_time()
        while True:
            try:
                next(steps)
            except StopIteration as made:
                self._state.publish(made.value)
                return cost + time.thread_time() - began
            taken = time.thread_time() - began
            if taken > LONGEST_SLICE:
                cost += taken
                await asyncio.sleep(0)
                began = time.thread_time()

    def _due(self) -> bool:
        """Whether the state has subscribers, or what late joiners would get is old."""
        old = time.monotonic() - self._published >= UNWATCHED
        return old or self._state.get_subscription_count() > 0

    def _publish_state(self) -> None:
        self._published = time.monotonic()
        self._state.publish(self._snapshots.message(self._now()))
