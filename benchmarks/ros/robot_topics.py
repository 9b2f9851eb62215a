"""What a robot with Nav2 says again and again, at a robot's rates; a process of its own.

Two transforms (localisation, wheel odometry) and the odometry at 30 Hz each, and an info on /rosout
at 5 Hz.
"""

from __future__ import annotations

from contextlib import suppress

import rclpy
from geometry_msgs.msg import TransformStamped
from nav_msgs.msg import Odometry
from rclpy.executors import ExternalShutdownException
from rclpy.node import Node
from tf2_msgs.msg import TFMessage

RATE = 30.0  # Hz
LOG_RATE = 5.0
FRAMES = (("map", "odom"), ("odom", "base_link"))


class RobotTopics(Node):
    """Publishes a robot that stands at the origin."""

    def __init__(self) -> None:
        super().__init__("robot_topics")
        self._tf = self.create_publisher(TFMessage, "/tf", 100)
        self._odometry = self.create_publisher(Odometry, "odom", 10)
        for parent, child in FRAMES:
            self.create_timer(1.0 / RATE, lambda a=parent, b=child: self._transform(a, b))
        self.create_timer(1.0 / RATE, self._odom)
        self.create_timer(1.0 / LOG_RATE, lambda: self.get_logger().info("at the origin"))

    def _transform(self, parent: str, child: str) -> None:
        transform = TransformStamped()
        transform.header.stamp = self.get_clock().now().to_msg()
        transform.header.frame_id, transform.child_frame_id = parent, child
        transform.transform.rotation.w = 1.0
        self._tf.publish(TFMessage(transforms=[transform]))

    def _odom(self) -> None:
        odometry = Odometry()
        odometry.header.stamp = self.get_clock().now().to_msg()
        odometry.header.frame_id, odometry.child_frame_id = FRAMES[1]
        odometry.pose.pose.orientation.w = 1.0
        self._odometry.publish(odometry)


def main() -> None:
    """Publish until the process is ended."""
    rclpy.init()
    node = RobotTopics()
    with suppress(KeyboardInterrupt, ExternalShutdownException):
        rclpy.spin(node)


if __name__ == "__main__":
    main()
