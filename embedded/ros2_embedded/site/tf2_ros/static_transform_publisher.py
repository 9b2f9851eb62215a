"""Publishes one transform that never changes: `ros2 run tf2_ros static_transform_publisher`."""

from __future__ import annotations

import random
import string
import sys
from typing import Any, NamedTuple

from geometry_msgs.msg import TransformStamped
from rcl_interfaces.msg import ParameterDescriptor
from tf2_py.geometry import Quaternion, Vector, from_roll_pitch_yaw

import rclpy
from rclpy.impl.rcutils_logger import RcutilsLogger
from rclpy.node import Node
from rclpy.parameter import Parameter
from rclpy.utilities import remove_ros_args
from tf2_ros.static_transform_broadcaster import StaticTransformBroadcaster
from tf2_ros.stopped import STOPPED

_LOGGER = RcutilsLogger()
_NUMBERS = ("x", "y", "z", "qx", "qy", "qz", "qw", "roll", "pitch", "yaw")
_OF_EULER = ("x", "y", "z", "yaw", "pitch", "roll", "frame-id", "child-frame-id")
_OF_QUATERNION = ("x", "y", "z", "qx", "qy", "qz", "qw", "frame-id", "child-frame-id")
_USAGE = """\
usage: static_transform_publisher [--x X] [--y Y] [--z Z] [--qx QX] [--qy QY] [--qz QZ] [--qw QW] \
[--roll ROLL] [--pitch PITCH] [--yaw YAW] --frame-id FRAME_ID --child-frame-id CHILD_FRAME_ID

A transform from a parent frame to a child frame, sent once and kept for those who come later.
Without a translation or a rotation it is the identity.

  --frame-id FRAME_ID              parent frame
  --child-frame-id CHILD_FRAME_ID  child frame
  --x X, --y Y, --z Z              translation in metres
  --qx, --qy, --qz, --qw           rotation as a quaternion, or
  --roll, --pitch, --yaw           in radians
"""


class Wanted(NamedTuple):
    """What the command line asks for."""

    frame_id: str
    child_frame_id: str
    translation: Vector
    rotation: Quaternion


def parse(arguments: list[str]) -> Wanted:
    """Read the command line, without the name of the program.

    Eight or nine arguments without flags are the old form: x y z, yaw pitch roll or a quaternion,
    and the two frames.

    Raises:
        ValueError: it makes no sense; the text says why.

    """
    if not arguments:
        raise ValueError("Not enough arguments to parse")
    given: dict[str, str] = {}
    plain: list[str] = []
    words = iter(arguments)
    for word in words:
        name = word.removeprefix("--")
        if word.startswith("--") and name in (*_NUMBERS, "frame-id", "child-frame-id"):
            value = next(words, None)
            if value is None:
                raise ValueError(f"Not enough arguments for {word}")
            given[name] = value
        else:
            plain.append(word)
    if len(plain) in (len(_OF_EULER), len(_OF_QUATERNION)):
        _LOGGER.warning("Old-style arguments are deprecated; see --help for new-style arguments")
        if given:
            raise ValueError("Cannot specify both new-style (flags) and old-style (arguments)")
        names = _OF_EULER if len(plain) == len(_OF_EULER) else _OF_QUATERNION
        given = dict(zip(names, plain, strict=True))
    elif plain:
        raise ValueError("Extra unparsed arguments on command-line")
    return _wanted(given)


def _wanted(given: dict[str, str]) -> Wanted:
    number = {name: _number(name, given[name]) for name in _NUMBERS if name in given}
    of_euler = number.keys() & {"roll", "pitch", "yaw"}
    if of_euler and number.keys() & {"qx", "qy", "qz", "qw"}:
        raise ValueError("Cannot specify both quaternion and Euler rotations")

    def value(name: str, default: float = 0.0) -> float:
        return number.get(name, default)

    for flag, text in (("frame-id", "Frame"), ("child-frame-id", "Child frame")):
        if not given.get(flag):
            raise ValueError(f"{text} id must not be empty")
    rotation = (
        from_roll_pitch_yaw(value("roll"), value("pitch"), value("yaw"))
        if of_euler
        else (value("qx"), value("qy"), value("qz"), value("qw", 1.0))
    )
    return Wanted(
        given["frame-id"], given["child-frame-id"], (value("x"), value("y"), value("z")), rotation
    )


def _number(name: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise ValueError(f"Failed to parse --{name} argument as float") from None


class StaticTransformPublisher(Node):
    """Sends a transform; its read-only parameters say which one it was.

    Raises:
        ValueError: both frames are the same.

    """

    def __init__(self, wanted: Wanted) -> None:
        values: dict[str, Any] = {"frame_id": wanted.frame_id}
        values["child_frame_id"] = wanted.child_frame_id
        values |= {
            f"translation.{axis}": v for axis, v in zip("xyz", wanted.translation, strict=True)
        }
        values |= {f"rotation.{axis}": v for axis, v in zip("xyzw", wanted.rotation, strict=True)}
        letters = random.choices(string.ascii_letters + string.digits, k=16)  # noqa: S311
        super().__init__(
            "static_transform_publisher_" + "".join(letters),
            parameter_overrides=[Parameter(name, value=value) for name, value in values.items()],
        )
        read_only = ParameterDescriptor(read_only=True)
        if wanted.frame_id == wanted.child_frame_id:
            raise ValueError(
                f"cannot publish static transform from '{wanted.frame_id}' to "
                f"'{wanted.child_frame_id}', exiting"
            )
        for name, value in values.items():
            self.declare_parameter(name, value, read_only)
        message = TransformStamped(child_frame_id=wanted.child_frame_id)
        message.header.frame_id = wanted.frame_id
        message.header.stamp = self.get_clock().now().to_msg()
        moved, turned = message.transform.translation, message.transform.rotation
        moved.x, moved.y, moved.z = wanted.translation
        turned.x, turned.y, turned.z, turned.w = wanted.rotation
        self.broadcaster = StaticTransformBroadcaster(self)
        self.broadcaster.sendTransform(message)


def main(arguments: list[str] | None = None) -> int:
    """Run the node until it is stopped; returns the exit status, 1 for a wrong command line."""
    arguments = sys.argv if arguments is None else arguments
    words = remove_ros_args(arguments)[1:]
    if {"-h", "--help"} & set(words):
        sys.stdout.write(_USAGE)
        return 0
    try:
        wanted = parse(words)
    except ValueError as failure:
        _LOGGER.error(f"error parsing command line arguments: {failure}")
        sys.stdout.write(_USAGE)
        return 1
    rclpy.init(args=arguments)
    try:
        node = StaticTransformPublisher(wanted)
        moved = "', '".join(f"{number:f}" for number in wanted.translation)
        turned = "', '".join(f"{number:f}" for number in wanted.rotation)
        node.get_logger().info(
            "Spinning until stopped - publishing transform\n"
            f"translation: ('{moved}')\nrotation: ('{turned}')\n"
            f"from '{wanted.frame_id}' to '{wanted.child_frame_id}'"
        )
        rclpy.spin(node)
    except ValueError as failure:
        _LOGGER.error(str(failure))
        return 1
    except STOPPED:
        return 0
    finally:
        rclpy.try_shutdown()
    return 0
