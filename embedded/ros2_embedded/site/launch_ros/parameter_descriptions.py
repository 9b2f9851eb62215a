"""Descriptions of parameters."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from launch.launch_context import LaunchContext
from launch.some_substitutions_type import SomeSubstitutionsType
from launch.substitution import Substitution
from launch.substitutions import SubstitutionFailure
from launch.utilities import normalize_to_list_of_substitutions, perform_substitutions
from launch.utilities.type_utils import normalize_typed_substitution, perform_typed_substitution


class ParameterValue:
    """A value; if it is a substitution, `value_type` says what to make of its text.

    Without a type YAML's rules apply.
    """

    def __init__(self, value: Any, *, value_type: Any = None) -> None:
        self.__value = normalize_typed_substitution(value, value_type)
        self.value_type = value_type
        self.__evaluated: Any = None

    @property
    def value(self) -> Any:
        """The value, in substitutions until it is computed if it was given so."""
        return self.__value if self.__evaluated is None else self.__evaluated

    def __str__(self) -> str:
        return (
            "launch_ros.description.ParameterValue"
            f"(value={self.value}, value_type={self.value_type})"
        )

    def evaluate(self, context: LaunchContext) -> Any:
        """Compute the value. Raises ValueError if it is not of the type."""
        self.__evaluated = perform_typed_substitution(context, self.__value, self.value_type)
        return self.__evaluated


class Parameter:
    """A name with a value."""

    def __init__(self, name: SomeSubstitutionsType, value: Any, *, value_type: Any = None) -> None:
        self.__name = normalize_to_list_of_substitutions(name)
        self.__parameter_value = ParameterValue(value, value_type=value_type)
        self.__evaluated_name: str | None = None

    @property
    def name(self) -> list[Substitution] | str:
        """The name, in substitutions until it is computed."""
        return self.__name if self.__evaluated_name is None else self.__evaluated_name

    @property
    def value(self) -> Any:
        """The value, in substitutions if it was given so."""
        return self.__parameter_value.value

    @property
    def value_type(self) -> Any:
        """The type of the value."""
        return self.__parameter_value.value_type

    def __str__(self) -> str:
        return (
            "launch_ros.description.Parameter"
            f"(name={self.name}, value={self.value}, value_type={self.value_type})"
        )

    def evaluate(self, context: LaunchContext) -> tuple[str, Any]:
        """Compute name and value."""
        name = self.__evaluated_name = perform_substitutions(context, self.__name)
        return name, self.__parameter_value.evaluate(context)


class ParameterFile:
    """A YAML file of parameters."""

    def __init__(
        self,
        param_file: SomeSubstitutionsType | os.PathLike[str],
        *,
        allow_substs: bool | SomeSubstitutionsType = False,
    ) -> None:
        if isinstance(param_file, os.PathLike):
            param_file = os.fspath(param_file)
        self.__param_file = normalize_to_list_of_substitutions(param_file)
        self.__allow_substs = normalize_typed_substitution(allow_substs, bool)

    def evaluate(self, context: LaunchContext) -> Path:
        """Return the path of the file.

        Raises SubstitutionFailure if there is `$(...)` in it to be expanded.
        """
        path = Path(perform_substitutions(context, self.__param_file))
        expands = perform_typed_substitution(context, self.__allow_substs, bool)
        if expands and "$(" in path.read_text(encoding="utf-8"):
            raise SubstitutionFailure(
                f"substitutions in parameter files such as '{path}' are left to a whole ROS 2: "
                "give the parameters in the launch file"
            )
        return path
