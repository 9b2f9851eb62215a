"""`ros2 interface proto`."""

import argparse

from rosidl_runtime_py import message_to_yaml
from rosidl_runtime_py.utilities import get_interface, is_action, is_service


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument(
        "type", help="Show an interface definition (e.g. 'example_interfaces/msg/String')"
    )
    parser.add_argument(
        "--no-quotes", action="store_true", help="if true output has no outer quotes."
    )


def run(args: argparse.Namespace) -> str | None:
    """Print a message, request or goal with default values."""
    try:
        interface = get_interface(args.type)
    except (AttributeError, LookupError, ModuleNotFoundError, ValueError) as error:
        return str(error)
    if is_action(interface):
        interface = interface.Goal
    elif is_service(interface):
        interface = interface.Request
    text = message_to_yaml(interface())
    print(text if args.no_quotes else f'"{text}"')
    return None
