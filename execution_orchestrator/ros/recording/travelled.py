"""Journals the ways that bases go while actions move them."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from execution_orchestrator.capabilities.geometry import yaw_from_quaternion
from execution_orchestrator.engine import events as ev
from execution_orchestrator.engine.inputs import GoalProgress
from execution_orchestrator.observation import Observation
from execution_orchestrator.storage.journal import JournalEntry

FRAME = "map"
PERIOD = 0.2  # seconds between two looks while something moves
STEP = 0.05  # metres, and
TURN = 0.1  # radians, from which on the next point is noted
POINTS = 400  # of one way; a longer one has fewer points a metre
ENDED = (
    ev.TaskCompleted,
    ev.TaskFailed,
    ev.TaskCancelled,
    ev.TaskSkipped,
    ev.TaskRequeued,
)
Point = tuple[float, float, float, float]  # execution time, x, y, yaw
PoseOf = Callable[[str, str], Mapping[str, Any] | None]  # of a frame and a robot


@dataclass(slots=True)
class _Way:
    """The way of one action so far."""

    robot: str
    attempt: int
    step: float = STEP
    path: list[Point] = field(default_factory=list)

    def add(self, point: Point) -> None:
        """Note a point, unless the base has hardly moved since the last one."""
        if self.path:
            _, x, y, yaw = self.path[-1]
            turned = abs(math.remainder(point[3] - yaw, math.tau))
            if math.dist((x, y), point[1:3]) < self.step and turned < TURN:
                return
        self.path.append(point)
        if len(self.path) > POINTS:
            self.path = self.path[::2]
            self.step *= 2.0


class Travelled:
    """An observer of the runtime, on its loop; it looks at robots only while actions move them.

    ``moving`` are the resources that move. ``note`` journals events; it is called after all
    observers have seen the events that led to them.
    """

    def __init__(
        self,
        observation: Observation,
        *,
        moving: Collection[str],
        pose_of: PoseOf,
        note: Callable[[Sequence[ev.Event]], None],
        now: Callable[[], float],
    ) -> None:
        self._observation = observation
        self._moving = frozenset(moving)
        self._pose_of = pose_of
        self._note = note
        self._now = now
        self._ways: dict[tuple[str, str], _Way] = {}
        self._looking: asyncio.Task[None] | None = None

    def on_events(self, entries: Sequence[JournalEntry]) -> None:
        """Begin with an action's first goal, and end with the action."""
        for entry in entries:
            event = entry.event
            if isinstance(event, ev.TaskStarted):
                self._began(event)
            elif isinstance(event, ENDED) and (event.execution_id, event.key) in self._ways:
                self._ended(event)

    def on_feedback(self, progress: GoalProgress) -> None:
        """Take no note: where a robot is comes from its transforms."""

    def stop(self) -> None:
        """Stop the periodic check."""
        if self._looking is not None:
            self._looking.cancel()

    def _began(self, event: ev.TaskStarted) -> None:
        action = self._observation.action(event.execution_id, event.key)
        if action is None or not self._moving.intersection(action.resources):
            return
        name = (event.execution_id, event.key)
        way = self._ways.setdefault(name, _Way(action.robot, event.attempt))
        way.attempt = event.attempt
        self._look(way)
        if self._looking is None or self._looking.done():
            self._looking = asyncio.get_running_loop().create_task(self._run(), name="travelled")

    def _ended(self, event: ev.Event) -> None:
        way = self._ways.pop((event.execution_id, event.key))
        self._look(way)
        if len(way.path) < 2:
            return
        travelled = ev.RobotTravelled(
            time=self._now(),
            execution_id=event.execution_id,
            key=event.key,
            attempt=way.attempt,
            robot=way.robot,
            frame=FRAME,
            path=tuple(way.path),
        )
        asyncio.get_running_loop().call_soon(self._note, [travelled])

    async def _run(self) -> None:
        while self._ways:
            await asyncio.sleep(PERIOD)
            for way in self._ways.values():
                self._look(way)

    def _look(self, way: _Way) -> None:
        pose = self._pose_of(FRAME, way.robot)
        if pose is not None:
            position = pose["position"]
            way.add(
                (
                    round(self._now(), 3),
                    round(float(position["x"]), 3),
                    round(float(position["y"]), 3),
                    round(yaw_from_quaternion(pose["orientation"]), 3),
                )
            )
