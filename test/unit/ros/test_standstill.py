"""A robot stands when odometry has shown it for long enough, after the moment that counts."""

from types import SimpleNamespace

import pytest
from nav_msgs.msg import Odometry
from rclpy.serialization import serialize_message

from execution_orchestrator.ros.stopping.standstill import (
    Motion,
    Odometer,
    StandstillSettings,
)


class Robot:
    """A clock, and an odometer that hears what the robot does."""

    def __init__(self):
        self.now = 100.0
        self._hear = None
        self.odometer = Odometer(self, "odom", StandstillSettings(), clock=lambda: self.now)

    def create_subscription(self, _type, topic, heard, _qos, raw):
        assert raw
        self._hear = heard
        return SimpleNamespace(topic_name=f"/{topic}")

    def drives(self, speed, seconds, period=0.1):
        message = Odometry()
        message.twist.twist.linear.x = speed
        for _ in range(round(seconds / period)):
            self.now += period
            self._hear(serialize_message(message))


@pytest.fixture
def robot():
    return Robot()


def test_it_stands_half_a_second_after_it_became_slow(robot):
    robot.drives(0.5, 1.0)
    assert robot.odometer.look().motion is Motion.MOVING
    robot.drives(0.0, 0.4)
    assert robot.odometer.look().motion is Motion.SETTLING
    robot.drives(0.0, 0.3)
    assert robot.odometer.look().motion is Motion.STANDING


def test_what_was_heard_before_the_stop_does_not_make_it_stand(robot):
    """It had just begun to drive for somebody else, and its odometry came late."""
    robot.drives(0.0, 5.0)
    stop = robot.now
    assert robot.odometer.look(stop).motion is Motion.SETTLING
    robot.now += 0.7  # silence shows nothing
    assert robot.odometer.look(stop).motion is Motion.SETTLING
    robot.drives(0.3, 0.2)
    assert robot.odometer.look(stop).motion is Motion.MOVING
    robot.drives(0.0, 0.7)
    assert robot.odometer.look(stop).motion is Motion.STANDING


def test_without_odometry_unknown(robot):
    assert robot.odometer.look().motion is Motion.UNKNOWN
    robot.drives(0.0, 5.0)
    robot.now += 1.1
    assert robot.odometer.look().motion is Motion.UNKNOWN


def test_a_velocity_that_is_no_number_says_nothing(robot):
    robot.drives(float("nan"), 1.0)
    seen = robot.odometer.look()
    assert (seen.motion, seen.words) == (Motion.UNKNOWN, "the velocity on /odom is not a number")
    robot.drives(0.0, 0.8)
    assert robot.odometer.look().motion is Motion.STANDING
