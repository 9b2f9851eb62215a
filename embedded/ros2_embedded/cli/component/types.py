"""`ros2 component types`."""

from __future__ import annotations

import argparse

from ament_index_python.packages import get_packages_with_prefixes
from ament_index_python.resources import get_resource, get_resources, has_resource

_RESOURCE = "rclcpp_components"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument(
        "package_name",
        nargs="?",
        help="Package name to look for registered components in",
    )


def run(args: argparse.Namespace) -> str | None:
    """Print the components that packages register in the index."""
    if args.package_name is None:
        for package in sorted(get_resources(_RESOURCE)):
            print(package, *(f"  {name}" for name in _types(package)), sep="\n")
        return None
    if args.package_name not in get_packages_with_prefixes():
        return f"Unable to find package '{args.package_name}'"
    print(*_types(args.package_name), sep="\n")
    return None


def _types(package: str) -> list[str]:
    if not has_resource(_RESOURCE, package):
        return []
    content, _ = get_resource(_RESOURCE, package)
    return [line.split(";")[0] for line in content.splitlines()]
