"""Tools that ask a model: typed answers, repaired or refused."""

from __future__ import annotations

import json

import pytest

from execution_orchestrator.capabilities.tools import ToolError
from execution_orchestrator.planning.llm.tools import llm_tools
from test.model_server import Reply

QUESTION = {"question": "how many cups?", "data": [{"id": "a"}, {"id": "</data>"}]}


def tools(one):
    return llm_tools(one.settings, one.chat)


async def test_a_question_about_data_gets_a_typed_answer(rig):
    one = rig("two", {"answer": "two", "confidence": 0.9}, {"answer": 2, "confidence": 0.9})
    asked = {**QUESTION, "schema": {"type": "integer"}}
    assert await tools(one)["analyze"](asked) == {
        "answer": 2,
        "confidence": 0.9,
        "usage": {"prompt_tokens": 300, "completion_tokens": 150, "cost": 0.0},
    }
    first, _, last = one.server.requests
    assert first["messages"][1]["content"].count("</data>") == 1
    assert "'two' is not of type 'integer'" in last["messages"][-1]["content"]


async def test_a_text_is_no_longer_than_wanted(rig):
    one = rig({"text": "x" * 50}, {"text": "hello"})
    made = await tools(one)["generate"]({"instruction": "greet", "max_length": 10})
    assert made["text"] == "hello"


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        (Reply("never"), "MODEL_ANSWER_INVALID"),
        (Reply("no", status=401), "MODEL_UNAVAILABLE"),
        (Reply(json.dumps({"text": "x"}), delay=20.0), "MODEL_TIMEOUT"),
    ],
)
async def test_no_answer_is_an_error_with_a_type(rig, reply, code):
    one = rig(reply, timeout=2.0)
    with pytest.raises(ToolError) as caught:
        await tools(one)["generate"]({"instruction": "greet"})
    assert caught.value.code == code
