"""Help for tests."""

from .output import basic_output_filter, expect_output
from .process import ProcessProxy, launch_process

__all__ = ["ProcessProxy", "basic_output_filter", "expect_output", "launch_process"]
