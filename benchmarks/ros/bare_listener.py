"""The floor beside Nav2: a process with a bare rclpy node that listens to tf and odometry."""

from __future__ import annotations

from contextlib import suppress

import rclpy
from nav_msgs.msg import Odometry
from rclpy.executors import ExternalShutdownException
from tf2_msgs.msg import TFMessage


def main() -> None:
    """Listen until the process is ended."""
    rclpy.init()
    node = rclpy.create_node("bare_listener")
    node.create_subscription(TFMessage, "/tf", lambda _: None, 100)
    node.create_subscription(Odometry, "odom", lambda _: None, 10)
    with suppress(KeyboardInterrupt, ExternalShutdownException):
        rclpy.spin(node)


if __name__ == "__main__":
    main()
