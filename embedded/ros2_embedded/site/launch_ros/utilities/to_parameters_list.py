"""Turns parameters into rclpy's."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from launch_ros.parameters_type import EvaluatedParameters
from ros2_embedded.parameter_text import compose, tree_of

from .evaluate_parameters import evaluate_parameter_dict
from .normalize_parameters import normalize_parameter_dict

if TYPE_CHECKING:
    from launch.launch_context import LaunchContext


def _sections(tree: Mapping[str, Any], path: tuple[str, ...] = ()) -> dict[str, dict[str, Any]]:
    """Map the node names of a parameter file to their parameters."""
    found: dict[str, dict[str, Any]] = {}
    for key, value in tree.items():
        if key == "ros__parameters":
            found["/".join(path)] = value
        elif isinstance(value, Mapping):
            found.update(_sections(value, (*path, key.strip("/"))))
    return found


def to_parameters_list(
    context: LaunchContext,
    node_name: str,
    namespace: str,
    evaluated_parameters: EvaluatedParameters,
) -> list[Any]:
    """Return the rclpy parameters files and dictionaries hold for a node, in their order.

    A file without node names holds parameters of any node. One name may occur several times; the
    last counts. Raises RuntimeError for a value that no parameter can have.
    """
    from rclpy.parameter import Parameter

    full_name = f"{namespace.strip('/')}/{node_name.strip('/')}".strip("/")
    parameters: list[Any] = []
    for item in evaluated_parameters:
        if isinstance(item, Path):
            root = compose(item.read_text(encoding="utf-8"))
            tree = {} if root is None else tree_of(root)
            sections = _sections(tree)
            chosen = {**sections.get("**", {}), **sections.get(full_name, {})} if sections else tree
            values = evaluate_parameter_dict(context, normalize_parameter_dict(chosen))
        elif isinstance(item, dict):
            values = item
        else:
            name, value = item.evaluate(context)
            values = {name: value}
        parameters += [Parameter(name, value=value) for name, value in values.items()]
    return parameters
