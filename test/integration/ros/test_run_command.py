"""The command `run` follows its execution to the end, also when the node dies on the way."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from test.integration.ros.processes import LONG, ROOT, wait_for

pytestmark = pytest.mark.timeout(360)
WORK = {"action_type": "work", "parameters": {"milliseconds": LONG}}
PLAN = {"version": 1, "actions": [{"id": "a", **WORK}, {"id": "b", **WORK}]}


def test_a_node_that_is_killed_and_comes_back_is_followed_on(world, tmp_path):
    world.server("work")
    node = world.node()
    wait_for(lambda: "ready for goals" in node.said(), 90.0, "the start of the node")
    plan = tmp_path / "plan.json"
    plan.write_text(json.dumps(PLAN))
    run = subprocess.Popen(
        [sys.executable, str(ROOT / "scripts" / "run"), str(plan), "--wait", "40"],
        env=world.env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        wait_for(lambda: world.lines("work")[-1][0] == "began", 90.0, "the first action")
        node.kill()
        node = world.node()
        wait_for(lambda: node.said().count("ready for goals") == 2, 90.0, "the restart")
        world.finish("work")
        said, _ = run.communicate(timeout=90.0)
    finally:
        run.kill()
        run.wait()
    assert run.returncode == 0, said
    assert "the node was started again" in said
    assert "COMPLETED" in said
    assert sum(line[0] == "began" for line in world.lines("work")) == 2
