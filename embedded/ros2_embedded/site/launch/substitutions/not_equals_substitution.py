"""Inequality of two values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from launch.frontend.expose import expose_substitution

from .equals_substitution import EqualsSubstitution
from .parts import boolean_text

if TYPE_CHECKING:
    from launch.launch_context import LaunchContext


@expose_substitution("not-equals")
class NotEqualsSubstitution(EqualsSubstitution):
    """Whether two values differ as booleans, as numbers or as texts."""

    def perform(self, context: LaunchContext) -> str:
        """Return `true` or `false`."""
        return boolean_text(not self._equals(context))
