"""Actions of test descriptions."""

from .ready import ReadyToTest
from .test import Test

__all__ = ["ReadyToTest", "Test"]
