"""A plan whose tools compute on what the simulated robot saw, with and without a model."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from execution_orchestrator.msg import ExecutionStatus
from execution_orchestrator.srv import ValidatePlan
from test.integration.planning.conftest import start_robot
from test.model_server import saying

PLANS = Path(__file__).parents[3] / "plans"
pytestmark = pytest.mark.timeout(120)


def result_of(session, seconds=60.0):
    assert session.done.wait(seconds), "the goal has no result"
    assert session.failure == ""
    return session.result


def test_outputs_of_tools_feed_later_actions(world, model, start):
    start_robot(world, "world", "camera", "speech")
    model.script = saying({"answer": "a cup", "confidence": 0.9})
    client = start(
        capability_files="[capabilities.yaml, tools.yaml]", recovery_file="recovery.yaml"
    )
    session = client.send(plan=(PLANS / "tools.yaml").read_text(), execution_id="plain")
    result = result_of(session)
    assert result.status.value == ExecutionStatus.COMPLETED, result.message
    output = json.loads(result.output)
    seen = [one["id"] for one in output["look"]["objects"] if one["confidence"] > 0.5]
    assert output["names"]["value"] == seen
    assert output["enough"] == {"valid": bool(seen), "problems": output["enough"]["problems"]}
    asked = {"data": "{{ actions.look.output.objects }}", "question": "what is it?"}
    plan = [
        {"id": "look", "action_type": "detect_objects"},
        {"id": "what", "action_type": "analyze", "parameters": asked},
        {
            "id": "tell",
            "action_type": "speak",
            "parameters": {"text": "I see {{ actions.what.output.answer }}"},
        },
    ]
    result = result_of(client.send(plan=json.dumps({"version": 1, "actions": plan})))
    assert result.status.value == ExecutionStatus.COMPLETED, result.message
    assert "what is it?" in model.requests[0]["messages"][1]["content"]


def test_without_a_model_its_tools_are_unavailable_and_told_why(world, start):
    client = start(
        capability_files="[capabilities.yaml, tools.yaml]",
        recovery_file="recovery.yaml",
        llm_base_url="''",
    )
    plan = {"action_type": "generate", "parameters": {"instruction": "greet"}}
    text = json.dumps({"version": 1, "actions": [plan]})
    answer = client.call("validate_plan", ValidatePlan, plan=text, timeout=30.0)
    (issue,) = [one for one in answer.issues if one.code == "ACTION_TYPE_UNAVAILABLE"]
    assert "needs a language model" in issue.message
