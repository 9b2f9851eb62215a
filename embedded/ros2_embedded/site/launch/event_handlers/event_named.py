"""Matches events by name."""

from collections.abc import Callable

from launch.event import Event


def event_named(name: str) -> Callable[[Event], bool]:
    """Return a matcher for the events with a name."""
    return lambda event: event.name == name
