"""The floor with the robots on it, as the web page draws it."""

from __future__ import annotations

import asyncio
import math
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from geometry_msgs.msg import PolygonStamped
from nav_msgs.msg import OccupancyGrid, Path
from rclpy.qos import QoSProfile
from rclpy.serialization import deserialize_message

from execution_orchestrator.capabilities.geometry import frame_of, pose_fields
from execution_orchestrator.engine import events as ev
from execution_orchestrator.engine.inputs import GoalProgress
from execution_orchestrator.monitoring.web.floor import MAX_SIDE, Grid, RobotPlace, Scene
from execution_orchestrator.observation import Observation
from execution_orchestrator.ros.listening import Listener
from execution_orchestrator.ros.world.known_map import LATCHED, KnownMap
from execution_orchestrator.ros.world.published_shapes import PublishedShapes
from execution_orchestrator.ros.world.transforms import Matrix, matrix_of_pose
from execution_orchestrator.ros.world.world_model import TopicWorldModel
from execution_orchestrator.storage.journal import JournalEntry

FRAME = "map"
LIVE = 0.1  # seconds between two looks while a page asks,
AT_REST = 0.5  # and while none does: for the paths driven
ASKED = 2.0  # seconds after the last question for which pages count as asking
THINGS = 0.5  # seconds between two looks at what changes rarely
STEP = 0.05  # metres between two points of a path driven
TRAIL = 2000  # points of each
FAILURES = 200
OBJECTS = 500
COSTMAPS = {"global": "global_costmap/costmap", "local": "local_costmap/costmap"}


class RobotFloor:
    """Looks at the robots ten times a second while a page shows them. Implements Floor.

    `scene`, `grid` and `locate` may be asked from any thread, everything else is the loop's.
    ``topics`` gives the name of a topic on each robot.
    """

    def __init__(
        self,
        listener: Listener,
        world: TopicWorldModel,
        known_map: KnownMap,
        observation: Observation,
        *,
        places: Mapping[str, Mapping[str, Any]],
        topics: Callable[[str], Mapping[str, str]],
    ) -> None:
        self._world = world
        self._map = known_map
        self._observation = observation
        self._places = {
            name: flat for name, pose in places.items() if (flat := _flat(pose)) is not None
        }
        self._asked = 0.0
        self._scene = Scene()
        self._seen_things = 0.0
        self._trails: dict[str, deque[tuple[float, float]]] = {}
        self._failures: deque[dict[str, Any]] = deque(maxlen=FAILURES)
        self._objects: dict[str, dict[str, Any]] = {}
        self._planned: dict[str, bytes] = {}
        self._footprints: dict[str, bytes] = {}
        self._costmaps: dict[str, bytes] = {}
        self._grids: dict[str, tuple[bytes, Grid | None]] = {}
        self._shapes = PublishedShapes(FRAME, lambda frame: world.pose_between(FRAME, frame))
        self._versions = 0
        self._subscriptions = []
        self._robots = tuple(topics("odom"))
        latest = QoSProfile(depth=1)
        for kind, topic, kept in (
            (Path, "plan", self._planned),
            (PolygonStamped, "local_costmap/published_footprint", self._footprints),
        ):
            for robot, name in topics(topic).items():
                self._subscriptions.append(
                    listener.create_subscription(kind, name, _keep(kept, robot), latest, raw=True)
                )
        for layer, topic in COSTMAPS.items():
            for name in list(topics(topic).values())[:1]:
                self._subscriptions.append(
                    listener.create_subscription(
                        OccupancyGrid, name, _keep(self._costmaps, layer), LATCHED, raw=True
                    )
                )

    # ------------------------------------------------------------------ any thread

    def scene(self) -> Scene:
        """Return the newest scene."""
        self._asked = time.monotonic()
        return self._scene

    def grid(self, layer: str) -> Grid | None:
        """Return the map (``map``) or a costmap (``global``, ``local``) as it came last."""
        data = self._map.data if layer == "map" else self._costmaps.get(layer, b"")
        if not data:
            return None
        read, grid = self._grids.get(layer, (b"", None))
        if read is not data:
            self._versions += 1
            grid = grid_of(deserialize_message(data, OccupancyGrid), self._versions)
            self._grids[layer] = (data, grid)
        if grid is None or grid.frame == FRAME:
            return grid
        pose = self._world.pose_between(FRAME, grid.frame)
        return None if pose is None else _moved(grid, matrix_of_pose(pose))

    def locate(self, name: str) -> Mapping[str, Any] | None:
        """Return where a place or a known object is."""
        return self._places.get(name) or self._objects.get(name)

    # ------------------------------------------------------------------ the loop

    def on_events(self, entries: Sequence[JournalEntry]) -> None:
        """Note where a robot was when something failed."""
        for entry in entries:
            event = entry.event
            if isinstance(event, ev.TaskAttemptFailed):
                self._failed(event)

    def on_feedback(self, progress: GoalProgress) -> None:
        """Take no note: where a robot is comes from its transforms."""

    def _failed(self, event: ev.TaskAttemptFailed) -> None:
        action = self._observation.action(event.execution_id, event.key)
        robot = self._place(action.robot if action is not None else "")
        if robot is not None:
            self._failures.append(
                {
                    "execution_id": event.execution_id,
                    "action_id": event.key,
                    "code": event.error.code,
                    "message": event.error.message,
                    "time": self._observation.wall.of(event.time),
                    "x": robot.x,
                    "y": robot.y,
                }
            )
            self._seen_things = 0.0

    async def run(self) -> None:
        """Check periodically, until cancelled."""
        while True:
            now = time.monotonic()
            live = now - self._asked < ASKED
            self._look(now if live else None)
            await asyncio.sleep(LIVE if live else AT_REST)

    def _look(self, now: float | None) -> None:
        robots = tuple(place for name in self._robots if (place := self._place(name)) is not None)
        for robot in robots:
            trail = self._trails.setdefault(robot.name, deque(maxlen=TRAIL))
            if not trail or math.dist(trail[-1], (robot.x, robot.y)) >= STEP:
                trail.append((round(robot.x, 3), round(robot.y, 3)))
        if now is None:
            return
        before, version = self._scene, self._scene.version
        things = before.things
        if now - self._seen_things >= THINGS:
            self._seen_things = now
            things = self._look_at_things(robots)
            # A change of an object's age alone is published together with the next other change.
            if _without_age(things) != _without_age(before.things):
                version += 1
            else:
                things = before.things
        trails = {name: tuple(trail) for name, trail in self._trails.items()}
        if robots != before.robots or version != before.version or not before.trails:
            self._scene = Scene(FRAME, robots, things, version, trails)

    def _look_at_things(self, robots: Iterable[RobotPlace]) -> dict[str, Any]:
        objects = {}
        for identity, known in list(self._world.objects().items())[-OBJECTS:]:
            flat = _flat(known["pose"])
            if flat is not None:
                objects[identity] = {
                    "id": identity,
                    "class": str(known.get("class") or ""),
                    "confidence": known.get("confidence"),
                    "age": round(known["age"], 1),
                    **flat,
                }
        self._objects = objects
        return {
            "objects": list(objects.values()),
            "places": [{"name": name, **flat} for name, flat in self._places.items()],
            "planned": {
                robot.name: path
                for robot in robots
                if (data := self._planned.get(robot.name))
                and (path := self._shapes.path(robot.name, data))
            },
            "footprints": {
                robot.name: outline
                for robot in robots
                if (data := self._footprints.get(robot.name))
                and (outline := self._shapes.outline(robot, data))
            },
            "failures": list(self._failures),
            "layers": ["map", *sorted(self._costmaps)],
            "grid": hash(self._map.data[:4096]) ^ len(self._map.data),
        }

    def _place(self, robot: str) -> RobotPlace | None:
        pose = self._world.robot_pose(FRAME, robot)
        if pose is None:
            return None
        flat = _turned(pose)
        return RobotPlace(robot, round(flat[0], 3), round(flat[1], 3), round(flat[2], 3))


def grid_of(message: Any, version: int) -> Grid | None:
    """Return a grid of at most 1500 cells a side: of cells that become one the fullest counts."""
    info = message.info
    cells = np.array(message.data, dtype=np.int8)
    if not info.resolution or cells.size != info.width * info.height or not cells.size:
        return None
    cells = cells.reshape(info.height, info.width)
    factor = math.ceil(max(info.width, info.height) / MAX_SIDE)
    if factor > 1:
        height, width = (math.ceil(side / factor) for side in cells.shape)
        padded = np.full((height * factor, width * factor), -1, dtype=np.int8)
        padded[: info.height, : info.width] = cells
        cells = padded.reshape(height, factor, width, factor).max(axis=(1, 3))
    turn = info.origin.orientation
    return Grid(
        message.header.frame_id.lstrip("/"),
        float(info.resolution) * factor,
        cells.shape[1],
        cells.shape[0],
        float(info.origin.position.x),
        float(info.origin.position.y),
        2.0 * math.atan2(turn.z, turn.w),
        cells.tobytes(),
        version,
    )


def _moved(grid: Grid, into: Matrix) -> Grid:
    x, y = (into @ (grid.x, grid.y, 0.0, 1.0))[:2]
    turn = math.atan2(into[1, 0], into[0, 0])
    return Grid(
        FRAME,
        grid.resolution,
        grid.width,
        grid.height,
        float(x),
        float(y),
        grid.yaw + turn,
        grid.cells,
        grid.version,
    )


def _keep(kept: dict[str, bytes], name: str) -> Callable[[bytes], None]:
    def take(data: bytes) -> None:
        kept[name] = data

    return take


def _turned(pose: Mapping[str, Any]) -> tuple[float, float, float]:
    position, turn = pose["position"], pose["orientation"]
    yaw = math.atan2(
        2.0 * (turn["w"] * turn["z"] + turn["x"] * turn["y"]),
        1.0 - 2.0 * (turn["y"] ** 2 + turn["z"] ** 2),
    )
    return float(position["x"]), float(position["y"]), yaw


def _flat(pose: Any) -> dict[str, Any] | None:
    """Return x, y and yaw of a pose in the map; None: it is in another frame, or none."""
    try:
        if frame_of(pose, FRAME) != FRAME:
            return None
        x, y, yaw = _turned(pose_fields(pose))
    except (ValueError, TypeError, KeyError):
        return None
    return {"x": round(x, 3), "y": round(y, 3), "yaw": round(yaw, 3)}


def _without_age(things: Mapping[str, Any]) -> dict[str, Any]:
    objects = [{**one, "age": 0.0} for one in things.get("objects", ())]
    return {**things, "objects": objects}
