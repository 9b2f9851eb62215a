"""`ros2 daemon start`."""

import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("--debug", "-d", action="store_true", help="Print debug messages")


def run(_args: argparse.Namespace) -> int:
    """Say that nothing has to be started."""
    print("The daemon is not needed: every command looks at the graph itself")
    return 0
