"""`ros2 pkg prefix`."""

import argparse

from ament_index_python.packages import (
    PackageNotFoundError,
    get_package_prefix,
    get_package_share_directory,
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("package_name", help="The package name")
    parser.add_argument("--share", action="store_true", help="Show share directory for the package")


def run(args: argparse.Namespace) -> str | None:
    """Print the prefix or the share directory."""
    look_up = get_package_share_directory if args.share else get_package_prefix
    try:
        print(look_up(args.package_name))
    except (PackageNotFoundError, ValueError):
        return "Package not found"
    return None
