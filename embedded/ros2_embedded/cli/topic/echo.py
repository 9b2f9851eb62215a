"""`ros2 topic echo`."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

from ros2_embedded.cli.arguments import add_graph_arguments, positive_float
from ros2_embedded.cli.interfaces import message_class
from ros2_embedded.cli.message_format import add_format_arguments, format_options
from ros2_embedded.cli.node_context import DISCOVERY_PATIENCE, ros_node, wait_until
from ros2_embedded.cli.qos import add_qos_arguments, is_qos_given, qos_profile
from ros2_embedded.cli.topic.names import topic_class, warn_unpublished


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_graph_arguments(parser)
    parser.add_argument("topic_name", help="Name of the ROS topic to listen to (e.g. '/chatter')")
    parser.add_argument(
        "message_type", nargs="?", help="Type of the ROS message (e.g. 'std_msgs/msg/String')"
    )
    add_qos_arguments(parser, "subscribe", "sensor_data")
    add_format_arguments(parser)
    flags = {
        "--no-lost-messages": "Don't report when a message is lost",
        "--raw": "Echo the raw binary representation",
        "--once": "Print the first message received and then exit.",
    }
    for name, text in flags.items():
        parser.add_argument(name, action="store_true", help=text)
    parser.add_argument(
        "--field",
        help="Echo a selected field of a message. Use '.' to select sub-fields, "
        "e.g. 'ros2 topic echo /odom --field pose.pose.position'",
    )
    parser.add_argument(
        "--filter",
        dest="filter_expr",
        help="Python expression to filter messages that are printed. Expression can use Python "
        "builtins as well as m (the message).",
    )
    parser.add_argument(
        "--timeout", metavar="N", type=positive_float, help="Set a timeout in seconds for waiting"
    )
    parser.add_argument(
        "--include-message-info",
        "-i",
        action="store_true",
        help="Shows the associated message info.",
    )


def run(args: argparse.Namespace) -> None:
    """Print the messages of a topic."""
    import rclpy
    from rclpy.task import Future

    printer = _Printer(args)
    with ros_node(args) as node:
        if args.message_type is not None:
            message_type = message_class(args.message_type)
        else:
            wait_until(
                node,
                lambda: topic_class(node, args.topic_name) is not None,
                DISCOVERY_PATIENCE,
            )
            message_type = topic_class(node, args.topic_name)
            if message_type is None:
                warn_unpublished(args.topic_name)
                raise RuntimeError("Could not determine the type for the passed topic")
        profile = qos_profile(args) if is_qos_given(args) else _matching_qos(node, args)
        done: Any = Future()

        def on_message(message: Any, info: Any) -> None:
            if printer.show(message, info) and args.once and not done.done():
                done.set_result(True)

        def on_timeout() -> None:
            if not done.done():
                done.set_result(True)

        node.create_subscription(
            message_type,
            args.topic_name,
            on_message,
            profile,
            event_callbacks=None if args.no_lost_messages else _lost_message_callbacks(),
            raw=args.raw,
        )
        if args.timeout is not None:
            node.create_timer(args.timeout, on_timeout)
        rclpy.spin_until_future_complete(node, done)


def _lost_message_callbacks() -> Any:
    """Make the callbacks that report lost messages."""
    from rclpy.event_handler import SubscriptionEventCallbacks

    def on_lost(status: Any) -> None:
        print(
            f"A message was lost!!!\n\ttotal count change:{status.total_count_change}"
            f"\n\ttotal count: {status.total_count}",
            end="---\n",
        )

    return SubscriptionEventCallbacks(message_lost=on_lost)


def _matching_qos(node: Any, args: argparse.Namespace) -> Any:
    """Make the profile that gets most from the publishers there are."""
    from rclpy.qos import QoSDurabilityPolicy, QoSReliabilityPolicy

    profile = qos_profile(args)
    publishers = node.get_publishers_info_by_topic(args.topic_name)
    if not publishers:
        return profile
    reliable = [p.qos_profile.reliability == QoSReliabilityPolicy.RELIABLE for p in publishers]
    kept = [p.qos_profile.durability == QoSDurabilityPolicy.TRANSIENT_LOCAL for p in publishers]
    profile.reliability = _common(
        reliable, QoSReliabilityPolicy.RELIABLE, QoSReliabilityPolicy.BEST_EFFORT
    )
    profile.durability = _common(
        kept, QoSDurabilityPolicy.TRANSIENT_LOCAL, QoSDurabilityPolicy.VOLATILE
    )
    return profile


def _common(offered: list[bool], strong: Any, weak: Any) -> Any:
    """Return the strong policy if all publishers offer it, else the weak one."""
    if all(offered):
        return strong
    if any(offered):
        kind = type(strong).__name__
        print(
            f"Some, but not all, publishers are offering {kind}.{strong.name}. Falling back to "
            f"{kind}.{weak.name} as it will connect to all publishers"
        )
    return weak


class _Printer:
    """Prints messages as the options say."""

    def __init__(self, args: argparse.Namespace) -> None:
        self._args = args
        self._fields = [] if args.field is None else [p for p in args.field.split(".") if p]
        if args.field is not None and not self._fields:
            raise RuntimeError(f"Invalid field value '{args.field}'")
        self._filter: Callable[[Any], Any] | None = None
        if args.filter_expr:
            code = compile(args.filter_expr, "--filter", "eval")
            # The expression is the user's own, typed on the user's own command line.
            self._filter = lambda m: eval(code, {"m": m})

    def show(self, message: Any, info: Any) -> bool:
        """Print a message; tell whether it passed the filter."""
        message = self._select(message)
        if self._filter is not None and not self._filter(message):
            return False
        args = self._args
        if not hasattr(message, "__slots__"):
            if args.include_message_info:
                print("---Got new message, message info:---")
                print(info)
                print("---Message data:---")
            print(message, end="\n---\n")
            return True
        from rosidl_runtime_py import message_to_csv, message_to_yaml

        options = format_options(args)
        if args.csv:
            text = message_to_csv(message, **options)
            if args.include_message_info:
                text = f"{','.join(str(value) for value in info.values())},{text}"
            print(text)
            return True
        if args.include_message_info:
            import yaml

            print(yaml.dump(info), end="---\n")
        print(message_to_yaml(message, flow_style=args.flow_style, **options), end="---\n")
        return True

    def _select(self, message: Any) -> Any:
        """Return the field asked for."""
        for field in self._fields:
            try:
                message = getattr(message, field)
            except AttributeError as error:
                raise RuntimeError(f"Invalid field '{'.'.join(self._fields)}': {error}") from error
        return message
