import time

import pytest
import rclpy
from rclpy.qos import QoSProfile
from std_msgs.msg import Int32

from execution_orchestrator.ros.listening import Listener, hand_on, reading
from test.domains import own_domain


@pytest.fixture
def nodes():
    context = rclpy.Context()
    rclpy.init(context=context, domain_id=own_domain())
    options = {"context": context, "start_parameter_services": False}
    named = rclpy.create_node(
        "named", namespace="robot", cli_args=["--ros-args", "-r", "b:=c"], **options
    )
    listening = rclpy.create_node("named_listener", namespace="other", **options)
    yield named, listening
    context.try_shutdown()


def published(node, topic, numbers):
    publisher = node.create_publisher(Int32, topic, 10)
    end = time.monotonic() + 10.0
    while not publisher.get_subscription_count():
        assert time.monotonic() < end, "no match"
        time.sleep(0.01)
    for number in numbers:
        publisher.publish(Int32(data=number))


def until(condition):
    end = time.monotonic() + 10.0
    while not condition():
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.01)


def test_topics_have_the_names_of_the_node_that_is_listened_for(nodes):
    named, listening = nodes
    listener = Listener(named, listening)
    made = [
        listener.create_subscription(Int32, topic, print, QoSProfile(depth=10))
        for topic in ("a", "b")
    ]
    assert [one.topic_name for one in made] == ["/robot/a", "/robot/c"]
    assert list(listening.subscriptions) == made


def test_every_message_is_handed_on_and_one_that_cannot_be_used_is_no_end(nodes):
    named, listening = nodes
    heard = []

    def take(message):
        heard.append(message.data)
        if message.data == 1:
            raise ValueError("one")

    Listener(named, listening).create_subscription(Int32, "a", take, QoSProfile(depth=10))
    with reading(listening):
        published(named, "a", range(5))
        until(lambda: len(heard) == 5)
    assert heard == list(range(5))


def test_of_raw_messages_the_newest_counts(nodes):
    named, listening = nodes
    heard = []
    subscription = Listener(named, listening).create_subscription(
        Int32, "a", heard.append, QoSProfile(depth=10), raw=True
    )
    published(named, "a", range(5))

    def look():
        hand_on(subscription)
        return heard and heard[-1][4] == 4

    until(look)
    assert len(heard) < 5


def test_a_subscription_that_was_removed_is_not_read(nodes):
    named, listening = nodes
    listener = Listener(named, listening)
    subscription = listener.create_subscription(Int32, "a", print, QoSProfile(depth=10))
    listener.destroy_subscription(subscription)
    hand_on(subscription)
