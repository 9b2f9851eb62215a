"""The JSON document in what a model said."""

from __future__ import annotations

import json
import re
from typing import Any

from execution_orchestrator.plan.issues import Issue

_FENCE = re.compile(r"```(?:json)?\s*\n(.*?)```", re.DOTALL)
_THOUGHT = re.compile(r"<think>.*?</think>", re.DOTALL)


def document_in(text: str, finish: str) -> tuple[dict[str, Any] | None, Issue | None]:
    """Return the object in an answer, or what is wrong with the answer.

    Words around the object, a fence of code and the thoughts of a reasoning model are passed over.
    """
    bare = _THOUGHT.sub("", text).strip()
    if finish == "content_filter":
        return None, Issue("ANSWER_FILTERED", "the model's server held its answer back")
    fences = _FENCE.findall(bare)
    candidates = [bare, *fences]
    begin = bare.find("{")
    if begin >= 0:
        candidates.append(bare[begin:])
    for candidate in candidates:
        try:
            found, _ = json.JSONDecoder(parse_constant=_no_constant).raw_decode(candidate.strip())
        except (ValueError, RecursionError):
            continue
        if isinstance(found, dict):
            return found, None
    if finish == "length":
        return None, Issue(
            "ANSWER_CUT_OFF",
            "the answer was cut off because it is too long",
            hint="Answer with a shorter plan, without descriptions.",
        )
    return None, Issue(
        "ANSWER_NOT_JSON",
        "the answer is not one JSON object",
        hint="Answer with the JSON object alone.",
    )


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not a finite number")
