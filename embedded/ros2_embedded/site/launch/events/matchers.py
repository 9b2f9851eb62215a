"""Matchers for events."""

from .process import matches_action

__all__ = ["matches_action"]
