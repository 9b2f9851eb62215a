"""Pictures and detections of what the simulated camera sees."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from geometry_msgs.msg import Vector3
from numpy.typing import NDArray

from execution_orchestrator.action import (
    CaptureImage,
    DetectObjects,
    RecordVideo,
    ScanEnvironment,
)
from execution_orchestrator.msg import DetectedObject
from execution_orchestrator.simulation.geometry import Array, inverse
from execution_orchestrator.simulation.physics.camera import (
    OPTICAL,
    Sighting,
    camera_link,
    in_view,
    look,
    render,
)
from execution_orchestrator.simulation.physics.robot_model import (
    CAMERA_PAN_JOINT,
    CAMERA_PAN_LIMITS,
    CAMERA_PAN_SPEED,
    HEIGHT,
    CameraModel,
)
from execution_orchestrator.simulation.work.body import Body
from execution_orchestrator.simulation.work.host import Host
from execution_orchestrator.simulation.work.jobs import Job, JobError
from execution_orchestrator.simulation.work.keeping import KeepError
from execution_orchestrator.simulation.work.messages import (
    OPTICAL_FRAME,
    image_message,
    matrix_of,
    stamped,
    trajectory_message,
)
from execution_orchestrator.simulation.work.picture_formats import avi, ppm
from execution_orchestrator.simulation.world.simulated_world import World

EXPOSURE = 0.1  # simulated seconds
DETECTION = 0.4  # simulated seconds
NOISE = 0.001  # metres of a position, standard deviation per metre of distance
TURN_GRACE = 5.0  # seconds of the host's clock
ALIGNED = 0.02  # radians
MAX_FRAMES = 600  # of one video
REGION_SAMPLES = 7  # points per axis at which a region of interest is probed


class Camera:
    """Sees what is in the field of view, in range, and not hidden.

    ``keep`` writes a file of this name and returns where it is, or raises KeepError.
    """

    def __init__(
        self,
        host: Host,
        robot: Body,
        world: World,
        *,
        seed: int,
        keep: Callable[[str, bytes], str],
    ) -> None:
        self._host = host
        self._solids = world.static_solids()
        self._models = world.objects()
        self._camera = CameraModel()
        self._robot = robot
        self._rng = np.random.default_rng(seed)
        self._write = keep
        for kind, name, work, failure in (
            (CaptureImage, "capture_image", self._capture, 600),
            (DetectObjects, "detect_objects", self._detect, 610),
            (ScanEnvironment, "scan_environment", self._scan, 620),
            (RecordVideo, "record_video", self._record, 630),
        ):
            host.serve(kind, name, work, failure=failure)

    def _pose(self, job: Job, code: int) -> Array:
        base = self._robot.where(job, code)
        return base @ camera_link(self._robot.joints.get(CAMERA_PAN_JOINT, 0.0))

    def _picture(self, job: Job, code: int) -> NDArray[np.uint8]:
        solids = list(self._solids)
        for name, model in self._models.items():
            # One that the world does not tell of is lost; before it tells of any, all are there.
            pose = self._robot.objects.get(name, None if self._robot.objects else model.pose)
            solids += model.placed(pose) if pose is not None else []
        return render(self._camera, self._pose(job, code), solids)

    def _seen(self, job: Job, code: int) -> list[Sighting]:
        pose = self._pose(job, code)
        if not job.wait_for(lambda: bool(self._robot.objects), TURN_GRACE):
            raise JobError(code, "the camera gets no picture; does sim_world run?")
        objects = {
            name: (model, self._robot.objects[name])
            for name, model in self._models.items()
            if name in self._robot.objects
        }
        return look(self._camera, pose, self._solids, objects)

    def _known_camera(self, frame: str, code: int) -> None:
        if frame not in ("", OPTICAL_FRAME, "camera_link"):
            raise JobError(code, f"no camera {frame!r}; there is {OPTICAL_FRAME!r}")

    def _capture(self, job: Job) -> Any:
        self._known_camera(job.request.camera_frame, 601)
        job.feedback(CaptureImage.Feedback(phase="exposing", progress=0.1))
        job.pause(EXPOSURE)
        picture = self._picture(job, 601)
        result = CaptureImage.Result()
        result.image = image_message(picture, self._host.stamp())
        if job.request.file_name:
            job.feedback(CaptureImage.Feedback(phase="writing", progress=0.8))
            result.file_name = self._keep(job.request.file_name, ppm(picture), 603)
        return result

    def _keep(self, name: str, data: bytes, code: int) -> str:
        try:
            return self._write(name, data)
        except KeepError as failure:
            raise JobError(code, str(failure)) from None

    def _detect(self, job: Job) -> Any:
        request = job.request
        job.feedback(DetectObjects.Feedback(phase="capturing", progress=0.2))
        job.pause(EXPOSURE)
        stamp = self._host.stamp()
        sightings = self._seen(job, 611)
        if request.use_roi and not self._shows_region(job):
            raise JobError(614, "the region of interest is outside of the camera's view")
        job.feedback(DetectObjects.Feedback(phase="detecting", progress=0.6))
        job.pause(DETECTION)
        found = self._objects(sightings, request.classes, request.min_confidence)
        if request.use_roi:
            found = self._inside(job, found)
        return DetectObjects.Result(objects=found, stamp=stamp)

    def _region(self, job: Job) -> tuple[Array, tuple[float, float, float]]:
        """Pose of the region of interest's middle in the map, and its size in metres."""
        center = np.eye(4)
        point, size = job.request.roi_center.point, job.request.roi_size
        center[:3, 3] = (point.x, point.y, point.z)
        base = self._robot.where(job, 613)
        frame = job.request.roi_center.header.frame_id
        return self._robot.in_map(center, frame, base, 613), (size.x, size.y, size.z)

    def _shows_region(self, job: Job) -> bool:
        """Whether any part of the region of interest is in view; a size of 0 does not bound."""
        middle, size = self._region(job)
        axes = [np.linspace(-side / 2, side / 2, REGION_SAMPLES) for side in size]
        if size[2] <= 0.0:
            axes[2] = np.linspace(0.0, HEIGHT, REGION_SAMPLES) - middle[2, 3]
        points = np.stack(np.meshgrid(*axes), axis=-1).reshape(-1, 3)
        back = inverse(self._pose(job, 613) @ OPTICAL) @ middle
        return bool(in_view(self._camera, points @ back[:3, :3].T + back[:3, 3]).any())

    def _inside(self, job: Job, found: list[DetectedObject]) -> list[DetectedObject]:
        """Objects whose middle is in the region of interest; a size of 0 does not bound."""
        middle, size = self._region(job)
        axes = middle[:3, :3]

        def within(each: DetectedObject) -> bool:
            way = axes.T @ (matrix_of(each.pose.pose)[:3, 3] - middle[:3, 3])
            return all(side <= 0.0 or abs(w) <= side / 2 for w, side in zip(way, size, strict=True))

        return [each for each in found if within(each)]

    def _objects(
        self, sightings: list[Sighting], classes: list[str], least: float
    ) -> list[DetectedObject]:
        found = []
        for sighting in sightings:
            if classes and not {sighting.name, sighting.model.class_id} & set(classes):
                continue
            confidence = self._confidence(sighting)
            if confidence < least:
                continue
            pose = sighting.pose.copy()
            pose[:3, 3] += self._rng.normal(0.0, NOISE * sighting.distance, 3)
            x, y, z = sighting.model.size
            found.append(
                DetectedObject(
                    object_id=sighting.name,
                    class_id=sighting.model.class_id,
                    confidence=confidence,
                    pose=stamped(self._host.stamp(), pose),
                    size=Vector3(x=x, y=y, z=z),
                )
            )
        return found

    def _confidence(self, sighting: Sighting) -> float:
        """Confidence: less for what is far away or mostly hidden."""
        near = 1.0 - 0.4 * min(1.0, sighting.distance / self._camera.far)
        return round(near * math.sqrt(sighting.visible), 3)

    def _scan(self, job: Job) -> Any:
        request = job.request
        low, high = CAMERA_PAN_LIMITS
        first, last = (max(low, min(high, pan)) for pan in (request.pan_min, request.pan_max))
        steps = max(1, int(request.steps))
        best: dict[str, DetectedObject] = {}
        try:
            for step in range(steps):
                part = step / (steps - 1) if steps > 1 else 0.5
                self._turn(job, first + (last - first) * part)
                job.pause(EXPOSURE + DETECTION)
                sightings = self._seen(job, 621)
                for each in self._objects(sightings, request.classes, request.min_confidence):
                    known = best.get(each.object_id)
                    if known is None or each.confidence > known.confidence:
                        best[each.object_id] = each
                job.feedback(
                    ScanEnvironment.Feedback(step=step + 1, steps=steps, objects_found=len(best))
                )
        finally:
            self._send_head(0.0)
        self._turn(job, 0.0)
        return ScanEnvironment.Result(objects=list(best.values()))

    def _turn(self, job: Job, pan: float) -> None:
        way = abs(pan - self._robot.joints.get(CAMERA_PAN_JOINT, 0.0))
        self._send_head(pan)
        if not job.wait_for(
            lambda: abs(self._robot.joints.get(CAMERA_PAN_JOINT, math.inf) - pan) < ALIGNED,
            way / CAMERA_PAN_SPEED / self._host.rate + TURN_GRACE,
        ):
            raise JobError(622, "the camera does not turn; does sim_world run?")

    def _send_head(self, pan: float) -> None:
        self._robot.turn_head(trajectory_message([(1.0, [pan])], [CAMERA_PAN_JOINT]))

    def _record(self, job: Job) -> Any:
        request = job.request
        self._known_camera(request.camera_frame, 631)
        rate = request.frame_rate or 10.0
        count = max(1, round(request.duration * rate))
        if not request.duration > 0.0 or not rate > 0.0 or count > MAX_FRAMES:
            raise JobError(
                630, f"duration and frame_rate have to give 1 to {MAX_FRAMES} frames, not {count}"
            )
        frames = []
        for index in range(count):
            frames.append(self._picture(job, 631)[::2, ::2])
            job.pause(1.0 / rate)
            job.feedback(RecordVideo.Feedback(elapsed=(index + 1) / rate, frames=index + 1))
        name = request.file_name or f"video_{self._host.stamp().sec}_{len(frames)}.avi"
        path = self._keep(name, avi(frames, rate), 633)
        return RecordVideo.Result(file_name=path, frames=len(frames), duration=count / rate)
