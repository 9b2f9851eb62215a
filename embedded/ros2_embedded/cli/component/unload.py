"""`ros2 component unload`."""

import argparse

from ros2_embedded.cli.component.containers import add_container_arguments, target


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_container_arguments(parser, "unload component from")
    parser.add_argument(
        "component_uid", type=int, nargs="+", help="Unique ID of the component to be unloaded"
    )
    parser.add_argument(
        "-q", "--quiet", action="store_true", help="Only print component unique IDs"
    )


def run(args: argparse.Namespace) -> None:
    """Have a container unload components."""
    with target(args) as container:
        for number in args.component_uid:
            answer = container.call("UnloadNode", unique_id=number)
            if not answer.success:
                raise RuntimeError(
                    f"Failed to unload component {number} from '{container.name}' container node\n"
                    f"    {answer.error_message.capitalize()}"
                )
            if args.quiet:
                print(number)
            else:
                print(f"Unloaded component {number} from '{container.name}' container node")
