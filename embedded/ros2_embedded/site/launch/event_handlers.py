"""Handlers for the events of launch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Union, cast

from launch.event import Event
from launch.event_handler import BaseEventHandler
from launch.events import IncludeLaunchDescription, Shutdown
from launch.events.process import ProcessExited, ProcessIO, ProcessStarted
from launch.launch_description_entity import LaunchDescriptionEntity
from launch.some_entities_type import SomeEntitiesType
from launch.utilities import normalize_to_list_of_entities

if TYPE_CHECKING:
    from launch.action import Action
    from launch.actions.execute_local import ExecuteLocal
    from launch.launch_context import LaunchContext


Target = Union[Callable[[Any], bool], "ExecuteLocal", None]
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

    def sub_entities(self) -> Sequence[LaunchDescriptionEntity]:
        """List the entities that were given."""
        return self.__entities

    def handle(self, event: Event, context: LaunchContext) -> SomeEntitiesType | None:
        """Call the given function, or return the given entities."""
        super().handle(event, context)
        if self.__reaction is not None:
            return self.__reaction(event, context)
        return self.__entities


class OnIncludeLaunchDescription(BaseEventHandler):
    """Returns the launch description of an IncludeLaunchDescription event."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            matcher=lambda event: isinstance(event, IncludeLaunchDescription), **kwargs
        )

    def handle(self, event: Event, context: LaunchContext) -> SomeEntitiesType | None:
        super().handle(event, context)
        return cast(IncludeLaunchDescription, event).launch_description


class _OnProcessEvent(OnActionEventBase):
    """Reacts to one kind of event of processes."""

    _event: type[Event]

    def __init__(self, target_action: Target, on_event: Reaction | None, **kwargs: Any) -> None:
        from launch.actions.execute_local import ExecuteLocal

        super().__init__(
            action_matcher=target_action,
            on_event=on_event,
            target_event_cls=self._event,
            target_action_cls=ExecuteLocal,
            **kwargs,
        )


class OnProcessExit(_OnProcessEvent):
    """Reacts when a process ends."""

    _event = ProcessExited

    def __init__(
        self, *, target_action: Target = None, on_exit: Reaction | None, **kwargs: Any
    ) -> None:
        super().__init__(target_action, on_exit, **kwargs)


OnIO = Callable[[ProcessIO], SomeEntitiesType | None]


class OnProcessIO(_OnProcessEvent):
    """Reacts to what a process writes or is given."""

    _event = ProcessIO

    def __init__(
        self,
        *,
        target_action: Target = None,
        on_stdin: OnIO | None = None,
        on_stdout: OnIO | None = None,
        on_stderr: OnIO | None = None,
        **kwargs: Any,
    ) -> None:
        reactions = {0: on_stdin, 1: on_stdout, 2: on_stderr}

        def on_io(event: ProcessIO, _: object) -> SomeEntitiesType | None:
            reaction = reactions[event.fd]
            return None if reaction is None else reaction(event)

        super().__init__(target_action, on_io, **kwargs)


class OnProcessStart(_OnProcessEvent):
    """Reacts when a process was started."""

    _event = ProcessStarted

    def __init__(self, *, target_action: Target = None, on_start: Reaction, **kwargs: Any) -> None:
        super().__init__(target_action, on_start, **kwargs)


class OnShutdown(BaseEventHandler):
    """Reacts when the launched system is shut down."""

    def __init__(
        self,
        *,
        on_shutdown: SomeEntitiesType | Callable[[Shutdown, LaunchContext], Any],
        **kwargs: Any,
    ) -> None:
        super().__init__(matcher=lambda event: isinstance(event, Shutdown), **kwargs)
        self.__on_shutdown = on_shutdown

    def handle(self, event: Event, context: LaunchContext) -> SomeEntitiesType | None:
        """Call the given function, or return the given entities."""
        super().handle(event, context)
        if callable(self.__on_shutdown):
            outcome = self.__on_shutdown(cast(Shutdown, event), context)
            return cast("SomeEntitiesType | None", outcome)
        return self.__on_shutdown
