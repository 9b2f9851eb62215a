"""A robot stands when odometry has shown it for long enough, after the moment that counts."""

import math
import random
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
        self.tells([speed] * round(seconds / period), period=period)

    def tells(self, speeds, places=None, yaws=None, period=0.1):
        """Odometry with these velocities; it is at these places, and turned like that."""
        still = [0.0] * len(speeds)
        for speed, place, yaw in zip(speeds, places or still, yaws or still, strict=True):
            message = Odometry()
            message.twist.twist.linear.x = speed
            message.pose.pose.position.x = place
            message.pose.pose.orientation.z = math.sin(yaw / 2)
            message.pose.pose.orientation.w = math.cos(yaw / 2)
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


@pytest.mark.parametrize("seed", range(5))
def test_noise_about_zero_is_that_of_a_robot_that_stands(robot, seed):
    """An inertial or visual odometry is never below the threshold for half a second."""
    noise = random.Random(seed)
    robot.drives(0.5, 1.0)
    stop = robot.now
    robot.tells([max(-0.09, min(0.09, noise.gauss(0.0, 0.025))) for _ in range(30)], period=0.05)
    assert robot.odometer.look(stop).motion is Motion.STANDING
    # ... but not that of one that creeps, or that sways.
    robot.tells([0.04 + noise.gauss(0.0, 0.01) for _ in range(30)], period=0.05)
    assert robot.odometer.look(stop).motion is Motion.MOVING
    robot.tells([0.15, -0.15] * 15, period=0.05)
    assert robot.odometer.look(stop).motion is Motion.MOVING


def test_a_pose_that_goes_on_is_that_of_a_robot_that_moves_whatever_the_velocity_says(robot):
    """Some odometry has no velocity."""
    robot.tells([0.0] * 20, places=[0.03 * step for step in range(20)])
    seen = robot.odometer.look()
    assert seen.motion is Motion.MOVING
    assert seen.words == "the robot still moves (0.30 m/s by its pose)"
    robot.tells([0.0] * 8, places=[0.57] * 8)
    assert robot.odometer.look().motion is Motion.STANDING
    robot.tells([0.0] * 20, places=[0.57] * 20, yaws=[3.0 + 0.05 * step for step in range(20)])
    assert robot.odometer.look().words == "the robot still moves (turns, 0.50 rad/s by its pose)"


def test_a_pose_that_is_corrected_is_no_motion(robot):
    robot.drives(0.0, 2.0)
    for place in (0.1, 0.0, -0.2):
        for _ in range(7):
            robot.tells([0.0], places=[place])
            assert robot.odometer.look().motion is Motion.STANDING


def test_turns_add_up_over_whole_turns(robot):
    robot.drives(0.0, 1.0)
    before = robot.odometer.travelled
    robot.tells([0.0] * 100, yaws=[0.1 * step for step in range(1, 101)])
    after = robot.odometer.travelled
    assert after.turned - before.turned == pytest.approx(10.0)
    assert after.breaks == before.breaks


def test_what_was_turned_while_odometry_was_silent_is_not_known(robot):
    assert robot.odometer.travelled is None
    robot.drives(0.0, 1.0)
    before = robot.odometer.travelled
    robot.now += 1.5
    assert robot.odometer.travelled is None
    robot.drives(0.0, 1.0)
    assert robot.odometer.travelled.breaks > before.breaks


def test_a_pose_that_is_no_number_is_forgotten(robot):
    robot.drives(0.0, 1.0)
    before = robot.odometer.travelled
    robot.tells([0.0, 0.0], yaws=[math.nan, math.nan])
    assert robot.odometer.travelled is None
    robot.drives(0.0, 1.0)
    assert robot.odometer.travelled.breaks > before.breaks
