"""`ros2 topic hz`."""

from __future__ import annotations

import argparse
import statistics
from collections import deque
from typing import Any

from ros2_embedded.cli.arguments import add_node_arguments, positive_int
from ros2_embedded.cli.node_context import ros_node
from ros2_embedded.cli.topic.names import wait_for_topic_class


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("topic_name", help="Topic name to listen to (e.g. '/chatter')")
    parser.add_argument(
        "--window",
        "-w",
        type=positive_int,
        default=10000,
        metavar="WINDOW",
        help="window size, in # of messages, for calculating (default: %(default)s)",
    )
    add_node_arguments(parser)
    parser.add_argument(
        "--filter",
        dest="filter_expr",
        metavar="EXPR",
        help="only measure messages matching the specified Python expression",
    )
    parser.add_argument(
        "--wall-time",
        action="store_true",
        help="calculates rate using wall time which can be helpful when clock is not published "
        "during simulation",
    )


def run(args: argparse.Namespace) -> None:
    """Print the rate of a topic, once a second, until interrupted."""
    import rclpy
    from rclpy.qos import qos_profile_sensor_data

    with ros_node(args) as node:
        message_type = wait_for_topic_class(node, args.topic_name)
        on_message, on_second = _callbacks(node, args)
        node.create_subscription(message_type, args.topic_name, on_message, qos_profile_sensor_data)
        node.create_timer(1.0, on_second)
        rclpy.spin(node)


def _callbacks(node: Any, args: argparse.Namespace) -> Any:
    """Make the callbacks for messages and for seconds."""
    from rclpy import clock as rclpy_clock

    clock: Any = node.get_clock()
    if args.wall_time:
        clock = rclpy_clock.Clock(clock_type=rclpy_clock.ClockType.SYSTEM_TIME)
    code = compile(args.filter_expr, "--filter", "eval") if args.filter_expr else None
    periods: deque[int] = deque(maxlen=args.window)
    state = {"last": -1, "printed": -1}

    def on_message(message: Any) -> None:
        # The expression is the user's own, typed on the user's own command line.
        if code is not None and not eval(code, {"m": message}):
            return
        now = clock.now().nanoseconds
        if now < state["last"]:
            print("time has reset, resetting counters")
            periods.clear()
        elif state["last"] >= 0:
            periods.append(now - state["last"])
        state["last"] = now

    def on_second() -> None:
        if not periods or state["last"] == state["printed"]:
            return
        state["printed"] = state["last"]
        seconds = [period * 1e-9 for period in periods]
        mean = statistics.fmean(seconds)
        rate = 1.0 / mean if mean > 0.0 else 0.0
        print(
            f"average rate: {rate:.3f}\n\tmin: {min(seconds):.3f}s max: {max(seconds):.3f}s "
            f"std dev: {statistics.pstdev(seconds, mean):.5f}s window: {len(seconds)}"
        )

    return on_message, on_second
