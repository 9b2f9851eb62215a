"""Rehearsals of the running node: from where the robot is now, with what is known now."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from execution_orchestrator.capabilities.geometry import flat_pose
from execution_orchestrator.capabilities.loading import LoadedRobot
from execution_orchestrator.engine.config import EngineConfig
from execution_orchestrator.plan.timing import UNTIMED
from execution_orchestrator.ros.world.known_map import KnownMap
from execution_orchestrator.ros.world.world_model import TopicWorldModel
from execution_orchestrator.runtime.intake import Prepared
from execution_orchestrator.runtime.rehearsing import RehearsalRequest, Rehearsals

MAP = "map"
AT_ONCE = "when it starts: it was rehearsed as if it began now"
Held = Mapping[str, Mapping[str, Mapping[str, Any]]]


@dataclass(frozen=True, slots=True)
class KnownOfRobot:
    """What a rehearsal knows of the robot: its configuration, and where to look for its state.

    ``held`` returns what the grippers hold by robot, ``world_file`` is the SDF world that the robot
    is in, empty if unknown.
    """

    robot: LoadedRobot
    engine: EngineConfig
    places: Mapping[str, Any]
    world: TopicWorldModel
    map: KnownMap
    held: Callable[[], Held]
    world_file: str


class RehearsalsFromHere:
    """Implements the runtime's Rehearser. Used on the orchestrator's loop."""

    def __init__(self, known: KnownOfRobot) -> None:
        self._known = known
        self._rehearsals = Rehearsals()

    async def rehearse(self, prepared: Prepared) -> dict[str, Any]:
        """Return what would happen if a valid plan began now; nothing of the robot is touched.

        Raises:
            RehearsalError: it came to no result.

        """
        known, now = self._known, self._known.world.snapshot()
        report = await self._rehearsals.run(
            RehearsalRequest(
                robot=known.robot,
                engine=known.engine,
                plan=prepared.plan or {},
                input=prepared.input,
                places=known.places,
                robot_state=dict(now["robot"]),
                poses={
                    name: flat_pose(pose, MAP)
                    for name in known.robot.model.robots
                    if (pose := known.world.robot_pose(MAP, name)) is not None
                },
                objects=tuple(now["objects"]),
                held={robot: dict(objects) for robot, objects in known.held().items()},
                map=known.map.occupancy(),
                world=known.world_file,
            )
        )
        if prepared.timing != UNTIMED:
            report["unknown"].append(AT_ONCE)
        return report
