"""Goal templates: how an action's parameters become the fields of a goal, request or message."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from execution_orchestrator.capabilities.conversions import (
    CONVERSIONS,
    ConversionContext,
    ConversionError,
    convert,
)
from execution_orchestrator.capabilities.dotted_paths import MISSING, look_up

REFERENCE_KEYS = frozenset({"parameter", "as", "default", "scale", "names", "sign_of", "index_of"})


class GoalError(ValueError):
    """Parameters that do not make a goal; the message names the parameter and the field."""

    def __init__(self, parameter: str, message: str) -> None:
        self.parameter = parameter
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Reference:
    """A leaf of a goal template whose value comes from a parameter.

    ``scale`` multiplies a number (degrees to radians, milliseconds to seconds), ``names`` maps
    words to constants, ``conversion`` is a name of `conversions`. ``sign_of`` names a parameter:
    the number is positive where that one is above zero, and negative elsewhere. ``index_of`` names
    a list of which the number is an index.
    """

    parameter: str
    conversion: str = ""
    default: Any = MISSING
    scale: float = 1.0
    names: Mapping[str, Any] | None = None
    sign_of: str = ""
    index_of: str = ""

    def value(self, parameters: Mapping[str, Any], context: ConversionContext) -> Any:
        """Return the field's value, ``MISSING`` for an absent parameter without a default."""
        found = look_up(parameters, self.parameter)
        if found is MISSING or found is None:
            found = self.default
        if found is MISSING:
            return MISSING
        try:
            if self.names is not None:
                found = _named(found, self.names)
            if self.scale != 1.0:
                found = found * self.scale
            if self.index_of:
                _inside(found, self.index_of, look_up(parameters, self.index_of))
            if self.sign_of:
                found = _directed(found, look_up(parameters, self.sign_of))
            return convert(self.conversion, found, context) if self.conversion else found
        except (ConversionError, TypeError) as failure:
            where = f"parameter {self.parameter!r}: " if self.parameter else ""
            raise GoalError(self.parameter, f"{where}{failure}") from None


def reference_of(node: Mapping[str, Any]) -> Reference | None:
    """Read ``{parameter: ..., as: ..., default: ...}``; None for a mapping of plain fields."""
    if "parameter" not in node or not REFERENCE_KEYS.issuperset(node):
        return None
    return Reference(
        parameter=str(node["parameter"] or ""),
        conversion=str(node.get("as", "")),
        default=node.get("default", MISSING),
        scale=float(node.get("scale", 1.0)),
        names=node.get("names"),
        sign_of=str(node.get("sign_of", "")),
        index_of=str(node.get("index_of", "")),
    )


def render(template: Any, parameters: Mapping[str, Any], context: ConversionContext) -> Any:
    """Fill a template in; fields whose parameter is absent keep the message's own default.

    Raises:
        GoalError: a parameter cannot become what its field needs.

    """
    if isinstance(template, Mapping):
        reference = reference_of(template)
        if reference is not None:
            return reference.value(parameters, context)
        filled = {key: render(node, parameters, context) for key, node in template.items()}
        return {key: value for key, value in filled.items() if value is not MISSING}
    if isinstance(template, list):
        items = (render(node, parameters, context) for node in template)
        return [item for item in items if item is not MISSING]
    return template


def references(template: Any, path: str = "") -> Iterator[tuple[str, Reference]]:
    """Every reference of a template with the path of the field it fills."""
    if isinstance(template, Mapping):
        reference = reference_of(template)
        if reference is not None:
            yield path, reference
            return
        for key, node in template.items():
            yield from references(node, f"{path}.{key}" if path else str(key))
    elif isinstance(template, list):
        for index, node in enumerate(template):
            yield from references(node, f"{path}[{index}]")


def unknown_conversions(template: Any) -> list[tuple[str, str]]:
    """Field path and name of every conversion that does not exist."""
    return [
        (path, reference.conversion)
        for path, reference in references(template)
        if reference.conversion and reference.conversion not in CONVERSIONS
    ]


def _named(value: Any, names: Mapping[str, Any]) -> Any:
    if value in names:
        return names[value]
    if value in names.values():
        return value
    raise ConversionError(f"{value!r} is none of {', '.join(map(str, names))}")


def _directed(value: Any, direction: Any) -> Any:
    forwards = isinstance(direction, int | float) and direction > 0
    return abs(value) if forwards else -abs(value)


def _inside(index: Any, name: str, items: Any) -> None:
    if isinstance(items, list) and index >= len(items):
        raise ConversionError(f"{name} has {len(items)}, the first is 0: there is no {index}")
