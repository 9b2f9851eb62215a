"""The `ros2` command prints what a real ROS 2 Jazzy printed, and exits the same way.

`data/ros2_cli.txt` was recorded beside a talker and an action server like those in `nodes/`.
Compared is everything but what cannot be the same twice: ids, counters and measured times.
"""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from test.domains import free_domain

HERE = Path(__file__).parent
ROS2 = [sys.executable, "-m", "ros2_embedded.cli"]
#: Seconds a command may take that the recording does not bound itself.
PATIENCE = 60
MINI_LAUNCH = """
from launch import LaunchDescription


def generate_launch_description():
    return LaunchDescription([])
"""


def recorded():
    """List the commands with their output and exit status."""
    text = (HERE / "data" / "ros2_cli.txt").read_text()
    entries = re.findall(r"^\$ (.*?)\n(.*?)^\[exit (\d+)\]$", text, re.DOTALL | re.MULTILINE)
    assert len(entries) > 30
    return [(command, output, int(status)) for command, output, status in entries]


#: What differs from run to run, and what stands in its place for the comparison.
CHANGING = [
    (r"GID: ([0-9a-f]{2}\.){15}[0-9a-f]{2}", "GID: <gid>"),
    (r"hello \d+", "hello <n>"),
    (r"with ID: [0-9a-f]{32}", "with ID: <id>"),
    # The recorded list of names is empty by a mistake that is not repeated here.
    (r"undeclared parameter\(s\): \[.*\]", "undeclared parameter(s): <names>"),
    # How often this is said depends on when the command is ended.
    (r"(Waiting for at least 1 matching subscription\(s\)\.\.\.\n)+", r"\1"),
    (r"average rate: \d+\.\d{3}", "average rate: <rate>"),
    (
        r"min: \d\.\d{3}s max: \d\.\d{3}s std dev: \d\.\d{5}s window: \d+",
        "min: <s> max: <s> std dev: <s> window: <n>",
    ),
]


def settle(text):
    """Replace what changes from run to run."""
    for pattern, stand_in in CHANGING:
        text = re.sub(pattern, stand_in, text)
    return text


def split(command):
    """Split a recorded command line, in which quotes are missing around YAML."""
    return re.findall(r"\{.*\}|\S+", command)


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    """Run a talker and an action server in a domain of their own."""
    folder = tmp_path_factory.mktemp("conformance")
    (folder / "mini.launch.py").write_text(MINI_LAUNCH)
    variables = {
        **os.environ,
        "ROS_DOMAIN_ID": str(free_domain()),
        "ROS_LOG_DIR": str(folder / "log"),
        "ROS_AUTOMATIC_DISCOVERY_RANGE": "LOCALHOST",
    }
    start = "from ros2_embedded import bootstrap; bootstrap.activate(); import runpy, sys; "
    start += "runpy.run_path(sys.argv.pop(1), run_name='__main__')"
    nodes = [
        subprocess.Popen(
            [sys.executable, "-c", start, str(HERE / "nodes" / f"{name}.py")], env=variables
        )
        for name in ("talker", "fib_server")
    ]
    try:
        wait_for_nodes(folder, variables)
        yield folder, variables
    finally:
        for node in nodes:
            node.send_signal(signal.SIGINT)
        for node in nodes:
            try:
                node.wait(timeout=10)
            except subprocess.TimeoutExpired:
                node.kill()
                node.wait()


def wait_for_nodes(folder, variables):
    """Return when both nodes are in the graph."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        output, _ = run(["ros2", "action", "list"], folder, variables)
        if (
            "/fibonacci" in output
            and "/talker" in run(["ros2", "node", "list"], folder, variables)[0]
        ):
            return
    raise TimeoutError("the nodes did not come up")


def run(words, folder, variables, timeout=None):
    """Run a command; return its output, both streams together, and its exit status."""
    at = words.index("ros2")
    words = [*words[:at], *ROS2, *words[at + 1 :]]
    if timeout is not None:
        words = ["timeout", str(timeout), *words]
    result = subprocess.run(
        words,
        cwd=folder,
        env=variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    return result.stdout, result.returncode


@pytest.mark.parametrize(
    ("command", "expected", "status"),
    [pytest.param(*entry, id=entry[0].replace("/", ".")) for entry in recorded()],
)
def test_same_layout_and_exit_status(environment, command, expected, status):
    folder, variables = environment
    words = split(command)
    # This one was ended from outside, which the recording does not show.
    unbounded = status == 124 and words[0] != "timeout"
    output, code = run(words, folder, variables, timeout=3 if unbounded else None)
    if command.startswith("ros2 param set /fib_server use_sim_time"):
        run([*words[:-1], "false"], folder, variables)
    compare = COMPARISONS.get(command, compare_text)
    compare(output, expected)
    assert code == status


def compare_text(output, expected):
    assert settle(output).rstrip("\n") == settle(expected).rstrip("\n")


def compare_definition(output, expected):
    """Comments are our own, and so is how defaults and types of the same package are written."""

    def fields(text):
        package = "geometry_msgs"
        lines = [line.partition("#")[0].rstrip() for line in text.splitlines()]
        lines = [re.sub(rf"^(\t*){package}/", r"\1", line) for line in lines if line]
        lines = [re.sub(r" (\d+)\.0$", r" \1", line) for line in lines]
        return [re.sub(r"^(\t*float64 \w+) 0$", r"\1", line) for line in lines]

    assert fields(output) == fields(expected)


def compare_listing(output, expected):
    """More interfaces may be installed here; none may be missing, and the order is the same."""
    lines = output.splitlines()
    wanted = expected.splitlines()
    assert lines[0] == wanted[0]
    assert [line for line in lines if line in set(wanted)] == wanted
    assert lines[1:] == sorted(lines[1:])


def compare_names_in_any_order(output, expected):
    """A node lists its parameters in no particular order."""

    def names(text):
        return sorted(re.search(r"names=\[(.*?)\]", text).group(1).split(", "))

    assert names(output) == names(expected)
    in_place = r"names=\[.*?\]"
    compare_text(re.sub(in_place, "names", output), re.sub(in_place, "names", expected))


def compare_prefix(output, _):
    assert Path(output.strip()).is_dir()


def compare_rates(output, expected):
    """How many reports fit into the time depends on the machine, not on the command."""
    report = settle(expected).splitlines()[:2]
    lines = settle(output).splitlines()
    assert lines
    assert lines == report * (len(lines) // 2)


COMPARISONS = {
    "ros2 interface show example_interfaces/action/Fibonacci": compare_definition,
    "ros2 interface show geometry_msgs/msg/PoseStamped": compare_definition,
    "ros2 interface list -a": compare_listing,
    "ros2 service call /fib_server/list_parameters rcl_interfaces/srv/ListParameters {}": (
        compare_names_in_any_order
    ),
    "ros2 pkg prefix rclpy": compare_prefix,
    "timeout 4 ros2 topic hz /chatter": compare_rates,
}


def test_every_special_comparison_is_used():
    assert set(COMPARISONS) <= {command for command, _, _ in recorded()}
