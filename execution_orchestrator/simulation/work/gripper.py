"""The action of ros2_controllers' gripper controllers, for the simulated jaws."""

from __future__ import annotations

from typing import Any

from control_msgs.action import GripperCommand, ParallelGripperCommand
from sensor_msgs.msg import JointState

from execution_orchestrator.simulation.physics.robot_model import GRIPPER_OPENING, GRIPPER_SPEED
from execution_orchestrator.simulation.work.body import Body
from execution_orchestrator.simulation.work.host import Host
from execution_orchestrator.simulation.work.jobs import Job, JobError

REACHED = 0.001  # metres
GRACE = 3.0  # seconds of the host's clock beyond the motion's own time
DEFAULT_EFFORT = 40.0  # newtons
JOINT = "gripper_joint"
FEEDBACK_PERIOD = 0.1  # seconds of the host's clock


class Gripper:
    """Opens and closes the jaws; positions are metres between them."""

    def __init__(self, host: Host, robot: Body) -> None:
        self._host = host
        self._robot = robot
        host.serve(
            GripperCommand,
            "gripper_controller/gripper_cmd",
            self._command,
            failure=0,
            preempts=True,
            stop=self._stop_motion,
        )
        host.serve(
            ParallelGripperCommand,
            "parallel_gripper_controller/gripper_cmd",
            self._parallel,
            failure=0,
            preempts=True,
            stop=self._stop_motion,
        )

    def _stop_motion(self, _action: str) -> None:
        """Keep the jaws where they are."""
        if not self._robot.jaw_effort():
            self._robot.move_jaws(self._robot.jaws(), DEFAULT_EFFORT)

    def _command(self, job: Job) -> Any:
        wanted = job.request.command

        def tell() -> None:
            job.feedback(
                GripperCommand.Feedback(
                    position=self._robot.jaws(), effort=self._robot.jaw_effort()
                )
            )

        stalled = self._move(job, wanted.position, wanted.max_effort, tell)
        return GripperCommand.Result(
            position=self._robot.jaws(),
            effort=self._robot.jaw_effort(),
            stalled=stalled,
            reached_goal=not stalled,
        )

    def _parallel(self, job: Job) -> Any:
        wanted = job.request.command
        if not wanted.position:
            raise JobError(0, "the command has no position")
        effort = wanted.effort[0] if wanted.effort else 0.0

        def tell() -> None:
            job.feedback(ParallelGripperCommand.Feedback(state=self._state()))

        stalled = self._move(job, wanted.position[0], effort, tell)
        return ParallelGripperCommand.Result(
            state=self._state(), stalled=stalled, reached_goal=not stalled
        )

    def _state(self) -> JointState:
        return JointState(
            name=[JOINT], position=[self._robot.jaws()], effort=[self._robot.jaw_effort()]
        )

    def _move(self, job: Job, position: float, effort: float, tell: Any) -> bool:
        """Move the jaws; True if an object stopped them.

        Raises:
            JobError: the position is none, or the jaws do not move.

        """
        if not 0.0 <= position <= GRIPPER_OPENING:
            raise JobError(0, f"position is {position:g} m; the jaws open 0 to {GRIPPER_OPENING} m")
        self._robot.where(job, 0)
        start = self._robot.jaws()
        self._robot.move_jaws(position, effort or DEFAULT_EFFORT)
        left = abs(start - position) / GRIPPER_SPEED / self._host.rate + GRACE
        while left > 0.0:
            if job.wait_for(lambda: self._ended(position), FEEDBACK_PERIOD):
                return abs(self._robot.jaws() - position) > REACHED
            tell()
            left -= FEEDBACK_PERIOD
        raise JobError(0, "the jaws do not move; does sim_world run?")

    def _ended(self, position: float) -> bool:
        jaws = self._robot.jaws()
        if abs(jaws - position) < REACHED:
            return True
        return self._robot.jaw_effort() > 0.0 and jaws > position
