"""What the values of ``robot`` in expressions are: by their bindings and the messages' fields."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from execution_orchestrator.capabilities.interface_check import InterfaceCatalogue
from execution_orchestrator.capabilities.robot_state_document import StateBinding
from execution_orchestrator.plan.expression_types import (
    BOOL,
    DOUBLE,
    DYN,
    INT,
    MAP,
    STRING,
    Type,
    map_of,
)

POSE = map_of(
    {**dict.fromkeys(("x", "y", "z", "yaw"), DOUBLE), "frame": STRING,
     "orientation": map_of(dict.fromkeys("xyzw", DOUBLE))}
)  # fmt: skip
_PLAIN = {"boolean": BOOL, "string": STRING, "float": DOUBLE, "double": DOUBLE}


def state_types(
    state: Mapping[str, StateBinding], catalogue: InterfaceCatalogue
) -> dict[str, Type]:
    """Return the type of every value; unknown where its message is not installed."""
    return {
        name: replace(_type_of(binding, catalogue), bounds=binding.range)
        for name, binding in state.items()
    }


def _type_of(binding: StateBinding, catalogue: InterfaceCatalogue) -> Type:
    if binding.kind in ("pose", "transform"):
        return POSE
    if binding.kind == "joints":
        return MAP  # of whichever joints are published
    kind = binding.type
    for name in binding.field.split(".") if binding.field else ():
        fields = catalogue.fields(_message(kind))
        if fields is None or name not in fields:
            return DYN
        kind = fields[name]
    if kind in _PLAIN:
        return _PLAIN[kind]
    return INT if kind.removeprefix("u").rstrip("0123456789") == "int" else DYN


def _message(kind: str) -> str:
    """Return the interface name of a field's type: fields leave the folder out."""
    package, _, name = kind.rpartition("/")
    return kind if package.endswith("/msg") or not package else f"{package}/msg/{name}"
