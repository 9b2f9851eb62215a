"""`ros2 param dump`."""

from __future__ import annotations

import argparse
from typing import Any

from ros2_embedded.cli.param.client import NodeNotFoundError, add_target_arguments, target
from ros2_embedded.parameter_text import write_values


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_target_arguments(parser)


def run(args: argparse.Namespace) -> str | None:
    """Print all parameters of a node as a parameter file."""
    from rclpy.parameter import parameter_value_to_python

    try:
        with target(args) as client:
            names = client.list_parameters()
            values = client.get_parameters(names) if names else []
            node_name = client.node_name
    except NodeNotFoundError:
        return "Node not found"
    parameters: dict[str, Any] = {}
    for name, value in zip(names, values, strict=True):
        _insert(parameters, name, parameter_value_to_python(value))
    print(write_values({node_name: {"ros__parameters": parameters}}))
    return None


def _insert(tree: dict[str, Any], name: str, value: Any) -> None:
    """Put a value into nested dictionaries, one level per dot in its name."""
    *levels, last = name.split(".")
    for level in levels:
        tree = tree.setdefault(level, {})
    tree[last] = value.tolist() if hasattr(value, "tolist") else value
