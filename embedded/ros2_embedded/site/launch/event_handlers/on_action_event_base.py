"""The base of handlers for the events of actions."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from launch.event import Event
from launch.event_handler import BaseEventHandler
from launch.launch_description_entity import LaunchDescriptionEntity
from launch.some_entities_type import SomeEntitiesType
from launch.utilities import normalize_to_list_of_entities

if TYPE_CHECKING:
    from launch.action import Action
    from launch.launch_context import LaunchContext

Reaction = SomeEntitiesType | Callable[[Any, Any], SomeEntitiesType | None]


class OnActionEventBase(BaseEventHandler):
    """Handles one kind of event of one action, of several or of all."""

    def __init__(
        self,
        *,
        action_matcher: Callable[[Any], bool] | Action | None,
        on_event: Reaction | None,
        target_event_cls: type[Event],
        target_action_cls: type[Action],
        **kwargs: Any,
    ) -> None:
        if not (
            action_matcher is None
            or isinstance(action_matcher, target_action_cls)
            or callable(action_matcher)
        ):
            raise TypeError(
                f"the target must be a {target_action_cls.__name__} or a callable that takes one, "
                f"not {action_matcher!r}"
            )
        self.__target: Any = action_matcher
        self.__target_event_cls = target_event_cls
        self.__reaction: Callable[[Any, Any], SomeEntitiesType | None] | None = None
        self.__entities: list[LaunchDescriptionEntity] = []
        if callable(on_event):
            self.__reaction = on_event
        elif on_event is not None:
            self.__entities = normalize_to_list_of_entities(on_event)
            if wrong := [e for e in self.__entities if not isinstance(e, LaunchDescriptionEntity)]:
                raise TypeError(f"expected a callable or entities to visit, got {wrong[0]!r}")
        super().__init__(matcher=self._matches_target, **kwargs)

    def _matches_target(self, event: Event) -> bool:
        """Tell whether an event is of the kind and of the action."""
        if not isinstance(event, self.__target_event_cls):
            return False
        if self.__target is None:
            return True
        action = getattr(event, "action", None)
        if callable(self.__target):
            return bool(self.__target(action))
        return action is self.__target

    @property
    def matcher_description(self) -> str:
        """Which events are handled, in words."""
        if self.__target is None:
            return f"event == {self.__target_event_cls.__name__}"
        return f"event == {self.__target_event_cls.__name__} and event.action == {self.__target}"

    @property
    def handler_description(self) -> str:
        """What is done, in words."""
        return "<actions>" if self.__reaction is None else str(self.__reaction)

    def describe(self) -> tuple[str, Iterable[LaunchDescriptionEntity]]:
        """Return a description for people, and the entities visited on an event."""
        text, _ = super().describe()
        return text, self.__entities

    def handle(self, event: Event, context: LaunchContext) -> SomeEntitiesType | None:
        """Call the given function, or return the given entities."""
        super().handle(event, context)
        if self.__reaction is not None:
            return self.__reaction(event, context)
        return self.__entities
