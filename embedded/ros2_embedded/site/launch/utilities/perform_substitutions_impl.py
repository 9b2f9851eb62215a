"""Computes substitutions."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from launch.substitution import Substitution

if TYPE_CHECKING:
    from launch.launch_context import LaunchContext


def perform_substitutions(context: LaunchContext, subs: Iterable[Substitution]) -> str:
    """Join the texts of substitutions."""
    return "".join(sub.perform(context) for sub in subs)
