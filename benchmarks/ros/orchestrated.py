"""Contestant: the orchestrator node as it ships, with a capability per scripted server."""

from __future__ import annotations

import json
import sys
import threading
from pathlib import Path
from typing import Any

import yaml
from rclpy.node import Node
from std_msgs.msg import Empty

from benchmarks.ros.names import REQUESTED, REQUESTED_QOS, servers
from benchmarks.ros.processes import Child
from execution_orchestrator.msg import ExecutionStatus
from execution_orchestrator.ros.client import GoalSession, OrchestratorClient

ROOT = Path(__file__).parents[2]
START_TIMEOUT = 40.0  # seconds
RUN_TIMEOUT = 60.0  # seconds


def capability_file(folder: Path, prefixes: list[str]) -> Path:
    """Write the capability file of these servers and return it."""
    capabilities = {
        name: {
            "description": "Nothing",
            "interface": {
                "kind": "action",
                "type": "example_interfaces/action/Fibonacci",
                "name": name,
            },
            "parameters": {"properties": {"order": {"type": "integer"}}},
            "goal": {"order": {"parameter": "order"}},
        }
        for prefix in prefixes
        for name in servers(prefix)
    }
    path = folder / "capabilities.yaml"
    path.write_text(yaml.safe_dump({"version": 1, "resources": {}, "capabilities": capabilities}))
    return path


class Orchestrated:
    """A running node and a client of it."""

    def __init__(self, folder: Path, prefixes: list[str]) -> None:
        values = {
            "capability_files": f"[{capability_file(folder, prefixes)}]",
            "state_directory": str(folder / "state"),
            "places_file": "''",
            "alerts_file": "''",
        }
        command = [sys.executable, str(ROOT / "scripts" / "orchestrator"), "--ros-args"]
        for key, value in values.items():
            command += ["-p", f"{key}:={value}"]
        self.child = Child(command, folder / "node.log")
        self._names = servers(prefixes[0])
        self._client = OrchestratorClient()
        self._client.__enter__()
        self._client.wait_ready(START_TIMEOUT)
        self._requested = threading.Event()

    def watch_requests(self, node: Node) -> None:
        """Hear on this node when a server saw the request of a goal that is to be cancelled."""
        node.create_subscription(Empty, REQUESTED, lambda _: self._requested.set(), REQUESTED_QOS)

    def run(self, what: str, count: int = 1) -> None:
        """Carry out a command of the benchmark.

        Raises:
            RuntimeError: the execution did not end as it should.

        """
        if what == "cancel":
            session = self.begin_held(self._names[0])
            self.wait_requested()
            session.cancel()
            _wait(session, ExecutionStatus.CANCELLED)
            return
        names = self._names if what == "parallel" else self._names[:1]
        actions = [action for name in names for action in _chain(name, count)]
        _wait(self._send(actions), ExecutionStatus.COMPLETED)

    def begin_held(self, name: str) -> GoalSession:
        """Begin a goal that only a cancel would end."""
        self._requested.clear()
        return self._send(_chain(name, 1, order=1))

    def wait_requested(self) -> None:
        """Wait until the server saw the request of the goal that was begun.

        Raises:
            RuntimeError: it never did.

        """
        if not self._requested.wait(RUN_TIMEOUT):
            raise RuntimeError("the server never saw the goal")

    def close(self) -> None:
        """End the client and the node."""
        self._client.__exit__(None, None, None)
        self.child.stop()

    def _send(self, actions: list[dict[str, Any]]) -> GoalSession:
        return self._client.send(
            plan=json.dumps({"version": 1, "ordering": "dependencies", "actions": actions})
        )


def _chain(name: str, count: int, order: int = 0) -> list[dict[str, Any]]:
    return [
        {
            "id": f"{name}_{number}",
            "action_type": name,
            "parameters": {"order": order},
            "depends_on": [f"{name}_{number - 1}"] if number else [],
        }
        for number in range(count)
    ]


def _wait(session: GoalSession, wanted: int) -> None:
    if not session.done.wait(RUN_TIMEOUT):
        raise RuntimeError(f"the execution did not end within {RUN_TIMEOUT} s")
    if session.failure or session.result.status.value != wanted:
        raise RuntimeError(session.failure or f"the execution ended so: {session.result.message}")
