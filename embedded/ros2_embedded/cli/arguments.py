"""Arguments several verbs share."""

from __future__ import annotations

import argparse
import sys
from typing import Any

#: Seconds discovery is given.
DEFAULT_SPIN_TIME = 0.5


def add_node_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of verbs that make a node."""
    parser.add_argument(
        "--spin-time",
        type=float,
        default=DEFAULT_SPIN_TIME,
        help="Spin time in seconds to wait for discovery",
    )
    parser.add_argument(
        "-s", "--use-sim-time", action="store_true", help="Enable ROS simulation time"
    )


def add_graph_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of verbs that look at the graph."""
    add_node_arguments(parser)
    parser.add_argument(
        "--no-daemon",
        action="store_true",
        help="Accepted for the sake of scripts: there is never a daemon",
    )


def add_hidden_nodes_argument(parser: argparse.ArgumentParser) -> None:
    """Add the option to see hidden nodes."""
    parser.add_argument(
        "--include-hidden-nodes", action="store_true", help="Consider hidden nodes as well"
    )


def add_node_timeout_argument(parser: argparse.ArgumentParser) -> None:
    """Add the option to wait longer for a node."""
    parser.add_argument(
        "--timeout",
        metavar="N",
        type=int,
        default=1,
        help="Wait for N seconds until node becomes available (default %(default)s sec)",
    )


def add_values_arguments(
    parser: argparse.ArgumentParser, name: str, what: str, example: str
) -> None:
    """Add an argument with YAML values, which may come from the standard input instead."""
    group = parser.add_mutually_exclusive_group()
    group.add_argument(
        name, nargs="?", default="{}", help=f"{what} in YAML format (e.g. {example})"
    )
    group.add_argument("--stdin", action="store_true", help="Read values from standard input")


def read_values(args: argparse.Namespace, name: str) -> Any:
    """Return what the YAML given, or that on the standard input, says. Raises yaml.YAMLError."""
    # Imported here: verbs that only look at the graph share their module with those that need it.
    import yaml

    return yaml.safe_load(sys.stdin.read() if args.stdin else str(getattr(args, name)))


def positive_int(text: str) -> int:
    """Read an integer above zero."""
    try:
        value = int(text)
    except ValueError:
        value = -1
    if value <= 0:
        raise argparse.ArgumentTypeError("value must be a positive integer")
    return value


def unsigned_int(text: str) -> int:
    """Read an integer from zero on."""
    try:
        value = int(text)
    except ValueError:
        value = -1
    if value < 0:
        raise argparse.ArgumentTypeError("value must be non-negative integer")
    return value


def positive_float(text: str) -> float:
    """Read a number above zero."""
    try:
        value = float(text)
    except ValueError:
        raise argparse.ArgumentTypeError("Expects a floating point number") from None
    if value <= 0.0:
        raise argparse.ArgumentTypeError("Value must be positive")
    return value
