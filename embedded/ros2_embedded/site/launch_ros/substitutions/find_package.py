"""Where a package is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ament_index_python.packages import get_package_prefix, get_package_share_directory
from launch.frontend.expose import expose_substitution
from launch.some_substitutions_type import SomeSubstitutionsType
from launch.substitution import Substitution
from launch.substitutions.parts import describe_parts, expect_arguments
from launch.substitutions.path_join_substitution import PathJoinSubstitution
from launch.utilities import normalize_to_list_of_substitutions, perform_substitutions

if TYPE_CHECKING:
    from launch.launch_context import LaunchContext


class FindPackage(Substitution):
    """The base of directories of a package."""

    def __init__(self, package: SomeSubstitutionsType) -> None:
        self.__package = normalize_to_list_of_substitutions(package)

    @classmethod
    def parse(cls, data: Sequence[Any]) -> tuple[type[FindPackage], dict[str, Any]]:
        """Read the argument."""
        expect_arguments(cls.__name__, data, 1, 1)
        return cls, {"package": data[0]}

    @property
    def package(self) -> list[Substitution]:
        """The name of the package."""
        return self.__package

    def find(self, package_name: str) -> str:
        """Return the directory. Raises PackageNotFoundError."""
        raise NotImplementedError(f"{self.__class__.__name__} does not define find()")

    def describe(self) -> str:
        """Return a short description for people."""
        return f"{self.__class__.__name__}(pkg={describe_parts(self.package)})"

    def __truediv__(self, path: SomeSubstitutionsType) -> PathJoinSubstitution:
        """Return a path below the directory."""
        return PathJoinSubstitution([self, path])

    def perform(self, context: LaunchContext) -> str:
        """Return the directory. Raises PackageNotFoundError."""
        return self.find(perform_substitutions(context, self.package))


@expose_substitution("find-pkg-prefix")
class FindPackagePrefix(FindPackage):
    """The prefix a package is installed in."""

    def find(self, package_name: str) -> str:
        """Return the prefix. Raises PackageNotFoundError."""
        return get_package_prefix(package_name)


@expose_substitution("find-pkg-share")
class FindPackageShare(FindPackage):
    """The share directory of a package."""

    def find(self, package_name: str) -> str:
        """Return the directory. Raises PackageNotFoundError."""
        return get_package_share_directory(package_name)
