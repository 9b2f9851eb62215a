"""`ros2 pkg executables`."""

import argparse

from ament_index_python.packages import PackageNotFoundError, get_packages_with_prefixes

from ros2_embedded.executables import find_executables


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("package_name", nargs="?", help="The package name")
    parser.add_argument(
        "--full-path", action="store_true", help="Show full path of each executable"
    )


def run(args: argparse.Namespace) -> None:
    """Print the executables of one package or of all."""
    names = [args.package_name] if args.package_name else sorted(get_packages_with_prefixes())
    for package in names:
        try:
            found = find_executables(package)
        except (PackageNotFoundError, ValueError):
            raise RuntimeError(f"Package '{package}' not found") from None
        for name, path in sorted(found.items(), key=lambda item: str(item[1])):
            print(path if args.full_path else f"{package} {name}")
