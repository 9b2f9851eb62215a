"""The JSON document in what a model said."""

from __future__ import annotations

import importlib
import json
import re
from collections.abc import Sequence
from typing import Any

from execution_orchestrator.plan.issues import Issue

MOST_MENDED = 100_000  # characters; the repair looks at them one by one
_FENCE = re.compile(r"```(?:json)?\s*\n(.*?)```", re.DOTALL)
_THOUGHT = re.compile(r"<think>.*?</think>", re.DOTALL)


def document_in(text: str, finish: str) -> tuple[dict[str, Any] | None, Issue | None]:
    """Return the object in an answer, or what is wrong with the answer.

    Words around the object, a fence of code and the thoughts of a reasoning model are passed over.
    """
    bare = _THOUGHT.sub("", text).strip()
    if finish == "content_filter":
        return None, Issue(
            "ANSWER_FILTERED",
            "the model's server held its answer back",
            hint="Say it in other words.",
        )
    fences = _FENCE.findall(bare)
    candidates = [bare, *fences]
    begin = bare.find("{")
    if begin >= 0:
        candidates.append(bare[begin:])
    for candidate in candidates:
        try:
            # NaN stays a text: whoever wants a number there says which field is wrong.
            found, _ = json.JSONDecoder(parse_constant=str).raw_decode(candidate.strip())
        except (ValueError, RecursionError):
            continue
        if isinstance(found, dict):
            return found, None
    if finish != "length" and (repaired := _repaired(candidates)) is not None:
        return repaired, None
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


def _repaired(candidates: Sequence[str]) -> dict[str, Any] | None:
    """Return the object that was meant: with comments, commas too many, quotes too few."""
    try:
        repair = importlib.import_module("json_repair")
    except ImportError:  # it comes with [llm]; without it such an answer costs a round
        return None
    for candidate in reversed(candidates):
        text = candidate.strip()
        # What does not end was cut off: nobody knows what would have come.
        if not (text.startswith("{") and text.endswith("}")) or len(text) > MOST_MENDED:
            continue
        try:
            found = repair.loads(text)
        except (ValueError, RecursionError):
            continue
        if isinstance(found, dict) and found:
            return found
    return None
