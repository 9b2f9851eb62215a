"""Names and types of topics."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from ros2_embedded.cli.graph import NamesAndTypes, visible
from ros2_embedded.cli.interfaces import message_class
from ros2_embedded.cli.node_context import spin_for


def add_hidden_argument(parser: argparse.ArgumentParser) -> None:
    """Add the option to see hidden topics, which may also stand before the verb."""
    parser.add_argument(
        "--include-hidden-topics",
        action="store_true",
        default=argparse.SUPPRESS,
        help="Consider hidden topics as well",
    )


def topics(node: Any, args: argparse.Namespace) -> NamesAndTypes:
    """List the topics, hidden ones only if asked for."""
    return visible(node.get_topic_names_and_types(), include_hidden=args.include_hidden_topics)


def topic_class(node: Any, topic: str) -> Any:
    """Return the message type of a topic; None if it is not in the graph.

    Raises RuntimeError for an invalid name, or if the topic has several types.
    """
    from rclpy.exceptions import InvalidTopicNameException
    from rclpy.expand_topic_name import expand_topic_name
    from rclpy.validate_full_topic_name import validate_full_topic_name

    try:
        name = expand_topic_name(topic, node.get_name(), node.get_namespace())
        validate_full_topic_name(name)
    except (ValueError, InvalidTopicNameException) as error:
        raise RuntimeError(str(error)) from error
    types = dict(node.get_topic_names_and_types()).get(name)
    if types is None:
        return None
    if len(types) > 1:
        raise RuntimeError(
            f"Cannot echo topic '{topic}', as it contains more than one type: [{', '.join(types)}]"
        )
    return message_class(types[0], f"The message type '{types[0]}' is invalid")


def warn_unpublished(topic: str) -> None:
    """Say that a topic is not in the graph."""
    print(f"WARNING: topic [{topic}] does not appear to be published yet")
    sys.stdout.flush()


def wait_for_topic_class(node: Any, topic: str) -> Any:
    """Return the message type of a topic, waiting for the topic to appear."""
    found = topic_class(node, topic)
    if found is None:
        warn_unpublished(topic)
    while found is None:
        spin_for(node, 0.1)
        found = topic_class(node, topic)
    return found
