"""The base with its velocity smoother: cmd_vel_nav -> smoother -> cmd_vel -> base -> odom, tf."""

from __future__ import annotations

import math
import os
import time
from dataclasses import dataclass
from typing import Any

from geometry_msgs.msg import TransformStamped, Twist, TwistStamped
from nav_msgs.msg import OccupancyGrid, Odometry
from rclpy.node import Node
from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy
from tf2_msgs.msg import TFMessage

from test.scripted_nav2.log import Log
from test.scripted_nav2.managed import Faults
from test.scripted_nav2.world import grid

LATCHED = QoSProfile(
    depth=1, reliability=ReliabilityPolicy.RELIABLE, durability=DurabilityPolicy.TRANSIENT_LOCAL
)
ACCELERATION = 2.5  # metres per second squared
TURNING = 6.0  # radians per second squared
STANDS = 0.01  # metres or radians per second
SMOOTHER_PERIOD = 0.05  # seconds
SMOOTHER_TIMEOUT = 1.0  # seconds without a command until it brakes
BASE_PERIOD = 0.04
BASE_TIMEOUT = 0.5


def towards(now: float, wanted: float, most: float) -> float:
    """One step of a value towards another."""
    return now + max(-most, min(most, wanted - now))


class Velocity:
    """A topic of velocities, Twist or TwistStamped."""

    def __init__(self, node: Node, stamped: bool) -> None:
        self._node = node
        self._type = TwistStamped if stamped else Twist

    def publisher(self, topic: str) -> Any:
        publisher = self._node.create_publisher(self._type, topic, 10)

        def publish(linear: float, angular: float) -> None:
            message = self._type()
            twist = message.twist if self._type is TwistStamped else message
            twist.linear.x, twist.angular.z = float(linear), float(angular)
            if self._type is TwistStamped:
                message.header.stamp = self._node.get_clock().now().to_msg()
            publisher.publish(message)

        return publish

    def subscribe(self, topic: str, heard: Any) -> None:
        def take(message: Any) -> None:
            twist = message.twist if self._type is TwistStamped else message
            heard(twist.linear.x, twist.angular.z)

        self._node.create_subscription(self._type, topic, take, 10)


class Smoother(Node):
    """Publishes again and again what was asked for last, until it stands."""

    def __init__(self, stamped: bool) -> None:
        super().__init__("velocity_smoother")
        velocity = Velocity(self, stamped)
        self._wanted = (0.0, 0.0)
        self._heard = 0.0
        self._now = (0.0, 0.0)
        self._publish = velocity.publisher("cmd_vel")
        velocity.subscribe("cmd_vel_nav", self._take)
        self.create_timer(SMOOTHER_PERIOD, self._smooth)

    def _take(self, linear: float, angular: float) -> None:
        self._wanted, self._heard = (linear, angular), time.monotonic()

    def _smooth(self) -> None:
        if time.monotonic() - self._heard > SMOOTHER_TIMEOUT:
            self._wanted = (0.0, 0.0)
            if self._now == (0.0, 0.0):
                return
        linear = towards(self._now[0], self._wanted[0], ACCELERATION * SMOOTHER_PERIOD)
        angular = towards(self._now[1], self._wanted[1], TURNING * SMOOTHER_PERIOD)
        self._now = (linear, angular)
        self._publish(linear, angular)


@dataclass
class Pose:
    """Where the base is, metres and radians in the map."""

    x: float = 0.0
    y: float = 0.0
    yaw: float = 0.0


class Base(Node):
    """Moves as the newest velocity says; `map` and `odom` are one frame."""

    def __init__(self, log: Log, faults: Faults, stamped: bool) -> None:
        super().__init__("base")
        self._log = log
        self._faults = faults
        self._pose = Pose()
        self._wanted = (0.0, 0.0)
        self._heard = 0.0
        self._speed = (0.0, 0.0)
        self._moves = False
        self._way = 0.0
        self._before = time.monotonic()
        faults.listen(self)
        Velocity(self, stamped).subscribe("cmd_vel", self._take)
        self._odometry = self.create_publisher(Odometry, "odom", 10)
        self._tf = self.create_publisher(TFMessage, "/tf", 10)
        self._map = self.create_publisher(OccupancyGrid, "map", LATCHED)
        self._map.publish(grid(self.get_clock().now().to_msg()))
        self.create_timer(BASE_PERIOD, self._tick)
        log.write("base", "up")

    def _take(self, linear: float, angular: float) -> None:
        self._wanted, self._heard = (linear, angular), time.monotonic()

    def _tick(self) -> None:
        now = time.monotonic()
        passed, self._before = min(0.2, now - self._before), now
        wanted = self._wanted if now - self._heard < BASE_TIMEOUT else (0.0, 0.0)
        linear = towards(self._speed[0], wanted[0], ACCELERATION * passed)
        angular = towards(self._speed[1], wanted[1], TURNING * passed)
        self._speed = (linear, angular)
        pose = self._pose
        pose.x += linear * math.cos(pose.yaw) * passed
        pose.y += linear * math.sin(pose.yaw) * passed
        pose.yaw = math.remainder(pose.yaw + angular * passed, math.tau)
        self._way += abs(linear) * passed
        moves = max(abs(linear), abs(angular)) > STANDS
        if moves != self._moves:
            self._moves = moves
            facts = {name: round(value, 3) for name, value in vars(pose).items()}
            if moves:
                self._way = 0.0
            else:
                facts["way"] = round(self._way, 3)
            self._log.write("base", "moves" if moves else "stands", **facts)
        self._tell()

    def _tell(self) -> None:
        stamp = self.get_clock().now().to_msg()
        half = self._pose.yaw / 2
        if "odometry" not in self._faults.off:
            odometry = Odometry()
            odometry.header.stamp = stamp
            odometry.header.frame_id, odometry.child_frame_id = "odom", "base_link"
            at = odometry.pose.pose
            at.position.x, at.position.y = self._pose.x, self._pose.y
            at.orientation.z, at.orientation.w = math.sin(half), math.cos(half)
            odometry.twist.twist.linear.x, odometry.twist.twist.angular.z = self._speed
            self._odometry.publish(odometry)
        if "tf" not in self._faults.off:
            fixed, moving = TransformStamped(), TransformStamped()
            for one, parent, child in ((fixed, "map", "odom"), (moving, "odom", "base_link")):
                one.header.stamp = stamp
                one.header.frame_id, one.child_frame_id = parent, child
            fixed.transform.rotation.w = 1.0
            place = moving.transform
            place.translation.x, place.translation.y = self._pose.x, self._pose.y
            place.rotation.z, place.rotation.w = math.sin(half), math.cos(half)
            self._tf.publish(TFMessage(transforms=[fixed, moving]))


class Localised(Node):
    """Where the base says it is, for the servers that have to know.

    A node of its own, and hidden: each message would wake all that a server waits for.
    """

    def __init__(self) -> None:
        super().__init__(f"_localised_{os.getpid()}", start_parameter_services=False)
        self.pose = Pose()
        self.create_subscription(Odometry, "odom", self._take, 10)

    def _take(self, message: Any) -> None:
        at = message.pose.pose
        yaw = 2 * math.atan2(at.orientation.z, at.orientation.w)
        self.pose = Pose(at.position.x, at.position.y, math.remainder(yaw, math.tau))

    def in_map(self, stamped: Any) -> Pose | None:
        """Where a PoseStamped is; None: no such frame."""
        at = stamped.pose
        yaw = 2 * math.atan2(at.orientation.z, at.orientation.w)
        given = Pose(at.position.x, at.position.y, math.remainder(yaw, math.tau))
        frame = stamped.header.frame_id
        if frame in ("map", "odom"):
            return given
        if frame != "base_link":
            return None
        me = self.pose
        return Pose(
            me.x + given.x * math.cos(me.yaw) - given.y * math.sin(me.yaw),
            me.y + given.x * math.sin(me.yaw) + given.y * math.cos(me.yaw),
            math.remainder(me.yaw + given.yaw, math.tau),
        )
