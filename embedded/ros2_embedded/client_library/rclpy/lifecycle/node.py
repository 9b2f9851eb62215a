"""Managed nodes."""

from __future__ import annotations

import time
from enum import Enum
from typing import Any, NamedTuple

from lifecycle_msgs.msg import State, Transition, TransitionDescription, TransitionEvent
from lifecycle_msgs.srv import ChangeState, GetAvailableStates, GetAvailableTransitions, GetState

from rclpy.exceptions import RCLError
from rclpy.lifecycle.state_machine import STATES, TRANSITIONS, LifecycleStateMachine
from rclpy.node import Node

_CALLBACKS = {
    10: "on_configure",
    11: "on_cleanup",
    12: "on_shutdown",
    13: "on_activate",
    14: "on_deactivate",
    15: "on_error",
}


class LifecycleState(NamedTuple):
    """A state."""

    label: str
    state_id: int


class TransitionCallbackReturn(Enum):
    """What the callback of a transition says."""

    SUCCESS = 97
    FAILURE = 98
    ERROR = 99

    def to_label(self) -> str:
        """Return the label of the transition that follows."""
        return f"transition_{self.name.lower()}"


class LifecycleNode(Node):
    """A managed node; it agrees to every transition that a subclass has no callback for."""

    def __init__(self, node_name: str, **kwargs: Any) -> None:
        super().__init__(node_name, **kwargs)
        # A subclass may have other methods of these names.
        self._transition_publisher = Node.create_publisher(
            self, TransitionEvent, "~/transition_event", 10
        )
        self._state_machine = LifecycleStateMachine(self.__publish_transition)
        for name, kind, answer in (
            ("change_state", ChangeState, self.__on_change_state),
            ("get_state", GetState, self.__on_get_state),
            ("get_available_states", GetAvailableStates, self.__on_get_available_states),
            ("get_available_transitions", GetAvailableTransitions,
             self.__on_get_available_transitions),
            ("get_transition_graph", GetAvailableTransitions, self.__on_get_transition_graph),
        ):  # fmt: skip
            self.create_service(kind, f"~/{name}", answer)

    def _agree(self, state: Any) -> TransitionCallbackReturn:
        return TransitionCallbackReturn.SUCCESS

    on_configure = on_cleanup = on_shutdown = on_activate = on_deactivate = on_error = _agree

    def __publish_transition(self, one: Any) -> None:
        told = _description(one)
        event = TransitionEvent(
            timestamp=time.time_ns(),
            transition=told.transition,
            start_state=told.start_state,
            goal_state=told.goal_state,
        )
        self._transition_publisher.publish(event)

    # ------------------------------------------------------------ transitions
    def trigger_configure(self) -> TransitionCallbackReturn:
        return self.__change_state(Transition.TRANSITION_CONFIGURE)

    def trigger_activate(self) -> TransitionCallbackReturn:
        return self.__change_state(Transition.TRANSITION_ACTIVATE)

    def __change_state(self, transition_id: int) -> TransitionCallbackReturn:
        machine = self._state_machine
        state_id, label = machine.current_state
        before = LifecycleState(state_id=state_id, label=label)
        machine.trigger_transition_by_id(transition_id)
        answer = self.__call_back(machine.current_state[0], before)
        machine.trigger_transition_by_label(answer.to_label())
        if answer is TransitionCallbackReturn.ERROR:
            handled = self.__call_back(machine.current_state[0], before)
            machine.trigger_transition_by_label(handled.to_label())
        return answer

    def __call_back(self, state_id: int, before: Any) -> TransitionCallbackReturn:
        try:
            return getattr(self, _CALLBACKS[state_id])(before)
        except Exception as failure:
            self.get_logger().error(f"{_CALLBACKS[state_id]} raised {failure!r}")
            return TransitionCallbackReturn.ERROR

    # ------------------------------------------------------------ services
    def __on_change_state(self, request: Any, response: Any) -> Any:
        wanted = request.transition.id
        response.success = False
        try:
            if request.transition.label:
                wanted = self._state_machine.get_transition_by_label(request.transition.label)
            answer = self.__change_state(wanted)
        except RCLError as failure:
            self.get_logger().warning(str(failure))
            return response
        response.success = answer is TransitionCallbackReturn.SUCCESS
        return response

    def __on_get_state(self, request: Any, response: Any) -> Any:
        response.current_state.id, response.current_state.label = self._state_machine.current_state
        return response

    def __on_get_available_states(self, request: Any, response: Any) -> Any:
        response.available_states = [
            State(id=state_id, label=label) for state_id, label in STATES.items()
        ]
        return response

    def __on_get_available_transitions(self, request: Any, response: Any) -> Any:
        response.available_transitions = [
            _description(one) for one in self._state_machine.available_transitions
        ]
        return response

    def __on_get_transition_graph(self, request: Any, response: Any) -> Any:
        response.available_transitions = [_description(one) for one in TRANSITIONS]
        return response


def _description(one: Any) -> Any:
    return TransitionDescription(
        transition=Transition(id=one.id, label=one.label),
        start_state=State(id=one.start, label=STATES[one.start]),
        goal_state=State(id=one.goal, label=STATES[one.goal]),
    )
