"""Tests of launched systems, while they run."""

from . import actions, markers

__all__ = ["actions", "markers"]
