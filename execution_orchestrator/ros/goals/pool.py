"""The channels to all action servers, and the task that watches them."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
from collections.abc import Callable, Iterable
from typing import Any
from uuid import UUID

from execution_orchestrator.ros.bridge import Bridge
from execution_orchestrator.ros.endpoints import own_guid
from execution_orchestrator.ros.goals.channel import ActionChannel, Fit
from execution_orchestrator.ros.goals.events import GoalListener
from execution_orchestrator.ros.goals.processes import Processes
from execution_orchestrator.ros.goals.settings import PoolSettings
from execution_orchestrator.ros.messages.installed import interface_class

log = logging.getLogger(__name__)
ServerChanged = Callable[[str, bool], None]
LIVENESS_PERIOD = 0.2  # seconds between two looks at the servers of goals, at most
SENT_KEPT = 10_000  # goals that are known as this node's own


class ClientPool:
    """One channel per action server, made on first use. Used on the loop's thread only.

    ``on_server`` hears when a server that was used appears or vanishes; ``listening`` is the node
    that the status topics are read on.
    """

    def __init__(
        self,
        node: Any,
        bridge: Bridge,
        settings: PoolSettings | None = None,
        *,
        listening: Any,
        callback_group: Any = None,
        on_server: ServerChanged | None = None,
        fit: Fit = lambda _: True,
    ) -> None:
        self._node = node
        self._bridge = bridge
        self.settings = settings or PoolSettings()
        self._listening = listening
        self._group = callback_group
        self._on_server = on_server
        self._fit = fit
        self._channels: dict[str, ActionChannel] = {}
        self._available: dict[str, bool] = {}
        self._watch: asyncio.Task[None] | None = None
        self._work = asyncio.Event()
        self._owners: dict[UUID, ActionChannel] = {}
        self._sent: dict[bytes, None] = {}
        self._processes: Processes | None = None

    def channel(self, action_type: str, name: str) -> ActionChannel:
        """Return the channel to a server.

        Raises:
            InterfaceNotFoundError: the action type is not installed.

        """
        channel = self._channels.get(name)
        if channel is None:
            channel = ActionChannel(
                self._node,
                self._bridge,
                interface_class(action_type),
                name,
                self.settings,
                listening=self._listening,
                callback_group=self._group,
                fit=self._fit,
                lives=self.lives,
            )
            self._channels[name] = channel
        return channel

    def send(
        self, action_type: str, name: str, goal_id: UUID, message: Any, listener: GoalListener
    ) -> None:
        """Send a goal; the listener hears what becomes of it.

        Raises:
            InterfaceNotFoundError: the action type is not installed.

        """
        channel = self.channel(action_type, name)
        self._owners[goal_id] = channel
        self._note(goal_id)
        channel.send(goal_id, message, listener)
        self._work.set()

    def adopt(self, action_type: str, name: str, goal_id: UUID, listener: GoalListener) -> None:
        """Attach again to a goal of an earlier process; the listener is called with its status.

        Raises:
            InterfaceNotFoundError: the action type is not installed.

        """
        channel = self.channel(action_type, name)
        self._owners[goal_id] = channel
        self._note(goal_id)
        channel.adopt(goal_id, listener)
        self._work.set()

    def cancel(self, goal_id: UUID) -> bool:
        """Cancel a goal; False when it is not known here (any more)."""
        channel = self._owners.get(goal_id)
        self._work.set()
        return channel.cancel(goal_id) if channel is not None else False

    def _note(self, goal_id: UUID) -> None:
        self._sent[goal_id.bytes] = None
        if len(self._sent) > SENT_KEPT:
            del self._sent[next(iter(self._sent))]

    def sent(self, goal_id: bytes) -> bool:
        """Whether this node sent a goal, in this process or an earlier one."""
        return goal_id in self._sent

    def works(self, name: str) -> bool:
        """Whether a server has a goal of this node without a final result."""
        channel = self._channels.get(name)
        return channel is not None and channel.active > 0

    def give_up(self, goal_id: UUID, reason: str) -> None:
        """Report a goal as lost that its server will not end, because one behind it is gone."""
        channel = self._owners.get(goal_id)
        if channel is not None:
            channel.give_up(goal_id, reason)

    def forget(self, goal_id: UUID) -> None:
        """Drop a goal whose final result was reported."""
        self._owners.pop(goal_id, None)

    def silent(self, goal_id: UUID) -> bool:
        """Whether the server of a goal that may still run is silent."""
        channel = self._owners.get(goal_id)
        return channel is not None and channel.silent(goal_id)

    def unanswered(self, goal_id: UUID) -> float:
        """Seconds for which the server of a goal owed an answer and sent nothing; 0.0: none."""
        channel = self._owners.get(goal_id)
        return channel.unanswered() if channel is not None else 0.0

    def follows(self, goal_id: UUID) -> bool:
        """Say whether the outcome of a goal is still to come."""
        return goal_id in self._owners

    @property
    def active(self) -> int:
        """Goals without a final result."""
        return sum(channel.active for channel in self._channels.values())

    def available(self) -> dict[str, bool]:
        """Servers used so far, and whether they are there."""
        return {name: channel.is_ready() for name, channel in self._channels.items()}

    def start(self) -> None:
        """Begin to watch."""
        self._watch = self._bridge.loop.create_task(self._watching(), name="goal-watch")

    async def stop(self) -> None:
        """Stop watching and remove all endpoints."""
        if self._watch is not None:
            self._watch.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._watch
        for channel in self._channels.values():
            channel.destroy()
        self._channels.clear()
        self._owners.clear()

    def lives(self, servers: Iterable[bytes]) -> bool | None:
        """Say whether a process of these endpoints runs; None: that is not known."""
        if self._processes is None:
            own = own_guid(self._node)
            if not own:
                return None
            self._processes = Processes(own)
        known = {self._processes.lives(guid) for guid in servers}
        return True if True in known else None if None in known else False

    async def _watching(self) -> None:
        settings = self.settings
        last_look = 0.0
        while True:
            if not self.active:
                # Nothing runs: only the servers' coming and going is of interest, and rarely.
                self._work.clear()
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._work.wait(), settings.watch_period * 4)
            period = min(settings.watch_period, LIVENESS_PERIOD if self.active else math.inf)
            soon = any(
                channel.suspicious or channel.waiting or (channel.active and not channel.is_ready())
                for channel in self._channels.values()
            )
            await asyncio.sleep(settings.discovery_period if soon else period)
            for channel in list(self._channels.values()):
                try:
                    channel.watch()
                except Exception:
                    log.exception("watching %s failed", channel.name)
            now = self._bridge.loop.time()
            if now - last_look >= settings.watch_period:
                last_look = now
                self._look_for_servers()

    def _look_for_servers(self) -> None:
        for name, channel in self._channels.items():
            ready = channel.is_ready()
            if self._available.get(name) != ready:
                self._available[name] = ready
                if self._on_server is not None:
                    self._on_server(name, ready)
