"""The launch file being read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from launch.frontend.expose import expose_substitution
from launch.substitution import Substitution

from .parts import expect_arguments
from .substitution_failure import SubstitutionFailure

if TYPE_CHECKING:
    from launch.launch_context import LaunchContext


@expose_substitution("filename")
class ThisLaunchFile(Substitution):
    """The full path of the current launch file."""

    @classmethod
    def parse(cls, data: Sequence[Any]) -> tuple[type[ThisLaunchFile], dict[str, Any]]:
        """Check that there are no arguments."""
        expect_arguments("filename", data, 0, 0)
        return cls, {}

    def describe(self) -> str:
        """Return a short description for people."""
        return "ThisLaunchFile()"

    def perform(self, context: LaunchContext) -> str:
        """Return the path. Raises SubstitutionFailure outside a launch file."""
        return launch_file_local(context, "current_launch_file_path")


def launch_file_local(context: LaunchContext, name: str) -> str:
    """Return a local that is set while a launch file is visited, or raise SubstitutionFailure."""
    value = context.get_locals_as_dict().get(name)
    if value is None:
        raise SubstitutionFailure(f"'{name}' is unavailable: not inside a launch file")
    return str(value)
