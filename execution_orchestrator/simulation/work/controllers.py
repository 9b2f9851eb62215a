"""The robot's controllers: commands as messages to the physics, and its state as messages."""

from __future__ import annotations

from sensor_msgs.msg import JointState
from trajectory_msgs.msg import JointTrajectory

from execution_orchestrator.msg import SimMotion, SimMotionState
from execution_orchestrator.simulation.physics.robot import Robot
from execution_orchestrator.simulation.physics.robot_model import (
    ARM_JOINTS,
    CAMERA_PAN_JOINT,
    GRIPPER_JOINTS,
)
from execution_orchestrator.simulation.physics.simulation import Simulation
from execution_orchestrator.simulation.work.messages import seconds_of


class Controllers:
    """Those of one robot; whoever calls makes sure that the simulation does not step meanwhile."""

    def __init__(self, simulation: Simulation, robot: Robot) -> None:
        self._simulation = simulation
        self._robot = robot
        self._motion_id = 0

    def take_motion(self, message: SimMotion) -> None:
        """Let the base do a motion."""
        base = self._robot.base
        self._motion_id = message.motion_id
        if message.motion == SimMotion.FOLLOW and message.path:
            points = [(point.x, point.y) for point in message.path]
            base.follow(points, message.yaw if message.use_yaw else None, message.speed)
        elif message.motion == SimMotion.STRAIGHT:
            base.drive_straight(message.amount, message.speed)
        elif message.motion == SimMotion.ROTATE:
            base.rotate(message.amount)
        else:
            base.stop()

    def take_velocity(self, speed: float, turn: float) -> None:
        """Let the base go at a speed (m/s) and a rate (rad/s); it ends any motion."""
        self._motion_id = 0
        self._robot.base.command(speed, turn)

    def take_trajectory(self, message: JointTrajectory) -> str:
        """Send the arm along a trajectory; return why it is ignored, empty if it is not."""
        if message.points and list(message.joint_names) != list(ARM_JOINTS):
            return f"its joints have to be, in order, {', '.join(ARM_JOINTS)}"
        points = [(seconds_of(p.time_from_start), tuple(p.positions)) for p in message.points]
        self._robot.follow_trajectory(points)
        return ""

    def take_head(self, message: JointTrajectory) -> None:
        """Turn the camera to the last point of a trajectory."""
        if message.points and message.points[-1].positions:
            self._robot.pan_target = float(message.points[-1].positions[0])

    def take_jaws(self, opening: float, effort: float) -> None:
        """Send the jaws to an opening in metres with at most an effort in newtons."""
        self._simulation.close_jaws(self._robot, opening, effort)

    def motion_state(self) -> SimMotionState:
        """How far the base is with its newest motion."""
        base = self._robot.base
        return SimMotionState(
            motion_id=self._motion_id, state=base.motion.value, remaining=base.remaining()
        )

    def joint_state(self) -> JointState:
        """Positions and efforts of all joints; without a stamp."""
        robot, message = self._robot, JointState()
        finger = float(robot.gripper.opening) / 2
        message.name = [*ARM_JOINTS, *GRIPPER_JOINTS, CAMERA_PAN_JOINT]
        message.position = [float(v) for v in (*robot.joints, finger, finger, robot.pan)]
        press = robot.gripper.effort if robot.gripper.stalled else 0.0
        message.effort = [0.0] * len(ARM_JOINTS) + [press, press, 0.0]
        return message
