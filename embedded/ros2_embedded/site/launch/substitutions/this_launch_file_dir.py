"""The directory of the launch file being read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from launch.frontend.expose import expose_substitution
from launch.substitution import Substitution

from .parts import expect_arguments
from .this_launch_file import launch_file_local

if TYPE_CHECKING:
    from launch.launch_context import LaunchContext


@expose_substitution("dirname")
class ThisLaunchFileDir(Substitution):
    """The directory of the current launch file."""

    @classmethod
    def parse(cls, data: Sequence[Any]) -> tuple[type[ThisLaunchFileDir], dict[str, Any]]:
        """Check that there are no arguments."""
        expect_arguments("dirname", data, 0, 0)
        return cls, {}

    def describe(self) -> str:
        """Return a short description for people."""
        return "ThisLaunchFileDir()"

    def perform(self, context: LaunchContext) -> str:
        """Return the directory. Raises SubstitutionFailure outside a launch file."""
        return launch_file_local(context, "current_launch_file_directory")
