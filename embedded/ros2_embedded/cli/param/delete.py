"""`ros2 param delete`."""

import argparse

from ros2_embedded.cli.param.client import NodeNotFoundError, add_target_arguments, report, target


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_target_arguments(parser)
    parser.add_argument("parameter_name", help="Name of the parameter")


def run(args: argparse.Namespace) -> str | None:
    """Delete a parameter."""
    from rcl_interfaces.msg import Parameter

    try:
        with target(args) as client:
            # A parameter without a value is one that is to be deleted.
            (result,) = client.set_parameters([Parameter(name=args.parameter_name)])
    except NodeNotFoundError:
        return "Node not found"
    report(result, "Deleted parameter successfully", "Deleting parameter failed")
    return None
