"""The directory of log files."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from launch import logging
from launch.frontend.expose import expose_substitution
from launch.substitution import Substitution

from .parts import expect_arguments

if TYPE_CHECKING:
    from launch.launch_context import LaunchContext


@expose_substitution("launch_log_dir")
@expose_substitution("log_dir")
class LaunchLogDir(Substitution):
    """The directory the log files of this launch are in."""

    @classmethod
    def parse(cls, data: Sequence[Any]) -> tuple[type[LaunchLogDir], dict[str, Any]]:
        """Check that there are no arguments."""
        expect_arguments("launch_log_dir", data, 0, 0)
        return cls, {}

    def describe(self) -> str:
        """Return a short description for people."""
        return "LaunchLogDir()"

    def perform(self, context: LaunchContext) -> str:
        """Return the directory."""
        return logging.launch_config.log_dir
