"""`ros2 launch`: runs a launch file."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import Any

from ament_index_python.packages import PackageNotFoundError, get_package_share_directory

from ros2_embedded.cli.arguments import add_flags


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument(
        "-n",
        "--noninteractive",
        default=not (sys.stdin and sys.stdin.isatty()),
        action="store_true",
        help="Run the launch system non-interactively, with no terminal associated",
    )
    add_flags(
        parser,
        {
            "-d --debug": "Put the launch system in debug mode, provides more verbose output.",
            "-s --show-args --show-arguments": "Show arguments that may be given to the launch "
            "file.",
            "-a --show-all-subprocesses-output": "Show all launched subprocesses' output by "
            "overriding their output configuration using the OVERRIDE_LAUNCH_PROCESS_OUTPUT "
            "envvar.",
        },
    )
    parser.add_argument(
        "--launch-prefix",
        help="Prefix command, which should go before all executables. Command must be wrapped in "
        "quotes if it contains spaces (e.g. --launch-prefix 'xterm -e gdb -ex run --args').",
    )
    parser.add_argument(
        "package_name", help="Name of the ROS package which contains the launch file"
    )
    parser.add_argument("launch_file_name", nargs="?", help="Name of the launch file")
    parser.add_argument(
        "launch_arguments",
        nargs="*",
        help="Arguments to the launch file; '<name>:=<value>' (for duplicates, last one wins)",
    )


def run(args: argparse.Namespace) -> int | str | None:
    """Launch the file, or show what it would do."""
    arguments = list(args.launch_arguments)
    if Path(args.package_name).is_file():
        path = args.package_name
        if args.launch_file_name is not None:
            arguments.insert(0, args.launch_file_name)
    elif args.launch_file_name is None:
        raise RuntimeError(
            f"'{args.package_name}' is not a file, and no launch file of a package was given"
        )
    else:
        path = _find_in_package(args.package_name, args.launch_file_name)
    if args.launch_prefix is not None:
        arguments.append(f"launch-prefix:={args.launch_prefix}")
    if args.show_all_subprocesses_output:
        os.environ["OVERRIDE_LAUNCH_PROCESS_OUTPUT"] = "both"
    if args.show_args:
        from launch_testing.print_arguments import print_arguments_of_launch_description

        print_arguments_of_launch_description(launch_description=_load(path))
        return None
    return _launch(path, arguments, noninteractive=args.noninteractive, debug=args.debug)


def _find_in_package(package_name: str, file_name: str) -> str:
    """Return the path of a file below a package's share directory.

    Raises RuntimeError if there is none, or more than one.
    """
    try:
        share = Path(get_package_share_directory(package_name))
    except (PackageNotFoundError, ValueError) as error:
        raise RuntimeError(f"Package '{package_name}' not found: {error}") from error
    # The share directory of an editable package is its source, with much that is not shared.
    skipped = {"node_modules", "build", "install", "log", "test"}
    found: list[Path] = []
    for folder, folders, files in os.walk(share):
        folders[:] = [f for f in folders if not f.startswith(".") and f not in skipped]
        if file_name in files:
            found.append(Path(folder, file_name))
    if not found:
        raise RuntimeError(
            f"file '{file_name}' was not found in the share directory of package "
            f"'{package_name}' which is at '{share}'"
        )
    if len(found) > 1:
        places = ", ".join(f"'{path}'" for path in found)
        raise RuntimeError(
            f"file '{file_name}' was found more than once in the share directory of package "
            f"'{package_name}': [{places}]"
        )
    return str(found[0])


def _load(path: str) -> Any:
    """Load a launch file. Raises RuntimeError saying what is wrong with it."""
    from launch.launch_description_sources import get_launch_description_from_any_launch_file

    try:
        return get_launch_description_from_any_launch_file(path)
    except Exception as error:
        raise RuntimeError(f"cannot load '{path}': {type(error).__name__}: {error}") from error


def _launch(path: str, arguments: list[str], *, noninteractive: bool, debug: bool) -> int:
    """Launch a file with arguments."""
    from launch.launch_description_sources import AnyLaunchDescriptionSource
    from launch_testing.parse_arguments import parse_launch_arguments

    import launch

    service = launch.LaunchService(argv=arguments, noninteractive=noninteractive, debug=debug)
    include = launch.actions.IncludeLaunchDescription(
        AnyLaunchDescriptionSource(path), launch_arguments=parse_launch_arguments(arguments)
    )
    service.include_launch_description(launch.LaunchDescription([include]))
    return int(service.run())
