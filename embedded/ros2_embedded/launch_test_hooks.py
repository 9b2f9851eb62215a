"""The pytest plugin: runs modules whose `generate_test_description` is marked as a launch test.

It is here and not in launch_testing because pytest imports it at every start: launch and
launch_testing are imported only when a module has such a function.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

_ENTRY_POINT = "generate_test_description"
_MARK = "launch_test"


class LaunchTestFailure(Exception):
    """Tests of a launch failed."""

    def __init__(self, failures: list[tuple[str, str]]) -> None:
        self.failures = failures
        super().__init__("some test cases have failed")


class LaunchTestItem(pytest.Item):
    """One launch with its tests."""

    def __init__(self, *, described_in: ModuleType, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._module = described_in

    def runtest(self) -> None:
        """Launch and test. Raises LaunchTestFailure, and LaunchDiedError of the runner."""
        from launch_testing.runner import run_launch_test  # noqa: PLC0415

        result = run_launch_test(self._module)
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
    """List the failed tests of a launch with their tracebacks."""
    found = [(str(case), text) for case, text in (*result.errors, *result.failures)]
    return found + [(str(case), "unexpected success") for case in result.unexpectedSuccesses]


class LaunchTestModule(pytest.Module):
    """A module that may describe launches to be tested."""

    def collect(self) -> Iterable[pytest.Item | pytest.Collector]:
        """Collect one launch if the module is so marked, ordinary tests otherwise."""
        marks = getattr(getattr(self.obj, _ENTRY_POINT, None), "pytestmark", [])
        if not any(mark.name == _MARK for mark in marks):
            yield from super().collect()
            return
        for mark in marks:
            self.add_marker(getattr(pytest.mark, mark.name)(*mark.args, **mark.kwargs))
        yield LaunchTestItem.from_parent(self, name=self.path.stem, described_in=self.obj)


def pytest_pycollect_makemodule(module_path: Path, parent: Any) -> pytest.Module | None:
    """Take the modules that have the entry point."""
    if _ENTRY_POINT.encode() not in module_path.read_bytes():
        return None
    module: LaunchTestModule = LaunchTestModule.from_parent(parent, path=module_path)
    return module


def pytest_configure(config: pytest.Config) -> None:
    """Declare the mark."""
    config.addinivalue_line(
        "markers", f"{_MARK}: mark a generate_test_description function as a launch test"
    )
