"""The description of a system."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from .action import Action
from .launch_description_entity import LaunchDescriptionEntity

if TYPE_CHECKING:
    from .actions.declare_launch_argument import DeclareLaunchArgument
    from .actions.include_launch_description import IncludeLaunchDescription
    from .launch_context import LaunchContext


class LaunchDescription(LaunchDescriptionEntity):
    """An ordered collection of entities that are visited one after the other."""

    def __init__(self, initial_entities: Iterable[LaunchDescriptionEntity] | None = None) -> None:
        self.entities = list(initial_entities) if initial_entities is not None else []

    def add_entity(self, entity: LaunchDescriptionEntity) -> None:
        """Append an entity."""
        self.entities.append(entity)

    def add_action(self, action: Action) -> None:
        """Append an action."""
        self.add_entity(action)

    def visit(self, context: LaunchContext) -> Sequence[LaunchDescriptionEntity] | None:
        """Return the entities to visit."""
        return self.entities

    def describe_sub_entities(self) -> Sequence[LaunchDescriptionEntity]:
        return self.entities

    def get_launch_arguments(
        self, conditional_inclusion: bool = False
    ) -> list[DeclareLaunchArgument]:
        """List the arguments declared here and in what this description includes."""
        return [
            argument
            for argument, _ in self.get_launch_arguments_with_include_launch_description_actions(
                conditional_inclusion
            )
        ]

    def get_launch_arguments_with_include_launch_description_actions(
        self, conditional_inclusion: bool = False
    ) -> list[tuple[DeclareLaunchArgument, list[IncludeLaunchDescription] | None]]:
        """List the arguments, each with the nested includes that lead to it.

        The first declaration of a name counts. Files that can only be found at run time are left
        out.
        """
        from .argument_search import ArgumentSearch

        search = ArgumentSearch()
        search.collect(self.entities, conditional=conditional_inclusion, includes=None)
        return search.found
