"""Two of one name and different types do not talk to each other, and both are told."""

import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ros2_embedded.wire import strangers
from ros2_embedded.wire.graph import DiscoveredEndpoint
from ros2_embedded.wire.policies import Policies
from test.domains import free_domain

NODE = Path(__file__).parent / "nodes" / "other_types.py"
PATIENCE = 20  # seconds
TOLD = {
    "one": (
        "The action '/shared' is a tf2_msgs/action/LookupTransform at its client and a "
        "example_interfaces/action/Fibonacci here",
        "The service '/shared' is a std_srvs/srv/Trigger at its client and a "
        "example_interfaces/srv/AddTwoInts here",
        "Incompatible type on topic 'shared'",
    ),
    "other": (
        "The action '/shared' is a example_interfaces/action/Fibonacci at its server and a "
        "tf2_msgs/action/LookupTransform here",
        "The service '/shared' is a example_interfaces/srv/AddTwoInts at its server and a "
        "std_srvs/srv/Trigger here",
        "Incompatible type on topic 'shared'",
    ),
}


def test_other_types_are_not_connected_and_both_sides_are_told(tmp_path):
    environment = os.environ | {"ROS_DOMAIN_ID": str(free_domain())}
    logs = {name: tmp_path / name for name in TOLD}
    processes = []
    for name, log in logs.items():
        with log.open("w") as file:
            processes.append(
                subprocess.Popen(
                    [sys.executable, str(NODE), name],
                    env=environment,
                    stdin=subprocess.PIPE,
                    stdout=file,
                    stderr=file,
                )
            )
    try:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline and any(
            sentence not in logs[name].read_text() for name in TOLD for sentence in TOLD[name]
        ):
            time.sleep(0.1)
        time.sleep(1)  # what must not come needs the time to come
    finally:
        for process in processes:
            process.stdin.close()
            process.wait(timeout=PATIENCE)
    for name, sentences in TOLD.items():
        said = logs[name].read_text()
        assert [said.count(sentence) for sentence in sentences] == [1, 1, 1], said
        assert not re.search(r"crossed|incompatible QoS|Traceback", said), said


def endpoint(vendor, *, is_writer=False, type_name="std_srvs::srv::dds_::Trigger_Request_"):
    return DiscoveredEndpoint(
        guid=bytes.fromhex(vendor) + bytes(14),
        participant=bytes(16),
        handle=1,
        topic="rq/trigRequest",
        type_name=type_name,
        user_data="",
        policies=Policies(),
        is_writer=is_writer,
    )


@pytest.mark.parametrize(
    ("stranger", "service", "beginning"),
    [
        (endpoint("010f"), "/trig", "The server of the service '/trig' uses Fast DDS,"),
        (
            endpoint("010f", is_writer=True),
            "/fly/_action/send_goal",
            "The client of the action '/fly' uses Fast DDS,",
        ),
        (endpoint("01ff"), "/trig", "The server of the service '/trig' uses a DDS of vendor 01ff,"),
    ],
)
def test_another_vendor_is_named_with_a_way_out(stranger, service, beginning):
    said = strangers.sentence(service, "std_srvs::srv::dds_::Trigger_Request_", stranger)
    assert said.startswith(beginning)
    assert "RMW_IMPLEMENTATION=rmw_cyclonedds_cpp" in said
    assert "make ros2" in said


def test_an_action_is_told_of_once():
    services = ("send_goal", "cancel_goal", "get_result")
    told = [name for name in services if strangers.concerns_whole_action(f"/fly/_action/{name}")]
    assert told == ["send_goal"]
    assert strangers.concerns_whole_action("/trig")
