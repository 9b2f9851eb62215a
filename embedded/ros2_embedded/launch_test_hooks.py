"""The pytest plugin: runs modules whose `generate_test_description` is marked as a launch test.

It is here and not in launch_testing because pytest imports it at every start: launch and
launch_testing are imported only when a module has such a function.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from launch_testing.loader import TestRun

_ENTRY_POINT = "generate_test_description"
_MARKS = ("launch_test", "rostest")


class LaunchTestFailure(Exception):
    """Tests of a launch failed."""

    def __init__(self, failures: list[tuple[str, str]]) -> None:
        self.failures = failures
        super().__init__("some test cases have failed")


class LaunchTestItem(pytest.Item):
    """One launch with its tests."""

    def __init__(self, *, test_run: TestRun, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._test_run = test_run

    def runtest(self) -> None:
        """Launch and test. Raises LaunchTestFailure."""
        from launch_testing.test_runner import LaunchTestRunner  # noqa: PLC0415

        arguments = [text for group in self.config.getoption("--launch-args") for text in group]
        # A copy, because a plugin may run the item again after a failure.
        runner = LaunchTestRunner([copy.deepcopy(self._test_run)], arguments)
        runner.validate()
        (result,) = runner.run().values()
        if not result.wasSuccessful():
            raise LaunchTestFailure(_failures(result))
        if result.testsRun and len(result.skipped) == result.testsRun:
            pytest.skip(result.skipped[0][1])

    def repr_failure(self, excinfo: Any, style: Any = None) -> Any:
        """Show the tracebacks of the failed tests."""
        if not isinstance(excinfo.value, LaunchTestFailure):
            return super().repr_failure(excinfo, style)
        return "\n".join(
            f"{'=' * 70}\nFAIL: {name}\n{'-' * 70}\n{text}" for name, text in excinfo.value.failures
        )

    def reportinfo(self) -> tuple[Path, int, str]:
        """Tell where the test is."""
        return self.path, 0, f"launch tests: {self.name}"


def _failures(result: Any) -> list[tuple[str, str]]:
    """List the failed tests of a launch with their tracebacks, or what became of the launch."""
    if hasattr(result, "message"):
        return [("launch", result.message)]
    found = [(str(case), text) for case, text in (*result.errors, *result.failures)]
    return found + [(str(case), "unexpected success") for case in result.unexpectedSuccesses]


class LaunchTestModule(pytest.Module):
    """A module that may describe launches to be tested."""

    def collect(self) -> Iterable[pytest.Item | pytest.Collector]:
        """Collect launches if the module is so marked, ordinary tests otherwise."""
        describe = getattr(self.obj, _ENTRY_POINT, None)
        marks = [m for m in getattr(describe, "pytestmark", []) if m.name in _MARKS]
        return self._launches() if marks else super().collect()

    def _launches(self) -> Iterator[LaunchTestItem]:
        """Collect one item per launch."""
        from launch_testing.loader import LoadTestsFromPythonModule  # noqa: PLC0415

        for mark in self.obj.generate_test_description.pytestmark:
            self.add_marker(getattr(pytest.mark, mark.name)(*mark.args, **mark.kwargs))
        for test_run in LoadTestsFromPythonModule(self.obj, name=self.path.stem):
            yield LaunchTestItem.from_parent(self, name=str(test_run), test_run=test_run)


def pytest_pycollect_makemodule(module_path: Path, parent: Any) -> pytest.Module | None:
    """Take the modules that have the entry point."""
    if _ENTRY_POINT.encode() not in module_path.read_bytes():
        return None
    module: LaunchTestModule = LaunchTestModule.from_parent(parent, path=module_path)
    return module


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option for launch arguments."""
    parser.addoption(
        "--launch-args",
        action="append",
        nargs="*",
        default=[],
        help="One or more Launch test arguments",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Declare the marks."""
    for name in _MARKS:
        config.addinivalue_line(
            "markers", f"{name}: mark a generate_test_description function as a launch test"
        )
