"""The value of a Python expression."""

from __future__ import annotations

import importlib
from typing import Any

from launch.launch_context import LaunchContext
from launch.some_substitutions_type import SomeSubstitutionsType
from launch.substitution import Substitution
from launch.utilities import normalize_to_list_of_substitutions, perform_substitutions

from .values import SubstitutionFailure, describe_parts


class PythonExpression(Substitution):
    """A Python expression, with the names of `math` and of the modules asked for."""

    def __init__(
        self, expression: SomeSubstitutionsType, python_modules: SomeSubstitutionsType = ("math",)
    ) -> None:
        self.__expression = normalize_to_list_of_substitutions(expression)
        self.__python_modules = normalize_to_list_of_substitutions(python_modules)

    def describe(self) -> str:
        modules = ", ".join(module.describe() for module in self.__python_modules)
        return f"PythonExpr({describe_parts(self.__expression)}, [{modules}])"

    def perform(self, context: LaunchContext) -> str:
        """Return the value as a text.

        Raises NameError for an unknown name, SubstitutionFailure if the expression is not valid or
        fails otherwise.
        """
        names: dict[str, Any] = {}
        for module_name in self.__python_modules:
            module = importlib.import_module(context.perform_substitution(module_name))
            names[module.__name__] = module
            if module.__name__ == "math":
                names.update(vars(module))
        text = perform_substitutions(context, self.__expression)
        try:
            # Launch files are programs of their author; an expression in one is no new trust.
            return str(eval(text, {}, names))
        except NameError as error:
            # A module that was not asked for: launch files may catch what Python calls it.
            raise NameError(f"Python expression '{text}' failed: {error}") from error
        except Exception as error:
            raise SubstitutionFailure(
                f"Python expression '{text}' failed: {type(error).__name__}: {error}"
            ) from error
