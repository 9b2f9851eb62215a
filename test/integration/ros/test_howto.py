"""docs/howto_add_capability.md, followed to the letter: every file is taken out of the document."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
import rclpy
import yaml

from execution_orchestrator.msg import ActionStatus, ExecutionStatus
from execution_orchestrator.ros.client import OrchestratorClient
from test.documents import blocks_of
from test.integration.ros.processes import Process, wait_for

pytestmark = [
    pytest.mark.timeout(360),
    pytest.mark.skipif(
        "ros2_embedded" not in str(rclpy.__file__),
        reason="only the embedded runtime reads lift_msgs where it stands; a real ROS 2 builds it",
    ),
]
BLOCKS = blocks_of("howto_add_capability.md")


def block(kind, start):
    """The one block of a kind that begins like this."""
    [found] = [text for language, text in BLOCKS if language == kind and text.startswith(start)]
    return found


@pytest.fixture
def lift(world, monkeypatch):
    """An installed package lift_msgs, its server, and the files of the document."""
    prefix = world.folder / "lift"
    actions = prefix / "share" / "lift_msgs" / "action"
    actions.mkdir(parents=True)
    (actions / "MoveLift.action").write_text(block("", "# MoveLift.action"))
    world.env["AMENT_PREFIX_PATH"] = str(prefix)
    script = world.folder / "lift_server.py"
    script.write_text(block("python", "import contextlib"))
    server = Process([sys.executable, str(script)], world.env, world.folder / "lift.out")
    file = world.folder / "lift.yaml"
    # The capabilities stand at the end of the first file, so that the second one continues it.
    file.write_text(block("yaml", "version: 1\nresources:") + block("yaml", "  switch_light:"))
    yield file
    server.stop()


def launched(world, file):
    """The node, started as the document says."""
    parameters = world.folder / "params.yaml"
    given = block("yaml", "/**:").replace("/home/me/lift.yaml", str(file))
    assert str(file) in given
    parameters.write_text(given)
    [command] = [line[2:] for line in block("console", "$ ros2 launch").splitlines()]
    ros2 = str(Path(sys.executable).with_name("ros2"))
    words = command.replace("/home/me/params.yaml", str(parameters)).split()
    return Process([ros2, *words[1:]], world.env, world.folder / "node.out")


def test_a_made_up_server_is_used_by_configuration_alone(world, lift):
    node = launched(world, lift)
    try:
        with OrchestratorClient() as client:
            client.wait_ready(90.0)
            plan = yaml.safe_load(block("yaml", "version: 1\nactions:"))
            plan["actions"] += [
                {"action_type": "switch_light", "parameters": {"on": True}},
                {"action_type": "switch_light", "parameters": {"on": False}},
                {"action_type": "move_lift", "parameters": {"height": 2.7}},
            ]
            for action in plan["actions"]:
                action["on_failure"] = "continue"
            session = client.send(plan=json.dumps(plan))
            assert session.done.wait(60.0)
            assert session.result.actions, session.result.message
            moved, on, off, overloaded = session.result.actions
            refused = client.send(
                plan='{"version": 1, "actions": [{"action_type": "move_lift", '
                '"parameters": {"height": 12, "speed": "warp"}}]}'
            )
            assert refused.done.wait(30.0)
    finally:
        node.stop()
    assert moved.status.value == ActionStatus.SUCCEEDED, moved.error.message
    assert json.loads(moved.output) == {"height_mm": 1200.0}
    assert moved.server == "/lift/move"
    assert on.status.value == ActionStatus.SUCCEEDED
    assert "the light cannot be switched off" in off.error.message
    assert (overloaded.error.code, overloaded.attempt) == ("LIFT_OVERLOAD", 1)
    assert refused.result.status.value == ExecutionStatus.FAILED
    pointers = {issue.pointer for issue in refused.result.issues if issue.code.startswith("PARA")}
    assert pointers == {"/actions/0/parameters/height", "/actions/0/parameters/speed"}


def test_a_wrong_field_is_told_as_the_document_shows(world, lift):
    lift.write_text(lift.read_text().replace("      height_mm: {", "      heigth_mm: {", 1))
    assert "heigth_mm" in lift.read_text()
    node = launched(world, lift)
    try:
        wait_for(lambda: not node.running, 60.0, "the end of the node")
    finally:
        node.stop()
    said = " ".join(node.said().split())
    [told] = [text for _, text in BLOCKS if text.startswith("capabilities.move_lift.goal")]
    assert " ".join(told.split()) in said
