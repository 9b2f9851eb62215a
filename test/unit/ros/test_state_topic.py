"""A value of the robot's state is heard of every publisher, whatever it keeps for late comers."""

import time
from types import SimpleNamespace

import pytest
import rclpy
from rclpy.qos import DurabilityPolicy, QoSProfile
from std_msgs.msg import Bool

from execution_orchestrator.capabilities.robot_state_document import StateBinding
from execution_orchestrator.ros.listening import Listener, hand_on
from execution_orchestrator.ros.world.state_topic import StateTopic
from test.domains import own_domain

CLEAR = {"topic": "clear", "type": "std_msgs/msg/Bool", "field": "data", "period": 0.0}
KEPT = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)
NOT_KEPT = QoSProfile(depth=1)


@pytest.fixture
def node():
    context = rclpy.Context()
    rclpy.init(context=context, domain_id=own_domain())
    yield rclpy.create_node("one", context=context, start_parameter_services=False)
    context.try_shutdown()


def listening(node, heard, **more):
    binding = StateBinding.model_validate({**CLEAR, **more})
    StateTopic(
        Listener(node, node),
        SimpleNamespace(),
        {"clear": binding},
        time.monotonic,
        lambda _, value: heard.append(value),
    )


def until(node, condition):
    end = time.monotonic() + 20.0
    while not condition():
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.01)
        for subscription in list(node.subscriptions):
            hand_on(subscription)


def test_what_was_published_before_is_heard_if_it_is_kept(node):
    heard = []
    publisher = node.create_publisher(Bool, "clear", KEPT)
    publisher.publish(Bool(data=True))
    listening(node, heard, latched=True)
    until(node, lambda: heard)
    assert set(heard) == {True}


def test_nothing_is_asked_of_a_publisher_that_it_does_not_offer(node):
    listening(node, [])
    asked = node.get_subscriptions_info_by_topic("clear")
    assert [one.qos_profile.durability for one in asked] == [DurabilityPolicy.VOLATILE]


@pytest.mark.parametrize("latched", [True, False])
@pytest.mark.parametrize("quality", [KEPT, NOT_KEPT])
def test_what_is_published_later_is_heard_of_everybody(node, quality, latched):
    heard = []
    publisher = node.create_publisher(Bool, "clear", quality)
    listening(node, heard, latched=latched)
    until(node, publisher.get_subscription_count)
    publisher.publish(Bool(data=True))
    until(node, lambda: heard)
    assert set(heard) == {True}


def test_a_latched_value_stays_known_unless_an_age_is_given():
    assert StateBinding.model_validate({**CLEAR, "latched": True}).max_age == 0.0
    assert StateBinding.model_validate({**CLEAR, "latched": True, "max_age": 5.0}).max_age == 5.0
    assert StateBinding.model_validate(CLEAR).max_age == 10.0
