"""`ros2 topic delay`."""

from __future__ import annotations

import argparse
from collections import deque
from typing import Any

from ros2_embedded.cli.topic.measure import add_measure_arguments, measure, summarise


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_measure_arguments(parser, 10000, "calculate the delay for")


def run(args: argparse.Namespace) -> None:
    """Print the age of a topic's messages, by their headers, once a second."""
    measure(args, lambda node: _callbacks(node, args))


def _callbacks(node: Any, args: argparse.Namespace) -> Any:
    """Make the callbacks for messages and for seconds."""
    clock = node.get_clock()
    delays: deque[float] = deque(maxlen=args.window)
    state = {"fresh": False}

    def on_message(message: Any) -> None:
        if not hasattr(message, "header"):
            raise RuntimeError("msg does not have header")
        stamp = message.header.stamp
        delays.append(clock.now().nanoseconds * 1e-9 - (stamp.sec + stamp.nanosec * 1e-9))
        state["fresh"] = True

    def on_second() -> None:
        if not delays:
            return
        if not state["fresh"]:
            print("no new messages")
            return
        state["fresh"] = False
        mean, least, greatest, deviation = summarise(delays)
        print(
            f"average delay: {mean:.3f}\n\tmin: {least:.3f}s max: {greatest:.3f}s "
            f"std dev: {deviation:.5f}s window: {len(delays)}"
        )

    return on_message, on_second
