"""The server that docs/howto_add_capability.md makes up: a lift, and the light in it."""

from __future__ import annotations

import contextlib

import rclpy
from lift_msgs.action import MoveLift
from rclpy.action import ActionServer
from rclpy.executors import ExternalShutdownException
from std_srvs.srv import SetBool

MOST = 2500.0  # millimetres; above that the lift is overloaded


def move(handle):
    result = MoveLift.Result(height_mm=handle.request.height_mm)
    if handle.request.height_mm > MOST or handle.request.speed not in (1, 2):
        result.error_code, result.error_msg = 8, "three people are too many"
        handle.abort()
        return result
    handle.publish_feedback(MoveLift.Feedback(height_mm=handle.request.height_mm / 2))
    handle.succeed()
    return result


def switch(request, response):
    response.success = request.data
    response.message = "" if request.data else "the light cannot be switched off"
    return response


def main():
    rclpy.init()
    node = rclpy.create_node("lift")
    ActionServer(node, MoveLift, "/lift/move", move)
    node.create_service(SetBool, "/light/set", switch)
    with contextlib.suppress(KeyboardInterrupt, ExternalShutdownException):
        rclpy.spin(node)


if __name__ == "__main__":
    main()
