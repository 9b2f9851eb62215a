"""The event of a lifecycle node that changed its state."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from launch.event import Event

if TYPE_CHECKING:
    from launch_ros.actions.lifecycle_node import LifecycleNode


class StateTransition(Event):
    """A lifecycle node changed its state."""

    name = "launch_ros.events.lifecycle.StateTransition"

    def __init__(self, *, action: LifecycleNode, msg: Any) -> None:
        self.__action = action
        self.__msg = msg

    @property
    def action(self) -> LifecycleNode:
        """The action that launched the node."""
        return self.__action

    @property
    def msg(self) -> Any:
        """The lifecycle_msgs/msg/TransitionEvent."""
        return self.__msg

    @property
    def timestamp(self) -> int:
        """When, in nanoseconds."""
        return int(self.__msg.timestamp)

    @property
    def transition(self) -> str:
        """The label of the transition."""
        return str(self.__msg.transition.label)

    @property
    def start_state(self) -> str:
        """The label of the state before."""
        return str(self.__msg.start_state.label)

    @property
    def goal_state(self) -> str:
        """The label of the state after."""
        return str(self.__msg.goal_state.label)
