"""Kinds of clocks."""

from enum import IntEnum


class ClockType(IntEnum):
    """The time a clock tells."""

    UNINITIALIZED = 0
    ROS_TIME = 1
    SYSTEM_TIME = 2
    STEADY_TIME = 3
