"""What the actions of an aerial, ground or surface vehicle do."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

import numpy as np
from geometry_msgs.msg import PoseStamped, Vector3

from execution_orchestrator.action import (
    BroadcastStatus,
    EmergencyLand,
    GoTo,
    Hover,
    Land,
    Orbit,
    ScanArea,
    SendData,
    TakeOff,
)
from execution_orchestrator.msg import DetectedObject
from execution_orchestrator.simulation.geometry import Array, planar
from execution_orchestrator.simulation.physics.vehicle import (
    LOW,
    SIZE,
    Kind,
    Vehicle,
    circle,
    free_way,
    lanes,
)
from execution_orchestrator.simulation.work.host import Host
from execution_orchestrator.simulation.work.jobs import Job, JobError
from execution_orchestrator.simulation.work.messages import stamped
from execution_orchestrator.simulation.world.simulated_world import World

UNKNOWN, NOT_ARMED, OUT_OF_BOUNDS, BLOCKED, LOW_BATTERY, WRONG_STATE, LINK_LOST = range(700, 707)
FEEDBACK_PERIOD = 0.2  # seconds of the host's clock
SEEN_BELOW = 0.7  # metres to each side that are seen per metre of height
LINK_SPEED = 100_000.0  # bytes per second
MAX_DATA = 10_000_000  # bytes of one message
FEET = 0.2  # metres from the ground to the vehicle's middle


class Radio(Protocol):
    """What reaches others from the vehicle."""

    @property
    def linked(self) -> bool:
        """Whether it reaches anybody."""

    def send(self, content: Mapping[str, Any]) -> None:
        """Send data to a station."""

    def broadcast(self, status: str) -> int:
        """Send a status to all who listen; returns their number."""


class Autopilot:
    """Moves a vehicle; its frame is ``map``, heights are above the ground.

    ``poses`` returns where the world's objects are now. Whoever has the vehicle steps it.
    """

    def __init__(
        self,
        host: Host,
        vehicle: Vehicle,
        world: World,
        poses: Callable[[], Mapping[str, Array]],
        radio: Radio,
    ) -> None:
        self._host = host
        self._vehicle = vehicle
        self._models = world.objects()
        self._solids = world.static_solids()
        self._poses = poses
        self._radio = radio
        for action, name, work in (
            (TakeOff, "take_off", self._take_off),
            (Land, "land", self._land),
            (GoTo, "go_to", self._go_to),
            (Hover, "hover", self._hover),
            (Orbit, "orbit", self._orbit),
            (ScanArea, "scan_area", self._scan),
            (EmergencyLand, "emergency_land", self._emergency_land),
            (SendData, "send_data", self._send),
            (BroadcastStatus, "broadcast_status", self._broadcast),
        ):
            host.serve(action, name, work, failure=UNKNOWN, preempts=True, stop=self._stop)

    def where(self) -> PoseStamped:
        """Return where it is."""
        pose = planar(0.0, 0.0, self._vehicle.yaw)
        pose[:3, 3] = self._vehicle.position
        return stamped(self._host.stamp(), pose)

    def _stop(self, action: str) -> None:
        if action not in ("send_data", "broadcast_status"):
            self._vehicle.stop()

    # Checks

    def _in_map(self, header: Any, x: float, y: float, z: float) -> Array:
        if header.frame_id not in ("", "map"):
            raise JobError(UNKNOWN, f"no transform from frame {header.frame_id!r} to map")
        if not all(map(math.isfinite, (x, y, z))):
            raise JobError(OUT_OF_BOUNDS, "the position has a number that is not finite")
        if self._vehicle.kind is not Kind.AERIAL:
            z = float(self._vehicle.home[2])
        elif z < 0.0:
            raise JobError(OUT_OF_BOUNDS, f"{z:g} m is below the ground")
        elif z == 0.0:
            z = float(self._vehicle.position[2])  # a plan that names no height keeps it
        return np.array([x, y, z])

    def _ready_to_move(self) -> None:
        if self._vehicle.charge < LOW:
            raise JobError(LOW_BATTERY, f"the battery is at {self._vehicle.charge:.0%}")
        if self._vehicle.kind is Kind.AERIAL and not self._vehicle.flying:
            raise JobError(NOT_ARMED, "the vehicle is on the ground; take off first")

    def _travel(self, job: Job, action: Any, points: Sequence[Array], speed: float) -> None:
        """Go through points and tell how far it is.

        Raises:
            JobError: a point is outside of the fence, or something is in the way.

        """
        if not all(self._vehicle.allowed(point) for point in points):
            raise JobError(OUT_OF_BOUNDS, "a point is beyond the fence or the ceiling")
        if not free_way(self._solids, [self._vehicle.position, *points]):
            raise JobError(BLOCKED, "something is in the way")
        self._vehicle.follow(points, speed)
        total = max(self._vehicle.remaining(), 1e-6)
        while not job.wait_for(lambda: not self._vehicle.moving, FEEDBACK_PERIOD):
            left = self._vehicle.remaining()
            job.feedback(
                action.Feedback(
                    progress=1.0 - min(1.0, left / total),
                    distance_remaining=left,
                    estimated_remaining=left / (speed or self._vehicle.kind.cruise),
                )
            )
            if self._vehicle.charge <= 0.0:
                raise JobError(LOW_BATTERY, "the battery is empty")

    # Actions

    def _take_off(self, job: Job) -> Any:
        vehicle, request = self._vehicle, job.request
        if vehicle.kind is not Kind.AERIAL or vehicle.flying:
            raise JobError(WRONG_STATE, "only an aerial vehicle on the ground takes off")
        if vehicle.charge < LOW:
            raise JobError(LOW_BATTERY, f"the battery is at {vehicle.charge:.0%}")
        if not request.altitude > 0.0:
            raise JobError(OUT_OF_BOUNDS, "altitude has to be greater than 0 metres")
        above = vehicle.position + np.array([0.0, 0.0, request.altitude])
        self._travel(job, TakeOff, [above], request.climb_rate)
        return TakeOff.Result(altitude=float(vehicle.position[2] - vehicle.home[2]))

    def _land(self, job: Job) -> Any:
        vehicle, request = self._vehicle, job.request
        if request.at_target:
            if vehicle.kind is Kind.AERIAL:
                self._ready_to_move()
            place = request.target.pose.position
            self._travel(job, Land, [self._in_map(request.target.header, place.x, place.y, 0.0)], 0)
        self._descend(job, Land, request.descent_rate)
        return Land.Result(final_pose=self.where())

    def _emergency_land(self, job: Job) -> Any:
        self._host.log.warning(f"emergency landing: {job.request.reason or 'no reason given'}")
        self._vehicle.stop()
        self._descend(job, EmergencyLand, 0.0)
        return EmergencyLand.Result(final_pose=self.where())

    def _descend(self, job: Job, action: Any, rate: float) -> None:
        """Go straight down to whatever is below: the ground, or a table."""
        if not self._vehicle.flying:
            return
        above = self._vehicle.position
        down = np.array([[0.0, 0.0, -1.0]])
        drops = [float(solid.hits(above, down)[0]) for solid in self._solids]
        drop = min((each for each in drops if math.isfinite(each)), default=above[2])
        self._vehicle.follow([above - np.array([0.0, 0.0, drop - FEET])], rate or 1.0)
        while not job.wait_for(lambda: not self._vehicle.moving, FEEDBACK_PERIOD):
            job.feedback(action.Feedback(distance_remaining=self._vehicle.remaining()))

    def _go_to(self, job: Job) -> Any:
        self._ready_to_move()
        place = job.request.target.pose.position
        target = self._in_map(job.request.target.header, place.x, place.y, place.z)
        self._travel(job, GoTo, [target], job.request.speed)
        return GoTo.Result(final_pose=self.where())

    def _hover(self, job: Job) -> Any:
        self._ready_to_move()
        duration = max(0.0, float(job.request.duration))
        at, drift = self._vehicle.position, 0.0
        left = duration
        while left > 0.0:
            job.pause(min(left, FEEDBACK_PERIOD * self._host.rate))
            left -= FEEDBACK_PERIOD * self._host.rate
            drift = max(drift, float(np.linalg.norm(self._vehicle.position - at)))
            done = 1.0 - max(left, 0.0) / duration
            job.feedback(
                Hover.Feedback(
                    progress=done, distance_remaining=-1.0, estimated_remaining=max(left, 0.0)
                )
            )
        return Hover.Result(max_deviation=drift)

    def _orbit(self, job: Job) -> Any:
        self._ready_to_move()
        request = job.request
        if not request.radius > SIZE or not request.turns:
            raise JobError(OUT_OF_BOUNDS, f"radius has to be above {SIZE} m, turns not 0")
        point = request.center.point
        center = self._in_map(request.center.header, point.x, point.y, point.z)
        ring = circle(center, request.radius, request.turns, self._vehicle.position)
        self._travel(job, Orbit, ring, request.speed)
        return Orbit.Result(turns=request.turns)

    def _scan(self, job: Job) -> Any:
        self._ready_to_move()
        request = job.request
        corners = [(float(p.x), float(p.y)) for p in request.area.polygon.points]
        if len(corners) < 3 or not request.lane_spacing > 0.0:
            raise JobError(OUT_OF_BOUNDS, "an area has at least 3 corners, lane_spacing above 0")
        way = [
            self._in_map(request.area.header, x, y, float(request.altitude))
            for x, y in lanes(corners, request.lane_spacing)
        ]
        if not way:
            raise JobError(OUT_OF_BOUNDS, "the area has no extent")
        found: dict[str, DetectedObject] = {}
        for number, point in enumerate(way):
            before = self._vehicle.position
            self._travel(job, ScanArea, [point], request.speed)
            self._look_down(before, point, request.classes, found)
            done = (number + 1) / len(way)
            job.feedback(
                ScanArea.Feedback(
                    progress=done,
                    coverage=done,
                    distance_remaining=float(
                        sum(
                            np.linalg.norm(b - a)
                            for a, b in zip(way[number:], way[number + 1 :], strict=False)
                        )
                    ),
                )
            )
        swath = 2 * SEEN_BELOW * max(float(self._vehicle.position[2]), 1.0)
        coverage = min(1.0, swath / request.lane_spacing)
        return ScanArea.Result(coverage=coverage, objects=list(found.values()))

    def _look_down(
        self, start: Array, end: Array, classes: Sequence[str], found: dict[str, DetectedObject]
    ) -> None:
        """Add what lies beside the way from start to end, as far as the height lets it see."""
        poses, way = self._poses(), end[:2] - start[:2]
        length = max(float(np.linalg.norm(way)), 1e-9)
        for name, model in self._models.items():
            at = model.center(poses[name])
            if classes and not {name, model.class_id} & set(classes):
                continue
            along = float(np.clip((at[:2, 3] - start[:2]) @ way / length**2, 0.0, 1.0))
            aside = float(np.linalg.norm(at[:2, 3] - start[:2] - along * way))
            width = SEEN_BELOW * max(float(end[2] - at[2, 3]), 1.0)
            if aside <= width and name not in found:
                x, y, z = model.size
                found[name] = DetectedObject(
                    object_id=name,
                    class_id=model.class_id,
                    confidence=1.0 - 0.5 * aside / width,
                    pose=stamped(self._host.stamp(), at),
                    size=Vector3(x=x, y=y, z=z),
                )

    def _send(self, job: Job) -> Any:
        request = job.request
        self._check_link()
        if len(request.data) > MAX_DATA:
            raise JobError(UNKNOWN, f"at most {MAX_DATA} bytes are sent at once")
        job.pause(len(request.data) / LINK_SPEED)
        content = {
            "recipient": request.recipient,
            "content_type": request.content_type,
            "bytes": len(request.data),
        }
        self._radio.send(content)
        return SendData.Result(bytes_sent=len(request.data))

    def _broadcast(self, job: Job) -> Any:
        request = job.request
        self._check_link()
        count, receivers = max(1, int(request.repetitions)), 0
        for number in range(count):
            receivers = self._radio.broadcast(request.status)
            job.feedback(BroadcastStatus.Feedback(progress=(number + 1) / count))
            if number + 1 < count:
                job.pause(max(0.0, float(request.period)))
        return BroadcastStatus.Result(receivers=receivers)

    def _check_link(self) -> None:
        if not self._radio.linked:
            raise JobError(LINK_LOST, "the radio reaches nobody")
