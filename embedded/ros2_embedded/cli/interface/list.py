"""`ros2 interface list`."""

import argparse

from ros2_embedded.cli.interface.kinds import add_kind_arguments, chosen_kinds


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_kind_arguments(parser, "Print out only the {}")


def run(args: argparse.Namespace) -> None:
    """Print the interfaces kind by kind."""
    for title, getter in chosen_kinds(args):
        print(f"{title}:")
        for package, names in sorted(getter().items()):
            for name in sorted(names):
                print(f"    {package}/{name}")
