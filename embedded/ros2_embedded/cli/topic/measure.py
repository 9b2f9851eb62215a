"""What `ros2 topic hz`, `bw` and `delay` share."""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable, Sequence
from typing import Any

from ros2_embedded.cli.arguments import add_node_arguments, positive_int
from ros2_embedded.cli.node_context import ros_node
from ros2_embedded.cli.topic.names import wait_for_topic_class


def add_measure_arguments(parser: argparse.ArgumentParser, window: int, what: str) -> None:
    """Add the topic and the size of the window."""
    parser.add_argument("topic_name", help=f"Topic name to {what}")
    parser.add_argument(
        "--window",
        "-w",
        type=positive_int,
        default=window,
        metavar="WINDOW",
        help="window size, in # of messages, for calculating (default: %(default)s)",
    )
    add_node_arguments(parser)


def summarise(values: Sequence[float]) -> tuple[float, float, float, float]:
    """Return mean, least, greatest and standard deviation."""
    mean = sum(values) / len(values)
    deviation = math.sqrt(sum((value - mean) ** 2 for value in values) / len(values))
    return mean, min(values), max(values), deviation


def measure(
    args: argparse.Namespace,
    start: Callable[[Any], tuple[Callable[[Any], None], Callable[[], None]]],
    *,
    raw: bool = False,
    announce: bool = False,
) -> None:
    """Subscribe to a topic; call back for each message, and once a second, until interrupted.

    `start` is given the node and returns the two callbacks.
    """
    import rclpy
    from rclpy.qos import qos_profile_sensor_data

    with ros_node(args) as node:
        message_type = wait_for_topic_class(node, args.topic_name)
        on_message, on_second = start(node)
        node.create_subscription(
            message_type, args.topic_name, on_message, qos_profile_sensor_data, raw=raw
        )
        if announce:
            print(f"Subscribed to [{args.topic_name}]")
        node.create_timer(1.0, on_second)
        rclpy.spin(node)
