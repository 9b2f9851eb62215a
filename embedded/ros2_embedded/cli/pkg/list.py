"""`ros2 pkg list`."""

import argparse

from ament_index_python.packages import get_packages_with_prefixes


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add no arguments."""


def run(_args: argparse.Namespace) -> None:
    """Print the names of all packages."""
    for name in sorted(get_packages_with_prefixes()):
        print(name)
