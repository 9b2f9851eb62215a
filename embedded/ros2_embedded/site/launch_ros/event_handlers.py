"""Handlers for the events of ROS nodes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from launch.event import Event
from launch.event_handler import EventHandler
from launch.some_entities_type import SomeEntitiesType

from launch_ros.events.lifecycle import StateTransition

if TYPE_CHECKING:
    from launch_ros.actions.lifecycle_node import LifecycleNode


class OnStateTransition(EventHandler):
    """Visits entities when a lifecycle node changes its state.

    Narrowed by the action, the transition's label and the states' labels, or by a matcher alone.
    """

    def __init__(
        self,
        *,
        entities: SomeEntitiesType | None,
        target_lifecycle_node: LifecycleNode | None = None,
        transition: str | None = None,
        start_state: str | None = None,
        goal_state: str | None = None,
        matcher: Callable[[Event], bool] | None = None,
        **kwargs: Any,
    ) -> None:
        wanted = {"transition": transition, "start_state": start_state, "goal_state": goal_state}
        narrowed = target_lifecycle_node is not None or any(wanted.values())
        if matcher is not None and narrowed:
            raise ValueError("give either a matcher or what to match, not both")

        def matches(event: Event) -> bool:
            if not isinstance(event, StateTransition):
                return False
            if target_lifecycle_node not in (None, event.action):
                return False
            return all(
                value is None or getattr(event, field) == value for field, value in wanted.items()
            )

        super().__init__(matcher=matcher or matches, entities=entities, **kwargs)


__all__ = ["OnStateTransition"]
