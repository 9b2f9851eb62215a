"""Launches a lifecycle node."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from launch.actions import OpaqueFunction
from launch.event_handler import EventHandler
from launch.launch_description_entity import LaunchDescriptionEntity
from launch.some_substitutions_type import SomeSubstitutionsType

from launch import logging
from launch_ros.events.lifecycle import ChangeState, StateTransition
from launch_ros.ros_adapters import get_ros_node

from .node import Node

if TYPE_CHECKING:
    from launch.launch_context import LaunchContext

#: Seconds after which a wait looks whether the launch has been shut down.
_WAIT = 1.0


class LifecycleNode(Node):
    """Launches a lifecycle node, reports its state changes and lets events change its state.

    Emits StateTransition events, obeys ChangeState events.
    """

    def __init__(
        self,
        *,
        name: SomeSubstitutionsType,
        namespace: SomeSubstitutionsType,
        **kwargs: Any,
    ) -> None:
        super().__init__(name=name, namespace=namespace, **kwargs)
        self.__lifecycle_logger = logging.get_logger("launch_ros.actions.lifecycle_node")
        self.__subscription: Any = None
        self.__client: Any = None

    @property
    def is_lifecycle_node(self) -> bool:
        """Always true: this action launches a lifecycle node."""
        return True

    def execute(self, context: LaunchContext) -> Sequence[LaunchDescriptionEntity] | None:
        """Launch the node and watch its states."""
        from lifecycle_msgs.msg import TransitionEvent
        from lifecycle_msgs.srv import ChangeState as ChangeStateService

        self._perform_substitutions(context)
        node = get_ros_node(context)
        self.__subscription = node.create_subscription(
            TransitionEvent,
            f"{self.node_name}/transition_event",
            lambda msg: self._on_transition(context, msg),
            10,
        )
        self.__client = node.create_client(ChangeStateService, f"{self.node_name}/change_state")
        context.register_event_handler(
            EventHandler(
                matcher=lambda event: (
                    isinstance(event, ChangeState) and event.lifecycle_node_matcher(self)
                ),
                entities=OpaqueFunction(function=self._on_change_state),
            )
        )
        return super().execute(context)

    def _on_transition(self, context: LaunchContext, msg: Any) -> None:
        """Emit an event for a message; called in the node's thread."""
        event = StateTransition(action=self, msg=msg)
        if not context.is_shutdown:
            context.asyncio_loop.call_soon_threadsafe(context.emit_event_sync, event)

    def _on_change_state(self, context: LaunchContext) -> None:
        """Ask the node for the transition without holding up the launch."""
        transition_id = context.locals.event.transition_id
        context.add_completion_future(
            context.asyncio_loop.create_task(self._change_state(context, transition_id))
        )

    async def _change_state(self, context: LaunchContext, transition_id: int) -> None:
        """Call the node's service, and log if it refuses."""
        from lifecycle_msgs.srv import ChangeState as ChangeStateService

        loop = asyncio.get_running_loop()
        name = ChangeState.valid_transitions[transition_id]
        while not await loop.run_in_executor(None, self.__client.wait_for_service, _WAIT):
            if context.is_shutdown:
                self.__lifecycle_logger.warning(
                    f"Abandoning transition '{name}' of '{self.node_name}', due to shutdown"
                )
                return
        request = ChangeStateService.Request()
        request.transition.id = transition_id
        answered = asyncio.Event()
        future = self.__client.call_async(request)
        future.add_done_callback(lambda _: loop.call_soon_threadsafe(answered.set))
        while not answered.is_set():
            try:
                await asyncio.wait_for(answered.wait(), _WAIT)
            except TimeoutError:
                if context.is_shutdown:
                    future.cancel()
                    return
        if not future.result().success:
            self.__lifecycle_logger.error(
                f"Failed to make transition '{name}' for LifecycleNode '{self.node_name}'"
            )
