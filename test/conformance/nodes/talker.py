"""Publishes std_msgs/msg/String on `chatter`, five times a second."""

import contextlib

import rclpy
from rclpy.executors import ExternalShutdownException
from std_msgs.msg import String


def main() -> None:
    """Run until interrupted."""
    rclpy.init()
    node = rclpy.create_node("talker")
    publisher = node.create_publisher(String, "chatter", 10)
    count = 0

    def publish() -> None:
        nonlocal count
        count += 1
        publisher.publish(String(data=f"hello {count}"))

    node.create_timer(0.2, publish)
    with contextlib.suppress(KeyboardInterrupt, ExternalShutdownException):
        rclpy.spin(node)


if __name__ == "__main__":
    main()
