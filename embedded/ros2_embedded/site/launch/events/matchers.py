"""Matchers for events."""

from .process.process_matchers import matches_action

__all__ = ["matches_action"]
