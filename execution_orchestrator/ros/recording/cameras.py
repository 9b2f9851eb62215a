"""What the cameras see: the last picture of each attempt that holds one, and a live view.

A camera is subscribed to only while an action holds it or a page shows its live view.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from rclpy.qos import qos_profile_sensor_data
from rclpy.serialization import deserialize_message
from sensor_msgs.msg import CameraInfo, CompressedImage, Image

from execution_orchestrator.engine import events as ev
from execution_orchestrator.engine.inputs import GoalProgress
from execution_orchestrator.extras import how_to_get
from execution_orchestrator.observation import Observation
from execution_orchestrator.ros.bridge import Bridge
from execution_orchestrator.ros.recording.imaging import (
    Jpeg,
    UnreadablePictureError,
    jpeg_of,
    sightings_of,
)
from execution_orchestrator.ros.world.transforms import matrix_of_pose
from execution_orchestrator.storage.journal import JournalEntry
from execution_orchestrator.storage.pictures import PictureFolder

log = logging.getLogger(__name__)
ENDED = (
    ev.TaskCompleted,
    ev.TaskAttemptFailed,
    ev.TaskFailed,
    ev.TaskCancelled,
    ev.TaskSkipped,
    ev.TaskRequeued,
)
PATIENCE = 3.0  # seconds for the first picture, where an action was over before one came
LINGER = 30.0  # seconds that a camera is listened to after the last who needed it
ASKED = 3.0  # seconds after the last request for which the live view counts as watched
AT_ONCE = 4  # pictures that are made ready at the same time; of more, the later ones are left out
COMPRESSED = "/compressed"
PoseBetween = Callable[[str, str], Mapping[str, Any] | None]


@dataclass(slots=True)
class _Eye:
    """One camera: its subscriptions, what came last, and who needs it."""

    robot: str
    topic: str
    needed_by: set[tuple[str, str]] = field(default_factory=set)
    subscriptions: list[Any] = field(default_factory=list)
    image: bytes = b""
    info: bytes = b""
    unneeded: float = 0.0  # since when; monotonic
    asked: float = float("-inf")  # time of the last request for the live view; monotonic
    looking: asyncio.Task[None] | None = None
    jpeg: bytes | None = None

    @property
    def kind(self) -> Any:
        """The class of its messages."""
        return CompressedImage if self.topic.endswith(COMPRESSED) else Image

    @property
    def info_topic(self) -> str:
        """Where it says how it projects, as image_transport names it."""
        return f"{self.topic.removesuffix(COMPRESSED).rpartition('/')[0]}/camera_info".lstrip("/")


class Cameras:
    """An observer of the runtime, on its loop. Implements Eyes.

    ``topics`` are those of the robots' cameras, ``held_as`` the resources that actions hold while
    they use one. ``rate`` is how many pictures a second the live view has at most, 0.0: none.
    """

    def __init__(
        self,
        node: Any,
        bridge: Bridge,
        observation: Observation,
        folder: PictureFolder,
        *,
        topics: Mapping[str, str],
        held_as: Collection[str],
        pose_between: PoseBetween,
        note: Callable[[Sequence[ev.Event]], None],
        now: Callable[[], float],
        rate: float,
        keep: bool,
    ) -> None:
        self._node = node
        self._bridge = bridge
        self._observation = observation
        self._folder = folder
        self._eyes = {robot: _Eye(robot, topic) for robot, topic in topics.items() if topic}
        self._held_as = frozenset(held_as)
        self._pose_between = pose_between
        self._note = note
        self._now = now
        self._rate = rate
        self._keep = keep
        self._taking: set[asyncio.Task[None]] = set()
        self._complained: set[str] = set()

    # ------------------------------------------------------------------ any thread

    @property
    def robots(self) -> Sequence[str]:
        """Robots whose camera can be looked through."""
        return tuple(self._eyes) if self._rate > 0.0 else ()

    def live(self, robot: str) -> bytes | None:
        """Return the newest picture; the camera is listened to for a moment after each question."""
        eye = self._eyes.get(robot)
        if eye is None or self._rate <= 0.0:
            return None
        eye.asked = time.monotonic()
        if eye.looking is None:
            self._bridge.post(self._look, eye)
        return eye.jpeg

    def picture(self, name: str) -> bytes | None:
        """Return a kept picture."""
        return self._folder.read(name)

    # ------------------------------------------------------------------ the loop

    def on_events(self, entries: Sequence[JournalEntry]) -> None:
        """Listen while an action holds a camera, and keep what was seen when it ends."""
        if not self._keep:
            return
        for entry in entries:
            event = entry.event
            if isinstance(event, ev.TaskStarted):
                self._began(event)
            elif isinstance(event, ENDED):
                self._ended(event)

    def on_feedback(self, progress: GoalProgress) -> None:
        """Take no note: what is seen comes from the cameras."""

    async def stop(self) -> None:
        """Remove the subscriptions."""
        looking = [eye.looking for eye in self._eyes.values() if eye.looking is not None]
        for task in (*self._taking, *looking):
            task.cancel()
        await asyncio.gather(*self._taking, *looking, return_exceptions=True)
        for eye in self._eyes.values():
            self._close(eye)

    def _began(self, event: ev.TaskStarted) -> None:
        action = self._observation.action(event.execution_id, event.key)
        if action is None or not self._held_as.intersection(action.resources):
            return
        eye = self._eyes.get(action.robot)
        if eye is not None:
            eye.needed_by.add((event.execution_id, event.key))
            self._open(eye)

    def _ended(self, event: ev.Event) -> None:
        name = (event.execution_id, event.key)
        for eye in self._eyes.values():
            if name not in eye.needed_by:
                continue
            eye.needed_by.discard(name)
            eye.unneeded = time.monotonic()
            if len(self._taking) < AT_ONCE:
                taking = asyncio.get_running_loop().create_task(self._take(eye, event))
                self._taking.add(taking)
                taking.add_done_callback(self._taking.discard)
            self._bridge.loop.call_later(LINGER, self._close_if_unneeded, eye)

    async def _take(self, eye: _Eye, event: ev.Event) -> None:
        until = time.monotonic() + PATIENCE
        while not eye.image and time.monotonic() < until:
            if not self._node.count_publishers(self._node.resolve_topic_name(eye.topic)):
                return
            await asyncio.sleep(0.05)
        if not eye.image:
            return
        output = event.output if isinstance(event, ev.TaskCompleted) else None
        objects = output.get("objects") if isinstance(output, Mapping) else None
        made = await self._made(eye, objects if isinstance(objects, list) else [])
        if made is None:
            return
        try:
            name = await asyncio.to_thread(self._folder.keep, made.data)
        except OSError as failure:
            self._complain(f"a picture cannot be kept: {failure}")
            return
        taken = ev.PictureTaken(
            time=self._now(),
            execution_id=event.execution_id,
            key=event.key,
            attempt=event.attempt,
            picture=name,
            camera=eye.topic,
            width=made.width,
            height=made.height,
            sightings=made.sightings,
        )
        self._note([taken])

    async def _made(self, eye: _Eye, objects: Sequence[Mapping[str, Any]]) -> Jpeg | None:
        image, info = eye.image, eye.info
        try:
            return await asyncio.to_thread(self._make, eye.kind, image, info, objects)
        except (UnreadablePictureError, ImportError) as failure:
            hint = f"; {how_to_get('pictures')}" if isinstance(failure, ImportError) else ""
            self._complain(f"no pictures of {eye.topic}: {failure}{hint}")
            return None

    def _make(
        self, kind: Any, image: bytes, info: bytes, objects: Sequence[Mapping[str, Any]]
    ) -> Jpeg:
        message = deserialize_message(image, kind)
        if not objects or not info:
            return jpeg_of(message)
        camera = deserialize_message(info, CameraInfo)
        frame = str((objects[0].get("pose") or {}).get("frame") or "map")
        into = self._pose_between(message.header.frame_id.lstrip("/"), frame)
        if into is None:
            return jpeg_of(message)
        projection = np.array(camera.k, dtype=float).reshape(3, 3)
        size = (int(camera.width), int(camera.height))
        return jpeg_of(message, sightings_of(objects, projection, matrix_of_pose(into), size))

    # ------------------------------------------------------------------ the live view

    def _look(self, eye: _Eye) -> None:
        if eye.looking is None:
            self._open(eye)
            eye.looking = asyncio.get_running_loop().create_task(self._show(eye))

    async def _show(self, eye: _Eye) -> None:
        shown = b""
        try:
            while time.monotonic() - eye.asked < ASKED:
                if eye.image and eye.image is not shown:
                    shown = eye.image
                    made = await self._made(eye, [])
                    eye.jpeg = made.data if made is not None else None
                await asyncio.sleep(1.0 / self._rate)
        finally:
            eye.looking = eye.jpeg = None
            eye.unneeded = time.monotonic() - LINGER
            self._close_if_unneeded(eye)

    # ------------------------------------------------------------------ subscriptions

    def _open(self, eye: _Eye) -> None:
        if eye.subscriptions:
            return

        def seen(data: bytes) -> None:
            eye.image = data

        def on_camera_info(data: bytes) -> None:
            eye.info = data

        for kind, topic, take in (
            (eye.kind, eye.topic, seen),
            (CameraInfo, eye.info_topic, on_camera_info),
        ):
            eye.subscriptions.append(
                self._node.create_subscription(kind, topic, take, qos_profile_sensor_data, raw=True)
            )

    def _close_if_unneeded(self, eye: _Eye) -> None:
        if eye.needed_by or eye.looking is not None:
            return
        left = eye.unneeded + LINGER - time.monotonic()
        if left <= 0.0 and not self._taking:
            self._close(eye)
        else:
            self._bridge.loop.call_later(max(left, 0.1), self._close_if_unneeded, eye)

    def _close(self, eye: _Eye) -> None:
        for subscription in eye.subscriptions:
            self._node.destroy_subscription(subscription)
        eye.subscriptions.clear()
        eye.image = b""  # what is seen later is another picture

    def _complain(self, words: str) -> None:
        """Say once what keeps pictures from being kept."""
        if words not in self._complained and len(self._complained) < 20:
            self._complained.add(words)
            log.warning("%s", words)
