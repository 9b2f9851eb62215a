"""Declares an argument of a launch file."""

from __future__ import annotations

from typing import Any

from launch import logging
from launch.action import Action
from launch.launch_context import LaunchContext
from launch.some_substitutions_type import SomeSubstitutionsType
from launch.utilities import normalize_to_list_of_substitutions, perform_substitutions


class DeclareLaunchArgument(Action):
    """An argument that whoever launches the file may give, and must if it has no default.

    Raises RuntimeError if the default is not among the choices.
    """

    def __init__(
        self,
        name: str,
        *,
        default_value: SomeSubstitutionsType | None = None,
        description: str | None = None,
        choices: list[str] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if choices is not None and not choices:
            raise RuntimeError(f"argument '{name}': choices is empty, leave it out to allow all")
        if choices and isinstance(default_value, str) and default_value not in choices:
            raise RuntimeError(
                f'Provided default_value "{default_value}" is not in provided choices "{choices}".'
            )
        self.name = name
        self.default_value = (
            None if default_value is None else normalize_to_list_of_substitutions(default_value)
        )
        self.description = self._complete(description, choices)
        self.choices = choices
        # Set by the search for arguments; `ros2 launch --show-args` marks such arguments.
        self._conditionally_included = False

    @staticmethod
    def _complete(description: str | None, choices: list[str] | None) -> str:
        """Put the choices into the description."""
        if description is None:
            return "no description given" if choices is None else f"One of: {choices}"
        if choices is None:
            return description
        stop = "" if description.endswith(".") else "."
        return f"{description}{stop} Valid choices are: {choices}"

    def execute(self, context: LaunchContext) -> None:
        """Set the default if no value was given, and check the value.

        Raises RuntimeError if a value is missing or not among the choices.
        """
        if self.name not in context.launch_configurations:
            if self.default_value is None:
                logging.get_logger("launch.actions.declare_launch_argument").error(
                    f'Required launch argument "{self.name}" '
                    f'(description: "{self.description}") was not provided'
                )
                raise RuntimeError(f'Required launch argument "{self.name}" was not provided.')
            context.launch_configurations[self.name] = perform_substitutions(
                context, self.default_value
            )
        value = context.launch_configurations[self.name]
        if self.choices is not None and value not in self.choices:
            raise RuntimeError(
                f'Argument "{self.name}" provided value "{value}" is not valid. '
                f"Valid options are: {self.choices}"
            )
