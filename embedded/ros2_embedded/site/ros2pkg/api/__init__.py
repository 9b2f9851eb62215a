"""Installed packages, where they are and what can be run of them."""

from __future__ import annotations

from collections.abc import Iterable

from ament_index_python.packages import (
    PackageNotFoundError,
    get_package_prefix,
    get_packages_with_prefixes,
)

from ros2_embedded.executables import find_executables


class PackageNotFound(Exception):
    """A package is not installed; `package_name` tells which."""

    def __init__(self, package_name: str) -> None:
        super().__init__(package_name)
        self.package_name = package_name


def get_package_names() -> Iterable[str]:
    """Return the names of all packages."""
    return get_packages_with_prefixes().keys()


def get_prefix_path(package_name: str) -> str | None:
    """Return the prefix of a package; None if there is no such package."""
    try:
        return get_package_prefix(package_name)
    except (PackageNotFoundError, ValueError):
        return None


def get_executable_paths(*, package_name: str) -> list[str]:
    """Return the files that `ros2 run` can start; raises PackageNotFound."""
    if get_prefix_path(package_name) is None:
        raise PackageNotFound(package_name)
    return sorted(str(path) for path in find_executables(package_name).values())
