"""The base of actions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from .condition import Condition
from .launch_description_entity import LaunchDescriptionEntity

if TYPE_CHECKING:
    from .frontend.entity import Entity
    from .frontend.parser import Parser
    from .launch_context import LaunchContext


class Action(LaunchDescriptionEntity):
    """Something to do, possibly only under a condition."""

    def __init__(self, *, condition: Condition | None = None) -> None:
        self.__condition = condition

    @staticmethod
    def parse(entity: Entity, parser: Parser) -> tuple[type[Action], dict[str, Any]]:
        """Read the attributes all actions share: `if` and `unless`.

        Raises RuntimeError when both are given.
        """
        from .conditions import IfCondition, UnlessCondition

        conditions: dict[str, Any] = {"if": IfCondition, "unless": UnlessCondition}
        given = {
            name: value
            for name in conditions
            if (value := entity.get_attr(name, optional=True)) is not None
        }
        if len(given) > 1:
            raise RuntimeError("'if' and 'unless' cannot be given together: keep one of them")
        kwargs: dict[str, Any] = {}
        for name, value in given.items():
            predicate = parser.parse_substitution(value)
            kwargs["condition"] = conditions[name](predicate)
        return Action, kwargs

    @property
    def condition(self) -> Condition | None:
        """The condition under which the action is executed; None means always."""
        return self.__condition

    def describe(self) -> str:
        """Return a short description for people."""
        return f"{self.__class__.__name__}({id(self)})"

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
        return [(f"Conditionally included by {self.describe()}", self.get_sub_entities())]

    def visit(self, context: LaunchContext) -> Sequence[LaunchDescriptionEntity] | None:
        """Execute the action if its condition holds, and announce its completion."""
        if self.__condition is not None and not self.__condition.evaluate(context):
            return None
        try:
            return self.execute(context)
        finally:
            self.__announce_completion(context)

    def __announce_completion(self, context: LaunchContext) -> None:
        """Emit ExecutionComplete, now or when the work is done, if anybody listens."""
        from .events import ExecutionComplete

        event = ExecutionComplete(action=self)
        if not context.would_handle_event(event):
            return
        future = self.get_asyncio_future()
        if future is None:
            context.emit_event_sync(event)
        else:
            future.add_done_callback(lambda _: context.emit_event_sync(event))

    def execute(self, context: LaunchContext) -> Sequence[LaunchDescriptionEntity] | None:
        """Do the work; return further entities to visit."""
        return None
