"""`ros2 run`: starts an executable of a package."""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import shlex
import signal
import subprocess
import sys
from collections.abc import Callable

from ament_index_python.packages import PackageNotFoundError

from ros2_embedded.executables import find_executables

_PR_SET_PDEATHSIG = 1


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument(
        "--prefix",
        help="Prefix command, which should go before the executable. Command must be wrapped in "
        "quotes if it contains spaces (e.g. --prefix 'gdb -ex run --args').",
    )
    parser.add_argument("package_name", help="Name of the ROS package")
    parser.add_argument("executable_name", help="Name of the executable")
    parser.add_argument(
        "argv", nargs=argparse.REMAINDER, help="Pass arbitrary arguments to the executable"
    )


def run(args: argparse.Namespace) -> int | str:
    """Run the executable and return its exit code."""
    try:
        executables = find_executables(args.package_name)
    except (PackageNotFoundError, ValueError):
        raise RuntimeError(f"Package '{args.package_name}' not found") from None
    if args.executable_name not in executables:
        return "No executable found"
    command = [str(executables[args.executable_name]), *args.argv]
    if args.prefix is not None:
        command = shlex.split(args.prefix) + command
    code = _run_child(command)
    if code < 0:
        print("[ros2run]:", signal.strsignal(-code))
    elif code > 0:
        print("[ros2run]:", f"Process exited with failure {code}")
    return code


def _run_child(command: list[str]) -> int:
    """Run a command to its end; it dies with us, and gets the SIGTERM we get."""
    # Safe here: this process has no threads.
    with subprocess.Popen(command, preexec_fn=_die_with_parent()) as process:  # noqa: PLW1509
        signal.signal(signal.SIGTERM, lambda *_: process.terminate())
        while process.poll() is None:
            # The terminal sends Ctrl-C to the child as well, which ends when it is ready to.
            with contextlib.suppress(KeyboardInterrupt):
                process.wait()
        return process.returncode


def _die_with_parent() -> Callable[[], None] | None:
    """Return what the child runs first, so that the kernel ends it with us."""
    if not sys.platform.startswith("linux"):
        return None
    prctl = ctypes.CDLL(None).prctl
    return lambda: prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
