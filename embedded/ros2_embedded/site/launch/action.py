"""The base of actions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from .launch_description_entity import LaunchDescriptionEntity

if TYPE_CHECKING:
    from .conditions import Condition
    from .launch_context import LaunchContext


class Action(LaunchDescriptionEntity):
    """Something to do, possibly only under a condition."""

    def __init__(self, *, condition: Condition | None = None) -> None:
        self.condition = condition

    def get_sub_entities(self) -> Sequence[LaunchDescriptionEntity]:
        """List the entities this action brings along."""
        return []

    def describe_sub_entities(self) -> Sequence[LaunchDescriptionEntity]:
        """List the entities that are always visited with this one."""
        return [] if self.condition is not None else self.get_sub_entities()

    def describe_conditional_sub_entities(
        self,
    ) -> Sequence[tuple[str, Iterable[LaunchDescriptionEntity]]]:
        """List, per condition in words, the entities visited only under it."""
        if self.condition is None:
            return []
        return [(f"condition of {self.__class__.__name__}", self.get_sub_entities())]

    def visit(self, context: LaunchContext) -> Sequence[LaunchDescriptionEntity] | None:
        """Execute the action if its condition holds."""
        if self.condition is not None and not self.condition.evaluate(context):
            return None
        return self.execute(context)

    def execute(self, context: LaunchContext) -> Sequence[LaunchDescriptionEntity] | None:
        """Do the work; return further entities to visit."""
        return None
