"""Runs on a real ROS 2: a service and an action server, until its input ends."""

import contextlib
import sys
import threading

import rclpy
from rclpy.action import ActionServer
from std_srvs.srv import Trigger
from test_msgs.action import Fibonacci

rclpy.init()
node = rclpy.create_node("real_server")
node.create_service(Trigger, "real_service", lambda request, response: response)
server = ActionServer(node, Fibonacci, "real_action", lambda goal: Fibonacci.Result())
print("ready", flush=True)
threading.Thread(target=lambda: (sys.stdin.read(), rclpy.shutdown()), daemon=True).start()
with contextlib.suppress(rclpy.executors.ExternalShutdownException):
    rclpy.spin(node)
