"""The robot as the work of a server sees it: its newest state, and commands to it."""

from __future__ import annotations

import itertools
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from trajectory_msgs.msg import JointTrajectory

from execution_orchestrator.msg import SimMotion, SimMotionState
from execution_orchestrator.simulation.geometry import Array
from execution_orchestrator.simulation.physics.robot_model import ARM_JOINTS, GRIPPER_JOINTS
from execution_orchestrator.simulation.work.jobs import Job, JobError
from execution_orchestrator.simulation.work.messages import MAP, trajectory_message

BASES = ("base_link", "base_footprint")
DISCOVERY = 10.0  # seconds to wait for the simulated world
Locate = Callable[[str], Array]  # pose of a frame in another one


class UnknownFrameError(ValueError):
    """No transform leads from the frame to the map."""


class Body(ABC):
    """One robot. ``first_id`` is the number of its first motion, which others must not use."""

    pose: Array | None  # base_link in the map, None as long as it is not known
    joints: Mapping[str, float]
    efforts: Mapping[str, float]
    objects: Mapping[str, Array]  # poses of all objects and robots in the map
    motion: SimMotionState

    def __init__(self, first_id: int = 1) -> None:
        self._ids = itertools.count(first_id)

    @abstractmethod
    def is_driven(self) -> bool:
        """Whether there is a consumer of motions."""

    @abstractmethod
    def send_motion(self, motion: SimMotion) -> None:
        """Send a motion to the base."""

    @abstractmethod
    def send_arm(self, trajectory: JointTrajectory) -> None:
        """Send the arm along a trajectory; without points it holds still."""

    @abstractmethod
    def turn_head(self, trajectory: JointTrajectory) -> None:
        """Turn the camera."""

    @abstractmethod
    def move_jaws(self, opening: float, effort: float) -> None:
        """Send the jaws to an opening in metres with at most an effort in newtons."""

    @abstractmethod
    def look_up(self, frame: str) -> Array:
        """Return the pose of any other frame in the map.

        Raises:
            UnknownFrameError: it is not known.

        """

    def frame_in_map(self, frame: str, base: Array) -> Array:
        """Return the pose of a frame in the map; ``base`` is that of base_link.

        Raises:
            UnknownFrameError: it is not known.

        """
        if frame in ("", MAP):
            return np.eye(4)
        return base if frame in BASES else self.look_up(frame)

    def where(self, job: Job, code: int) -> Array:
        """base_link in the map.

        Raises:
            JobError: the simulated world does not run; ``code`` says so.

        """
        if not job.wait_for(lambda: self.pose is not None and bool(self.joints), DISCOVERY):
            raise JobError(code, "the robot's pose is not known; does sim_world run?")
        assert self.pose is not None
        return self.pose

    def begin(self, job: Job, motion: SimMotion, code: int) -> int:
        """Send a motion to the base and return its number.

        Raises:
            JobError: nobody takes it; ``code`` says so.

        """
        if not job.wait_for(self.is_driven, DISCOVERY):
            raise JobError(code, "nobody drives the base; does sim_world run?")
        motion.motion_id = next(self._ids) % 2**32
        self.send_motion(motion)
        return int(motion.motion_id)

    def stop_base(self) -> None:
        """Brake."""
        self.send_motion(SimMotion(motion=SimMotion.STOP, motion_id=next(self._ids) % 2**32))

    def arm_joints(self) -> tuple[float, ...]:
        """Positions of the arm's joints, radians."""
        return tuple(self.joints.get(name, 0.0) for name in ARM_JOINTS)

    def move_arm(self, points: Sequence[tuple[float, Sequence[float]]]) -> None:
        """Send the arm along joint positions at times in seconds; none: hold still."""
        self.send_arm(trajectory_message(points))

    def jaws(self) -> float:
        """Metres between the jaws."""
        return sum(self.joints.get(name, 0.0) for name in GRIPPER_JOINTS)

    def jaw_effort(self) -> float:
        """Newtons with which the jaws press on something."""
        return max((self.efforts.get(name, 0.0) for name in GRIPPER_JOINTS), default=0.0)

    def in_map(self, pose: Array, frame: str, base: Array, code: int) -> Array:
        """Bring a pose into the map frame.

        Raises:
            JobError: the frame is not known.

        """
        try:
            return self.frame_in_map(frame, base) @ pose
        except UnknownFrameError as failure:
            raise JobError(code, str(failure)) from None
