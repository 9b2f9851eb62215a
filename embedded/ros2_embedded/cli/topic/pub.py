"""`ros2 topic pub`."""

from __future__ import annotations

import argparse
import time
from typing import Any

import yaml
from rosidl_runtime_py import set_message_fields

from ros2_embedded.cli.arguments import (
    add_node_arguments,
    add_values_arguments,
    positive_float,
    read_values,
    unsigned_int,
)
from ros2_embedded.cli.interfaces import message_class
from ros2_embedded.cli.node_context import ros_node, spin_for
from ros2_embedded.cli.qos import add_qos_arguments, qos_profile


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("topic_name", help="Name of the ROS topic to publish to (e.g. '/chatter')")
    parser.add_argument("message_type", help="Type of the ROS message (e.g. 'std_msgs/String')")
    add_values_arguments(parser, "values", "Values to fill the message with", "'data: Hello World'")
    parser.add_argument(
        "-r",
        "--rate",
        metavar="N",
        type=positive_float,
        default=1.0,
        help="Publishing rate in Hz (default: 1)",
    )
    parser.add_argument(
        "-p",
        "--print",
        metavar="N",
        type=int,
        default=1,
        help="Only print every N-th published message (default: 1)",
    )
    group = parser.add_mutually_exclusive_group()
    group.add_argument("-1", "--once", action="store_true", help="Publish one message and exit")
    group.add_argument(
        "-t",
        "--times",
        type=unsigned_int,
        default=0,
        help="Publish this number of times and then exit",
    )
    parser.add_argument(
        "-w",
        "--wait-matching-subscriptions",
        type=unsigned_int,
        help="Wait until finding the specified number of matching subscriptions. Defaults to 1 "
        'when using "-1"/"--once"/"--times", otherwise defaults to 0.',
    )
    parser.add_argument(
        "--max-wait-time-secs",
        type=positive_float,
        help="This sets the maximum wait time in seconds if --wait-until-matching-subscriptions "
        "is set. By default, this flag is not set meaning the subscriber will wait endlessly.",
    )
    parser.add_argument(
        "--keep-alive",
        metavar="N",
        type=positive_float,
        default=0.1,
        help="Keep publishing node alive for N seconds after the last msg (default: 0.1)",
    )
    parser.add_argument("-n", "--node-name", help="Name of the created publishing node")
    add_qos_arguments(parser, "publish", "default")
    add_node_arguments(parser)


def run(args: argparse.Namespace) -> str | None:
    """Publish a message once, a number of times or until interrupted."""
    times = 1 if args.once else args.times
    wanted = args.wait_matching_subscriptions
    wanted = int(times != 0) if wanted is None else wanted
    if wanted == 0 and args.max_wait_time_secs is not None:
        return (
            "--max-wait-time-secs option is only effective with "
            "--wait-matching-subscriptions, --once or --times"
        )
    values = yaml.safe_load(read_values(args, "values"))
    if not isinstance(values, dict):
        return "The passed value needs to be a dictionary in YAML format"
    message_type = message_class(args.message_type)
    message = message_type()
    try:
        stamps = set_message_fields(message, values, expand_header_auto=True, expand_time_now=True)
    except Exception as error:
        return f"Failed to populate field: {error}"
    with ros_node(args, node_name=args.node_name) as node:
        publisher = node.create_publisher(message_type, args.topic_name, qos_profile(args))
        problem = _wait_for_subscriptions(node, publisher, wanted, args.max_wait_time_secs)
        if problem is not None:
            return problem
        print("publisher: beginning loop")
        _publish(node, publisher, message, stamps or [], args, times)
        # The last message must reach the wire before the writer goes.
        spin_for(node, args.keep_alive)
    return None


def _wait_for_subscriptions(
    node: Any, publisher: Any, wanted: int, limit: float | None
) -> str | None:
    """Wait for subscriptions, with a message each second; return what went wrong."""
    from rclpy.executors import ExternalShutdownException

    begun = time.monotonic()
    next_message = begun
    while (count := publisher.get_subscription_count()) < wanted:
        now = time.monotonic()
        if now >= next_message:
            print(f"Waiting for at least {wanted} matching subscription(s)...")
            next_message = now + 1.0
        if limit is not None and now - begun >= limit:
            return (
                f"Timed out waiting for subscribers: Expected {wanted} subcribers but only got "
                f"{count} subscribers"
            )
        try:
            spin_for(node, 0.05)
        except ExternalShutdownException:
            return "failed to get subscription count: publisher's context is invalid"
    return None


def _publish(
    node: Any,
    publisher: Any,
    message: Any,
    stamps: list[Any],
    args: argparse.Namespace,
    times: int,
) -> None:
    """Publish at the rate, `times` times or for ever if 0."""
    import rclpy
    from rclpy.task import Future

    done: Any = Future()
    count = 0

    def publish() -> None:
        nonlocal count
        if done.done():
            return
        now = node.get_clock().now().to_msg()
        for set_stamp in stamps:
            set_stamp(now)
        count += 1
        if args.print and count % args.print == 0:
            print(f"publishing #{count}: {message!r}\n")
        publisher.publish(message)
        if count == times:
            done.set_result(True)

    publish()
    if not done.done():
        node.create_timer(1.0 / args.rate, publish)
        rclpy.spin_until_future_complete(node, done)
