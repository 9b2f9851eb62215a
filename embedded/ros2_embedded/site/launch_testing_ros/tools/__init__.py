"""Help for tests."""

from launch_testing.tools import basic_output_filter

__all__ = ["basic_output_filter"]
