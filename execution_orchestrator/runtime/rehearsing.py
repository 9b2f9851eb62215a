"""Rehearsals of plans, each in a process of its own that may be killed at any time."""

from __future__ import annotations

import asyncio
import contextlib
import json
import pickle
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from execution_orchestrator.capabilities.loading import LoadedRobot
from execution_orchestrator.engine.config import EngineConfig

# Started by its name, as any other program is: nothing in the node knows what is in it.
WORKER = "execution_orchestrator.rehearsal"
TIMEOUT = 60.0  # seconds of real time for one rehearsal
AT_ONCE = 1  # rehearsals; each takes a core


class RehearsalError(RuntimeError):
    """A rehearsal came to no result; the message says why."""


@dataclass(frozen=True, slots=True)
class OccupancyMap:
    """A map as nav_msgs/OccupancyGrid has it: one signed byte per cell, row by row.

    ``origin`` is x, y (m) and yaw (rad) of the corner of cell (0, 0) in ``frame``, ``resolution``
    metres per cell.
    """

    frame: str
    origin: tuple[float, float, float]
    resolution: float
    width: int
    height: int
    cells: bytes


@dataclass(frozen=True, slots=True)
class RehearsalRequest:
    """A resolved plan, and what is known of the robot and the world at this moment.

    ``robot_state`` and ``objects`` are `robot` and `objects` of expressions, ``held`` what the
    grippers hold, by robot. ``world`` is the SDF world that the robot is in, empty if nobody says.
    """

    robot: LoadedRobot
    engine: EngineConfig
    plan: Mapping[str, Any]
    input: Mapping[str, Any] = field(default_factory=dict)
    places: Mapping[str, Any] = field(default_factory=dict)
    robot_state: Mapping[str, Any] = field(default_factory=dict)
    objects: tuple[Mapping[str, Any], ...] = ()
    held: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    map: OccupancyMap | None = None
    world: str = ""


class Rehearsals:
    """Runs one after the other. Used on one event loop."""

    def __init__(self, timeout: float = TIMEOUT) -> None:
        self._timeout = timeout
        self._turn = asyncio.Semaphore(AT_ONCE)

    async def run(self, request: RehearsalRequest) -> dict[str, Any]:
        """Return what would happen (docs/rehearsal.md). Its process ends when this is cancelled.

        Raises:
            RehearsalError: it took too long or too much memory, or could not be done.

        """
        async with self._turn:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                WORKER,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
            )
            try:
                async with asyncio.timeout(self._timeout):
                    told, _ = await process.communicate(pickle.dumps(request))
            except TimeoutError:
                raise RehearsalError(
                    f"it was given up after {self._timeout:g} s: the plan takes too much computing"
                ) from None
            finally:
                with contextlib.suppress(ProcessLookupError):
                    process.kill()
                await process.wait()
        try:
            answer = json.loads(told)
        except ValueError:
            raise RehearsalError("its process ended early: it takes too much memory") from None
        if "failure" in answer:
            raise RehearsalError(answer["failure"])
        result: dict[str, Any] = answer["result"]
        return result
