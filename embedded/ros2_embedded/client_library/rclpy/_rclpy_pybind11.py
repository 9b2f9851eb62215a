"""The exceptions of upstream's C extension by its own name, for programs that import them from there."""

from rclpy.exceptions import InvalidHandle, NodeNameNonExistentError, RCLError, RMWError

__all__ = ["InvalidHandle", "NodeNameNonExistentError", "RCLError", "RMWError"]
