"""Arguments several verbs share."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping
from typing import Any

#: Seconds discovery is given.
DEFAULT_SPIN_TIME = 0.5
#: Seconds a named node is waited for. Upstream waits one second, but has a daemon that knows the
#: graph: here every command discovers it, which takes longer with Fast DDS on a busy machine.
NODE_PATIENCE = 5


def add_flags(parser: argparse._ActionsContainer, flags: Mapping[str, str]) -> None:
    """Add options without a value: their spellings, separated by blanks, and what they do."""
    for spellings, text in flags.items():
        parser.add_argument(*spellings.split(), action="store_true", help=text)


def add_node_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of verbs that make a node."""
    parser.add_argument(
        "--spin-time",
        type=float,
        default=DEFAULT_SPIN_TIME,
        help="Spin time in seconds to wait for discovery",
    )
    add_flags(parser, {"-s --use-sim-time": "Enable ROS simulation time"})


def add_graph_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of verbs that look at the graph."""
    add_node_arguments(parser)
    add_flags(parser, {"--no-daemon": "Accepted for the sake of scripts: there is never a daemon"})


def add_hidden_nodes_argument(parser: argparse.ArgumentParser) -> None:
    """Add the option to see hidden nodes."""
    add_flags(parser, {"--include-hidden-nodes": "Consider hidden nodes as well"})


def add_of_node_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options and the argument of verbs that look at one node."""
    add_graph_arguments(parser)
    parser.add_argument("node_name", help="Name of the ROS node")
    add_hidden_nodes_argument(parser)


def add_node_timeout_argument(parser: argparse.ArgumentParser) -> None:
    """Add the option to wait longer for a node."""
    parser.add_argument(
        "--timeout",
        metavar="N",
        type=int,
        default=NODE_PATIENCE,
        help="Wait for N seconds until node becomes available (default %(default)s sec)",
    )


def add_types_argument(parser: argparse.ArgumentParser, noun: str) -> None:
    """Add the option to see types beside names."""
    add_flags(parser, {"-t --show-types": f"Additionally show the {noun} type"})


def add_count_argument(parser: argparse.ArgumentParser, noun: str) -> None:
    """Add the option to see how many names there are instead of the names."""
    parser.add_argument(
        "-c",
        f"--count-{noun}s",
        dest="count",
        action="store_true",
        help=f"Only display the number of {noun}s discovered",
    )


def add_node_list_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of verbs that list nodes."""
    add_graph_arguments(parser)
    add_flags(parser, {"-a --all": "Display all nodes even hidden ones"})
    add_count_argument(parser, "node")


def add_hidden_argument(parser: argparse.ArgumentParser, noun: str, default: object) -> None:
    """Add the option to see hidden names; a verb that repeats it has no default of its own."""
    parser.add_argument(
        f"--include-hidden-{noun}s",
        action="store_true",
        default=default,
        help=f"Consider hidden {noun}s as well",
    )


def add_values_arguments(
    parser: argparse.ArgumentParser, name: str, what: str, example: str
) -> None:
    """Add an argument with YAML values, which may come from the standard input instead."""
    group = parser.add_mutually_exclusive_group()
    group.add_argument(
        name, nargs="?", default="{}", help=f"{what} in YAML format (e.g. {example})"
    )
    add_flags(group, {"--stdin": "Read values from standard input"})


def read_values(args: argparse.Namespace, name: str) -> Any:
    """Return what the YAML given, or that on the standard input, says. Raises yaml.YAMLError."""
    # Imported here: verbs that only look at the graph share their module with those that need it.
    import yaml

    return yaml.safe_load(sys.stdin.read() if args.stdin else str(getattr(args, name)))


def _integer_from(least: int, complaint: str) -> Callable[[str], int]:
    """Make what reads an integer of at least some size."""

    def read(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            value = least - 1
        if value < least:
            raise argparse.ArgumentTypeError(complaint)
        return value

    return read


positive_int = _integer_from(1, "value must be a positive integer")
unsigned_int = _integer_from(0, "value must be non-negative integer")


def positive_float(text: str) -> float:
    """Read a number above zero."""
    try:
        value = float(text)
    except ValueError:
        raise argparse.ArgumentTypeError("Expects a floating point number") from None
    if value <= 0.0:
        raise argparse.ArgumentTypeError("Value must be positive")
    return value
