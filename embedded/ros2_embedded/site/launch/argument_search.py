"""The search for declared launch arguments in a description and all it includes."""

from __future__ import annotations

from collections.abc import Iterable

from .actions.declare_launch_argument import DeclareLaunchArgument
from .actions.include_launch_description import IncludeLaunchDescription
from .launch_description_entity import LaunchDescriptionEntity


class ArgumentSearch:
    """Collects argument declarations, the first of each name."""

    def __init__(self) -> None:
        self.found: list[tuple[DeclareLaunchArgument, list[IncludeLaunchDescription] | None]] = []

    def collect(
        self,
        entities: Iterable[LaunchDescriptionEntity],
        *,
        conditional: bool,
        includes: list[IncludeLaunchDescription] | None,
    ) -> None:
        """Search entities and what they bring along.

        `conditional` tells whether the entities are visited under a condition only, `includes`
        the nested includes that lead here.
        """
        for entity in entities:
            if isinstance(entity, DeclareLaunchArgument):
                self._add(entity, conditional, includes)
            nested = includes
            if isinstance(entity, IncludeLaunchDescription):
                nested = [*(includes or []), entity]
            self.collect(entity.describe_sub_entities(), conditional=False, includes=nested)
            for _, under_condition in entity.describe_conditional_sub_entities():
                self.collect(under_condition, conditional=True, includes=nested)

    def _add(
        self,
        argument: DeclareLaunchArgument,
        conditional: bool,
        includes: list[IncludeLaunchDescription] | None,
    ) -> None:
        """Add a declaration unless one of its name is there already."""
        if any(argument.name == known.name for known, _ in self.found):
            return
        argument._conditionally_included = conditional or argument.condition is not None
        self.found.append((argument, includes))
