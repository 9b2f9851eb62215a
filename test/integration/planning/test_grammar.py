"""A place the robot cannot get to: the grammar planner has it look where else the book may be."""

from __future__ import annotations

import json

import pytest

from execution_orchestrator.msg import ExecutionStatus
from test.integration.planning.conftest import start_robot

pytestmark = pytest.mark.timeout(400)
PLACES = """
user: living_room
home: living_room
places:
  living_room: {pose: {x: 1.0, y: 1.0, yaw: 0.0}}
  attic: {pose: {x: 400.0, y: 400.0, yaw: 0.0}}
  kitchen: {pose: {x: 4.0, y: 2.0, yaw: 0.0}}
objects:
  red_cup: {usually_at: attic, also_at: [kitchen]}
"""


def test_another_place_is_tried_and_what_was_done_is_kept(world, start):
    start_robot(world, "world", "navigation", "camera", "speech")
    places = world.folder / "places.yaml"
    places.write_text(PLACES)
    client = start(capability_files="[capabilities.yaml]", places_file=places, llm_base_url="''")
    command = 'say "I search" and then find the red cup'
    session = client.send(command=command, execution_id="e")
    assert session.done.wait(300.0)
    result = session.result
    assert result.status.value == ExecutionStatus.COMPLETED, result.message
    assert result.metrics.replans == 1
    output = json.loads(result.output)
    assert [one["id"] for one in output["look_for_red_cup"]["objects"]] == ["red_cup"]
    assert {"speak", "go_to_kitchen"} <= set(output)
    assert "go_to_attic" not in output
    attempts = {action.action_id: action.attempt for action in result.actions}
    assert attempts["speak"] == 1
