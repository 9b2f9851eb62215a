"""`ros2 param get`."""

from __future__ import annotations

import argparse
from typing import Any

from ros2_embedded.cli.param.client import NodeNotFoundError, add_target_arguments, target

#: What is said before a value, and the field it is in, by the type of the parameter.
_VALUES = {
    1: ("Boolean value is:", "bool_value"),
    2: ("Integer value is:", "integer_value"),
    3: ("Double value is:", "double_value"),
    4: ("String value is:", "string_value"),
    5: ("Byte values are:", "byte_array_value"),
    6: ("Boolean values are:", "bool_array_value"),
    7: ("Integer values are:", "integer_array_value"),
    8: ("Double values are:", "double_array_value"),
    9: ("String values are:", "string_array_value"),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_target_arguments(parser)
    parser.add_argument("parameter_name", help="Name of the parameter")
    parser.add_argument("--hide-type", action="store_true", help="Hide the type information")


def run(args: argparse.Namespace) -> str | None:
    """Print the value of a parameter."""
    try:
        with target(args) as client:
            values = client.get_parameters([args.parameter_name])
    except NodeNotFoundError:
        return "Node not found"
    if not values:
        return "Parameter not set"
    label, value = _describe(values[0])
    if args.hide_type:
        print(value)
    else:
        print(label, value) if value is not None else print(label)
    return None


def _describe(parameter_value: Any) -> tuple[str, Any]:
    """Return what is said before a value, and the value."""
    if parameter_value.type not in _VALUES:
        return "Parameter not set.", None
    label, field = _VALUES[parameter_value.type]
    value = getattr(parameter_value, field)
    return label, value.tolist() if hasattr(value, "tolist") else value
