"""What nodes said on /rosout: with Nav2 there is no other explanation of a failure."""

from __future__ import annotations

import re
import time
from collections import deque
from collections.abc import Iterable
from typing import Any

from rcl_interfaces.msg import Log
from rclpy.qos import QoSProfile

from execution_orchestrator.plan.shortened import shortened
from execution_orchestrator.ros.listening import Listener

WARNING = 30
KEPT = 300  # messages
MOST = 10  # of one failure
LONGEST = 300  # characters of one message
AGAIN = 1.0  # seconds after a message in which one with other numbers is the same again
_NUMBER = re.compile(r"\d+(\.\d+)?")


class ServerLogs:
    """Keeps the newest warnings and errors of all nodes, bounded. Safe on any thread.

    ``also`` are parts of messages that are kept whatever their severity.
    """

    def __init__(self, listener: Listener, also: Iterable[str] = ()) -> None:
        self._listener = listener
        self._also = tuple(also)
        self._heard: deque[tuple[float, str, str, str]] = deque(maxlen=KEPT)
        self._subscription = listener.create_subscription(
            Log, "/rosout", self._take, QoSProfile(depth=100)
        )

    def said(self, nodes: Iterable[str], since: float) -> list[str]:
        """Return what nodes (full names) said since ``since`` (monotonic), the newest last."""
        loggers = [name.strip("/").replace("/", ".") for name in nodes]
        found = [
            f"{logger.rpartition('.')[2]}: {text}"
            for when, logger, text, _ in list(self._heard)
            if when >= since and any(_belongs(logger, name) for name in loggers)
        ]
        return list(dict.fromkeys(found))[-MOST:]

    def close(self) -> None:
        """Remove the subscription."""
        self._listener.destroy_subscription(self._subscription)

    def _take(self, message: Any) -> None:
        if message.level < WARNING and not any(part in message.msg for part in self._also):
            return
        now, text = time.monotonic(), shortened(message.msg, LONGEST)
        # A controller that is late says so twenty times a second, each time with another rate: that
        # would leave no room for what the others say.
        like = _NUMBER.sub("0", text)
        for said in reversed(self._heard):
            if now - said[0] > AGAIN:
                break
            if said[1] == message.name and said[3] == like:
                self._heard.remove(said)
                break
        self._heard.append((now, message.name, text, like))


def _belongs(logger: str, node: str) -> bool:
    """Whether a logger is a node's own, a child of it, or one of its helper nodes."""
    return logger == node or logger.startswith((f"{node}.", f"{node}_"))
