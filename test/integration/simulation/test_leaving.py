"""A simulated server ends in good order when it is told to."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from test.domains import free_domain

ROOT = Path(__file__).parents[3]
STOP_TIMEOUT = 30.0
ROUNDS = 5


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_leaves_without_complaint(number, tmp_path):
    """The end comes while its threads wait for work, which is where executors are torn down."""
    env = {
        **os.environ,
        "ROS_DOMAIN_ID": str(free_domain()),
        "ROS_AUTOMATIC_DISCOVERY_RANGE": "LOCALHOST",
        "ROS_HOME": str(tmp_path),
    }
    for _ in range(ROUNDS):
        with subprocess.Popen(
            [sys.executable, str(ROOT / "scripts" / "sim_world")],
            env=env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as server:
            try:
                first = server.stdout.readline()
                server.send_signal(number)
                said, _ = server.communicate(timeout=STOP_TIMEOUT)
            finally:
                server.kill()
        assert "world" in first
        assert (server.returncode, said) == (0, "")
