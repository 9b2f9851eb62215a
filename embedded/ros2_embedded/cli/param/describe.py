"""`ros2 param describe`."""

from __future__ import annotations

import argparse
from typing import Any

from ros2_embedded.cli.param.client import (
    TYPE_NAMES,
    NodeNotFoundError,
    add_target_arguments,
    target,
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_target_arguments(parser)
    parser.add_argument("parameter_names", nargs="+", help="Names of the parameters")


def run(args: argparse.Namespace) -> str | None:
    """Print the descriptors of parameters."""
    try:
        with target(args) as client:
            descriptors = client.describe_parameters(args.parameter_names)
    except NodeNotFoundError:
        return "Node not found"
    for descriptor in descriptors:
        _print(descriptor)
    return None


def _print(descriptor: Any) -> None:
    """Print one descriptor."""
    print("Parameter name:", descriptor.name)
    print("  Type:", TYPE_NAMES[descriptor.type])
    if descriptor.description:
        print("  Description:", descriptor.description)
    print("  Constraints:")
    if descriptor.read_only:
        print("    Read only: true")
    for bounds in [*descriptor.floating_point_range, *descriptor.integer_range][:1]:
        print("    Min value:", bounds.from_value)
        print("    Max value:", bounds.to_value)
        if bounds.step:
            print("    Step:", bounds.step)
    if descriptor.additional_constraints:
        print("    Additional constraints:", descriptor.additional_constraints)
