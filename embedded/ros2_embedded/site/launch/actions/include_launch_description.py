"""Includes another launch description."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from launch.action import Action
from launch.launch_context import LaunchContext
from launch.launch_description import LaunchDescription
from launch.launch_description_entity import LaunchDescriptionEntity
from launch.launch_description_source import LaunchDescriptionSource
from launch.launch_description_sources import AnyLaunchDescriptionSource
from launch.some_substitutions_type import SomeSubstitutionsType
from launch.utilities import normalize_to_list_of_substitutions, perform_substitutions

from .scoped_values import SetLaunchConfiguration

_Arguments = Iterable[tuple[SomeSubstitutionsType, SomeSubstitutionsType]]


class IncludeLaunchDescription(Action):
    """Visits a launch description, such as another file, with arguments."""

    def __init__(
        self,
        launch_description_source: LaunchDescriptionSource | SomeSubstitutionsType,
        *,
        launch_arguments: _Arguments | Mapping[Any, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if not isinstance(launch_description_source, LaunchDescriptionSource):
            launch_description_source = AnyLaunchDescriptionSource(launch_description_source)
        self.__source = launch_description_source
        if isinstance(launch_arguments, Mapping):
            launch_arguments = launch_arguments.items()
        self.launch_arguments = tuple(launch_arguments or ())
        self.__outer_locals: dict[str, Any] = {}

    @property
    def launch_description_source(self) -> LaunchDescriptionSource:
        """Where the description comes from."""
        return self.__source

    def get_sub_entities(self) -> Sequence[LaunchDescriptionEntity]:
        """Return the description if it can be loaded before run time."""
        description = self.__source.try_get_launch_description_without_context()
        return [] if description is None else [description]

    def execute(self, context: LaunchContext) -> Sequence[LaunchDescriptionEntity]:
        """Set the arguments and return the description.

        Raises RuntimeError if an argument without a default is missing.
        """
        description = self.__source.get_launch_description(context)
        before = context.get_locals_as_dict()
        names = ("current_launch_file_path", "current_launch_file_directory")
        outer = {name: before.get(name) for name in names}
        location = Path(self.__source.location).absolute()
        self.__outer_locals = outer
        here = {names[0]: str(location), names[1]: self.__source.location}
        if location.exists():
            here[names[1]] = str(location.parent)
        context.extend_locals(here)
        self._check_arguments(context, description)
        return [
            *(SetLaunchConfiguration(name, value) for name, value in self.launch_arguments),
            description,
        ]

    def leave(self, context: LaunchContext) -> None:
        """Make the including file the current one again."""
        context.extend_locals(self.__outer_locals)

    def _names_without_context(self) -> list[str] | None:
        """Return the names of the arguments given; None if only a running launch knows them."""
        from launch.launch_context import LaunchContext
        from launch.substitutions import SubstitutionFailure

        context = LaunchContext()
        try:
            return [
                perform_substitutions(context, normalize_to_list_of_substitutions(name))
                for name, _ in self.launch_arguments
            ]
        except SubstitutionFailure:
            return None

    def _check_arguments(self, context: LaunchContext, description: LaunchDescription) -> None:
        """Raise RuntimeError if an argument that is surely needed is missing."""
        given = [
            perform_substitutions(context, normalize_to_list_of_substitutions(name))
            for name, _ in self.launch_arguments
        ]
        arguments = description.get_launch_arguments_with_include_launch_description_actions()
        for argument, includes in arguments:
            if argument._conditionally_included or argument.default_value is not None:
                continue
            inner = [include._names_without_context() for include in includes or ()]
            if None in inner:
                continue  # what an inner include leaves out is told when that include is visited
            given += [name for names in inner for name in names or ()]
            if argument.name not in given:
                raise RuntimeError(
                    f"Included launch description missing required argument '{argument.name}' "
                    f"(description: '{argument.description}'), given: [{', '.join(given)}]"
                )
