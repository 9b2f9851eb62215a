"""`ros2 daemon`: there is none, and none is needed."""

from __future__ import annotations

import argparse


def add_start_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("--debug", "-d", action="store_true", help="Print debug messages")


def run_start(_args: argparse.Namespace) -> int:
    """Say that nothing has to be started."""
    print("The daemon is not needed: every command looks at the graph itself")
    return 0


def add_status_arguments(parser: argparse.ArgumentParser) -> None:
    """Add no arguments."""


def run_status(_args: argparse.Namespace) -> int:
    """Say that there is no daemon."""
    print("The daemon is not running")
    return 0


def add_stop_arguments(parser: argparse.ArgumentParser) -> None:
    """Add no arguments."""


def run_stop(_args: argparse.Namespace) -> int:
    """Say that there is no daemon."""
    print("The daemon is not running")
    return 0
