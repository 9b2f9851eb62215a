"""The value of a Python expression."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from launch.frontend.expose import expose_substitution
from launch.some_substitutions_type import SomeSubstitutionsType
from launch.substitution import Substitution
from launch.utilities import normalize_to_list_of_substitutions, perform_substitutions

from .parts import describe_parts, expect_arguments
from .substitution_failure import SubstitutionFailure

if TYPE_CHECKING:
    from launch.launch_context import LaunchContext


@expose_substitution("eval")
class PythonExpression(Substitution):
    """A Python expression, with the names of `math` and of the modules asked for."""

    def __init__(
        self, expression: SomeSubstitutionsType, python_modules: SomeSubstitutionsType = ("math",)
    ) -> None:
        self.__expression = normalize_to_list_of_substitutions(expression)
        self.__python_modules = normalize_to_list_of_substitutions(python_modules)

    @classmethod
    def parse(cls, data: Sequence[Any]) -> tuple[type[PythonExpression], dict[str, Any]]:
        """Read the arguments of `$(eval 'expression' 'module, module')`."""
        expect_arguments("eval", data, 1, 2)
        kwargs: dict[str, Any] = {"expression": data[0]}
        if len(data) == 2:
            text = "".join(part.perform(None) for part in data[1])
            kwargs["python_modules"] = [name.strip() for name in text.split(",") if name.strip()]
        return cls, kwargs

    @property
    def expression(self) -> list[Substitution]:
        """The expression."""
        return self.__expression

    @property
    def python_modules(self) -> list[Substitution]:
        """The modules whose names the expression may use."""
        return self.__python_modules

    def describe(self) -> str:
        """Return a short description for people."""
        modules = ", ".join(module.describe() for module in self.python_modules)
        return f"PythonExpr({describe_parts(self.expression)}, [{modules}])"

    def perform(self, context: LaunchContext) -> str:
        """Return the value as a text.

        Raises NameError for an unknown name, SubstitutionFailure if the expression is not valid or
        fails otherwise.
        """
        names: dict[str, Any] = {}
        for module_name in self.python_modules:
            module = importlib.import_module(context.perform_substitution(module_name))
            names[module.__name__] = module
            if module.__name__ == "math":
                names.update(vars(module))
        text = perform_substitutions(context, self.expression)
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
