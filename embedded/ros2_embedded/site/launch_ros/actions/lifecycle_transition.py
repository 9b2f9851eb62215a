"""Takes lifecycle nodes through transitions."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from launch.action import Action
from launch.actions import EmitEvent, OpaqueFunction, RegisterEventHandler
from launch.event import Event
from launch.event_handler import BaseEventHandler, EventHandler
from launch.launch_description_entity import LaunchDescriptionEntity
from launch.some_substitutions_type import SomeSubstitutionsType
from launch.utilities import normalize_to_list_of_substitutions, perform_substitutions

from launch import logging
from launch_ros.events.lifecycle import ChangeState, StateTransition
from launch_ros.events.matchers import matches_node_name

if TYPE_CHECKING:
    from launch.launch_context import LaunchContext

#: The state each transition ends in if it succeeds.
_GOAL_STATES = {
    1: "inactive",
    2: "unconfigured",
    3: "active",
    4: "inactive",
    5: "finalized",
    6: "finalized",
    7: "finalized",
}


class LifecycleTransition(Action):
    """Takes each of some lifecycle nodes through transitions, one after the other.

    A node whose transition fails gets no further ones.
    """

    def __init__(
        self,
        *,
        lifecycle_node_names: Iterable[SomeSubstitutionsType],
        transition_ids: Iterable[int | SomeSubstitutionsType],
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.__names = [normalize_to_list_of_substitutions(name) for name in lifecycle_node_names]
        self.__transition_ids = [
            normalize_to_list_of_substitutions(str(number) if isinstance(number, int) else number)
            for number in transition_ids
        ]
        if not self.__names:
            raise ValueError("LifecycleTransition needs at least one name of a lifecycle node")
        if not self.__transition_ids:
            raise ValueError("LifecycleTransition needs at least one transition id")
        self.__logger = logging.get_logger("launch_ros.actions.lifecycle_transition")

    def execute(self, context: LaunchContext) -> list[LaunchDescriptionEntity]:
        """Return the actions that make the first transitions and prepare the next ones.

        Raises ValueError if a transition id is not one of lifecycle_msgs/msg/Transition.
        """
        numbers = []
        for parts in self.__transition_ids:
            text = perform_substitutions(context, parts)
            if not text.isdigit() or int(text) not in _GOAL_STATES:
                raise ValueError(f"'{text}' is not a transition: use one of {list(_GOAL_STATES)}")
            numbers.append(int(text))
        actions: list[LaunchDescriptionEntity] = []
        for parts in self.__names:
            actions += self._actions_for(perform_substitutions(context, parts), numbers)
        return actions

    def _actions_for(self, name: str, numbers: list[int]) -> list[LaunchDescriptionEntity]:
        """Return the actions that take one node through the transitions."""
        waiting: list[BaseEventHandler] = []

        def make(rest: list[int]) -> list[LaunchDescriptionEntity]:
            """Make the first of some transitions; when it is done, the next one."""
            request = ChangeState(
                lifecycle_node_matcher=matches_node_name(name), transition_id=rest[0]
            )
            waiting.clear()
            if len(rest) > 1:
                # Registered only now: an earlier transition may end in the same state.
                waiting.append(
                    EventHandler(
                        matcher=_reaches(name, rest[0]),
                        entities=OpaqueFunction(function=lambda _: make(rest[1:])),
                        handle_once=True,
                    )
                )
            return [*map(RegisterEventHandler, waiting), EmitEvent(event=request)]

        def give_up(context: LaunchContext) -> None:
            self.__logger.error(f"a transition of '{name}' failed: it gets no further ones")
            for handler in waiting:
                context.unregister_event_handler(handler)
            waiting.clear()

        on_error = EventHandler(
            matcher=_reaches(name, None),
            entities=OpaqueFunction(function=give_up),
            handle_once=True,
        )
        return [RegisterEventHandler(on_error), *make(numbers)]


class _reaches:
    """Matches the end of a transition of a node; without a transition, its failure."""

    def __init__(self, node_name: str, transition_id: int | None) -> None:
        self._is_node = matches_node_name(node_name)
        self._transition_id = transition_id

    def __call__(self, event: Event) -> bool:
        """Tell whether an event is what is waited for."""
        if not isinstance(event, StateTransition) or not self._is_node(event.action):
            return False
        if self._transition_id is None:
            return event.goal_state == "errorprocessing"
        return event.goal_state == _GOAL_STATES[self._transition_id]
