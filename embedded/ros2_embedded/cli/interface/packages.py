"""`ros2 interface packages`."""

import argparse

from ros2_embedded.cli.interface.kinds import add_kind_arguments, chosen_kinds


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_kind_arguments(parser, "Only list packages that generate {}")


def run(args: argparse.Namespace) -> None:
    """Print the packages that have interfaces."""
    packages = {package for _, getter in chosen_kinds(args) for package in getter()}
    for package in sorted(packages):
        print(package)
