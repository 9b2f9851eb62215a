"""`ros2 interface package`."""

import argparse

from ros2_embedded.cli.interface.kinds import add_kind_arguments, chosen_kinds


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_kind_arguments(parser, "Print out only the {}")
    parser.add_argument("package_name", help="Name of the ROS package (e.g. 'example_interfaces')")


def run(args: argparse.Namespace) -> str | None:
    """Print the interfaces of a package."""
    try:
        for _, getter in chosen_kinds(args):
            for name in getter([args.package_name]).get(args.package_name, []):
                print(f"{args.package_name}/{name}")
    except LookupError as error:
        return str(error)
    return None
