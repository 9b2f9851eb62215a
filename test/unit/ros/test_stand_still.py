"""Zero velocity has several holders, and a stop says what odometry shows."""

import asyncio
import time
from types import SimpleNamespace

import pytest

from execution_orchestrator.ros.stopping import CancelReport, RobotStop, StandStill, ZeroVelocity
from execution_orchestrator.ros.stopping.standstill import Motion, Seen

TYPES = {"cmd_vel": "geometry_msgs/msg/Twist", "lock": "std_msgs/msg/Bool"}


class Node:
    """A node whose topics all have a subscriber."""

    def __init__(self):
        self.published = []

    def resolve_topic_name(self, topic):
        return topic

    def get_subscriptions_info_by_topic(self, topic):
        return [SimpleNamespace(topic_type=TYPES[topic.rpartition("/")[2]])]

    def create_publisher(self, _type, topic, _depth):
        return SimpleNamespace(publish=lambda message: self.published.append((topic, message)))

    def locked(self, topic):
        return [message.data for name, message in self.published if name == topic][-1]

    def heard(self, topic):
        return any(name == topic for name, _ in self.published)


@pytest.fixture
def node():
    return Node()


@pytest.fixture
def velocity(node):
    made = ZeroVelocity(
        node, {"one": ["one/cmd_vel", "one/lock"], "two": ["two/cmd_vel", "two/lock"]}
    )
    yield made
    made.close()


def test_a_robot_stays_locked_until_the_last_one_lets_go(node, velocity):
    velocity.hold("a stop of all", by="stop")
    velocity.hold("a strategy", by="strategy", robot="one")
    time.sleep(0.1)
    velocity.release("strategy")
    time.sleep(0.1)
    assert node.locked("one/lock")
    assert node.locked("two/lock")
    velocity.release("stop")
    assert not node.locked("one/lock")
    assert not node.locked("two/lock")
    count = len(node.published)
    time.sleep(0.1)
    assert len(node.published) == count


def test_one_robot_is_held_and_the_other_is_let_be(node, velocity):
    velocity.hold("a strategy", by="strategy", robot="two")
    time.sleep(0.1)
    velocity.release("strategy")
    assert node.heard("two/cmd_vel")
    assert not node.heard("one/cmd_vel")
    assert not node.heard("one/lock")


class Robot:
    def __init__(self, *looks):
        self.looks = list(looks)
        self.cancelled = []

    def of(self, robot, since):
        return self.looks.pop(0) if len(self.looks) > 1 else self.looks[0]

    async def cancel_all(self, resources):
        self.cancelled.append(resources)
        return CancelReport(refused=["/follow_path"])


MOVES = Seen(Motion.MOVING, 0.42, words="the robot still moves (0.42 m/s)")
STANDS = Seen(Motion.STANDING, words="the robot stands")


@pytest.mark.parametrize(
    ("looks", "words"),
    [
        ((MOVES, MOVES, STANDS), "the robot stands; /follow_path refused to cancel"),
        ((MOVES,), "the robot still moves (0.42 m/s); /follow_path refused to cancel"),
        (
            (Seen(Motion.UNKNOWN, words="no odometry on odom"),),
            "whether the robot stands is not known: no odometry on odom; "
            "/follow_path refused to cancel",
        ),
    ],
)
async def test_a_stop_holds_until_it_is_known_and_says_what_is(node, velocity, looks, words):
    robot = Robot(*looks)
    still = StandStill(robot, velocity, robot, {"one": ["one/base"]})
    started = asyncio.get_running_loop().time()
    assert await still.stop("one", "safe_stop of go", 0.3) == words
    assert asyncio.get_running_loop().time() - started < 1.0
    assert robot.cancelled == [("one/base",)]
    assert node.heard("one/cmd_vel")
    assert not node.locked("one/lock")


class FoundLate(Robot):
    """A robot whose odometry and servers are found when the stop has begun."""

    def hold(self, report):
        self.report = report

    async def cancel_all(self, *, report):
        return report

    def release(self):
        pass

    def all(self, since):
        if len(self.looks) == 1:
            self.report.add({b"theirs"})
        return self.looks.pop(0) if len(self.looks) > 1 else self.looks[0]


async def test_a_node_that_was_just_started_does_not_take_what_it_has_not_found_for_absent(
    velocity,
):
    # Longer than an old node waits for odometry that it has never heard.
    unknown = [Seen(Motion.UNKNOWN, words="no odometry on /odom")] * 30
    robot = FoundLate(*unknown, Seen(Motion.STANDING, words="the robot stands"))
    events = []
    stop = RobotStop(robot, velocity, robot, loop=asyncio.get_running_loop(), note=events.extend)
    stop.engage("test")
    verdict = await stop.verdict()
    stop.release()
    assert "stands" in verdict.words
    assert verdict.goals == 1
    assert [one.motion for one in events] == ["stopping", "standing"]
