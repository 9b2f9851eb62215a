"""The `launch_test` command."""

from __future__ import annotations

import argparse
import importlib.util
import sys
from pathlib import Path
from types import ModuleType

from .junitxml import unittestResultsToXml
from .loader import LoadTestsFromPythonModule
from .print_arguments import print_arguments_of_launch_description
from .test_runner import LaunchTestRunner


def _load_module(name: str, path: Path) -> ModuleType:
    """Load a test file as a module."""
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("launch_test_file", help="Path to the launch test.")
    parser.add_argument(
        "--package-name",
        help="Name of the package the test is in. Useful to aggregate xUnit reports.",
    )
    parser.add_argument("-v", "--verbose", action="store_true", help="Run with verbose output")
    parser.add_argument(
        "-s",
        "--show-args",
        "--show-arguments",
        action="store_true",
        help="Show arguments that may be given to the launch test.",
    )
    parser.add_argument(
        "launch_arguments",
        nargs="*",
        help="Arguments in '<name>:=<value>' format (for duplicates, last one wins).",
    )
    parser.add_argument(
        "--junit-xml", dest="xmlpath", help="Do write xUnit reports to specified path."
    )


def parse_arguments() -> tuple[argparse.ArgumentParser, argparse.Namespace]:
    """Read the command line."""
    parser = argparse.ArgumentParser(description="Launch integration testing tool.")
    add_arguments(parser)
    return parser, parser.parse_args()


def run(
    parser: argparse.ArgumentParser,
    args: argparse.Namespace,
    test_runner_cls: type[LaunchTestRunner] = LaunchTestRunner,
) -> int:
    """Run a launch test file; return 0 if all tests passed."""
    path = Path(args.launch_test_file).absolute()
    if not path.is_file():
        parser.error(f"Test file '{args.launch_test_file}' does not exist")
    package = args.package_name or path.stem
    test_runs = LoadTestsFromPythonModule(
        _load_module(package, path), name=f"{package}.{path.stem}.launch_tests"
    )
    runner = test_runner_cls(
        test_runs=test_runs, launch_file_arguments=args.launch_arguments, debug=args.verbose
    )
    runner.validate()
    if args.show_args:
        description = test_runs[0].get_launch_description()
        print_arguments_of_launch_description(launch_description=description)
        return 0
    results = runner.run()
    if args.xmlpath:
        report = unittestResultsToXml(name=f"{package}.{path.stem}", test_results=results)
        report.write(args.xmlpath, encoding="utf-8", xml_declaration=True)
    return 0 if all(result.wasSuccessful() for result in results.values()) else 1


def main() -> None:
    """Run the command and exit; what is wrong with a test file is said without a traceback."""
    parser, args = parse_arguments()
    try:
        code = run(parser, args)
    except Exception as error:
        parser.error(f"{type(error).__name__}: {error}")
    sys.exit(code)


if __name__ == "__main__":
    main()
