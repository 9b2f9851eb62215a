"""Tests as launch actions, the way they were before launch_testing ran unittest cases."""

from . import output
from .launch_test_service import LaunchTestService

__all__ = ["LaunchTestService", "output"]
