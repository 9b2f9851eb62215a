"""The simulated robot as processes on a domain of its own, and a client beside it."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import rclpy
from rclpy.executors import SingleThreadedExecutor
from std_srvs.srv import Trigger

from execution_orchestrator.ros.action_client import SafeActionClient
from execution_orchestrator.ros.spinning import destroy
from test.domains import free_domain

ROOT = Path(__file__).parents[3]
RATE = 10.0
PATIENCE = 30.0  # seconds of the wall clock for anything that has to happen
STOP_TIMEOUT = 15.0


class Robot:
    """Starts servers, sends goals, and ends the servers by pid."""

    def __init__(self, folder: Path, world: str) -> None:
        self.folder = folder
        self._world = world
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.context = rclpy.Context()
        rclpy.init(context=self.context)
        self.node = rclpy.create_node("tester", context=self.context)
        self.executor = SingleThreadedExecutor(context=self.context)
        self.executor.add_node(self.node)
        self._clients: dict[str, SafeActionClient] = {}

    def start(self, server: str, *parameters: str, namespace: str = "") -> None:
        """Start ``sim_<server>`` with parameters written ``name:=value``."""
        command = [sys.executable, str(ROOT / "scripts" / f"sim_{server}"), "--ros-args"]
        given = [f"world:={self._world}", f"real_time_factor:={RATE}", *parameters]
        for parameter in given:
            command += ["-p", parameter]
        if namespace:
            command += ["-r", f"__ns:=/{namespace}"]
        log = (self.folder / f"{namespace}{server}.log").open("ab")
        self.processes[f"{namespace}{server}"] = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )

    def until(self, done: Callable[[], object], what: str, patience: float = PATIENCE) -> None:
        """Spin until something holds."""
        deadline = time.monotonic() + patience
        while not done():
            assert time.monotonic() < deadline, f"{what} within {patience} s; {self.logs()}"
            self.executor.spin_once(timeout_sec=0.05)

    def logs(self) -> str:
        """What the servers wrote."""
        return "\n".join(f"{p.name}: {p.read_text()[-600:]}" for p in self.folder.glob("*.log"))

    def begin(self, kind: Any, name: str, goal: Any, feedback: Any = None) -> Any:
        """Send a goal and return its handle as soon as the server has answered."""
        answer = self.send(kind, name, goal, feedback)
        self.until(answer.done, f"{name} answers")
        return answer.result()

    def send(self, kind: Any, name: str, goal: Any, feedback: Any = None) -> Any:
        """Send a goal and return the future of its handle at once."""
        client = self._clients.get(name)
        if client is None:
            client = self._clients[name] = SafeActionClient(self.node, kind, name)
        self.until(client.server_is_ready, f"{name} is offered")
        return client.send_goal_async(goal, feedback_callback=feedback)

    def end(self, handle: Any) -> tuple[int, Any]:
        """Status and result of a goal."""
        answer = handle.get_result_async()
        self.until(answer.done, "the goal ends")
        response = answer.result()
        return response.status, response.result

    def do(self, kind: Any, name: str, goal: Any, feedback: Any = None) -> tuple[int, Any]:
        """Send a goal and return its status and result."""
        handle = self.begin(kind, name, goal, feedback)
        assert handle.accepted, f"{name} was rejected"
        return self.end(handle)

    def call(self, kind: Any, name: str, request: Any) -> Any:
        """Call a service."""
        client = self.node.create_client(kind, name)
        self.until(client.service_is_ready, f"{name} is offered")
        answer = client.call_async(request)
        self.until(answer.done, f"{name} answers")
        self.node.destroy_client(client)
        return answer.result()

    def goal_log(self, server: str) -> list[dict[str, str]]:
        """Every goal a server accepted."""
        log = self.call(Trigger, f"/sim_{server}/goal_log", Trigger.Request())
        found: list[dict[str, str]] = json.loads(log.message)
        return found

    def newest(self, kind: Any, topic: str, qos: Any = 10) -> Any:
        """Return the next message of a topic."""
        got: list[Any] = []
        subscription = self.node.create_subscription(kind, topic, got.append, qos)
        self.until(lambda: got, f"a message on {topic}")
        self.node.destroy_subscription(subscription)
        return got[-1]

    def close(self) -> dict[str, int | None]:
        """End everything; exit status by server."""
        for process in self.processes.values():
            if process.poll() is None:
                process.send_signal(signal.SIGINT)
        for process in self.processes.values():
            try:
                process.wait(STOP_TIMEOUT)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.executor.shutdown()
        destroy(self.node)
        self.context.try_shutdown()
        return {name: process.returncode for name, process in self.processes.items()}


@pytest.fixture
def robots(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], Robot]]:
    """Make robots that live in a world by name."""
    monkeypatch.setenv("ROS_DOMAIN_ID", str(free_domain()))
    monkeypatch.setenv("ROS_AUTOMATIC_DISCOVERY_RANGE", "LOCALHOST")
    monkeypatch.setenv("ROS_HOME", str(tmp_path / "ros_home"))
    made: list[Robot] = []

    def make(world: str) -> Robot:
        made.append(Robot(tmp_path, world))
        return made[-1]

    yield make
    for robot in made:
        robot.close()
