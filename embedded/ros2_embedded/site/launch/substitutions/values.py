"""Texts, launch configurations, environment variables and paths."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from launch.launch_context import LaunchContext
from launch.some_substitutions_type import SomeSubstitutionsType
from launch.substitution import Substitution
from launch.utilities import normalize_to_list_of_substitutions, perform_substitutions


class SubstitutionFailure(RuntimeError):
    """The context lacks what a substitution needs."""


def describe_parts(parts: Iterable[Substitution]) -> str:
    """Describe substitutions whose texts are joined."""
    return " + ".join(part.describe() for part in parts)


class TextSubstitution(Substitution):
    """A text that is known beforehand."""

    def __init__(self, *, text: str) -> None:
        if not isinstance(text, str):
            raise TypeError(
                f"TextSubstitution expected a text, got {text!r} of type '{type(text).__name__}'"
            )
        self.text = text

    def describe(self) -> str:
        return f"'{self.text}'"

    def perform(self, context: LaunchContext | None) -> str:
        return self.text


class LaunchConfiguration(Substitution):
    """The value of a launch configuration, such as a launch argument."""

    def __init__(
        self, variable_name: SomeSubstitutionsType, *, default: Any | Iterable[Any] | None = None
    ) -> None:
        self.__variable_name = normalize_to_list_of_substitutions(variable_name)
        self.__default = None if default is None else substitutions_of(default)

    def describe(self) -> str:
        return f"LaunchConfig({describe_parts(self.__variable_name)})"

    def perform(self, context: LaunchContext) -> str:
        """Return the value. Raises SubstitutionFailure if it is not set and has no default."""
        name = perform_substitutions(context, self.__variable_name)
        if name in context.launch_configurations:
            return str(context.launch_configurations[name])
        if self.__default is None:
            raise SubstitutionFailure(f"launch configuration '{name}' does not exist")
        return perform_substitutions(context, self.__default)


def substitutions_of(value: Any) -> list[Substitution]:
    """Make substitutions of a value that may be of any type, or of several such values."""
    if isinstance(value, (str, Path, Substitution)) or not isinstance(value, Iterable):
        value = (value,)
    return normalize_to_list_of_substitutions(
        [part if isinstance(part, (str, Path, Substitution)) else str(part) for part in value]
    )


class EnvironmentVariable(Substitution):
    """The value of an environment variable."""

    def __init__(
        self, name: SomeSubstitutionsType, *, default_value: SomeSubstitutionsType | None = None
    ) -> None:
        self.__name = normalize_to_list_of_substitutions(name)
        self.__default_value = (
            None if default_value is None else normalize_to_list_of_substitutions(default_value)
        )

    def describe(self) -> str:
        return f"EnvVar({describe_parts(self.__name)})"

    def perform(self, context: LaunchContext) -> str:
        """Return the value. Raises SubstitutionFailure if there is none and no default."""
        name = perform_substitutions(context, self.__name)
        value = context.environment.get(name)
        if value is not None:
            return value
        if self.__default_value is None:
            raise SubstitutionFailure(f"environment variable '{name}' does not exist")
        return perform_substitutions(context, self.__default_value)


class FindExecutable(Substitution):
    """The full path of an executable on the PATH."""

    def __init__(self, *, name: SomeSubstitutionsType) -> None:
        self.__name = normalize_to_list_of_substitutions(name)

    def describe(self) -> str:
        return f"FindExec({describe_parts(self.__name)})"

    def perform(self, context: LaunchContext) -> str:
        """Return the path. Raises SubstitutionFailure if it is not on the PATH."""
        name = perform_substitutions(context, self.__name)
        path = shutil.which(name)
        if path is None:
            raise SubstitutionFailure(f"executable '{name}' not found on the PATH")
        return path


class PathJoinSubstitution(Substitution):
    """Parts joined with the separator of paths."""

    def __init__(self, substitutions: Iterable[SomeSubstitutionsType]) -> None:
        if isinstance(substitutions, (str, Substitution)):
            substitutions = [substitutions]
        self.__substitutions = [normalize_to_list_of_substitutions(part) for part in substitutions]

    def describe(self) -> str:
        parts = " + ".join(describe_parts(part) for part in self.__substitutions)
        return f"{self.__class__.__name__}({parts})"

    def __truediv__(self, additional: SomeSubstitutionsType) -> PathJoinSubstitution:
        """Return a path with a further part."""
        return PathJoinSubstitution([*self.__substitutions, additional])

    def perform(self, context: LaunchContext) -> str:
        """Return the path."""
        parts = [perform_substitutions(context, part) for part in self.__substitutions]
        return os.path.join(*parts)  # noqa: PTH118


class ThisLaunchFileDir(Substitution):
    """The directory of the current launch file."""

    def describe(self) -> str:
        return "ThisLaunchFileDir()"

    def perform(self, context: LaunchContext) -> str:
        """Return the directory. Raises SubstitutionFailure outside a launch file."""
        directory = context.get_locals_as_dict().get("current_launch_file_directory")
        if directory is None:
            raise SubstitutionFailure("there is no directory: this is not inside a launch file")
        return str(directory)
