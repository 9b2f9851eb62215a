"""What of a run is kept besides its events: the ways robots went, and what their cameras saw."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from nav_msgs.msg import OccupancyGrid
from rclpy.serialization import deserialize_message

from execution_orchestrator.engine import events as ev
from execution_orchestrator.monitoring.kept_map import KeptMap
from execution_orchestrator.observation import Observation
from execution_orchestrator.plan.capability import ResourceSpec
from execution_orchestrator.ros.bridge import Bridge
from execution_orchestrator.ros.recording.cameras import Cameras
from execution_orchestrator.ros.recording.travelled import Travelled
from execution_orchestrator.ros.world.known_map import KnownMap
from execution_orchestrator.ros.world.robot_floor import grid_of
from execution_orchestrator.ros.world.world_model import TopicWorldModel
from execution_orchestrator.runtime.orchestrator import Orchestrator
from execution_orchestrator.storage.journal import StorageError
from execution_orchestrator.storage.pictures import PictureFolder

log = logging.getLogger(__name__)
CAMERA = "camera"  # type of a resource
STAND_WHILE_MOVING = frozenset({"manipulator", "gripper"})  # types that move no base


class Recording:
    """Observes the runtime, and journals ways and pictures; ``cameras`` has the live view.

    ``camera_topics`` are those of the robots, empty for one without a camera.
    """

    def __init__(
        self,
        node: Any,
        bridge: Bridge,
        orchestrator: Orchestrator,
        observation: Observation,
        world: TopicWorldModel,
        known_map: KnownMap,
        resources: Mapping[str, ResourceSpec],
        *,
        camera_topics: Mapping[str, str],
        parameters: Mapping[str, Any],
        state_directory: Path,
    ) -> None:
        self._orchestrator = orchestrator
        self._known_map = known_map
        self._kept_map = KeptMap(state_directory)
        self._kept = b""  # the message that the kept map was made of
        self._keeping: asyncio.Task[None] | None = None
        kept = parameters["pictures_kept"]
        self.cameras = Cameras(
            node,
            bridge,
            observation,
            PictureFolder(state_directory, kept=kept),
            topics=camera_topics,
            held_as=[name for name, spec in resources.items() if spec.type == CAMERA],
            pose_between=world.pose_between,
            note=self._note,
            now=orchestrator.now,
            rate=parameters["live_camera_rate"],
            keep=kept > 0,
        )
        self._travelled = Travelled(
            observation,
            moving=[
                name
                for name, spec in resources.items()
                if spec.moves and spec.type not in STAND_WHILE_MOVING
            ],
            pose_of=world.robot_pose,
            note=self._note,
            now=orchestrator.now,
        )
        orchestrator.add_observer(self.cameras)
        orchestrator.add_observer(self._travelled)

    def _note(self, events: Sequence[ev.Event]) -> None:
        try:
            self._orchestrator.note(events)
        except StorageError as failure:
            log.debug("%s is not kept: %s", events[0].description(), failure)
        idle = self._keeping is None or self._keeping.done()
        if idle and self._known_map.data is not self._kept:
            self._kept = self._known_map.data
            self._keeping = asyncio.get_running_loop().create_task(
                asyncio.to_thread(self._keep_map, self._kept)
            )

    def _keep_map(self, data: bytes) -> None:
        grid = grid_of(deserialize_message(data, OccupancyGrid), 0)
        if grid is not None:
            try:
                self._kept_map.keep(grid)
            except OSError as failure:
                log.warning("the map is not kept for reports: %s", failure)

    async def stop(self) -> None:
        """Stop recording."""
        self._travelled.stop()
        if self._keeping is not None:
            await self._keeping
        await self.cameras.stop()
