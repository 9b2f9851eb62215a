"""The Python side of the `ros2` command, as other programs use it."""

import argparse
import os

import pytest

from ros2_embedded import bootstrap
from test.domains import free_domain

bootstrap.activate()

from rclpy import qos  # noqa: E402
from rclpy.duration import Duration  # noqa: E402
from ros2action.api import get_action_clients_and_servers, get_action_names  # noqa: E402
from ros2cli.node.direct import DEFAULT_TIMEOUT, DirectNode, add_arguments  # noqa: E402
from ros2cli.node.strategy import NodeStrategy  # noqa: E402
from ros2node.api import get_node_names, has_duplicates, parse_node_name  # noqa: E402
from ros2pkg.api import (  # noqa: E402
    PackageNotFound,
    get_executable_paths,
    get_package_names,
    get_prefix_path,
)
from ros2service.api import get_service_names  # noqa: E402
from ros2topic.api import (  # noqa: E402
    get_msg_class,
    get_topic_names,
    qos_profile_from_short_keys,
)
from std_msgs.msg import String  # noqa: E402
from std_srvs.srv import Empty  # noqa: E402


@pytest.fixture(autouse=True)
def _own_domain(monkeypatch):
    monkeypatch.setitem(os.environ, "ROS_DOMAIN_ID", str(free_domain()))


def test_a_profile_by_short_names():
    profile = qos_profile_from_short_keys(
        "sensor_data", reliability="reliable", durability="transient_local", depth=10,
        history="keep_last", liveliness="manual_by_topic", liveliness_lease_duration_s=10.3,
    )  # fmt: skip
    assert profile.reliability == qos.QoSReliabilityPolicy.RELIABLE
    assert profile.durability == qos.QoSDurabilityPolicy.TRANSIENT_LOCAL
    assert profile.depth == 10
    assert profile.liveliness == qos.QoSLivelinessPolicy.MANUAL_BY_TOPIC
    assert profile.liveliness_lease_duration == Duration(seconds=10.3)
    assert qos_profile_from_short_keys("default").depth == 10


def test_a_direct_node_looks_at_the_graph():
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    args = parser.parse_args([])
    assert args.spin_time == DEFAULT_TIMEOUT
    with DirectNode(args, node_name="looking") as node:
        node.create_publisher(String, "words", 1)
        node.create_service(Empty, "nothing", lambda request, response: response)
        assert "/words" in get_topic_names(node=node)
        assert get_msg_class(node, "words") is String
        assert get_msg_class(node, "no_words") is None
        assert "/nothing" in get_service_names(node=node)
        assert "/looking" in [one.full_name for one in get_node_names(node=node)]
        assert get_action_names(node=node) == []
        assert get_action_clients_and_servers(node=node, action_name="/go") == ([], [])
    with NodeStrategy(None) as node:
        assert node.direct_node is node
        assert node.daemon_node is None


def test_names_of_nodes():
    assert parse_node_name("ns/talker") == ("talker", "/ns", "/ns/talker")
    assert has_duplicates(["a", "b", "a"])
    assert not has_duplicates([])


def test_packages():
    assert "std_msgs" in get_package_names()
    assert get_prefix_path("invalid.package.name") is None
    assert any(
        path.endswith("static_transform_publisher")
        for path in get_executable_paths(package_name="tf2_ros")
    )
    with pytest.raises(PackageNotFound, match="no_pkg"):
        get_executable_paths(package_name="no_pkg")
