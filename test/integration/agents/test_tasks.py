"""A scripted agent, without a model, works through its tasks over stdio; what was said is compared.

Transcripts are in test/data/agents, one for each task. After a change that is meant:
RECORD_TRANSCRIPTS=1 with this test writes them anew. AGENT_TASKS=all (`make agent-tasks`) also does
the tasks that take minutes.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping
from typing import Any

import pytest
from mcp.client.client import Client
from mcp.shared.exceptions import MCPError

from test.chaos.processes import ROOT
from test.integration.agents.clients import Place, over_stdio
from test.integration.agents.tasks import LONG, TASKS, Answer, Call

pytestmark = [pytest.mark.timeout(900), pytest.mark.anyio]
TRANSCRIPTS = ROOT / "test" / "data" / "agents"
RECORD = bool(os.environ.get("RECORD_TRANSCRIPTS"))
# What of an answer has to stay the same: no times, no poses, no texts that anybody may word anew.
ESSENCE = (
    "may_run", "valid", "refusals", "to_confirm", "waits_for_a_person", "status", "final", "would_succeed", "certain",
    "out_of_reach", "would_touch", "deviations", "images",
)  # fmt: skip


async def test_the_scripted_agent_does_its_tasks(robot: Place) -> None:
    assert len(TASKS) >= 30
    wanted = dict(TASKS)
    if os.environ.get("AGENT_TASKS") == "all":
        wanted |= LONG
    took: dict[str, float] = {}
    async with over_stdio(robot) as client:
        for name, make in wanted.items():
            began = time.monotonic()
            said: list[dict[str, Any]] = []
            steps = make()
            asked = next(steps)
            while True:
                answer = await _asked(client, asked)
                said.append(_essence(asked, answer))
                try:
                    asked = steps.send(answer)
                except StopIteration:
                    break
                except AssertionError as failure:
                    raise AssertionError(
                        f"{name}: {asked}: {json.dumps(answer)[:3000]}"
                    ) from failure
            took[name] = time.monotonic() - began
            if name in TASKS:
                _compared(name, said)
    print(json.dumps({name: round(seconds, 1) for name, seconds in took.items()}))


async def _asked(client: Client, asked: Call) -> Answer:
    """Return an answer as plain data; ``refused`` is the text of one that is an error."""
    if asked.what.startswith("prompt:"):
        prompt = await client.get_prompt(asked.what.removeprefix("prompt:"), dict(asked.arguments))
        return {"text": prompt.messages[0].content.text}
    if asked.what.startswith("robot://"):
        return _contents((await client.read_resource(asked.what)).contents)
    try:
        answer = await client.call_tool(asked.what, dict(asked.arguments))
    except MCPError as refusal:
        return {"refused": str(refusal)}
    if answer.is_error:
        return {"refused": answer.content[0].text}
    return answer.structured_content or _contents(answer.content)


def _contents(parts: Any) -> Answer:
    images = [part.mime_type for part in parts if getattr(part, "mime_type", "") == "image/png"]
    if images:
        return {"images": images}
    text = parts[0].text
    try:
        found = json.loads(text)
    except ValueError:
        return {"text": text}
    return found if isinstance(found, Mapping) else {"text": text}


def _essence(asked: Call, answer: Answer) -> dict[str, Any]:
    kept: dict[str, Any] = {name: answer[name] for name in ESSENCE if name in answer}
    if "refused" in answer:
        kept["refused"] = True
    for name, field in (("issues", "code"), ("actions", "status"), ("failures", "code")):
        if isinstance(answer.get(name), list):
            kept[name] = [one[field] for one in answer[name]]
    ours = {name: value for name, value in asked.arguments.items() if name != "execution_id"}
    what = (
        asked.what.rpartition("/")[0] if asked.what.startswith("robot://reports/") else asked.what
    )
    return {"call": what, "arguments": ours, "answer": kept}


def _compared(name: str, said: list[dict[str, Any]]) -> None:
    file = TRANSCRIPTS / f"{name}.json"
    text = json.dumps(said, indent=1, ensure_ascii=False) + "\n"
    if RECORD:
        TRANSCRIPTS.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8")
    assert json.loads(text) == json.loads(file.read_text(encoding="utf-8")), name


def test_every_transcript_belongs_to_a_task() -> None:
    assert {file.stem for file in TRANSCRIPTS.glob("*.json")} == set(TASKS)
