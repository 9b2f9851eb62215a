"""Functions for those who write actions."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from launch.launch_context import LaunchContext
from launch.some_substitutions_type import SomeSubstitutionsType
from launch.substitution import Substitution
from launch.substitutions import TextSubstitution
from launch.utilities import normalize_to_list_of_substitutions, perform_substitutions
from launch.utilities.type_utils import is_substitution

from launch_ros.parameter_descriptions import Parameter, ParameterFile, ParameterValue
from ros2_embedded.parameter_text import ValueSyntaxError, read_value

#: A file, a dictionary of names and values, or a single parameter.
SomeParameters = Sequence[Any]
SomeParametersDict = Mapping[Any, Any]
ParametersDict = dict[tuple[Substitution, ...], Any]
Parameters = Sequence[ParameterFile | ParametersDict | Parameter]
EvaluatedParameters = Sequence[Path | dict[str, Any] | Parameter]
SomeRemapRules = Iterable[tuple[SomeSubstitutionsType, SomeSubstitutionsType]]
RemapRule = tuple[list[Substitution], list[Substitution]]


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


_TOKEN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def is_root_namespace(ns: str) -> bool:
    """Tell whether a namespace is `/`."""
    return ns == "/"


def is_namespace_absolute(ns: str) -> bool:
    """Tell whether a namespace begins with `/`."""
    return ns.startswith("/")


def prefix_namespace(base_ns: str | None, ns: str | None) -> str | None:
    """Put a base before a relative namespace; an absolute one stays as it is.

    None stands for a namespace that is not given. A slash at the end is dropped.
    """
    if ns is None:
        combined = base_ns
    elif not base_ns or is_namespace_absolute(ns):
        combined = ns
    else:
        combined = f"{base_ns.rstrip('/')}/{ns}"
    if combined is None or is_root_namespace(combined):
        return combined
    return combined.rstrip("/")


def make_namespace_absolute(ns: str | None) -> str | None:
    """Put `/` before a relative namespace."""
    if ns is None or is_namespace_absolute(ns):
        return ns
    return f"/{ns}"


def validate_namespace(ns: str) -> None:
    """Raise ValueError unless a text is an absolute namespace."""
    tokens = ns.split("/")[1:]
    if ns == "/":
        return
    if not is_namespace_absolute(ns) or not all(_TOKEN.fullmatch(token) for token in tokens):
        raise ValueError(
            f"'{ns}' is not a valid namespace: use '/' and names of letters, digits and '_' "
            "that do not begin with a digit"
        )


def validate_node_name(name: str) -> None:
    """Raise ValueError unless a text is a node name."""
    if not _TOKEN.fullmatch(name):
        raise ValueError(
            f"'{name}' is not a valid node name: use letters, digits and '_', "
            "and do not begin with a digit"
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


def normalize_remap_rule(remap_rule: Any) -> RemapRule:
    """Make substitutions of both sides. Raises TypeError unless there are two."""
    if not isinstance(remap_rule, tuple) or len(remap_rule) != 2:
        raise TypeError(f"a remapping is a tuple (from, to), got {remap_rule!r}")
    source, target = remap_rule
    return normalize_to_list_of_substitutions(source), normalize_to_list_of_substitutions(target)


def normalize_remap_rules(remap_rules: SomeRemapRules) -> Iterable[RemapRule]:
    """Make substitutions of both sides of each rule."""
    return [normalize_remap_rule(rule) for rule in remap_rules]


_KEY = "unique_ros_node_names"


def _counts(context: LaunchContext) -> Counter[str]:
    """Return the counter kept in the context."""
    known = context.get_locals_as_dict().get(_KEY)
    if known is None:
        known = Counter[str]()
        context.extend_globals({_KEY: known})
    return cast(Counter[str], known)


def add_node_name(context: LaunchContext, node_name: str) -> None:
    """Note that a node of this full name was launched."""
    _counts(context)[node_name] += 1


def get_node_name_count(context: LaunchContext, node_name: str) -> int:
    """Return how many nodes of this full name were launched."""
    return _counts(context)[node_name]
