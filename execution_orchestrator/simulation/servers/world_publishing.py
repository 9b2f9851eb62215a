"""The topics of one simulated robot, as its drivers and its localisation would publish them."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import numpy as np
from geometry_msgs.msg import (
    PoseWithCovarianceStamped,
    TransformStamped,
    Twist,
)
from nav_msgs.msg import OccupancyGrid, Odometry
from rclpy.callback_groups import CallbackGroup
from rclpy.qos import QoSProfile
from sensor_msgs.msg import BatteryState, CameraInfo, Image, JointState
from std_msgs.msg import Float64MultiArray
from tf2_msgs.msg import TFMessage
from trajectory_msgs.msg import JointTrajectory

from execution_orchestrator.msg import SimMotion, SimMotionState
from execution_orchestrator.simulation.geometry import (
    Array,
    inverse,
    planar,
    transform,
)
from execution_orchestrator.simulation.physics.arm import link_transforms
from execution_orchestrator.simulation.physics.camera import OPTICAL, camera_link, render
from execution_orchestrator.simulation.physics.robot import Robot
from execution_orchestrator.simulation.physics.robot_model import CameraModel
from execution_orchestrator.simulation.physics.simulation import Simulation
from execution_orchestrator.simulation.servers.robot_link import KEPT
from execution_orchestrator.simulation.work.controllers import Controllers
from execution_orchestrator.simulation.work.messages import (
    OPTICAL_FRAME,
    image_message,
    orientation,
    pose_message,
    vector,
)

QUEUE = QoSProfile(depth=10)
LINKS = ("base_link", "shoulder_link", "upper_arm_link", "forearm_link", "wrist_1_link",
         "wrist_2_link", "wrist_3_link", "gripper_link")  # fmt: skip
FULL_VOLTAGE, EMPTY_VOLTAGE = 25.2, 19.8  # volts


class RobotTopics:
    """Publishes one robot's state and takes its commands, in its namespace."""

    def __init__(self, node: Any, simulation: Simulation, robot: Robot, group: CallbackGroup):
        self._node = node
        self._simulation = simulation
        self._robot = robot
        self._controllers = Controllers(simulation, robot)
        self._arm_transforms = lru_cache(maxsize=1)(_arm_transforms)
        self.camera = CameraModel()
        self._state: tuple[Any, ...] = ()
        self._scene: tuple[Any, ...] = ()
        self._motion_told: SimMotionState | None = None
        space = f"/{robot.name}" if robot.name else ""
        tf = f"{space}/tf"

        def publisher(kind: Any, topic: str, qos: QoSProfile = QUEUE) -> Any:
            return node.create_publisher(kind, f"{space}/{topic}", qos)

        self._tf = node.create_publisher(TFMessage, tf, QoSProfile(depth=100))
        self._tf_static = node.create_publisher(TFMessage, f"{tf}_static", KEPT)
        self._odometry = publisher(Odometry, "odom")
        self._pose = publisher(PoseWithCovarianceStamped, "amcl_pose", KEPT)  # as AMCL does
        self._joints = publisher(JointState, "joint_states")
        self._battery = publisher(BatteryState, "battery_state")
        self._motion = publisher(SimMotionState, "sim/motion_state", KEPT)
        self._image = publisher(Image, "camera/image_raw")
        self._camera_info = publisher(CameraInfo, "camera/camera_info")
        self._map = publisher(OccupancyGrid, "map", KEPT)
        for kind, topic, take in (
            (SimMotion, "sim/motion", self._take_motion),
            (Twist, "cmd_vel", self._take_velocity),
            (JointTrajectory, "arm_controller/joint_trajectory", self._take_trajectory),
            (JointTrajectory, "head_controller/joint_trajectory", self._take_head),
            (Float64MultiArray, "gripper_controller/commands", self._take_jaws),
        ):
            node.create_subscription(kind, f"{space}/{topic}", take, QUEUE, callback_group=group)
        self.publish_once()

    def publish_once(self) -> None:
        """Publish what never changes: the map and the fixed transforms."""
        grid = self._simulation.grid
        message = OccupancyGrid()
        message.header.frame_id = "map"
        message.header.stamp = self._node.stamp()
        message.info.resolution = grid.resolution
        message.info.height, message.info.width = grid.clearance.shape
        message.info.origin = pose_message(transform((*grid.origin, 0.0)))
        cells = np.where(grid.clearance <= 0.0, 100, 0).astype(np.int8)
        message.data = cells.reshape(-1).tolist()
        self._map.publish(message)
        optical = _transform("camera_link", OPTICAL_FRAME, OPTICAL)
        optical.header.stamp = message.header.stamp
        self._tf_static.publish(TFMessage(transforms=[optical]))

    def publish(self, *, again: bool) -> None:
        """Publish transforms, odometry and joints; pose and motion if new, or ``again``."""
        robot, stamp = self._robot, self._node.stamp()
        base, jaws = robot.base, robot.gripper
        state = (
            *(base.x, base.y, base.yaw, base.speed, base.turn, robot.odometry),
            *(robot.joints, robot.pan, jaws.opening, jaws.stalled, jaws.effort),
        )
        moved = state != self._state
        if moved:
            # To make messages takes longer than to send them: those of a robot that stands are
            # kept, and so are those of an arm that rests while the base drives.
            self._state = state
            self._make_messages()
        for each in self._transforms.transforms:
            each.header.stamp = stamp
        self._tf.publish(self._transforms)
        for publisher, message in (
            (self._odometry, self._odometry_message),
            (self._joints, self._joint_message),
        ):
            message.header.stamp = stamp
            publisher.publish(message)
        if moved or again:
            self._pose_message.header.stamp = stamp
            self._pose.publish(self._pose_message)
        motion = self._controllers.motion_state()
        if again or motion != self._motion_told:
            self._motion_told = motion
            self._motion.publish(motion)

    def _make_messages(self) -> None:
        robot = self._robot
        where, odometry = robot.pose, planar(*robot.odometry)
        self._transforms = TFMessage(
            transforms=[
                _transform("map", "odom", where @ inverse(odometry)),
                _transform("odom", "base_link", odometry),
                _transform("base_link", "camera_link", camera_link(robot.pan)),
                *self._arm_transforms(robot.joints),
            ]
        )
        self._odometry_message = driven = Odometry(child_frame_id="base_link")
        driven.header.frame_id = "odom"
        driven.pose.pose = pose_message(odometry)
        driven.twist.twist.linear.x = float(robot.base.speed)
        driven.twist.twist.angular.z = float(robot.base.turn)
        self._joint_message = self._controllers.joint_state()
        self._pose_message = PoseWithCovarianceStamped()
        self._pose_message.header.frame_id = "map"
        self._pose_message.pose.pose = pose_message(where)

    def publish_battery(self) -> None:
        """Publish the battery's charge."""
        robot = self._robot
        message = BatteryState()
        message.header.stamp = self._node.stamp()
        message.percentage = float(robot.charge)
        message.voltage = EMPTY_VOLTAGE + (FULL_VOLTAGE - EMPTY_VOLTAGE) * robot.charge
        message.current = message.charge = message.capacity = math.nan
        message.design_capacity = message.temperature = math.nan
        message.present = True
        charging = BatteryState.POWER_SUPPLY_STATUS_CHARGING
        idle = BatteryState.POWER_SUPPLY_STATUS_DISCHARGING
        message.power_supply_status = charging if robot.charging else idle
        self._battery.publish(message)

    def publish_picture(self) -> None:
        """Publish what the camera sees, if anybody looks."""
        info = self._info()
        self._camera_info.publish(info)
        if not self._image.get_subscription_count():
            return
        simulation, camera = self._simulation, self._robot.camera
        poses = {name: pose.tobytes() for name, pose in simulation.poses.items()}
        scene = (camera.tobytes(), poses, dict(simulation.obstacles))
        if scene != self._scene:
            # To cast the rays takes a tenth of a second, in which the world stands still.
            self._scene = scene
            solids = [*simulation.statics, *simulation.obstacles.values()]
            for name, pose in simulation.poses.items():
                solids += simulation.objects[name].placed(pose)
            self._picture = image_message(render(self.camera, camera, solids), info.header.stamp)
        self._picture.header.stamp = info.header.stamp
        self._image.publish(self._picture)

    def _info(self) -> CameraInfo:
        camera, message = self.camera, CameraInfo()
        message.header.frame_id, message.header.stamp = OPTICAL_FRAME, self._node.stamp()
        message.width, message.height = camera.width, camera.height
        message.distortion_model = "plumb_bob"
        message.d = [0.0] * 5
        f, cx, cy = camera.focal, camera.width / 2, camera.height / 2
        message.k = [f, 0.0, cx, 0.0, f, cy, 0.0, 0.0, 1.0]
        message.r = [1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0]
        message.p = [f, 0.0, cx, 0.0, 0.0, f, cy, 0.0, 0.0, 0.0, 1.0, 0.0]
        return message

    def _take_motion(self, message: SimMotion) -> None:
        with self._node.lock:
            self._controllers.take_motion(message)

    def _take_velocity(self, message: Twist) -> None:
        with self._node.lock:
            self._controllers.take_velocity(message.linear.x, message.angular.z)

    def _take_trajectory(self, message: JointTrajectory) -> None:
        with self._node.lock:
            ignored = self._controllers.take_trajectory(message)
        if ignored:
            self._node.get_logger().warn(f"arm trajectory ignored: {ignored}")

    def _take_head(self, message: JointTrajectory) -> None:
        with self._node.lock:
            self._controllers.take_head(message)

    def _take_jaws(self, message: Float64MultiArray) -> None:
        if len(message.data) == 2:
            opening, effort = message.data
            with self._node.lock:
                self._controllers.take_jaws(float(opening), float(effort))


def _transform(parent: str, child: str, matrix: Array) -> TransformStamped:
    message = TransformStamped(child_frame_id=child)
    message.header.frame_id = parent
    message.transform.translation = vector(matrix)
    message.transform.rotation = orientation(matrix)
    return message


def _arm_transforms(joints: tuple[float, ...]) -> list[TransformStamped]:
    return [
        _transform(parent, child, matrix)
        for parent, child, matrix in zip(
            LINKS[:-1], LINKS[1:], link_transforms(joints), strict=True
        )
    ]
