"""One shape for parameters."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

from launch.substitution import Substitution
from launch.substitutions import TextSubstitution
from launch.utilities import normalize_to_list_of_substitutions
from launch.utilities.type_utils import is_substitution

from launch_ros.parameter_descriptions import Parameter, ParameterFile, ParameterValue
from launch_ros.parameters_type import (
    Parameters,
    ParametersDict,
    SomeParameters,
    SomeParametersDict,
)

_SCALARS = (bool, int, float, str, bytes)


def normalize_parameters(parameters: SomeParameters) -> Parameters:
    """Make ParameterFile, dictionaries of flat names, or Parameter of each element.

    Raises TypeError naming what is none of them.
    """
    if isinstance(parameters, (str, Mapping)) or not isinstance(parameters, Sequence):
        raise TypeError(f"parameters must be a list of files and dictionaries, got {parameters!r}")
    normalized: list[ParameterFile | ParametersDict | Parameter] = []
    for item in parameters:
        if isinstance(item, (ParameterFile, Parameter)):
            normalized.append(item)
        elif isinstance(item, Mapping):
            normalized.append(normalize_parameter_dict(item))
        elif isinstance(item, (str, os.PathLike, Substitution)) or is_substitution(item):
            normalized.append(ParameterFile(item))
        else:
            raise TypeError(f"parameters must hold files and dictionaries, but it holds {item!r}")
    return normalized


def normalize_parameter_dict(
    parameters: SomeParametersDict, *, _prefix: Sequence[Substitution] = ()
) -> ParametersDict:
    """Make a flat dictionary: names of nested ones are joined by dots.

    Integers among floats become floats. Values become scalars, ParameterValue, a tuple of substitutions (one text in YAML), or a list of
    scalars and such tuples. Raises TypeError naming a value of another type.
    """
    if not isinstance(parameters, Mapping):
        raise TypeError(f"expected a dictionary of parameters, got {parameters!r}")
    normalized: ParametersDict = {}
    for key, value in parameters.items():
        name = [*_prefix, *normalize_to_list_of_substitutions(key)]
        if isinstance(value, Mapping):
            prefix = [*name, TextSubstitution(text=".")]
            normalized.update(normalize_parameter_dict(value, _prefix=prefix))
        else:
            normalized[tuple(name)] = _normalize_value(value)
    return normalized


def _normalize_value(value: Any) -> Any:
    """Bring one value into its shape."""
    if isinstance(value, (ParameterValue, _SCALARS)):
        return value
    if is_substitution(value):
        return tuple(normalize_to_list_of_substitutions(value))
    if not isinstance(value, Sequence):
        raise TypeError(f"{value!r} cannot be the value of a parameter")
    if {type(item) for item in value} == {int, float}:
        return [float(item) for item in value]
    items: list[Any] = []
    for item in value:
        if isinstance(item, (bool, int, float, str)):
            items.append(item)
        else:
            items.append(tuple(normalize_to_list_of_substitutions(item)))
    return items
