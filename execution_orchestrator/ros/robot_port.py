"""Goals, services and topics by name for multi-step capabilities and recovery strategies."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID, uuid4

from execution_orchestrator.capabilities.robot_port import GoalEnd, GoalOutcome, RobotCallError
from execution_orchestrator.ros.bridge import Bridge
from execution_orchestrator.ros.endpoints import services_of
from execution_orchestrator.ros.goals import ClientPool
from execution_orchestrator.ros.goals.awaited import AwaitedGoal
from execution_orchestrator.ros.messages.from_fields import MessageFieldError, message_from_fields
from execution_orchestrator.ros.messages.installed import InterfaceNotFoundError, interface_class
from execution_orchestrator.ros.messages.to_fields import fields_of_message
from execution_orchestrator.runtime.clock import Clock, wait_for_any

ANSWER_WORD = 1.0  # seconds to wait for a service's answer after a cancel
LOOK_PERIOD = 1.0  # seconds between two looks whether a service that owes an answer is there
LOOKS = 2  # in which it is missing, until it counts as gone
CANCEL_WORD = 3.0  # seconds to wait for the server's word after a cancel
DISCOVERY_PERIOD = 0.05  # seconds between looks for a missing server


class ServiceGoneError(RobotCallError):
    """A service went away with a request that it had not answered."""


class RosRobotPort:
    """The robot behind the client pool. Used on the loop's thread only.

    How long a goal may take is execution time, as on the robot; whether a server or a service is
    there and answers is looked at in real time.
    """

    def __init__(
        self,
        node: Any,
        bridge: Bridge,
        pool: ClientPool,
        world: Callable[[], Mapping[str, Any]],
        clock: Clock,
        *,
        callback_group: Any = None,
    ) -> None:
        self._node = node
        self._bridge = bridge
        self._pool = pool
        self._world = world
        self._clock = clock
        self._group = callback_group
        self._clients: dict[tuple[str, str], Any] = {}
        self._publishers: dict[tuple[str, str], Any] = {}

    def world(self) -> Mapping[str, Any]:
        """Snapshot of the world model."""
        return self._world()

    async def run_action(
        self,
        interface_type: str,
        name: str,
        goal: Mapping[str, Any],
        *,
        timeout: float,
        goal_id: UUID | None = None,
        adopt: bool = False,
        anew: bool = True,
        on_feedback: Callable[[Mapping[str, Any]], None] | None = None,
        unconfirmed: Callable[[str], None] | None = None,
        ended_late: Callable[[GoalOutcome], None] | None = None,
    ) -> GoalOutcome:
        """Send a goal, or adopt it if the server has it already, and wait for its end."""
        identity = goal_id or uuid4()
        try:
            message = message_from_fields(interface_class(interface_type).Goal, goal, name)
        except (MessageFieldError, InterfaceNotFoundError) as failure:
            return GoalOutcome(GoalEnd.REJECTED, reason=f"the goal cannot be built: {failure}")
        if adopt:
            listener = AwaitedGoal(self._bridge.loop, on_feedback, unconfirmed, ended_late)
            self._pool.adopt(interface_type, name, identity, listener)
            outcome = await self._end(identity, listener, name, timeout)
            if not listener.never_seen:
                return outcome
            if not anew:
                reason = f"{name} does not remember the goal of before the restart"
                return GoalOutcome(GoalEnd.LOST, reason=f"{reason}, which may have been done")
        listener = AwaitedGoal(self._bridge.loop, on_feedback, unconfirmed, ended_late)
        self._pool.send(interface_type, name, identity, message, listener)
        return await self._end(identity, listener, name, timeout)

    async def _end(
        self,
        goal_id: UUID,
        listener: AwaitedGoal,
        name: str,
        timeout: float,
    ) -> GoalOutcome:
        try:
            if await wait_for_any(self._clock, {listener.outcome}, timeout):
                return listener.outcome.result()
            await self._cancelled(goal_id, listener, name)
            return GoalOutcome(
                GoalEnd.TIMED_OUT, reason=f"{name} did not finish within {timeout:.1f} s"
            )
        except asyncio.CancelledError:
            await self._cancelled(goal_id, listener, name)
            raise
        finally:
            self._pool.forget(goal_id)

    async def _cancelled(self, goal_id: UUID, listener: AwaitedGoal, name: str) -> None:
        if not self._pool.cancel(goal_id):
            return
        await asyncio.wait({listener.outcome}, timeout=CANCEL_WORD)
        if listener.watched and not listener.outcome.done():
            listener.silent(f"{name} did not confirm the cancel in {CANCEL_WORD:g} s")
            # After that report the caller waits for the real end, however long that takes.
            await asyncio.wait({listener.outcome})

    async def call_service(
        self, interface_type: str, name: str, request: Mapping[str, Any], *, timeout: float
    ) -> Mapping[str, Any]:
        """Call a service and return its response's fields.

        Raises:
            RobotCallError: not there, no answer in time, or a request that cannot be built.

        """
        deadline = self._bridge.loop.time() + timeout
        client, future = await self._request(interface_type, name, request, timeout)
        try:
            remaining = max(0.1, deadline - self._bridge.loop.time())
            answer = await self._bridge.result(future, remaining)
        except TimeoutError:
            client.remove_pending_request(future)
            raise RobotCallError(
                f"the service {name} did not answer within {timeout:.1f} s"
            ) from None
        return fields_of_message(answer)

    async def call_service_to_its_end(
        self,
        interface_type: str,
        name: str,
        request: Mapping[str, Any],
        *,
        timeout: float,
        unconfirmed: Callable[[str], None],
    ) -> Mapping[str, Any]:
        """Call a service that moves something, and return its response's fields.

        It may take ``timeout`` seconds to appear; its answer is waited for as long as it is there.
        Nothing takes a request back: a caller that is cancelled gets the answer all the same, and
        ``unconfirmed`` hears why if that does not come in a moment.

        Raises:
            RobotCallError: not there in time, or a request that cannot be built.
            ServiceGoneError: it went away before it answered, even if another one is there now.

        """
        client, future = await self._request(interface_type, name, request, timeout)
        answering = self._bridge.loop.create_task(self._answer(client, future, name))
        try:
            return await asyncio.shield(answering)
        except asyncio.CancelledError:
            await asyncio.wait({answering}, timeout=ANSWER_WORD)
            if not answering.done():
                unconfirmed(f"{name} has not answered, and nothing takes a request back")
            return await answering

    async def _answer(self, client: Any, future: Any, name: str) -> Mapping[str, Any]:
        asked = self._services(name)
        missing = 0
        try:
            while missing < LOOKS:
                try:
                    return fields_of_message(await self._bridge.result(future, LOOK_PERIOD))
                except TimeoutError:
                    there = client.service_is_ready() and self._may_answer(name, asked)
                    missing = 0 if there else missing + 1
        finally:
            client.remove_pending_request(future)
        raise ServiceGoneError(f"the service {name} is gone, and nobody knows whether it did it")

    def _services(self, name: str) -> frozenset[bytes]:
        return services_of(self._node, self._node.resolve_service_name(name))

    def _may_answer(self, name: str, asked: frozenset[bytes]) -> bool:
        """Whether a server that was asked is still there; true if none is known."""
        return not asked or (
            not asked.isdisjoint(self._services(name)) and self._pool.lives(asked) is not False
        )

    async def _request(
        self, interface_type: str, name: str, request: Mapping[str, Any], timeout: float
    ) -> tuple[Any, Any]:
        """Send a request as soon as the service is there; return client and future."""
        try:
            service_type = interface_class(interface_type)
            message = message_from_fields(service_type.Request, request, name)
        except (MessageFieldError, InterfaceNotFoundError) as failure:
            raise RobotCallError(f"the request cannot be built: {failure}") from None
        client = self._client(service_type, interface_type, name)
        if not await self._ready(client.service_is_ready, timeout):
            raise RobotCallError(f"no service {name} after {timeout:.1f} s")
        return client, client.call_async(message)

    async def publish(self, interface_type: str, name: str, message: Mapping[str, Any]) -> None:
        """Publish one message.

        Raises:
            RobotCallError: the type is not installed or a field is wrong.

        """
        try:
            message_type = interface_class(interface_type)
            content = message_from_fields(message_type, message, name)
        except (MessageFieldError, InterfaceNotFoundError) as failure:
            raise RobotCallError(f"the message cannot be built: {failure}") from None
        self.publisher(message_type, interface_type, name).publish(content)

    async def wait_for_subscribers(
        self, interface_type: str, name: str, count: int, *, timeout: float
    ) -> bool:
        """Wait until a topic has that many subscribers; False after ``timeout`` seconds.

        Raises:
            RobotCallError: the type is not installed.

        """
        try:
            publisher = self.publisher(interface_class(interface_type), interface_type, name)
        except InterfaceNotFoundError as failure:
            raise RobotCallError(str(failure)) from None
        return await self._ready(lambda: publisher.get_subscription_count() >= count, timeout)

    async def wait_for_server(
        self, kind: str, interface_type: str, name: str, *, timeout: float
    ) -> bool:
        """Wait until an action server or a service is there."""
        try:
            if kind == "action":
                channel = self._pool.channel(interface_type, name)
                return await self._ready(channel.is_ready, timeout)
            client = self._client(interface_class(interface_type), interface_type, name)
        except InterfaceNotFoundError:
            return False
        return await self._ready(client.service_is_ready, timeout)

    def publisher(self, message_type: Any, interface_type: str, name: str) -> Any:
        """Return the publisher of a topic, made on first use."""
        key = (interface_type, name)
        if key not in self._publishers:
            self._publishers[key] = self._node.create_publisher(message_type, name, 10)
        return self._publishers[key]

    def _client(self, service_type: Any, interface_type: str, name: str) -> Any:
        key = (interface_type, name)
        if key not in self._clients:
            self._clients[key] = self._node.create_client(
                service_type, name, callback_group=self._group
            )
        return self._clients[key]

    async def _ready(self, is_ready: Callable[[], bool], timeout: float) -> bool:
        deadline = self._bridge.loop.time() + timeout
        while not is_ready():
            if self._bridge.loop.time() >= deadline:
                return False
            await asyncio.sleep(DISCOVERY_PERIOD)
        return True
