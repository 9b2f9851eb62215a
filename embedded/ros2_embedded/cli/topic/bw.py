"""`ros2 topic bw`."""

from __future__ import annotations

import argparse
from collections import deque
from typing import Any

from ros2_embedded.cli.topic.measure import add_measure_arguments, measure


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_measure_arguments(parser, 100, "monitor for bandwidth utilization")


def run(args: argparse.Namespace) -> None:
    """Print the bandwidth of a topic, once a second."""
    measure(args, lambda node: _callbacks(node, args), raw=True, announce=True)


def _callbacks(node: Any, args: argparse.Namespace) -> Any:
    """Make the callbacks for messages and for seconds."""
    clock = node.get_clock()
    received: deque[tuple[int, int]] = deque(maxlen=args.window)

    def on_message(data: bytes) -> None:
        received.append((clock.now().nanoseconds, len(data)))

    def on_second() -> None:
        if len(received) < 2:
            return
        elapsed = (clock.now().nanoseconds - received[0][0]) * 1e-9
        if elapsed <= 0.0:
            received.clear()
            return
        sizes = [size for _, size in received]
        rate = sum(sizes) / elapsed
        mean = sum(sizes) / len(sizes)
        text = [_size(value, rate) for value in (rate, mean, min(sizes), max(sizes))]
        print(
            f"{text[0]}/s from {len(sizes)} messages\n"
            f"\tMessage size mean: {text[1]} min: {text[2]} max: {text[3]}"
        )

    return on_message, on_second


def _size(value: float, rate: float) -> str:
    """Write a number of bytes in the unit that fits the rate."""
    if rate < 1e3:
        return f"{value:.0f} B"
    if rate < 1e6:
        return f"{value / 1e3:.2f} KB"
    return f"{value / 1e6:.2f} MB"
