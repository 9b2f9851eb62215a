"""This runtime beside a real ROS 2 with Fast DDS, where `make ros2` has put one."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from rclpy._rclpy_pybind11 import RCLError
from rclpy.action import ActionClient, ActionServer
from real_ros2 import PATIENCE, needs_real_ros2, real
from std_srvs.srv import Trigger
from test_msgs.action import Fibonacci

from ros2_embedded import idl

pytestmark = needs_real_ros2


def plain(value):
    """Return what JSON can hold."""
    if hasattr(value, "get_fields_and_field_types"):
        return {field: plain(getattr(value, field)) for field in value.get_fields_and_field_types()}
    if isinstance(value, bytes):
        return value[0]
    if isinstance(value, str | int | float):
        return value
    return [plain(item) for item in (value.tolist() if hasattr(value, "tolist") else value)]


def test_messages_with_several_elements_mean_the_same_on_both():
    writer = real("random_messages.py", "write", "7", stdout=subprocess.PIPE)
    written, _ = writer.communicate(timeout=PATIENCE * 2)
    assert writer.returncode == 0
    known, sent = [], []
    for line in written.splitlines():
        name, data, values = json.loads(line)
        try:
            cls = idl.load(name)
        except idl.InterfaceNotFoundError:
            continue  # newer than what is here
        message = idl.deserialize(bytes.fromhex(data), cls)
        assert plain(message) == values, name
        known.append(values)
        sent.append(json.dumps([name, bytes(idl.serialize(message)).hex(), None]))
    assert len(known) > 500
    reader = real("random_messages.py", "read", stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    read, _ = reader.communicate("\n".join(sent) + "\n", timeout=PATIENCE * 2)
    assert reader.returncode == 0
    assert [json.loads(line) for line in read.splitlines()] == known


@pytest.fixture
def fast_dds_server():
    """Run a service and an action server on the real ROS 2."""
    process = real("real_server.py", stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        assert process.stdout.readline() == "ready\n"
        yield
    finally:
        process.stdin.close()
        process.wait(timeout=PATIENCE)
        process.stdout.close()


def test_a_call_to_fast_dds_says_why_it_is_in_vain(fast_dds_server, spinning):
    node = spinning("caller")
    service = node.create_client(Trigger, "real_service")
    action = ActionClient(node, Fibonacci, "real_action")
    assert not service.wait_for_service()
    assert not action.wait_for_server()
    assert not service.wait_for_service(timeout_sec=0.1)
    for call, what in (
        (lambda: service.call(Trigger.Request()), "service '/real_service'"),
        (lambda: action.send_goal_async(Fibonacci.Goal()).result(), "action '/real_action'"),
    ):
        with pytest.raises(
            RCLError, match=f"server of the {what} uses Fast DDS.*rmw_cyclonedds_cpp"
        ):
            call()


def test_its_nodes_are_found_by_their_names(fast_dds_server):
    ros2 = Path(sys.executable).with_name("ros2")
    done = subprocess.run(
        [ros2, "node", "list"], capture_output=True, text=True, timeout=PATIENCE, check=True
    )
    assert done.stdout.splitlines() == ["/real_server"]


@pytest.mark.parametrize(
    "command",
    [
        "param get /real_server use_sim_time",
        "param list",
        "service call /real_service std_srvs/srv/Trigger",
        "action send_goal /real_action test_msgs/action/Fibonacci {}",
    ],
)
def test_the_command_says_so_instead_of_waiting(fast_dds_server, command):
    ros2 = Path(sys.executable).with_name("ros2")
    done = subprocess.run(
        [ros2, *command.split()], capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    assert done.returncode == 1
    assert "uses Fast DDS, this process Cyclone DDS" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.fixture
def cyclone_server(spinning):
    """Run a service and an action server on this runtime."""
    node = spinning("our_server")
    node.create_service(Trigger, "/our_service", lambda request, response: response)
    server = ActionServer(node, Fibonacci, "/our_action", lambda goal: Fibonacci.Result())
    yield
    server.destroy()


@pytest.mark.parametrize(
    "command",
    [
        "param get /our_server use_sim_time",
        "param list",
        "service call /our_service std_srvs/srv/Trigger",
        "action send_goal /our_action test_msgs/action/Fibonacci {}",
    ],
)
def test_the_command_on_fast_dds_says_so_of_our_servers(cyclone_server, command):
    ros2 = Path(sys.executable).with_name("ros2")
    words = [str(ros2), *command.split()]
    done = real(words[0], *words[1:], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    _, complaint = done.communicate(timeout=PATIENCE)
    assert done.returncode == 1
    assert "uses Cyclone DDS, this process Fast DDS" in complaint
    assert "Traceback" not in complaint
