"""Errors of a document that a pydantic model does not accept, each with place and cure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ValidationError

from execution_orchestrator.plan.nearest import nearest


@dataclass(frozen=True, slots=True)
class ConfigurationProblem:
    """A problem in a configuration: its place, what is wrong, and a hint how to fix it."""

    place: str
    message: str
    hint: str = ""

    def __str__(self) -> str:
        cure = f" ({self.hint})" if self.hint else ""
        return f"{self.place}: {self.message}{cure}"


def wrong_entries(
    failure: ValidationError, model: type[BaseModel], within: str = ""
) -> list[ConfigurationProblem]:
    """List the errors; an unknown key is reported with the nearest known one.

    A place is keys with points between them, ``within`` in front.
    """
    found = []
    for error in failure.errors():
        keys = (*([within] if within else ()), *map(str, error["loc"]))
        place = ".".join(keys) or "the document"
        if error["type"] in ("extra_forbidden", "unexpected_keyword_argument"):
            near = nearest(str(error["loc"][-1]), _keys_at(model, error["loc"][:-1]))
            hint = f"Did you mean {' or '.join(near)}?" if near else ""
            found.append(ConfigurationProblem(place, "there is no such key", hint))
        else:
            found.append(ConfigurationProblem(place, error["msg"]))
    return found


def _keys_at(model: type[BaseModel], place: Sequence[int | str]) -> list[str]:
    """Return the known keys at a place; those of the whole document if that is unclear."""
    whole = model.model_json_schema()
    parts = [whole]
    for name in place:
        # A place may name a case of a union, which is no key.
        parts = [one for part in parts for one in _below(whole, part, name)] or parts
    found = {key for part in parts for one in _cases(whole, part) for key in _properties(one)}
    everything = [whole, *whole.get("$defs", {}).values()]
    return sorted(found or {key for part in everything for key in _properties(part)})


def _below(whole: Mapping[str, Any], part: Any, name: int | str) -> Iterator[Any]:
    for one in _cases(whole, part):
        if isinstance(name, int):
            if "items" in one:
                yield one["items"]
        elif name in _properties(one):
            yield _properties(one)[name]
        else:
            yield from one.get("patternProperties", {}).values()
            if isinstance(one.get("additionalProperties"), Mapping):
                yield one["additionalProperties"]


def _cases(whole: Mapping[str, Any], part: Any) -> Iterator[Mapping[str, Any]]:
    """Yield every case of a schema, references followed."""
    if not isinstance(part, Mapping):
        return
    reference = str(part.get("$ref", ""))
    if reference:
        yield from _cases(whole, whole["$defs"][reference.rpartition("/")[2]])
        return
    unions = [one for key in ("anyOf", "oneOf", "allOf") for one in part.get(key, ())]
    for one in unions:
        yield from _cases(whole, one)
    if not unions:
        yield part


def _properties(part: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Mapping[str, Any] = part.get("properties", {})
    return found
