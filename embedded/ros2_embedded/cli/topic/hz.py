"""`ros2 topic hz`."""

from __future__ import annotations

import argparse
from collections import deque
from typing import Any

from ros2_embedded.cli.topic.measure import add_measure_arguments, measure, summarise


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_measure_arguments(parser, 10000, "listen to (e.g. '/chatter')")
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
    """Print the rate of a topic, once a second."""
    measure(args, lambda node: _callbacks(node, args))


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
        mean, least, greatest, deviation = summarise([period * 1e-9 for period in periods])
        rate = 1.0 / mean if mean > 0.0 else 0.0
        print(
            f"average rate: {rate:.3f}\n\tmin: {least:.3f}s max: {greatest:.3f}s "
            f"std dev: {deviation:.5f}s window: {len(periods)}"
        )

    return on_message, on_second
