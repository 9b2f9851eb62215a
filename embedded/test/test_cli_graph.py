"""The `ros2` command looks at running nodes, talks to them and changes them."""

import os
import re
import signal
import subprocess
import time

import pytest
import yaml
from commands import PATIENCE, ROS2, ros2, running

from test.children import started
from test.domains import free_domain


@pytest.fixture(scope="module")
def env(tmp_path_factory):
    """Run the exhibit in a domain of its own."""
    folder = tmp_path_factory.mktemp("cli")
    variables = {
        **os.environ,
        "ROS_DOMAIN_ID": str(free_domain()),
        "ROS_LOG_DIR": str(folder / "log"),
    }
    with running("exhibit", variables) as node:
        deadline = time.monotonic() + PATIENCE
        while "/count" not in ros2(variables, "action", "list").stdout:
            assert node.poll() is None, "the exhibit ended"
            assert time.monotonic() < deadline, "the exhibit did not come up"
        yield variables


def start(variables, *words):
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    return started([*ROS2, *words], env=variables, **pipes)


def lines_until(process, text):
    """Read lines up to one with a text."""
    lines = []
    for line in process.stdout:
        lines.append(line)
        if text in line:
            return lines
    raise AssertionError(f"'{text}' did not come: {lines}")


def test_echo_once_prints_nested_yaml(env):
    result = ros2(env, "topic", "echo", "--once", "/pose")
    assert result.returncode == 0
    document = yaml.safe_load(result.stdout.removesuffix("---\n"))
    assert document["header"]["frame_id"] == "map"
    assert document["pose"]["position"] == {"x": 1.5, "y": 0.0, "z": 0.0}
    assert document["pose"]["orientation"]["w"] == 1.0


def test_echo_of_a_field(env):
    result = ros2(env, "topic", "echo", "--once", "--field", "pose.position", "/pose")
    assert result.stdout == "x: 1.5\ny: 0.0\nz: 0.0\n---\n"
    result = ros2(env, "topic", "echo", "--once", "--field", "pose.position.x", "/pose")
    assert result.stdout == "1.5\n---\n"


def test_echo_as_csv(env):
    result = ros2(env, "topic", "echo", "--once", "--csv", "/pose")
    assert re.fullmatch(r"\d+,\d+,map,1\.5,0\.0,0\.0,0\.0,0\.0,0\.0,1\.0\n", result.stdout)


def test_echo_gets_what_was_published_before(env):
    result = ros2(env, "topic", "echo", "--once", "/banner")
    assert result.stdout == "data: welcome\n---\n"


def test_echo_with_a_filter_and_a_timeout(env):
    words = ("topic", "echo", "--once", "--timeout", "1.0", "/pose", "--filter")
    assert ros2(env, *words, "m.pose.position.x > 1").stdout
    assert not ros2(env, *words, "m.pose.position.x < 1").stdout


def test_echo_of_an_unknown_topic_or_field(env):
    result = ros2(env, "topic", "echo", "--once", "/nowhere")
    assert result.returncode == 1
    assert "WARNING: topic [/nowhere] does not appear to be published yet" in result.stdout
    assert result.stderr == "Could not determine the type for the passed topic\n"
    result = ros2(env, "topic", "echo", "--once", "--field", "no.such", "/pose")
    assert result.returncode == 1
    assert "Invalid field 'no.such'" in result.stderr


def test_echo_ends_quietly_on_interrupt(env):
    with start(env, "topic", "echo", "/pose") as process:
        lines_until(process, "---")
        process.send_signal(signal.SIGINT)
        rest = process.stdout.read()
    assert "Traceback" not in rest
    assert process.returncode == signal.SIGINT


def test_pub_reaches_echo(env):
    with start(env, "topic", "echo", "--once", "/word", "std_msgs/msg/String") as listener:
        result = ros2(env, "topic", "pub", "--once", "/word", "std_msgs/msg/String", "data: hi")
        assert result.returncode == 0
        assert listener.stdout.read() == "data: hi\n---\n"
    assert result.stdout.endswith(
        "publisher: beginning loop\npublishing #1: std_msgs.msg.String(data='hi')\n\n"
    )


def test_pub_a_number_of_times_from_standard_input(env):
    words = ("-t", "3", "-r", "50", "-w", "0", "-p", "3", "--stdin")
    result = ros2(env, "topic", "pub", *words, "/w", "std_msgs/String", stdin="{data: x}")
    assert result.returncode == 0
    assert result.stdout.count("publishing #") == 1
    assert "publishing #3: std_msgs.msg.String(data='x')" in result.stdout


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("/w", "std_msgs/msg/String", "[1]"), "needs to be a dictionary"),
        (("/w", "std_msgs/msg/Strin", "{}"), "The passed message type is invalid"),
        (("/w", "std_msgs/msg/String", "{dat: 1}"), "Failed to populate field"),
        (("-1", "--max-wait-time-secs", "0.2", "/w", "std_msgs/msg/String"), "Timed out waiting"),
    ],
)
def test_pub_explains_bad_input(env, words, complaint):
    result = ros2(env, "topic", "pub", *words)
    assert result.returncode == 1
    assert complaint in result.stderr
    assert "Traceback" not in result.stderr


def test_the_rate_of_a_topic(env):
    with start(env, "topic", "hz", "/pose") as process:
        assert re.search(r"average rate: \d+\.\d{3}", lines_until(process, "average")[-1])
        process.send_signal(signal.SIGINT)
        process.stdout.read()


def test_lists_count_and_filter(env):
    assert ros2(env, "service", "type", "/switch").stdout == "std_srvs/srv/SetBool\n"
    assert ros2(env, "action", "type", "/count").stdout == "example_interfaces/action/Fibonacci\n"
    assert ros2(env, "node", "list", "-c").stdout == "1\n"
    verbose = ros2(env, "topic", "list", "-v").stdout
    assert " * /pose [geometry_msgs/msg/PoseStamped] 1 publisher\n" in verbose


@pytest.mark.parametrize(
    "words",
    [("topic", "type", "/none"), ("service", "type", "/none"), ("action", "type", "/none")],
)
def test_type_of_what_is_not_there(env, words):
    result = ros2(env, *words)
    assert (result.stdout, result.returncode) == ("", 1)


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("topic", "info", "/none"), "Unknown topic '/none'\n"),
        (("service", "info", "/none"), "Unknown service '/none'\n"),
        (("node", "info", "/none"), "Unable to find node '/none'\n"),
        (("param", "get", "/none", "x"), "Node not found\n"),
        (("lifecycle", "get", "/hall/exhibit"), "Node not found\n"),
        (("param", "get", "/hall/exhibit", "none"), "Parameter not set\n"),
    ],
)
def test_what_is_not_there_is_said(env, words, complaint):
    result = ros2(env, *words)
    assert (result.stderr, result.returncode) == (complaint, 1)


def test_service_call_and_info(env):
    result = ros2(env, "service", "call", "/switch", "std_srvs/srv/SetBool", "{data: true}")
    assert result.stdout == (
        "requester: making request: std_srvs.srv.SetBool_Request(data=True)\n\n"
        "response:\nstd_srvs.srv.SetBool_Response(success=True, message='switched')\n\n"
    )
    info = ros2(env, "service", "info", "/switch").stdout
    assert info == "Type: std_srvs/srv/SetBool\nClients count: 0\nServices count: 1\n"


def test_parameters_are_shown_and_set(env):
    node = "/hall/exhibit"
    assert ros2(env, "param", "get", node, "speed").stdout == "Double value is: 0.5\n"
    assert ros2(env, "param", "get", node, "gains").stdout == "Double values are: [1.0, 2.5]\n"
    assert ros2(env, "param", "get", "--hide-type", node, "arm.joints").stdout == (
        "['shoulder', 'elbow']\n"
    )
    assert ros2(env, "param", "describe", node, "speed").stdout == (
        "Parameter name: speed\n  Type: double\n  Description: in m/s\n  Constraints:\n"
        "    Min value: 0.0\n    Max value: 2.0\n"
    )
    assert ros2(env, "param", "set", node, "speed", "1.5").stdout == "Set parameter successful\n"
    refused = ros2(env, "param", "set", node, "speed", "9.0")
    assert refused.stderr.startswith("Setting parameter failed: ")
    assert "  speed (type: double)\n" in ros2(env, "param", "list", node, "--param-type").stdout


def test_parameters_are_dumped_and_loaded(env, tmp_path):
    node = "/hall/exhibit"
    dumped = yaml.safe_load(ros2(env, "param", "dump", node).stdout)
    parameters = dumped[node]["ros__parameters"]
    assert parameters["arm"] == {"joints": ["shoulder", "elbow"]}
    file = tmp_path / "p.yaml"
    file.write_text(yaml.safe_dump({node: {"ros__parameters": {"speed": 0.25}}}))
    loaded = ros2(env, "param", "load", node, str(file))
    assert loaded.stdout == "Set parameter speed successful\n"
    assert ros2(env, "param", "get", node, "speed").stdout == "Double value is: 0.25\n"


def test_interrupted_goal_is_cancelled(env):
    words = ("action", "send_goal", "-f", "/count", "example_interfaces/action/Fibonacci")
    with start(env, *words, "{order: 400}") as process:
        lines_until(process, "Feedback:")
        process.send_signal(signal.SIGINT)
        rest = process.stdout.read()
    assert rest.endswith("Canceling goal...\nGoal canceled.\n")
    assert process.returncode == signal.SIGINT


def test_goal_that_cannot_be_made(env):
    result = ros2(env, "action", "send_goal", "/count", "example_interfaces/action/Nope", "{}")
    assert (result.stderr, result.returncode) == ("The passed action type is invalid\n", 1)


def test_output_cut_off_by_its_reader(env):
    command = " ".join([*ROS2, "topic echo /pose | head -n 1"])
    result = subprocess.run(
        ["bash", "-c", command],
        env=env,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert result.stdout == "header:\n"
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    ("command", "name"),
    [("topic", "/count/_action/feedback"), ("service", "/count/_action/send_goal")],
)
def test_types_of_hidden_names_are_told_on_request(env, command, name):
    assert ros2(env, command, "type", name).returncode == 1
    shown = ros2(env, command, f"--include-hidden-{command}s", "type", name)
    assert shown.returncode == 0
    assert shown.stdout.startswith("example_interfaces/action/Fibonacci_")


def test_parameters_of_one_node_are_loaded_into_another(env, tmp_path):
    file = tmp_path / "other.yaml"
    file.write_text("/elsewhere:\n  ros__parameters:\n    speed: 0.25\n")
    loaded = ros2(env, "param", "load", "/hall/exhibit", str(file))
    assert loaded.stdout == "Set parameter speed successful\n"
    file.write_text("/**:\n  ros__parameters:\n    speed: 0.5\n")
    refused = ros2(env, "param", "load", "--no-use-wildcard", "/hall/exhibit", str(file))
    assert refused.returncode == 1
    assert "Param file does not contain selected parameters" in refused.stderr
    assert ros2(env, "param", "load", "/hall/exhibit", str(file)).returncode == 0
