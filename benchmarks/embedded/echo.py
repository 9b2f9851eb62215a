"""The other process: echoes topics, answers a service and serves an action."""

from __future__ import annotations

import rclpy
import rclpy.executors
from example_interfaces.action import Fibonacci
from example_interfaces.srv import AddTwoInts
from geometry_msgs.msg import PoseStamped
from rclpy.action import ActionServer
from rclpy.node import Node
from rclpy.qos import QoSProfile
from sensor_msgs.msg import Image
from std_msgs.msg import String

LATEST = QoSProfile(depth=5)
TOPICS = {"pose": PoseStamped, "image": Image, "text": String}


def main() -> None:
    """Serve until the end of the context."""
    rclpy.init()
    node = Node("bench_echo")
    for name, kind in TOPICS.items():
        publisher = node.create_publisher(kind, f"/bench/{name}/back", LATEST)
        node.create_subscription(kind, f"/bench/{name}", publisher.publish, LATEST)

    def add(request: AddTwoInts.Request, response: AddTwoInts.Response) -> AddTwoInts.Response:
        response.sum = request.a + request.b
        return response

    node.create_service(AddTwoInts, "/bench/add", add)

    def execute(goal_handle: object) -> Fibonacci.Result:
        goal_handle.succeed()  # type: ignore[attr-defined]
        return Fibonacci.Result(sequence=[1])

    ActionServer(node, Fibonacci, "/bench/fibonacci", execute)
    try:
        rclpy.spin(node)
    except (KeyboardInterrupt, rclpy.executors.ExternalShutdownException):
        rclpy.try_shutdown()


if __name__ == "__main__":
    main()
