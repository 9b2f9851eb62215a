"""`ros2 daemon status`."""

import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add no arguments."""


def run(_args: argparse.Namespace) -> int:
    """Say that there is no daemon."""
    print("The daemon is not running")
    return 0
