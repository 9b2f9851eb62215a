"""Tests of launched systems as pytest functions, which name the launch they need."""

from . import actions, tools
from .fixture import fixture

__all__ = ["actions", "fixture", "tools"]
