"""The JSON document in what a model said."""

from __future__ import annotations

import importlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from execution_orchestrator.plan.issues import Issue
from execution_orchestrator.planning.llm.schema import REFUSAL

MOST_MENDED = 100_000  # characters; the repair looks at them one by one
MOST_BEGINNINGS = 50  # places at which an object may begin between other words
MOST_WRAPPED = 3  # objects around a plan: a call of a tool, its function, its arguments
_PAIRS = (("{", "}"), ("[", "]"))
# A brace between words, as in "{place}", begins no object.
_PLACEHOLDER = re.compile(r"\{\s*[\w{$]")
_FENCE = re.compile(r"```\w*\s*\n(.*?)```", re.DOTALL)
# Servers cut off the beginning of the thoughts when their template writes it.
_THOUGHT = re.compile(r"<think(?:ing)?>.*?</think(?:ing)?>|\A.*</think(?:ing)?>", re.DOTALL)


def document_in(text: str, finish: str) -> tuple[dict[str, Any] | None, Issue | None]:
    """Return the object in an answer, or what is wrong with the answer.

    Words around the object, a fence of code and the thoughts of a reasoning model are passed over.
    Of several objects it is the one with a plan, or with a refusal, also inside of a call of a
    tool ``{"name": ..., "arguments": {...}}``.
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
    found = [one for candidate in candidates for one in _objects_in(candidate)]
    document = next((plan for one in found if (plan := _plan_in(one)) is not None), None)
    if document is not None:
        return document, None
    if finish != "length" and (repaired := _repaired(candidates)) is not None:
        return repaired, None
    if found:
        return found[0], None
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


def _objects_in(text: str) -> Iterator[dict[str, Any]]:
    """Yield the JSON objects in a text, whatever is between them."""
    # NaN stays a text: whoever wants a number there says which field is wrong.
    decoder = json.JSONDecoder(parse_constant=str)
    begin = text.find("{")
    for _ in range(MOST_BEGINNINGS):
        if begin < 0:
            return
        end = begin + 1
        try:
            found, end = decoder.raw_decode(text, begin)
        except (ValueError, RecursionError):
            # What is inside of one that does not end, or has a mistake, is no answer.
            if _PLACEHOLDER.match(text, begin) is None:
                return
        else:
            yield found
        begin = text.find("{", end)


def _plan_in(found: Mapping[str, Any], depth: int = MOST_WRAPPED) -> dict[str, Any] | None:
    """Return the plan or the refusal in an object, itself or one that is wrapped in it."""
    if isinstance(found.get("actions"), list) or isinstance(found.get(REFUSAL), str):
        return dict(found)
    for inner in found.values() if depth else ():
        one = inner
        if isinstance(inner, str) and inner.lstrip().startswith("{"):
            try:
                one = json.loads(inner)
            except (ValueError, RecursionError):
                continue
        if isinstance(one, Mapping) and (document := _plan_in(one, depth - 1)) is not None:
            return document
    return None


def _repaired(candidates: Sequence[str]) -> dict[str, Any] | None:
    """Return the object that was meant: with comments, commas too many, quotes too few."""
    try:
        repair = importlib.import_module("json_repair")
    except ImportError:  # it comes with [llm]; without it such an answer costs a round
        return None
    for candidate in reversed(candidates):
        text = candidate.strip()
        # An unfinished object was cut off, so it cannot be used.
        whole = text.endswith("}") and all(
            text.count(opens) <= text.count(ends) for opens, ends in _PAIRS
        )
        if not (text.startswith("{") and whole) or len(text) > MOST_MENDED:
            continue
        try:
            found = repair.loads(text)
        except (ValueError, RecursionError):
            continue
        several = found if isinstance(found, list) else [found]
        objects = [one for one in several if isinstance(one, dict) and one]
        document = next((plan for one in objects if (plan := _plan_in(one)) is not None), None)
        if document is not None or objects:
            return document if document is not None else objects[0]
    return None
