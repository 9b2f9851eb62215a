"""The `launch_test` command."""

from __future__ import annotations

import argparse
import importlib.util
import sys
import unittest
from pathlib import Path
from types import ModuleType


def _load_module(path: Path) -> ModuleType:
    """Load a test file as a module."""
    spec = importlib.util.spec_from_file_location(path.stem.split(".")[0], path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _run_verbosely(suite: unittest.TestSuite) -> unittest.TestResult:
    """Run tests and print how they go."""
    return unittest.TextTestRunner(stream=sys.stdout, verbosity=2).run(suite)


def _show_arguments(module: ModuleType) -> None:
    """Print the arguments of a test's launch description."""
    from .loader import LoadTestsFromPythonModule

    description, _ = LoadTestsFromPythonModule(module)[0].describe(lambda: None, {})
    for argument in description.get_launch_arguments():
        sys.stdout.write(f"    '{argument.name}':\n        {argument.description}\n")


def main(argv: list[str] | None = None) -> int:
    """Run a launch test file; return 0 if all tests passed."""
    from .loader import LoadTestsFromPythonModule
    from .test_runner import LaunchTestRunner

    parser = argparse.ArgumentParser(description="Launch integration testing tool.")
    parser.add_argument("launch_file", type=Path, help="Path to the launch test.")
    parser.add_argument(
        "launch_arguments", nargs="*", help="Arguments in '<name>:=<value>' format."
    )
    parser.add_argument("-v", "--verbose", action="store_true", help="Run with verbose output")
    parser.add_argument(
        "-s", "--show-args", action="store_true", help="Show arguments of the launch test."
    )
    args = parser.parse_args(argv)
    if not args.launch_file.is_file():
        parser.error(f"launch test file '{args.launch_file}' does not exist")
    if malformed := [text for text in args.launch_arguments if ":=" not in text]:
        parser.error(f"malformed launch argument '{malformed[0]}', expected '<name>:=<value>'")
    module = _load_module(args.launch_file)
    if args.show_args:
        _show_arguments(module)
        return 0
    runner = LaunchTestRunner(
        LoadTestsFromPythonModule(module, name=args.launch_file.stem),
        args.launch_arguments,
        args.verbose,
        run_suite=_run_verbosely,
    )
    outcomes = runner.run()
    for test_run, outcome in outcomes.items():
        if outcome.problem is not None:
            sys.stdout.write(f"{test_run}: {outcome.problem}\n")
    return 0 if all(outcome.wasSuccessful() for outcome in outcomes.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
