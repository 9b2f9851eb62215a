"""The executable of a package."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from launch.frontend.expose import expose_substitution
from launch.some_substitutions_type import SomeSubstitutionsType
from launch.substitution import Substitution
from launch.substitutions import SubstitutionFailure
from launch.substitutions.parts import describe_parts, expect_arguments
from launch.utilities import normalize_to_list_of_substitutions, perform_substitutions

from ros2_embedded.executables import find_executables

from .find_package import FindPackagePrefix

if TYPE_CHECKING:
    from launch.launch_context import LaunchContext


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
