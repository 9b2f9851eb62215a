"""Results of tests, with the time each test took."""

from __future__ import annotations

import time
import unittest
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .loader import TestRun


class TestResult(unittest.TextTestResult):
    """What tests came to, and how long each took."""

    __test__ = False

    def __init__(self, stream: Any = None, descriptions: Any = None, verbosity: Any = None) -> None:
        # Without a stream nothing is printed, and there is nothing to hold on to.
        super().__init__(stream, descriptions, verbosity or 0)
        self._started: dict[unittest.TestCase, float] = {}
        self._seconds: dict[unittest.TestCase, float] = {}

    @property
    def testCases(self) -> Iterable[unittest.TestCase]:
        """The tests that were started."""
        return self._seconds.keys()

    @property
    def testTimes(self) -> dict[unittest.TestCase, float]:
        """How many seconds each test took."""
        return dict(self._seconds)

    def startTest(self, test: unittest.TestCase) -> None:
        """Note the start of a test."""
        self._started[test] = time.monotonic()
        self._seconds[test] = 0.0
        super().startTest(test)

    def stopTest(self, test: unittest.TestCase) -> None:
        """Note the end of a test."""
        self._seconds[test] = time.monotonic() - self._started[test]
        super().stopTest(test)

    def append(self, results: TestResult) -> None:
        """Take over other results."""
        self._seconds.update(results._seconds)
        self.testsRun += results.testsRun
        for name in ("failures", "errors", "skipped", "expectedFailures", "unexpectedSuccesses"):
            getattr(self, name).extend(getattr(results, name))


class _NotRun(unittest.TestResult):
    """The tests of a launch that did not run, in one of the lists of a result."""

    def __init__(self, test_run: TestRun) -> None:
        super().__init__()
        self.testCases: list[Any] = list(test_run.all_cases())
        self.testsRun = len(self.testCases)

    @property
    def testTimes(self) -> dict[Any, float]:
        """No time for any test."""
        return dict.fromkeys(self.testCases, 0.0)


class FailResult(_NotRun):
    """The tests of a launch that did not live long enough for them."""

    def __init__(self, test_run: TestRun, message: str) -> None:
        super().__init__(test_run)
        self.message = message
        for case in self.testCases:
            self.addFailure(case, (Exception, Exception(message), None))  # type: ignore[arg-type]

    def wasSuccessful(self) -> bool:
        """Say no, also if there were no tests."""
        return False


class SkipResult(_NotRun):
    """The tests of a launch whose description is to be skipped."""

    def __init__(self, test_run: TestRun, skip_reason: str = "") -> None:
        super().__init__(test_run)
        for case in self.testCases:
            self.addSkip(case, skip_reason)
