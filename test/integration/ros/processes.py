"""Starts the node and work servers as processes of their own, and ends them by pid."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from test.domains import free_domain
from test.scripted_nav2.log import read as read_log

ROOT = Path(__file__).parents[3]
HERE = Path(__file__).parent
START_TIMEOUT = 90.0
#: Milliseconds of a goal that is to work on until `World.finish` ends it: no test takes as long.
LONG = 600_000
STOP_TIMEOUT = 20.0
#: Seconds in which a busy machine finds a server that has just been started: Fast DDS needs some.
FOUND_BY = 30.0


def environment(folder: Path) -> dict[str, str]:
    """A domain of its own on loopback, and a home of its own."""
    return {
        **os.environ,
        "ROS_DOMAIN_ID": str(free_domain()),
        "ROS_AUTOMATIC_DISCOVERY_RANGE": "LOCALHOST",
        "ROS_HOME": str(folder / "ros_home"),
        "PYTHONUNBUFFERED": "1",
        "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]),
    }


def wait_for(condition: Callable[[], object], timeout: float, what: str) -> None:
    """Wait until a condition holds.

    Raises:
        AssertionError: it did not hold within ``timeout`` seconds.

    """
    deadline = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < deadline, f"{what} did not happen within {timeout} s"
        time.sleep(0.02)


class Process:
    """A child process with its output in a file."""

    def __init__(self, command: list[str], env: dict[str, str], output: Path) -> None:
        self._sink = output.open("ab")
        self.output = output
        self.process = subprocess.Popen(
            command, env=env, stdin=subprocess.DEVNULL, stdout=self._sink, stderr=subprocess.STDOUT
        )

    def kill(self) -> None:
        """kill -9."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(STOP_TIMEOUT)

    def stop(self) -> int:
        """Ctrl-C, and kill -9 when that does not end it."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(STOP_TIMEOUT)
            except subprocess.TimeoutExpired:
                self.kill()
        self._sink.close()
        return self.process.returncode

    @property
    def running(self) -> bool:
        return self.process.poll() is None

    def said(self) -> str:
        return self.output.read_text(errors="replace")


class World:
    """The processes of one test; everything is ended at the exit."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.env = environment(folder)
        self.processes: list[Process] = []

    def server(self, name: str, mode: str = "work", remember: int = 10, node: str = "") -> Process:
        """Start a work server that keeps results for so many seconds, and wait until it is up.

        One with a ``node`` name of its own has a log of that name, too.
        """
        log = self.log(node or name)
        before = len(self.lines(node or name))
        process = self._start(
            [
                *(sys.executable, str(HERE / "work_server.py")),
                *("--name", name, "--log", str(log), "--mode", mode),
                *("--remember", str(remember), "--node", node),
            ],
            f"{node or name}.out",
        )
        wait_for(
            lambda: len(self.lines(node or name)) > before, START_TIMEOUT, f"start of server {name}"
        )
        return process

    def node(self, *remappings: str, **parameters: object) -> Process:
        """Start the orchestrator on the test's capabilities and state directory."""
        values = {
            "capability_files": f"[{HERE / 'work_capabilities.yaml'}]",
            "state_directory": str(self.folder / "state"),
            "places_file": "''",
            "alerts_file": "''",
            **parameters,
        }
        command = [sys.executable, str(ROOT / "scripts" / "orchestrator"), "--ros-args"]
        for key, value in values.items():
            command += ["-p", f"{key}:={value}"]
        for remapping in remappings:
            command += ["-r", remapping]
        return self._start(command, "node.out")

    def nav2(self, *parts: str, options: tuple[str, ...] = ()) -> Process:
        """Start the scripted Nav2 (all of it, or some servers), and wait until it is active."""
        name = "-".join(parts) or "nav2"
        before = self._ready()
        command = [sys.executable, "-m", "test.scripted_nav2", "--log", str(self.nav2_log)]
        if parts:
            command += ["--parts", ",".join(parts)]
        process = self._start([*command, *options], f"{name}.out")
        wait_for(lambda: self._ready() > before, START_TIMEOUT, f"start of {name}")
        return process

    def arm(self, part: str, fault: str = "", seconds: float | None = None) -> Process:
        """Start `move_group` or `controller_manager` (see arm_server.py), and wait for it."""
        before = len(self.lines("arm"))
        command = [sys.executable, str(HERE / "arm_server.py"), "--log", str(self.log("arm"))]
        command += ["--parts", part, "--fault", fault]
        command += ["--seconds", str(seconds)] if seconds else []
        process = self._start(command, f"{part}.out")
        wait_for(lambda: len(self.lines("arm")) > before, START_TIMEOUT, f"start of {part}")
        return process

    def state_listener(self) -> Process:
        """Start somebody who writes into the log "heard" what `~/state` says."""
        command = [sys.executable, str(HERE / "state_listener.py"), str(self.log("heard"))]
        return self._start(command, "state_listener.out")

    @property
    def nav2_log(self) -> Path:
        """What the robot of the scripted Nav2 truly did; `test.scripted_nav2.log` reads it."""
        return self.folder / "nav2.jsonl"

    def _ready(self) -> int:
        return sum(line["what"] == "ready" for line in read_log(self.nav2_log))

    def finish(self, name: str) -> None:
        """Let a work server end its goals, those to come too, however long they were to take."""
        self.log(name).with_suffix(".end").touch()

    def log(self, name: str) -> Path:
        return self.folder / f"{name}.log"

    def lines(self, name: str) -> list[list[str]]:
        """What a server wrote down so far: [what, goal id, milliseconds]."""
        log = self.log(name)
        if not log.exists():
            return []
        text = log.read_text()
        return [line.split() for line in text[: text.rfind("\n") + 1].splitlines()]

    def close(self) -> None:
        for process in reversed(self.processes):
            if process.running and process.output.name != "node.out":
                process.kill()
            process.stop()

    def _start(self, command: list[str], output: str) -> Process:
        process = Process(command, self.env, self.folder / output)
        self.processes.append(process)
        return process
