"""What can happen to lifecycle nodes, and what can be asked of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar

from launch.event import Event

from launch_ros.events.matchers import matches_node_name

if TYPE_CHECKING:
    from launch_ros.actions.lifecycle_node import LifecycleNode


class ChangeState(Event):
    """The lifecycle nodes that match are to make a transition."""

    name = "launch_ros.events.lifecycle.ChangeState"

    #: The constants of lifecycle_msgs/msg/Transition and State, which are fixed on the wire.
    valid_transitions: ClassVar[dict[int, str]] = {
        0: "TRANSITION_CREATE",
        1: "TRANSITION_CONFIGURE",
        2: "TRANSITION_CLEANUP",
        3: "TRANSITION_ACTIVATE",
        4: "TRANSITION_DEACTIVATE",
        5: "TRANSITION_UNCONFIGURED_SHUTDOWN",
        6: "TRANSITION_INACTIVE_SHUTDOWN",
        7: "TRANSITION_ACTIVE_SHUTDOWN",
        8: "TRANSITION_DESTROY",
    }
    valid_states: ClassVar[dict[int, str]] = {
        0: "PRIMARY_STATE_UNKNOWN",
        1: "PRIMARY_STATE_UNCONFIGURED",
        2: "PRIMARY_STATE_INACTIVE",
        3: "PRIMARY_STATE_ACTIVE",
        4: "PRIMARY_STATE_FINALIZED",
        10: "TRANSITION_STATE_CONFIGURING",
        11: "TRANSITION_STATE_CLEANINGUP",
        12: "TRANSITION_STATE_SHUTTINGDOWN",
        13: "TRANSITION_STATE_ACTIVATING",
        14: "TRANSITION_STATE_DEACTIVATING",
        15: "TRANSITION_STATE_ERRORPROCESSING",
    }

    def __init__(
        self, *, lifecycle_node_matcher: Callable[[Any], bool], transition_id: int
    ) -> None:
        if transition_id not in self.valid_transitions:
            known = ", ".join(
                f"{text}: {number}" for number, text in self.valid_transitions.items()
            )
            raise ValueError(f"transition_id is '{transition_id}', expected one of {{{known}}}")
        self.__matcher = lifecycle_node_matcher
        self.__transition_id = transition_id

    @property
    def lifecycle_node_matcher(self) -> Callable[[LifecycleNode], bool]:
        """Tells whether a lifecycle node is meant."""
        return self.__matcher

    @property
    def transition_id(self) -> int:
        """The transition, a constant of lifecycle_msgs/msg/Transition."""
        return self.__transition_id


def matches_node_namespace(namespace: str) -> Callable[[Any], bool]:
    """Match the actions of the nodes in a namespace."""
    return lambda action: bool(action.expanded_node_namespace == namespace)


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


__all__ = ["ChangeState", "StateTransition", "matches_node_name", "matches_node_namespace"]
