"""What the simulated robot did not do is no success: in the status, the exit status, the sentence."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from test.chaos.processes import ROOT, Robot
from test.integration.ros.processes import environment

pytestmark = pytest.mark.timeout(400)
LOOK = {"id": "look", "action_type": "detect_objects", "parameters": {"classes": ["green_cup"]}}
PICTURE = {"id": "picture", "action_type": "capture_image",
           "condition": "actions.look.output.objects.size() > 0"}  # fmt: skip


def test_an_errand_that_was_not_done_is_told_as_such(tmp_path: Path) -> None:
    env = environment(tmp_path)

    def run(*words: str) -> tuple[int, str]:
        command = [sys.executable, str(ROOT / "scripts" / "run"), *words, "--wait", "60"]
        done = subprocess.run(
            command, env=env, check=False, capture_output=True, text=True, timeout=180
        )
        return done.returncode, " ".join((done.stdout + done.stderr).split())

    def plan(*actions: dict, **more: object) -> str:
        file = tmp_path / "plan.json"
        file.write_text(json.dumps({"version": 1, "actions": actions, **more}))
        return str(file)

    robot = Robot(tmp_path, env)
    try:
        status, said = run("--command", "bring me the green cup")
        assert status == 1, said
        assert "FAILED" in said
        assert "the plan did not reach what it is for" in said
        status, said = run(plan(LOOK, PICTURE))
        assert status == 0, said
        assert "PARTIALLY_COMPLETED" in said
        assert "picture was left out, as the conditions say" in said
        status, said = run(plan(LOOK, PICTURE | {"critical": False}))
        assert (status, "PARTIALLY" in said) == (0, False), said
        status, said = run(plan(LOOK, PICTURE, success="actions.picture.status == 'SUCCEEDED'"))
        assert status == 1, said
        assert "picture was left out" in said
        status, said = run("--command", "take a picture")
        assert (status, "COMPLETED" in said) == (0, True), said
    finally:
        robot.close()
    assert robot.wrong() == []
