"""Every test process has a domain of its own, on the loopback."""

import os
import threading

import pytest

from ros2_embedded import bootstrap
from test.domains import own_domain

bootstrap.activate()

import rclpy  # noqa: E402
from rclpy.executors import ExternalShutdownException, MultiThreadedExecutor  # noqa: E402
from rclpy.node import Node  # noqa: E402

os.environ["ROS_DOMAIN_ID"] = str(own_domain())
os.environ.pop("ROS_AUTOMATIC_DISCOVERY_RANGE", None)


@pytest.fixture
def context():
    """Return an initialised context that ends with the test."""
    context = rclpy.Context()
    rclpy.init(context=context, args=[])
    yield context
    context.try_shutdown()


@pytest.fixture
def spinning(context):
    """Return a function that makes a node whose callbacks run in other threads."""
    executor = MultiThreadedExecutor(4, context=context)

    def spin():
        try:
            executor.spin()
        except ExternalShutdownException:
            return

    thread = threading.Thread(target=spin, daemon=True)
    thread.start()

    def make(name, **options):
        node = Node(name, context=context, **options)
        executor.add_node(node)
        return node

    yield make
    executor.shutdown(timeout_sec=5)
    thread.join(timeout=5)
    assert not thread.is_alive()
