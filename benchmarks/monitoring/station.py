"""An orchestrator without ROS, with or without everything that watches it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

from benchmarks.engine.durable import NoOpDriver
from benchmarks.engine.machine import WIDE
from execution_orchestrator.engine.machine import Machine
from execution_orchestrator.monitoring.live_monitor import DEFAULT_WINDOW, LiveMonitor
from execution_orchestrator.monitoring.paced import PacedObserver
from execution_orchestrator.monitoring.past_reader import PastReader
from execution_orchestrator.monitoring.prometheus import PrometheusEndpoint
from execution_orchestrator.monitoring.web.live_source import LiveSource
from execution_orchestrator.monitoring.web.server import WebServer
from execution_orchestrator.observation import Observation
from execution_orchestrator.plan.capability import RobotModel
from execution_orchestrator.runtime.intake import Intake
from execution_orchestrator.runtime.orchestrator import Orchestrator
from execution_orchestrator.storage.database import open_database
from execution_orchestrator.storage.sql_journal import open_journal


class Station:
    """The running parts; ``server`` is None when nobody watches."""

    def __init__(self, directory: Path, *, watched: bool) -> None:
        self._database = open_database(directory)
        self.journal = open_journal(self._database)
        self.orchestrator = Orchestrator(
            machine=Machine(WIDE), journal=self.journal, driver=NoOpDriver()
        )
        self.observation = Observation()
        self.orchestrator.add_observer(self.observation)  # of every node: ~/state is made of it
        self.monitor = LiveMonitor(self.observation)
        self._paced = PacedObserver(
            self.monitor, lambda after, limit: self.journal.read(after=after, limit=limit)
        )
        self._past = PastReader(self.observation, self.journal, window=DEFAULT_WINDOW)
        self.server: WebServer | None = None
        self._watched = watched

    async def start(self) -> None:
        """Read the journal, then watch."""
        if not self._watched:
            await self.orchestrator.start()
            return
        self.monitor.begin_after(self.journal.last_sequence, self.journal.count_ended())
        self._paced.begin_after(self.journal.last_sequence)
        await self.orchestrator.start(lambda entry: self.observation.apply(entry.event))
        self.orchestrator.add_observer(self._paced)
        self._paced.start()
        self._past.start()
        self._prometheus = PrometheusEndpoint(self.monitor, port=0)
        self.server = WebServer(
            LiveSource(
                orchestrator=self.orchestrator,
                monitor=self.monitor,
                intake=Intake(RobotModel(capabilities={}, resources={})),
                loop=asyncio.get_running_loop(),
                resources={},
            )
        )
        self.server.start()

    async def stop(self) -> None:
        """Close everything."""
        await self.orchestrator.stop()
        if self.server is not None:
            await asyncio.to_thread(self._past.stop)
            await asyncio.to_thread(self._paced.stop)
            await asyncio.to_thread(self.server.stop)
            await asyncio.to_thread(self._prometheus.stop)
        self.journal.close()
        self._database.close()


@contextlib.asynccontextmanager
async def station(directory: Path, *, watched: bool) -> AsyncIterator[Station]:
    """Start a station and stop it at the exit."""
    made = Station(directory, watched=watched)
    await made.start()
    try:
        yield made
    finally:
        await made.stop()
