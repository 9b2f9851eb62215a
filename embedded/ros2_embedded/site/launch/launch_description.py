"""The description of a system."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from . import logging
from .action import Action
from .launch_description_entity import LaunchDescriptionEntity

if TYPE_CHECKING:
    from .actions.declare_launch_argument import DeclareLaunchArgument
    from .actions.include_launch_description import IncludeLaunchDescription
    from .launch_context import LaunchContext


class LaunchDescription(LaunchDescriptionEntity):
    """An ordered collection of entities that are visited one after the other."""

    def __init__(
        self,
        initial_entities: Iterable[LaunchDescriptionEntity] | None = None,
        *,
        deprecated_reason: str | None = None,
    ) -> None:
        self.__entities = list(initial_entities) if initial_entities is not None else []
        self.__deprecated_reason = deprecated_reason

    @property
    def entities(self) -> list[LaunchDescriptionEntity]:
        """The entities, in order."""
        return self.__entities

    @property
    def deprecated(self) -> bool:
        """Whether the description should no longer be used."""
        return self.__deprecated_reason is not None

    @property
    def deprecated_reason(self) -> str | None:
        """Why the description should no longer be used; None if it may."""
        return self.__deprecated_reason

    def add_entity(self, entity: LaunchDescriptionEntity) -> None:
        """Append an entity."""
        self.__entities.append(entity)

    def add_action(self, action: Action) -> None:
        """Append an action."""
        self.add_entity(action)

    def visit(self, context: LaunchContext) -> Sequence[LaunchDescriptionEntity] | None:
        """Return the entities to visit, with a warning if the description is deprecated."""
        if self.__deprecated_reason is not None:
            file = context.get_locals_as_dict().get("current_launch_file_path")
            subject = (
                f"launch file [{file}] is deprecated" if file else ("deprecated launch description")
            )
            logging.get_logger().warning(f"{subject}: {self.__deprecated_reason}")
        return self.__entities

    def describe_sub_entities(self) -> Sequence[LaunchDescriptionEntity]:
        """List the entities."""
        return self.__entities

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
