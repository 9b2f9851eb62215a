"""`ros2 component load`."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any

from ros2_embedded.cli.component.containers import add_container_arguments, target


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_container_arguments(parser, "load component into")
    parser.add_argument(
        "package_name", help="Name of the package where the component is to be found"
    )
    parser.add_argument("plugin_name", help="Type name of the component to be loaded")
    parser.add_argument("-n", "--node-name", default="", help="Component node name")
    parser.add_argument("--node-namespace", default="", help="Component node namespace")
    parser.add_argument("--log-level", type=int, default=0, help="Component node log level")
    lists = {
        ("-r", "--remap-rule"): (
            "remap_rules",
            "Component node remapping rules, in 'from:=to' form",
        ),
        ("-p", "--parameter"): ("parameters", "Component node parameters, in 'name:=value' form"),
        ("-e", "--extra-argument"): (
            "extra_arguments",
            "Extra arguments for the container, in 'name:=value' form",
        ),
    }
    for flags, (name, text) in lists.items():
        parser.add_argument(*flags, action="append", default=[], dest=name, help=text)
    parser.add_argument(
        "-q", "--quiet", action="store_true", help="Only print component unique IDs and names"
    )


def run(args: argparse.Namespace) -> None:
    """Have a container load a component."""
    with target(args) as container:
        answer = container.call(
            "LoadNode",
            package_name=args.package_name,
            plugin_name=args.plugin_name,
            node_name=args.node_name,
            node_namespace=args.node_namespace,
            log_level=args.log_level,
            remap_rules=args.remap_rules,
            parameters=_parameters(args.parameters),
            extra_arguments=_parameters(args.extra_arguments),
        )
    if not answer.success:
        raise RuntimeError(f"Failed to load component: {answer.error_message.capitalize()}")
    number, name = answer.unique_id, answer.full_node_name
    if args.quiet:
        print(f"{number}  {name}")
        return
    print(f"Loaded component {number} into '{container.name}' container node as '{name}'")


def _parameters(texts: Sequence[str]) -> list[Any]:
    """Read `name:=value` texts. Raises RuntimeError for anything else."""
    from rcl_interfaces.msg import Parameter
    from rclpy.parameter import get_parameter_value

    parameters = []
    for text in texts:
        name, separator, value = text.partition(":=")
        if not separator or not name:
            raise RuntimeError(f"'{text}' is not of the form 'name:=value'")
        parameters.append(Parameter(name=name, value=get_parameter_value(value)))
    return parameters
