"""What parameters may be given as, and what they become."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Union

from launch.substitution import Substitution

from .parameter_descriptions import Parameter as ParameterDescription
from .parameter_descriptions import ParameterFile

#: A file, a dictionary of names and values, or a single parameter.
SomeParameters = Sequence[Any]
SomeParametersDict = Mapping[Any, Any]
SomeParameterValue = Any
ParameterName = tuple[Substitution, ...]
ParameterValue = Any
ParametersDict = dict[ParameterName, ParameterValue]
Parameters = Sequence[Union[ParameterFile, ParametersDict, ParameterDescription]]
EvaluatedParameterValue = Any
EvaluatedParameters = Sequence[Union[Path, dict[str, Any], ParameterDescription]]
