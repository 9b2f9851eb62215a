"""`ros2 topic list`."""

from __future__ import annotations

import argparse

from ros2_embedded.cli.arguments import add_graph_arguments
from ros2_embedded.cli.node_context import ros_node
from ros2_embedded.cli.topic.names import add_hidden_argument, topics


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_graph_arguments(parser)
    parser.add_argument(
        "-t", "--show-types", action="store_true", help="Additionally show the topic type"
    )
    parser.add_argument(
        "-c",
        "--count-topics",
        action="store_true",
        help="Only display the number of topics discovered",
    )
    add_hidden_argument(parser)
    parser.add_argument(
        "-v", "--verbose", action="store_true", help="List full details about each topic"
    )


def run(args: argparse.Namespace) -> None:
    """Print the names of all topics."""
    with ros_node(args) as node:
        found = topics(node, args)
        if args.verbose and not args.count_topics:
            published = [(n, t, node.count_publishers(n)) for n, t in found]
            subscribed = [(n, t, node.count_subscribers(n)) for n, t in found]
            _print_counts("Published", "publisher", published)
            _print_counts("Subscribed", "subscriber", subscribed)
            return
    if args.count_topics:
        print(len(found))
        return
    for name, types in found:
        print(f"{name} [{', '.join(types)}]" if args.show_types else name)


def _print_counts(title: str, unit: str, rows: list[tuple[str, list[str], int]]) -> None:
    """Print the topics that have endpoints of one kind."""
    print(f"{title} topics:")
    for name, types, count in rows:
        if count:
            print(f" * {name} [{', '.join(types)}] {count} {unit}{'s' if count > 1 else ''}")
    print()
