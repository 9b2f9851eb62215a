"""`ros2 param set`."""

import argparse

from ros2_embedded.cli.param.client import NodeNotFoundError, add_target_arguments, report, target


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_target_arguments(parser)
    parser.add_argument("parameter_name", help="Name of the parameter")
    parser.add_argument("value", help="Value of the parameter")


def run(args: argparse.Namespace) -> str | None:
    """Set a parameter to a value in YAML."""
    from rcl_interfaces.msg import Parameter
    from rclpy.parameter import get_parameter_value

    parameter = Parameter(
        name=args.parameter_name, value=get_parameter_value(string_value=args.value)
    )
    try:
        with target(args) as client:
            (result,) = client.set_parameters([parameter])
    except NodeNotFoundError:
        return "Node not found"
    report(result, "Set parameter successful", "Setting parameter failed")
    return None
