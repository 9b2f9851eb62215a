"""Zero velocity on an emergency stop: at once, and again until nothing runs any more."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable
from typing import Any

log = logging.getLogger(__name__)
PERIOD = 0.1  # seconds; a controller that still works on its goal commands at 10 to 20 Hz


class ZeroVelocity:
    """Commands all bases to stand still.

    The publishers are made at the start of the node: one that is made at the moment of need has
    not found its subscribers yet, and its message reaches nobody. ``active`` says whether goals
    are still being cancelled, ``longest`` is for how many seconds the command is repeated at most.
    """

    def __init__(
        self,
        node: Any,
        message_type: Any,
        topics: Iterable[str],
        *,
        loop: asyncio.AbstractEventLoop,
        active: Callable[[], bool],
        longest: float,
    ) -> None:
        self._message = message_type()
        self._publishers = [node.create_publisher(message_type, topic, 10) for topic in topics]
        self._loop = loop
        self._active = active
        self._longest = longest
        self._until = 0.0
        self._again: asyncio.TimerHandle | None = None

    def command(self, reason: str) -> None:
        """Begin."""
        names = ", ".join(publisher.topic_name for publisher in self._publishers)
        if names:
            log.warning("zero velocity on %s: %s", names, reason)
            self._until = self._loop.time() + self._longest
            self.stop()
            self._publish()

    def stop(self) -> None:
        """Repeat it no more."""
        if self._again is not None:
            self._again.cancel()
            self._again = None

    def _publish(self) -> None:
        for publisher in self._publishers:
            publisher.publish(self._message)
        self._again = None
        if self._active() and self._loop.time() < self._until:
            self._again = self._loop.call_later(PERIOD, self._publish)
