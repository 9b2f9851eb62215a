"""Recognises the end of a spin that a signal has ended."""

import sys


def is_external_shutdown(error: BaseException) -> bool:
    """Tell whether an error is rclpy's ExternalShutdownException, without importing rclpy."""
    executors = sys.modules.get("rclpy.executors")
    return executors is not None and isinstance(error, executors.ExternalShutdownException)
