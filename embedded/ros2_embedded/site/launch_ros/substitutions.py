"""Texts about packages and parameters."""

from __future__ import annotations

from ament_index_python.packages import get_package_prefix, get_package_share_directory
from launch.launch_context import LaunchContext
from launch.some_substitutions_type import SomeSubstitutionsType
from launch.substitution import Substitution
from launch.substitutions import PathJoinSubstitution, SubstitutionFailure
from launch.substitutions.values import describe_parts
from launch.utilities import normalize_to_list_of_substitutions, perform_substitutions

from ros2_embedded.executables import find_executables


class FindPackage(Substitution):
    """The base of directories of a package."""

    def __init__(self, package: SomeSubstitutionsType) -> None:
        self.package = normalize_to_list_of_substitutions(package)

    def find(self, package_name: str) -> str:
        """Return the directory. Raises PackageNotFoundError."""
        raise NotImplementedError(f"{self.__class__.__name__} does not define find()")

    def describe(self) -> str:
        return f"{self.__class__.__name__}(pkg={describe_parts(self.package)})"

    def __truediv__(self, path: SomeSubstitutionsType) -> PathJoinSubstitution:
        """Return a path below the directory."""
        return PathJoinSubstitution([self, path])

    def perform(self, context: LaunchContext) -> str:
        """Return the directory. Raises PackageNotFoundError."""
        return self.find(perform_substitutions(context, self.package))


class FindPackagePrefix(FindPackage):
    """The prefix a package is installed in."""

    def find(self, package_name: str) -> str:
        """Return the prefix. Raises PackageNotFoundError."""
        return get_package_prefix(package_name)


class FindPackageShare(FindPackage):
    """The share directory of a package."""

    def find(self, package_name: str) -> str:
        """Return the directory. Raises PackageNotFoundError."""
        return get_package_share_directory(package_name)


class ExecutableInPackage(FindPackagePrefix):
    """The full path of an executable of a package."""

    def __init__(self, executable: SomeSubstitutionsType, package: SomeSubstitutionsType) -> None:
        super().__init__(package)
        self.executable = normalize_to_list_of_substitutions(executable)

    def describe(self) -> str:
        return (
            f"ExecInPkg(pkg={describe_parts(self.package)}, exec={describe_parts(self.executable)})"
        )

    def perform(self, context: LaunchContext) -> str:
        """Return the path.

        Raises PackageNotFoundError, or SubstitutionFailure naming the executables there are.
        """
        package = perform_substitutions(context, self.package)
        executable = perform_substitutions(context, self.executable)
        found = find_executables(package)
        if executable not in found:
            known = ", ".join(sorted(found)) or "none"
            raise SubstitutionFailure(
                f"executable '{executable}' not found in package '{package}'; it has: {known}"
            )
        return str(found[executable])
