"""Actions of launch fixtures."""

from launch_testing.actions import ReadyToTest

__all__ = ["ReadyToTest"]
