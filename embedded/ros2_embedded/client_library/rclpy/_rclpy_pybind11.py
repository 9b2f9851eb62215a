"""Upstream's C extension by its own name, for programs that import its exceptions from there."""

from typing import Any

from rclpy.impl.implementation_singleton import rclpy_implementation


def __getattr__(name: str) -> Any:
    """Return what the C extension would have under this name."""
    return getattr(rclpy_implementation, name)
