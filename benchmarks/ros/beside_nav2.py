"""The node as it is shipped beside a Nav2: what it takes while nothing is asked of it.

Nav2's action servers are the scripted ones of the tests, the topics come at a robot's rates. A bare
rclpy node that listens to the transforms and the odometry is measured in the same seconds.
"""

from __future__ import annotations

import sys
import time
from contextlib import ExitStack
from pathlib import Path

from benchmarks.ros.figures import Figure, ratios
from benchmarks.ros.orchestrated import ROOT, START_TIMEOUT
from benchmarks.ros.processes import Child
from execution_orchestrator.ros.client import OrchestratorClient
from test.ports import free_port
from test.scripted_nav2.log import read

STARTS = 5
WINDOWS = 5
WINDOW = 4.0  # seconds
SETTLED = 10.0  # seconds after the start until everything is discovered
SERVERS = (
    *("velocity_smoother", "controller_server", "planner_server", "behavior_server"),
    *("bt_navigator", "waypoint_follower", "docking_server", "lifecycle_manager"),
)
NAV2_TIMEOUT = 60.0  # seconds


def beside_nav2(folder: Path, closing: ExitStack) -> list[Figure]:
    """Processor time and memory of the idle node, and of the bare one."""
    begin_robot(folder, closing)
    bare = _child(folder, closing, "bare_listener", "-m", "benchmarks.ros.bare_listener")
    node = begin_node(folder, closing)
    with OrchestratorClient() as client:
        client.wait_ready(START_TIMEOUT)
    time.sleep(SETTLED)
    used: dict[str, list[float]] = {"node": [], "bare listener": []}
    for _ in range(WINDOWS):
        before = node.cpu(), bare.cpu()
        time.sleep(WINDOW)
        for taken, child, since in zip(used.values(), (node, bare), before, strict=True):
            taken.append((child.cpu() - since) / WINDOW * 100)
    node_used, bare_used = used.values()
    label = "idle beside Nav2"
    return [
        Figure.of_samples(f"{label}, share of a core: node", node_used, "%", 5.0),
        Figure.of_samples(f"{label}, share of a core: bare listener", bare_used, "%"),
        Figure.of_samples(f"{label}, node over bare listener", ratios(node_used, bare_used), "x"),
        Figure(f"{label}, memory: node", node.memory(), "MB", 140.0),
        Figure(f"{label}, memory: bare listener", bare.memory(), "MB"),
    ]


def starts(folder: Path, closing: ExitStack) -> list[Figure]:
    """Seconds from the start of the node, with an empty journal, until it says that it is ready."""
    taken, used = [], []
    for number in range(STARTS):
        home = folder / f"start_{number}"
        home.mkdir()
        began = time.monotonic()
        node = begin_node(home, closing)
        log = home / "node.log"
        while "ready for goals" not in log.read_text(errors="replace"):
            if time.monotonic() - began > START_TIMEOUT:
                raise RuntimeError(f"the node did not start: {log.read_text(errors='replace')}")
            time.sleep(0.005)
        taken.append(time.monotonic() - began)
        used.append(node.cpu())
        node.stop()
    return [
        Figure.of_samples("start until ready", taken, "s", 0.8),
        Figure.of_samples("start until ready, processor time", used, "s"),
    ]


def begin_robot(folder: Path, closing: ExitStack) -> None:
    """Start the scripted Nav2 and the robot's topics."""
    _child(folder, closing, "robot_topics", "-m", "benchmarks.ros.robot_topics")
    log = folder / "nav2.jsonl"
    arguments = ("--log", str(log), "--parts", ",".join(SERVERS))
    _child(folder, closing, "nav2", "-m", "test.scripted_nav2", *arguments)
    end = time.monotonic() + NAV2_TIMEOUT
    while not any(line["what"] == "ready" for line in read(log)):
        if time.monotonic() > end:
            raise RuntimeError(f"the scripted Nav2 did not start; {folder / 'nav2.log'} says why")
        time.sleep(0.1)


def begin_node(folder: Path, closing: ExitStack) -> Child:
    """Start the node as it ships, with a journal and a port of its own."""
    return _child(
        folder,
        closing,
        "node",
        str(ROOT / "scripts" / "orchestrator"),
        *("--ros-args", "--params-file", str(ROOT / "config" / "orchestrator.yaml")),
        *("-p", f"state_directory:={folder / 'state'}", "-p", f"web_port:={free_port()}"),
    )


def _child(folder: Path, closing: ExitStack, name: str, *arguments: str) -> Child:
    child = Child([sys.executable, *arguments], folder / f"{name}.log")
    closing.callback(child.stop)
    return child
