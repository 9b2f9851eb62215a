"""Measure the gap between two actions over DDS (``make bench-prestaging``).

A chain of goals whose parameters and conditions come from earlier outputs runs on two nodes that
differ in the parameter ``prestage`` only; a server of its own process works ``WORK`` seconds on
each goal and stamps when it ended one and when it saw the request of the next. Rounds alternate.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import rclpy
import yaml
from rclpy.node import Node
from std_srvs.srv import Trigger

from benchmarks.ros.processes import Child
from execution_orchestrator.msg import ExecutionStatus
from execution_orchestrator.ros.client import OrchestratorClient

ROOT = Path(__file__).parents[2]
ROUNDS = 6
CHAIN = 30
POSES = 20  # of one goal: what a route has
TIMEOUT = 60.0  # seconds
NODES = {"prepared": True, "not prepared": False}
CAPABILITIES = {
    "version": 1,
    "capabilities": {
        "drive": {
            "description": "Drive a route",
            "interface": {
                "kind": "action",
                "type": "nav2_msgs/action/NavigateThroughPoses",
                "name": "/bench_route",
            },
            "parameters": {"properties": {"poses": {}}},
            "goal": {"poses": {"parameter": "poses", "as": "pose_stamped_list"}},
            "result": {"output": {"error": "error_code"}},
        }
    },
}


def chain() -> list[dict[str, Any]]:
    """Return the actions: a route from the goal's context, a look at the one before last."""
    actions: list[dict[str, Any]] = []
    for number in range(CHAIN):
        action: dict[str, Any] = {
            "id": f"a{number}",
            "action_type": "drive",
            "parameters": {"poses": "{{ input.route }}"},
        }
        if number > 1:
            action["condition"] = f"actions.a{number - 2}.output.error == 0"
        actions.append(action)
    return actions


class Contestant:
    """A node of its own name and state, and a client of it."""

    def __init__(self, folder: Path, name: str, *, prestage: bool) -> None:
        folder.mkdir()
        files = folder / "capabilities.yaml"
        files.write_text(yaml.safe_dump(CAPABILITIES))
        values = {
            "capability_files": f"[{files}]",
            "state_directory": str(folder / "state"),
            "places_file": "''",
            "alerts_file": "''",
            "web_port": "0",
            "prestage": str(prestage).lower(),
        }
        command = [sys.executable, str(ROOT / "scripts" / "orchestrator"), "--ros-args"]
        command += ["-r", f"__node:={name}"]
        for key, value in values.items():
            command += ["-p", f"{key}:={value}"]
        self.child = Child(command, folder / "node.log")
        self._client = OrchestratorClient(name=f"/{name}")
        self._client.__enter__()
        self._client.wait_ready(TIMEOUT)

    def run(self) -> None:
        """Run the chain once.

        Raises:
            RuntimeError: it did not complete.

        """
        route = [{"x": float(n), "y": 0.5 * n, "yaw": 0.1 * n} for n in range(POSES)]
        session = self._client.send(
            plan=json.dumps({"version": 1, "ordering": "sequence", "actions": chain()}),
            context=json.dumps({"route": route}),
        )
        if not session.done.wait(TIMEOUT):
            raise RuntimeError(f"the chain did not end within {TIMEOUT} s")
        if session.failure or session.result.status.value != ExecutionStatus.COMPLETED:
            raise RuntimeError(session.failure or session.result.message)

    def close(self) -> None:
        """End the client and the node."""
        self._client.__exit__(None, None, None)
        self.child.stop()


def measure(node: Node, folder: Path, closing: ExitStack) -> dict[str, list[float]]:
    """Return the gaps of each contestant in milliseconds."""
    server = Child([sys.executable, "-m", "benchmarks.prestaging.server"], folder / "server.log")
    closing.callback(server.stop)
    contestants = {}
    for number, (name, prestage) in enumerate(NODES.items()):
        made = Contestant(folder / str(number), f"orchestrator_{number}", prestage=prestage)
        closing.callback(made.close)
        contestants[name] = made
    stamps = node.create_client(Trigger, "/bench_route_server/stamps")
    if not stamps.wait_for_service(20.0):
        raise RuntimeError("the server was not found; is the loopback usable?")
    gaps: dict[str, list[float]] = {name: [] for name in contestants}
    for number in range(ROUNDS + 1):
        for name, contestant in contestants.items():
            _ask(node, stamps)
            contestant.run()
            seen = json.loads(_ask(node, stamps))
            if number:  # the first round warms up
                pairs = zip(seen["ended"], seen["requested"][1:], strict=False)
                gaps[name] += [(later - earlier) * 1e3 for earlier, later in pairs]
    return gaps


def _ask(node: Node, client: Any) -> str:
    future = client.call_async(Trigger.Request())
    rclpy.spin_until_future_complete(node, future, timeout_sec=TIMEOUT)
    return str(future.result().message)


def main() -> None:
    """Measure and print."""
    rclpy.init()
    node = rclpy.create_node("bench_prestaging")
    with tempfile.TemporaryDirectory() as folder, ExitStack() as closing:
        gaps = measure(node, Path(folder), closing)
    print(f"{os.cpu_count()} cores; {CHAIN} goals of {POSES} poses, {ROUNDS} rounds each")
    print(f"{'end of a goal to the request of the next':<42} {'median':>9} {'90 %':>9}")
    for name, values in gaps.items():
        ninety = statistics.quantiles(values, n=10)[-1]
        print(f"{name:<42} {statistics.median(values):>6.2f} ms {ninety:>6.2f} ms")
    for name, values in gaps.items():
        figure = f"gap between two actions: {name}"
        value = round(statistics.median(values), 4)
        print(json.dumps({"figure": figure, "value": value, "unit": "ms"}))


if __name__ == "__main__":
    main()
