"""An action server answers as rclpy's on rcl does: ids, results, cancel requests, statuses, their end.

`recorded/action_protocol.json` is the output of `nodes/action_protocol.py` on rclpy 7.1.6.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from real_ros2 import NODES, PATIENCE, needs_real_ros2, real

from test.domains import free_domain

RECORDED = json.loads((Path(__file__).parent / "recorded" / "action_protocol.json").read_text())
SCRIPT = "action_protocol.py"


@pytest.fixture(scope="module")
def answers():
    done = subprocess.run(
        [sys.executable, str(NODES / SCRIPT)],
        env=os.environ | {"ROS_DOMAIN_ID": str(free_domain())},
        stdout=subprocess.PIPE,
        timeout=PATIENCE * 2,
        check=True,
    )
    return dict(json.loads(done.stdout))


@pytest.mark.parametrize(("step", "expected"), RECORDED, ids=[step for step, _ in RECORDED])
def test_answer_is_that_of_rclpy(answers, step, expected):
    assert answers[step] == expected


@needs_real_ros2
def test_the_recording_is_what_the_real_one_answers():
    process = real(SCRIPT, stdout=subprocess.PIPE)
    answered, _ = process.communicate(timeout=PATIENCE * 2)
    assert json.loads(answered) == RECORDED
