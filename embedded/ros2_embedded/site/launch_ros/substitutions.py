"""Texts about packages and parameters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ament_index_python.packages import get_package_prefix, get_package_share_directory
from launch.frontend.expose import expose_substitution
from launch.some_substitutions_type import SomeSubstitutionsType
from launch.substitution import Substitution
from launch.substitutions import SubstitutionFailure
from launch.substitutions.launch_configuration import default_substitutions
from launch.substitutions.parts import describe_parts, expect_arguments
from launch.substitutions.path_join_substitution import PathJoinSubstitution
from launch.utilities import normalize_to_list_of_substitutions, perform_substitutions

from ros2_embedded.executables import find_executables

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


@expose_substitution("exec-in-pkg")
class ExecutableInPackage(FindPackagePrefix):
    """The full path of an executable of a package."""

    def __init__(self, executable: SomeSubstitutionsType, package: SomeSubstitutionsType) -> None:
        super().__init__(package)
        self.__executable = normalize_to_list_of_substitutions(executable)

    @classmethod
    def parse(cls, data: Sequence[Any]) -> tuple[type[ExecutableInPackage], dict[str, Any]]:
        """Read the arguments of `$(exec-in-pkg executable package)`."""
        expect_arguments("exec-in-pkg", data, 2, 2)
        return cls, {"executable": data[0], "package": data[1]}

    @property
    def executable(self) -> list[Substitution]:
        """The name of the executable."""
        return self.__executable

    def describe(self) -> str:
        """Return a short description for people."""
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


@expose_substitution("param")
class Parameter(Substitution):
    """The value of a parameter that SetParameter set in this scope."""

    def __init__(self, name: SomeSubstitutionsType, *, default: Any = None) -> None:
        self.__name = normalize_to_list_of_substitutions(name)
        self.__default = None if default is None else default_substitutions(default)

    @classmethod
    def parse(cls, data: Sequence[Any]) -> tuple[type[Parameter], dict[str, Any]]:
        """Read the arguments of `$(param name default)`."""
        expect_arguments("param", data, 1, 2)
        return cls, dict(zip(("name", "default"), data, strict=False))

    @property
    def name(self) -> list[Substitution]:
        """The name of the parameter."""
        return self.__name

    def describe(self) -> str:
        """Return a short description for people."""
        return f"Parameter(name={describe_parts(self.name)})"

    def perform(self, context: LaunchContext) -> str:
        """Return the value. Raises SubstitutionFailure if it is not set and has no default."""
        name = perform_substitutions(context, self.name)
        for item in context.launch_configurations.get("global_params", []):
            if isinstance(item, tuple) and item[0] == name:
                return str(item[1])
        if self.__default is None:
            raise SubstitutionFailure(f"parameter '{name}' not found")
        return perform_substitutions(context, self.__default)


__all__ = [
    "ExecutableInPackage",
    "FindPackage",
    "FindPackagePrefix",
    "FindPackageShare",
    "Parameter",
]
