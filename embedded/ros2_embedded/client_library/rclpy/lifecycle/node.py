"""Managed nodes."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from lifecycle_msgs.msg import State, Transition, TransitionDescription, TransitionEvent
from lifecycle_msgs.srv import (
    ChangeState,
    GetAvailableStates,
    GetAvailableTransitions,
    GetState,
)

from rclpy.exceptions import RCLError
from rclpy.lifecycle.managed_entity import ManagedEntity, TransitionCallbackReturn
from rclpy.lifecycle.publisher import LifecyclePublisher
from rclpy.lifecycle.state_machine import STATES, LifecycleStateMachine
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


class LifecycleNodeMixin(ManagedEntity):
    """Makes a Node a managed one; to be used together with Node only."""

    if TYPE_CHECKING:  # what the node has
        create_service: Callable[..., Any]
        get_logger: Callable[[], Any]

    @property
    def __node(self) -> Any:
        """This object as the Node it is, too; a subclass may have other methods of these names."""
        return self

    def __init__(
        self, *, enable_communication_interface: bool = True, callback_group: Any = None
    ) -> None:
        if not isinstance(enable_communication_interface, bool):
            raise TypeError("enable_communication_interface has to be a bool")
        self._callbacks = {state: getattr(self, name) for state, name in _CALLBACKS.items()}
        self._managed_entities: set[ManagedEntity] = set()
        if not enable_communication_interface:
            self._state_machine = LifecycleStateMachine()
            return
        self._transition_publisher = Node.create_publisher(
            self.__node, TransitionEvent, "~/transition_event", 10
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
            service = self.create_service(kind, f"~/{name}", answer, callback_group=callback_group)
            setattr(self, f"_service_{name}", service)
            setattr(self._state_machine, f"service_{name}", service)

    def __publish_transition(self, one: Any) -> None:
        event = TransitionEvent(
            timestamp=time.time_ns(),
            transition=Transition(id=one.id, label=one.label),
            start_state=State(id=one.start, label=STATES[one.start]),
            goal_state=State(id=one.goal, label=STATES[one.goal]),
        )
        self._transition_publisher.publish(event)

    # ------------------------------------------------------------ transitions
    def trigger_configure(self) -> TransitionCallbackReturn:
        return self.__change_state(Transition.TRANSITION_CONFIGURE)

    def trigger_cleanup(self) -> TransitionCallbackReturn:
        return self.__change_state(Transition.TRANSITION_CLEANUP)

    def trigger_shutdown(self) -> TransitionCallbackReturn:
        """Shut down from whatever state; raises RCLError where that is not possible."""
        ways = {
            "unconfigured": Transition.TRANSITION_UNCONFIGURED_SHUTDOWN,
            "inactive": Transition.TRANSITION_INACTIVE_SHUTDOWN,
            "active": Transition.TRANSITION_ACTIVE_SHUTDOWN,
        }
        label = self._state_machine.current_state[1]
        if label not in ways:
            raise RCLError(f"Shutdown transition not possible from '{label}'")
        return self.__change_state(ways[label])

    def trigger_activate(self) -> TransitionCallbackReturn:
        return self.__change_state(Transition.TRANSITION_ACTIVATE)

    def trigger_deactivate(self) -> TransitionCallbackReturn:
        return self.__change_state(Transition.TRANSITION_DEACTIVATE)

    def __change_state(self, transition_id: int) -> TransitionCallbackReturn:
        machine = self._state_machine
        state_id, label = machine.current_state
        before = LifecycleState(state_id=state_id, label=label)
        machine.trigger_transition_by_id(transition_id, True)
        answer = self.__call_back(machine.current_state[0], before)
        machine.trigger_transition_by_label(answer.to_label(), True)
        if answer is TransitionCallbackReturn.ERROR:
            handled = self.__call_back(machine.current_state[0], before)
            machine.trigger_transition_by_label(handled.to_label(), True)
        return answer

    def __call_back(self, state_id: int, before: Any) -> TransitionCallbackReturn:
        callback = self._callbacks.get(state_id)
        if callback is None:
            return TransitionCallbackReturn.SUCCESS
        try:
            return callback(before)
        except Exception as failure:
            self.get_logger().error(f"{_CALLBACKS[state_id]} raised {failure!r}")
            return TransitionCallbackReturn.ERROR

    # ------------------------------------------------------------ entities
    def add_managed_entity(self, entity: ManagedEntity) -> None:
        """Let an entity follow the transitions."""
        if not isinstance(entity, ManagedEntity):
            raise TypeError("Expected a rclpy.lifecycle.ManagedEntity instance.")
        self._managed_entities.add(entity)

    def __ask_entities(self, name: str, state: Any) -> TransitionCallbackReturn:
        for entity in self._managed_entities:
            answer = getattr(entity, name)(state)
            if not isinstance(answer, TransitionCallbackReturn):
                raise TypeError(
                    f"{name}() return value of class {type(entity)} should be "
                    f"`TransitionCallbackReturn`; the entity is {entity}"
                )
            if answer is not TransitionCallbackReturn.SUCCESS:
                return answer
        return TransitionCallbackReturn.SUCCESS

    def on_configure(self, state: Any) -> TransitionCallbackReturn:
        return self.__ask_entities("on_configure", state)

    def on_cleanup(self, state: Any) -> TransitionCallbackReturn:
        return self.__ask_entities("on_cleanup", state)

    def on_shutdown(self, state: Any) -> TransitionCallbackReturn:
        return self.__ask_entities("on_shutdown", state)

    def on_activate(self, state: Any) -> TransitionCallbackReturn:
        return self.__ask_entities("on_activate", state)

    def on_deactivate(self, state: Any) -> TransitionCallbackReturn:
        return self.__ask_entities("on_deactivate", state)

    def on_error(self, state: Any) -> TransitionCallbackReturn:
        return self.__ask_entities("on_error", state)

    def create_lifecycle_publisher(self, *args: Any, **kwargs: Any) -> LifecyclePublisher:
        """Make a publisher that is silent unless the node is active."""
        if "publisher_class" in kwargs:
            raise TypeError(
                "create_publisher() got an unexpected keyword argument 'publisher_class'"
            )
        publisher = Node.create_publisher(
            self.__node, *args, **kwargs, publisher_class=LifecyclePublisher
        )
        self._managed_entities.add(publisher)
        return publisher

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
            State(id=state_id, label=label)
            for state_id, label in self._state_machine.available_states
        ]
        return response

    def __on_get_available_transitions(self, request: Any, response: Any) -> Any:
        response.available_transitions = _descriptions(self._state_machine.available_transitions)
        return response

    def __on_get_transition_graph(self, request: Any, response: Any) -> Any:
        response.available_transitions = _descriptions(self._state_machine.transition_graph)
        return response


def _descriptions(transitions: Any) -> list[Any]:
    return [
        TransitionDescription(
            transition=Transition(id=transition_id, label=label),
            start_state=State(id=start, label=start_label),
            goal_state=State(id=goal, label=goal_label),
        )
        for transition_id, label, start, start_label, goal, goal_label in transitions
    ]


class LifecycleNode(LifecycleNodeMixin, Node):
    """A managed node."""

    def __init__(
        self, node_name: str, *, enable_communication_interface: bool = True, **kwargs: Any
    ) -> None:
        Node.__init__(self, node_name, **kwargs)
        LifecycleNodeMixin.__init__(
            self, enable_communication_interface=enable_communication_interface
        )
