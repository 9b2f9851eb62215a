"""What the node takes of a core while nothing happens."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from test.domains import free_domain

ROOT = Path(__file__).parents[2]
START_TIMEOUT = 120.0  # seconds until the node says that it is ready
SETTLE = 5.0  # seconds after that which do not count: discovery
STOP_TIMEOUT = 20.0  # seconds


def share_of_core(seconds: float = 10.0) -> float:
    """Return the percentage of a core that the node uses over so many seconds without work.

    Raises:
        AssertionError: the node did not start, or did not live that long.

    """
    with tempfile.TemporaryDirectory() as folder:
        env = {
            **os.environ,
            "ROS_HOME": folder,
            "ROS_DOMAIN_ID": str(free_domain()),
            "ROS_AUTOMATIC_DISCOVERY_RANGE": "LOCALHOST",
        }
        command = [sys.executable, str(ROOT / "scripts" / "orchestrator")]
        node = subprocess.Popen(
            [*command, "--ros-args", "-p", "web_port:=0"],
            env=env,
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            _wait_until_ready(node)
            time.sleep(SETTLE)
            before = _cpu_seconds(node.pid)
            time.sleep(seconds)
            used = _cpu_seconds(node.pid) - before
            assert node.poll() is None, "the node ended by itself"
        finally:
            node.send_signal(signal.SIGINT)
            try:
                node.wait(STOP_TIMEOUT)
            except subprocess.TimeoutExpired:
                node.kill()
                node.wait()
    return used / seconds * 100.0


def _wait_until_ready(node: subprocess.Popen[str]) -> None:
    assert node.stderr is not None
    deadline = time.monotonic() + START_TIMEOUT
    for line in node.stderr:
        if "ready for goals" in line:
            return
        assert time.monotonic() < deadline, "the node is not ready in time"
    raise AssertionError("the node ended before it was ready")


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
