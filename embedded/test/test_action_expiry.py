"""How long the result of an action is kept is a matter of the server's clock, as with the real rclpy."""

import json
import os
import subprocess
import sys

import pytest
from real_ros2 import NODES, PATIENCE, needs_real_ros2, real

from test.domains import free_domain

EXPECTED = {"stands still": 4, "goes on": 0}  # GoalStatus: succeeded, unknown


def told(process):
    output, errors = process.communicate(timeout=3 * PATIENCE)
    assert process.returncode == 0, errors
    return json.loads(output.splitlines()[-1])


def test_a_result_is_kept_while_simulated_time_stands_still():
    process = subprocess.Popen(
        [sys.executable, str(NODES / "action_expiry.py")],
        env=os.environ | {"ROS_DOMAIN_ID": str(free_domain())},
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert told(process) == EXPECTED


@needs_real_ros2
def test_the_real_one_does_the_same(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("ROS_DOMAIN_ID", str(free_domain()))
    process = real("action_expiry.py", stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert told(process) == EXPECTED
