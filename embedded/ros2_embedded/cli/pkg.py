"""`ros2 pkg`: packages."""

from __future__ import annotations

import argparse

from ament_index_python.packages import (
    PackageNotFoundError,
    get_package_prefix,
    get_package_share_directory,
    get_packages_with_prefixes,
)

from ros2_embedded.executables import find_executables


def add_executables_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("package_name", nargs="?", help="The package name")
    parser.add_argument(
        "--full-path", action="store_true", help="Show full path of each executable"
    )


def run_executables(args: argparse.Namespace) -> None:
    """Print the executables of one package or of all."""
    names = [args.package_name] if args.package_name else sorted(get_packages_with_prefixes())
    for package in names:
        try:
            found = find_executables(package)
        except (PackageNotFoundError, ValueError):
            raise RuntimeError(f"Package '{package}' not found") from None
        for name, path in sorted(found.items(), key=lambda item: str(item[1])):
            print(path if args.full_path else f"{package} {name}")


def add_list_arguments(parser: argparse.ArgumentParser) -> None:
    """Add no arguments."""


def run_list(_args: argparse.Namespace) -> None:
    """Print the names of all packages."""
    for name in sorted(get_packages_with_prefixes()):
        print(name)


def add_prefix_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("package_name", help="The package name")
    parser.add_argument("--share", action="store_true", help="Show share directory for the package")


def run_prefix(args: argparse.Namespace) -> str | None:
    """Print the prefix or the share directory."""
    look_up = get_package_share_directory if args.share else get_package_prefix
    try:
        print(look_up(args.package_name))
    except (PackageNotFoundError, ValueError):
        return "Package not found"
    return None
