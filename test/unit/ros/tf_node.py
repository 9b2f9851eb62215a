"""A node without a middleware: what it subscribes to, a test calls."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from rclpy.clock import Clock


def tf_node(takes: dict[str, Callable[[Any], None]]) -> SimpleNamespace:
    """Return a node that puts the callback of each topic into ``takes``."""
    return SimpleNamespace(
        create_service=lambda *_: None,
        get_clock=Clock,
        context=None,
        create_subscription=lambda _type, topic, take, *_, **__: takes.update({topic: take}),
    )
