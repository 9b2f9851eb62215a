"""Holds a topic, a service and an action of given types until its input ends.

Argument: `one` or `other`, whose names are equal and whose types differ.
"""

import contextlib
import sys
import threading

from ros2_embedded import bootstrap

bootstrap.activate()

import rclpy  # noqa: E402
from example_interfaces.action import Fibonacci  # noqa: E402
from example_interfaces.srv import AddTwoInts  # noqa: E402
from rclpy.action import ActionClient, ActionServer  # noqa: E402
from std_msgs.msg import Int32, String  # noqa: E402
from std_srvs.srv import Trigger  # noqa: E402
from tf2_msgs.action import LookupTransform  # noqa: E402


def answered(*_):
    """Say that something of another type came in."""
    print("crossed", flush=True)


rclpy.init()
node = rclpy.create_node(sys.argv[1])
if sys.argv[1] == "one":
    publisher = node.create_publisher(String, "shared", 10)
    node.create_timer(0.1, lambda: publisher.publish(String(data="text")))
    node.create_service(AddTwoInts, "shared", answered)
    server = ActionServer(node, Fibonacci, "shared", answered)
else:
    node.create_subscription(Int32, "shared", answered, 10)
    client = node.create_client(Trigger, "shared")
    action = ActionClient(node, LookupTransform, "shared")

    def call():
        """Call in spite of it, as a program does that did not look."""
        client.call_async(Trigger.Request()).add_done_callback(answered)
        action.send_goal_async(LookupTransform.Goal()).add_done_callback(answered)
        if client.service_is_ready() or action.server_is_ready():
            answered()

    node.create_timer(0.3, call)
threading.Thread(target=lambda: (sys.stdin.read(), rclpy.shutdown()), daemon=True).start()
with contextlib.suppress(rclpy.executors.ExternalShutdownException):
    rclpy.spin(node)
