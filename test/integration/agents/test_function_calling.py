"""The program in docs/agents.md, as it stands there, with a scripted model at the protocol server."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

import pytest

from test.chaos.processes import ROOT
from test.integration.agents.clients import Place, plan, rest
from test.model_server import ModelServer, Reply

pytestmark = pytest.mark.timeout(300)


def says(content: str | None = None, **calls: Mapping[str, Any]) -> Reply:
    """What a model answers: words, or calls of functions by their names."""
    made = [
        {
            "id": f"call_{name}",
            "type": "function",
            "function": {"name": name, "arguments": json.dumps(arguments)},
        }
        for name, arguments in calls.items()
    ]
    message = {"role": "assistant", "content": content, **({"tool_calls": made} if made else {})}
    choice = {"index": 0, "message": message, "finish_reason": "tool_calls" if made else "stop"}
    completion = {
        "id": "c",
        "object": "chat.completion",
        "created": 1,
        "model": "scripted",
        "choices": [choice],
    }
    return Reply(body=json.dumps(completion))


class Model:
    """Looks, wants what is not allowed, does what is, waits for its end, and says so."""

    def __call__(self, request: Mapping[str, Any]) -> Reply:
        answers = [one["content"] for one in request["messages"] if one["role"] == "tool"]
        turn = {"id": "turn", "action_type": "spin", "parameters": {"angle": 1.0}}
        if not answers:
            return says(describe_world={})
        if len(answers) == 1:
            return says(execute_plan={"plan": plan(turn)})
        if len(answers) == 2:
            assert "spin is not allowed" in answers[-1]
            return says(execute_plan={"plan": plan(rest(0.2))})
        if len(answers) == 3:
            begun = json.loads(answers[-1])["execution_id"]
            return says(wait_for_execution={"execution_id": begun, "timeout": 60.0})
        return says(f"It is {json.loads(answers[-1])['status'].lower()}.")


def test_the_program_of_the_documentation(robot: Place) -> None:
    text = (ROOT / "docs" / "agents.md").read_text(encoding="utf-8")
    program = re.search(r"```python\n(.*?)```", text, re.DOTALL)
    assert program is not None
    # Only how the server is started differs: the tests have no installed package.
    started = [
        sys.executable,
        str(ROOT / "scripts/mcp"),
        "--policy",
        str(robot.folder / "policy.yaml"),
    ]
    code = re.sub(r"(?m)^ROBOT = .*$", f"ROBOT = {started!r}", program[1])
    with ModelServer(Model()) as model:
        env = {
            **robot.env,
            "OPENAI_BASE_URL": model.url,
            "OPENAI_API_KEY": "none",
            "OPENAI_MODEL": "scripted",
        }
        done = subprocess.run(
            [sys.executable, "-c", code, "rest a little"],
            env=env, capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout == "It is completed.\n"
    offered = {one["function"]["name"]: one["function"] for one in model.requests[0]["tools"]}
    assert {"validate_plan", "rehearse_plan", "emergency_stop"} <= set(offered)
    assert offered["execute_plan"]["parameters"]["required"] == ["plan"]
    assert "moves a real robot" in model.requests[0]["messages"][0]["content"]
