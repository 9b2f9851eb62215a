"""The robot as a server sees it: pose, joints and objects by topic, commands by topic."""

from __future__ import annotations

import os

from geometry_msgs.msg import PoseWithCovarianceStamped
from rclpy.qos import DurabilityPolicy, QoSProfile
from sensor_msgs.msg import JointState
from std_msgs.msg import Float64MultiArray
from tf2_msgs.msg import TFMessage
from trajectory_msgs.msg import JointTrajectory

from execution_orchestrator.msg import SimMotion, SimMotionState
from execution_orchestrator.simulation.geometry import Array, from_quaternion
from execution_orchestrator.simulation.servers.frames import Frames
from execution_orchestrator.simulation.servers.simulated_server import SimServer
from execution_orchestrator.simulation.work.body import Body
from execution_orchestrator.simulation.work.messages import matrix_of

OBJECTS_TOPIC = "/sim/object_poses"
QUEUE = QoSProfile(depth=10)
NEWEST = QoSProfile(depth=1)
# Published when it changes: who comes later is given the newest.
KEPT = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)


class RobotLink(Body):
    """Keeps the newest state of this namespace's robot and sends it commands."""

    def __init__(self, server: SimServer) -> None:
        super().__init__(int.from_bytes(os.urandom(3), "big"))
        self._server = server
        self._frames = Frames(server)
        self.pose: Array | None = None
        self.joints: dict[str, float] = {}
        self.efforts: dict[str, float] = {}
        self.objects: dict[str, Array] = {}
        self.motion = SimMotionState()
        listener = server.listener()
        for kind, topic, take, quality in (
            (PoseWithCovarianceStamped, "amcl_pose", self._take_pose, KEPT),
            (JointState, "joint_states", self._take_joints, NEWEST),
            (TFMessage, OBJECTS_TOPIC, self._take_objects, KEPT),
            (SimMotionState, "sim/motion_state", self._take_motion, KEPT),
        ):
            listener.create_subscription(kind, topic, take, quality)
        self._motions = server.create_publisher(SimMotion, "sim/motion", QUEUE)
        self._arm = server.create_publisher(
            JointTrajectory, "arm_controller/joint_trajectory", QUEUE
        )
        self._head = server.create_publisher(
            JointTrajectory, "head_controller/joint_trajectory", QUEUE
        )
        self._gripper = server.create_publisher(
            Float64MultiArray, "gripper_controller/commands", QUEUE
        )

    def _take_pose(self, message: PoseWithCovarianceStamped) -> None:
        self.pose = matrix_of(message.pose.pose)

    def _take_joints(self, message: JointState) -> None:
        self.joints = dict(zip(message.name, message.position, strict=False))
        self.efforts = dict(zip(message.name, message.effort, strict=False))
        self._server.notify()

    def _take_objects(self, message: TFMessage) -> None:
        self.objects = {
            each.child_frame_id: from_quaternion(
                (
                    each.transform.translation.x,
                    each.transform.translation.y,
                    each.transform.translation.z,
                ),
                (
                    each.transform.rotation.x,
                    each.transform.rotation.y,
                    each.transform.rotation.z,
                    each.transform.rotation.w,
                ),
            )
            for each in message.transforms
        }

    def _take_motion(self, message: SimMotionState) -> None:
        self.motion = message
        self._server.notify()

    def is_driven(self) -> bool:
        """Whether a simulated world listens."""
        return bool(self._motions.get_subscription_count() > 0)

    def send_motion(self, motion: SimMotion) -> None:
        """Send a motion to the base."""
        self._motions.publish(motion)

    def send_arm(self, trajectory: JointTrajectory) -> None:
        """Send the arm along a trajectory; without points it holds still."""
        self._arm.publish(trajectory)

    def turn_head(self, trajectory: JointTrajectory) -> None:
        """Turn the camera."""
        self._head.publish(trajectory)

    def move_jaws(self, opening: float, effort: float) -> None:
        """Send the jaws to an opening in metres with at most an effort in newtons."""
        self._gripper.publish(Float64MultiArray(data=[opening, effort]))

    def look_up(self, frame: str) -> Array:
        """Return the pose of a frame in the map, by /tf.

        Raises:
            UnknownFrameError: no transform of that frame arrives in time.

        """
        return self._frames.look_up(frame)
