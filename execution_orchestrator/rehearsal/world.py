"""What expressions and goal templates see in a rehearsal."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from execution_orchestrator.capabilities.conversions import (
    ConversionContext,
    distance_to,
    located,
)
from execution_orchestrator.capabilities.geometry import (
    PoseError,
    each_pose,
    flat_pose,
    frame_of,
    pose_fields,
)
from execution_orchestrator.rehearsal.stage import Stage
from execution_orchestrator.ros.world.known_objects import KnownObjects
from execution_orchestrator.ros.world.state_history import StateHistory
from execution_orchestrator.runtime.rehearsing import RehearsalRequest
from execution_orchestrator.simulation.geometry import from_quaternion, inverse, planar, quaternion
from execution_orchestrator.simulation.physics.vehicle import Vehicle
from execution_orchestrator.simulation.work.body import UnknownFrameError

MAX_OBJECTS = 1000
FIXED = ("", "map", "odom")  # frames that stay where they are


class RehearsedWorld:
    """Implements the runtime's `WorldModel`; values that are not simulated keep their first value.

    ``vehicle`` is the part of the robot that `robot` in expressions is about, empty for the base.
    """

    def __init__(
        self,
        request: RehearsalRequest,
        stage: Stage,
        now: Callable[[], float],
        vehicle: Vehicle | None,
    ) -> None:
        self._request = request
        self._vehicle = vehicle
        self._stage = stage
        self._now = now
        self._objects = KnownObjects(limit=MAX_OBJECTS, max_age=0.0)
        self._objects.seen(request.objects, now())

    def learn(self, output: Mapping[str, Any]) -> None:
        """Take what an action found out about objects, as the node does."""
        objects = output.get("objects")
        if isinstance(objects, list):
            self._objects.seen((one for one in objects if isinstance(one, Mapping)), self._now())
        if "place_pose" in output and output.get("object_id"):
            self._objects.moved(str(output["object_id"]), {"pose": output["place_pose"]})

    def conversion(self, frame: str = "map") -> ConversionContext:
        """Return what goal templates may look up at this moment."""
        return ConversionContext(
            frame=frame, places=self._request.places, objects=self._objects.snapshot(self._now())
        )

    def snapshot(self) -> Mapping[str, Any]:
        """Return {robot, robot_history, objects, fix, distance} of this moment."""
        robot = dict(self._request.robot_state)
        if "" in self._stage.bodies:
            self._stage.catch_up()
            now = self._of_base() if self._vehicle is None else self._of_vehicle(self._vehicle)
            robot.update(
                {name: value for name, value in now.items() if name in robot or name == "pose"}
            )
        return {
            "robot": robot,
            "robot_history": StateHistory({}, self._now()),
            "objects": list(self._objects.snapshot(self._now()).values()),
            "fix": self._fix,
            "distance": self._distance,
        }

    def _of_base(self) -> dict[str, Any]:
        simulated = self._stage.simulation.robots[""]
        return {
            "pose": flat_matrix(simulated.pose),
            "battery": float(simulated.charge),
            "joints": dict(self._stage.bodies[""].joints),
            "velocity": float(simulated.base.speed),
        }

    @staticmethod
    def _of_vehicle(vehicle: Vehicle) -> dict[str, Any]:
        pose = planar(0.0, 0.0, vehicle.yaw)
        pose[:3, 3] = vehicle.position
        return {
            "pose": flat_matrix(pose),
            "battery": float(vehicle.charge),
            "velocity": float(vehicle.speed),
        }

    def _fix(self, value: Any, robot: str = "") -> Any:
        """Put a pose, or each of a list, that is in the robot's own frame into the map."""
        return each_pose(value, lambda one: self._fixed(one, robot))

    def _fixed(self, value: Any, robot: str) -> dict[str, Any] | None:
        frame = frame_of(value, "")
        above = None if frame in FIXED else self._frame(frame, robot)
        if above is None:
            return None
        try:
            fields = pose_fields(value)
        except PoseError:
            return None  # its mistakes are reported when its goal is made
        p, q = fields["position"], fields["orientation"]
        own = from_quaternion((p["x"], p["y"], p["z"]), (q["x"], q["y"], q["z"], q["w"]))
        return flat_matrix(above @ own)

    def _distance(self, robot: str, place: Any) -> float | None:
        """Metres as the crow flies from a robot to a place, or to the first of a list."""
        conversion = self.conversion()
        return distance_to(
            place, lambda one: located(one, conversion), lambda frame: self._pose_in(frame, robot)
        )

    def _pose_in(self, frame: str, robot: str) -> dict[str, Any] | None:
        """Where a robot is in a frame, as fields of a Pose; None: there is no such one."""
        above = self._frame(frame, robot)
        if above is None:
            return None
        return pose_of(inverse(above) @ self._stage.bodies[robot].pose)

    def _frame(self, frame: str, robot: str) -> Any:
        """Return where a frame of a robot is in the map; None: there is no such robot or frame."""
        body = self._stage.bodies.get(robot)
        if body is None:
            return None
        try:
            return body.frame_in_map("map" if frame in FIXED else frame, body.pose)
        except UnknownFrameError:
            return None


def pose_of(matrix: Any) -> dict[str, Any]:
    """Return a matrix as fields of a Pose."""
    x, y, z, w = quaternion(matrix)
    px, py, pz = (float(value) for value in matrix[:3, 3])
    return {
        "position": {"x": px, "y": py, "z": pz},
        "orientation": {"x": x, "y": y, "z": z, "w": w},
    }


def flat_matrix(matrix: Any) -> dict[str, Any]:
    """Return a pose in the map as plans write it."""
    return flat_pose(pose_of(matrix), "map")
