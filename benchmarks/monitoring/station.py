"""An orchestrator without ROS, with or without everything that watches it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from benchmarks.engine.durable import NoOpDriver
from benchmarks.engine.machine import WIDE
from execution_orchestrator.engine.inputs import Caller
from execution_orchestrator.engine.machine import Machine
from execution_orchestrator.monitoring.live_monitor import DEFAULT_WINDOW, LiveMonitor
from execution_orchestrator.monitoring.paced import PacedObserver
from execution_orchestrator.monitoring.past_reader import PastReader
from execution_orchestrator.monitoring.prometheus import PrometheusEndpoint
from execution_orchestrator.monitoring.web.desk import Order, Receipt
from execution_orchestrator.monitoring.web.live_source import LiveSource
from execution_orchestrator.monitoring.web.plan_editing import PlanEditing
from execution_orchestrator.monitoring.web.server import WebServer
from execution_orchestrator.observation import Observation
from execution_orchestrator.plan.capability import RobotModel
from execution_orchestrator.planning.selection import AsyncGrammarPlanner, Planners
from execution_orchestrator.planning.vocabulary import Vocabulary
from execution_orchestrator.runtime.intake import Intake, Prepared
from execution_orchestrator.runtime.orchestrator import Orchestrator
from execution_orchestrator.runtime.plan_folder import PlanFolder
from execution_orchestrator.runtime.planning import Planning
from execution_orchestrator.storage.database import open_database
from execution_orchestrator.storage.sql_journal import open_journal

PLACES = Path(__file__).parents[2] / "config" / "places.yaml"
NO_ROBOT = RobotModel(capabilities={}, resources={})


class _Nobody:
    """The desk and the rehearser of a page that only shows."""

    async def run(self, order: Order) -> Receipt:
        raise NotImplementedError

    async def go_on(self, execution_id: str, caller: Caller) -> str:
        raise NotImplementedError

    async def rehearse(self, prepared: Prepared) -> dict[str, Any]:
        raise NotImplementedError


class Station:
    """The running parts; ``server`` is None when nobody watches."""

    def __init__(self, directory: Path, *, watched: bool) -> None:
        self._directory = directory
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
                planning=Planning(
                    Planners(grammar=AsyncGrammarPlanner(Vocabulary.load(PLACES))),
                    Intake(NO_ROBOT),
                    dict,
                ),
                loop=asyncio.get_running_loop(),
                resources={},
                desk=_Nobody(),
                rehearser=_Nobody(),
                editing=PlanEditing(NO_ROBOT, PlanFolder(self._directory, max_bytes=0)),
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
