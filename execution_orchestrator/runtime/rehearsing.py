"""Rehearsals of plans, each in a process of its own that may be killed at any time."""

from __future__ import annotations

import asyncio
import contextlib
import json
import pickle
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from execution_orchestrator.capabilities.loading import LoadedRobot
from execution_orchestrator.engine.config import EngineConfig
from execution_orchestrator.runtime.intake import Prepared
from execution_orchestrator.runtime.intake_worker import MEMORY

# Started by its name, as any other program is: nothing in the node knows what is in it.
WORKER = "execution_orchestrator.rehearsal"
TIMEOUT = 60.0  # seconds of real time for one rehearsal
AT_ONCE = 1  # rehearsals; each takes a core
MOST_WAITING = 4  # rehearsals; each holds a plan and a map in memory
UNDECIDED = "UNDECIDED"  # status of what has no end
LONGEST_WAIT = 60.0  # seconds of real time that one waits for its turn
LONGEST = LONGEST_WAIT + TIMEOUT  # seconds of real time until there is an answer, at most


class RehearsalError(RuntimeError):
    """A rehearsal gave no result; the message names the cause."""


class Rehearser(Protocol):
    """Rehearses plans from where the robot is now."""

    async def rehearse(self, prepared: Prepared) -> dict[str, Any]:
        """Return what would happen if a valid plan began now (docs/rehearsal.md).

        Raises:
            RehearsalError: it came to no result.

        """


def verdict(report: Mapping[str, Any]) -> str:
    """Return in a sentence what came of a rehearsal."""
    seconds = f"{report['seconds']:.1f} s"
    if not report["would_succeed"]:
        return f"rehearsal: it would not succeed, ends after {seconds}: {report['message']}"
    partly = " in part" if report["status"] == "PARTIALLY_COMPLETED" else ""
    supposed = "" if report["certain"] else "; not all of it can be rehearsed, see unknown"
    return f"rehearsal: it would be done{partly} after {seconds}{supposed}"


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

    ``robot_state`` and ``objects`` are `robot` and `objects` of expressions, ``poses`` where each
    of several robots is in the map, ``held`` what the grippers hold, both by robot. ``world`` is
    the SDF world that the robot is in, empty if nobody says.
    """

    robot: LoadedRobot
    engine: EngineConfig
    plan: Mapping[str, Any]
    input: Mapping[str, Any] = field(default_factory=dict)
    places: Mapping[str, Any] = field(default_factory=dict)
    robot_state: Mapping[str, Any] = field(default_factory=dict)
    poses: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    objects: tuple[Mapping[str, Any], ...] = ()
    held: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    map: OccupancyMap | None = None
    world: str = ""


class Rehearsals:
    """Runs one after the other. Used on one event loop.

    ``timeout`` is seconds of real time for each, ``memory`` the bytes that its process may take.
    """

    def __init__(self, timeout: float = TIMEOUT, memory: int = MEMORY) -> None:
        self._timeout = timeout
        self._memory = memory
        self._turn = asyncio.Semaphore(AT_ONCE)
        self._waiting = 0

    async def run(self, request: RehearsalRequest) -> dict[str, Any]:
        """Return what would happen (docs/rehearsal.md). Its process ends when this is cancelled.

        Raises:
            RehearsalError: it took too long or too much memory, or could not be done.

        """
        if self._waiting >= MOST_WAITING:
            raise RehearsalError(f"{self._waiting} others wait to be rehearsed; try again later")
        self._waiting += 1
        try:
            async with asyncio.timeout(LONGEST_WAIT):
                await self._turn.acquire()
        except TimeoutError:
            raise RehearsalError("others are being rehearsed; try again later") from None
        finally:
            self._waiting -= 1
        try:
            return await self._rehearsed(request)
        finally:
            self._turn.release()

    async def _rehearsed(self, request: RehearsalRequest) -> dict[str, Any]:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            WORKER,
            str(self._memory),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        try:
            async with asyncio.timeout(self._timeout):
                output, _ = await process.communicate(pickle.dumps(request))
        except TimeoutError:
            raise RehearsalError(
                f"it was given up after {self._timeout:g} s: the plan takes too much computing"
            ) from None
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
        try:
            answer = json.loads(output)
        except ValueError:
            raise RehearsalError("its process ended early: it takes too much memory") from None
        if "failure" in answer:
            raise RehearsalError(answer["failure"])
        result: dict[str, Any] = answer["result"]
        return result
