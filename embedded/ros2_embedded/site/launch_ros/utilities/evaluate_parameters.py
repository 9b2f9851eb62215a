"""Computes parameters."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from launch.utilities import perform_substitutions

from launch_ros.parameter_descriptions import Parameter, ParameterFile, ParameterValue
from launch_ros.parameters_type import EvaluatedParameters, Parameters, ParametersDict
from ros2_embedded.parameter_text import ValueSyntaxError, read_value

if TYPE_CHECKING:
    from launch.launch_context import LaunchContext

_HINT = (
    "If the parameter is meant to be a string, wrap it in "
    "launch_ros.parameter_descriptions.ParameterValue(value, value_type=str)"
)


def evaluate_parameters(context: LaunchContext, parameters: Parameters) -> EvaluatedParameters:
    """Compute normalized parameters: paths, dictionaries of values, and Parameter as they are."""
    evaluated: list[Path | dict[str, Any] | Parameter] = []
    for item in parameters:
        if isinstance(item, ParameterFile):
            evaluated.append(item.evaluate(context))
        elif isinstance(item, Parameter):
            evaluated.append(item)
        else:
            evaluated.append(evaluate_parameter_dict(context, item))
    return tuple(evaluated)


def evaluate_parameter_dict(context: LaunchContext, parameters: ParametersDict) -> dict[str, Any]:
    """Compute names and values; texts of substitutions are read as in a parameter file.

    Raises TypeError naming the parameter if a value is of no type a parameter can have.
    """
    if not isinstance(parameters, Mapping):
        raise TypeError(f"expected a dictionary of parameters, got {parameters!r}")
    evaluated: dict[str, Any] = {}
    for parts, value in parameters.items():
        name = perform_substitutions(context, parts)
        evaluated[name] = _evaluate(context, name, value)
    return evaluated


def _evaluate(context: LaunchContext, name: str, value: Any) -> Any:
    """Compute one value."""
    if isinstance(value, ParameterValue):
        return value.evaluate(context)
    if isinstance(value, tuple):
        return _check(name, _read(name, perform_substitutions(context, value)))
    if isinstance(value, list):
        items = [
            _read(name, perform_substitutions(context, item)) if isinstance(item, tuple) else item
            for item in value
        ]
        return _check(name, items)
    return value


def _read(name: str, text: str) -> Any:
    """Read a text as in a parameter file; an empty one is an empty string."""
    if not text:
        return ""
    try:
        return read_value(text)
    except ValueSyntaxError as error:
        raise TypeError(
            f"Unable to parse the value of parameter {name} as yaml: {error}. {_HINT}"
        ) from error


def _check(name: str, value: Any) -> Any:
    """Return a value if a parameter can have it; lists become tuples."""
    if isinstance(value, (bool, int, float, str, bytes)):
        return value
    if isinstance(value, list):
        kinds = {type(item) for item in value}
        if len(kinds) == 1 and kinds <= {bool, int, float, str}:
            return tuple(value)
        raise TypeError(
            f"parameter {name} is {value!r}: Expected a non-empty sequence, with items of uniform "
            "type. Allowed sequence item types are bool, int, float, str."
        )
    raise TypeError(
        f"parameter {name} is {value!r} ({type(value).__name__}), which no parameter can be. Allowed value types are "
        f"bytes, bool, int, float, str and lists of them. {_HINT}"
    )
