"""Measures and limits of the simulated robot; models/robot/model.sdf has the same figures."""

from __future__ import annotations

import math
from dataclasses import dataclass

RADIUS = 0.25  # metres, of the base
HEIGHT = 1.25  # metres, what the base has to pass below
WHEEL_SPEED = 0.8  # metres per second
TURN_SPEED = 1.5  # radians per second
ACCELERATION = 1.0  # metres per second squared
TURN_ACCELERATION = 4.0  # radians per second squared

ARM_JOINTS = (
    "shoulder_pan_joint",
    "shoulder_lift_joint",
    "elbow_joint",
    "wrist_1_joint",
    "wrist_2_joint",
    "wrist_3_joint",
)
JOINT_LIMITS = ((-3.05, 3.05), (-2.6, 1.2), (-2.8, 2.8), (-3.1, 3.1), (-1.5, 1.5), (-3.14, 3.14))
JOINT_SPEED = 2.0  # radians per second, every joint
JOINT_ACCELERATION = 5.0  # radians per second squared
HOME = (0.0, -1.2, 2.0, -0.8, 0.0, 0.0)
SHOULDER = (0.10, 0.0, 0.80)  # metres, in base_link
UPPER_ARM = 0.45  # metres
FOREARM = 0.40  # metres
TOOL = 0.15  # metres from the wrist to gripper_link, between the finger tips
ARM_THICKNESS = 0.035  # metres, half
TOOL_LINK = "gripper_link"
ARM_GROUP = "arm"

GRIPPER_JOINTS = ("left_finger_joint", "right_finger_joint")
GRIPPER_OPENING = 0.10  # metres between the jaws at most
GRIPPER_SPEED = 0.15  # metres per second
JAW_DEPTH = 0.045  # metres, how far along the tool an object's middle may be from the finger tips
JAW_WIDTH = 0.04  # metres, how far across the jaws

CAMERA_PAN_JOINT = "head_pan_joint"
CAMERA_PAN_LIMITS = (-math.pi, math.pi)
CAMERA_POSITION = (0.05, 0.0, 1.20)  # metres, in base_link
CAMERA_PITCH = 0.45  # radians, downwards
CAMERA_PAN_SPEED = 2.0  # radians per second


@dataclass(frozen=True)
class CameraModel:
    """A pinhole camera: picture size in pixels, field of view in radians, range in metres."""

    width: int = 320
    height: int = 240
    horizontal_view: float = 1.25
    near: float = 0.2
    far: float = 4.0

    @property
    def focal(self) -> float:
        """Focal length in pixels."""
        return self.width / 2 / math.tan(self.horizontal_view / 2)
