"""Recognises what rclpy raises once a signal has shut it down, without importing rclpy."""

import sys


def is_external_shutdown(error: BaseException) -> bool:
    """Tell whether an error is the end of a spin that a signal has ended."""
    executors = sys.modules.get("rclpy.executors")
    return executors is not None and isinstance(error, executors.ExternalShutdownException)


def is_late_use(error: BaseException) -> bool:
    """Tell whether an error comes of going on after a signal: verbs always begin with init()."""
    exceptions = sys.modules.get("rclpy.exceptions")
    return exceptions is not None and isinstance(error, exceptions.NotInitializedException)
