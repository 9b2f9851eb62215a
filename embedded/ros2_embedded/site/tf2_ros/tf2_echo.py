"""Prints where one frame is in another: `ros2 run tf2_ros tf2_echo SOURCE TARGET [RATE]`."""

from __future__ import annotations

import math
import sys
import threading
from typing import Any

from tf2_py import TransformException, geometry

import rclpy
from rclpy.time import Time
from rclpy.utilities import remove_ros_args
from tf2_ros.buffer import Buffer
from tf2_ros.stopped import STOPPED
from tf2_ros.transform_listener import TransformListener

_USAGE = """\
Usage: tf2_echo source_frame target_frame [echo_rate]

This will echo the transform from the coordinate frame of the source_frame
to the coordinate frame of the target_frame.
Note: This is the transform to get data from target_frame into the source_frame.
Default echo rate is 1 if echo_rate is not given.
"""


def lines(message: Any) -> list[str]:
    """Return a TransformStamped as tf2_echo prints it: metres, radians and degrees."""
    moved, turned = message.transform.translation, message.transform.rotation
    translation = (moved.x, moved.y, moved.z)
    rotation = (turned.x, turned.y, turned.z, turned.w)
    angles = geometry.to_roll_pitch_yaw(rotation)
    axes = [geometry.rotate(rotation, axis) for axis in geometry.AXES]
    rows = [[axis[row] for axis in axes] + [translation[row]] for row in range(3)]
    return [
        f"At time {message.header.stamp.sec}.{message.header.stamp.nanosec}",
        f"- Translation: {_listed(translation)}",
        f"- Rotation: in Quaternion {_listed(rotation)}",
        f"- Rotation: in RPY (radian) {_listed(angles)}",
        f"- Rotation: in RPY (degree) {_listed([math.degrees(angle) for angle in angles])}",
        "- Matrix:",
        *("".join(f" {number:6.3f}" for number in row) for row in [*rows, [0.0, 0.0, 0.0, 1.0]]),
    ]


def _listed(numbers: Any) -> str:
    return "[" + ", ".join(f"{number:.3f}" for number in numbers) + "]"


def main(arguments: list[str] | None = None) -> int:
    """Print until it is stopped; returns the exit status."""
    arguments = sys.argv if arguments is None else arguments
    words = remove_ros_args(arguments)[1:]
    if len(words) not in (2, 3):
        sys.stdout.write(_USAGE)
        return 1
    try:
        rate = float(words[2]) if len(words) == 3 else 1.0
    except ValueError:
        sys.stderr.write(
            f"Failed to convert rate argument '{words[2]}' to a floating-point number\n"
        )
        return 2
    rclpy.init(args=arguments)
    stop = threading.Event()
    printer = None
    try:
        node = rclpy.create_node("tf2_echo")
        buffer = Buffer(node=node)
        TransformListener(buffer, node)
        printer = threading.Thread(
            target=_echo, args=(node, buffer, words[0], words[1], rate, stop)
        )
        printer.start()
        rclpy.spin(node)
    except STOPPED:
        return 0
    finally:
        stop.set()
        if printer is not None:
            printer.join()
        rclpy.try_shutdown()
    return 0


def _echo(
    node: Any, buffer: Buffer, source: str, target: str, rate: float, stop: threading.Event
) -> None:
    found, reason = buffer.can_transform_core(source, target, Time())
    while not found:
        node.get_logger().info(
            f"Waiting for transform {source} ->  {target}: {reason}", throttle_duration_sec=1.0
        )
        if stop.wait(1 / rate):
            return
        found, reason = buffer.can_transform_core(source, target, Time())
    while not stop.is_set():
        try:
            text = lines(buffer.lookup_transform_core(source, target, Time()))
        except TransformException as failure:
            now = node.get_clock().now().nanoseconds / 1e9
            text = [
                f"Failure at {now}",
                f"Exception thrown:{failure}",
                "The current list of frames is:",
                buffer.all_frames_as_string(),
            ]
        print("\n".join(text), flush=True)
        stop.wait(1 / rate)
