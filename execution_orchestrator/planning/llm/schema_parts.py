"""Shortens JSON Schemas: repeated parts become definitions, descriptions are left out."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any

SHARED_LENGTH = 40  # characters of a part that is worth a reference


def shared(schema: dict[str, Any]) -> dict[str, Any]:
    """Write each repeated part (a pose, a template) once, as a definition, and refer to it.

    The schema is sent with every request: said in full, a robot's poses would be most of it.
    """
    counts: Counter[str] = Counter(map(_text, _parts(schema)))
    names = {
        text: f"s{number}"
        for number, (text, count) in enumerate(counts.items())
        if count > 1 and len(text) > SHARED_LENGTH
    }
    made: dict[str, Any] = _with_parts(schema, lambda part: _referring(part, names))
    for text, name in names.items():
        part = _with_parts(json.loads(text), lambda inner: _referring(inner, names))
        made["$defs"][name] = part
    used = json.dumps(made)
    unused = {name for name in names.values() if f'"#/$defs/{name}"' not in used}
    made["$defs"] = {name: one for name, one in made["$defs"].items() if name not in unused}
    return made


def _parts(schema: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield every schema inside a schema."""
    inner: list[Mapping[str, Any]] = []

    def note(part: Mapping[str, Any]) -> Mapping[str, Any]:
        inner.append(part)
        return part

    _with_parts(schema, note)
    for part in inner:
        yield part
        yield from _parts(part)


def _with_parts(
    schema: Mapping[str, Any], change: Callable[[Mapping[str, Any]], Mapping[str, Any]]
) -> dict[str, Any]:
    """Return a schema with the schemas right inside it changed."""
    made = dict(schema)
    for key in ("properties", "$defs"):
        if isinstance(schema.get(key), Mapping):
            made[key] = {name: change(one) for name, one in schema[key].items()}
    for key in ("anyOf", "oneOf", "allOf"):
        if isinstance(schema.get(key), list):
            made[key] = [change(one) for one in schema[key]]
    for key in ("items", "additionalProperties"):
        if isinstance(schema.get(key), Mapping):
            made[key] = change(schema[key])
    return made


def _referring(part: Mapping[str, Any], names: Mapping[str, str]) -> Mapping[str, Any]:
    name = names.get(_text(part))
    if name is not None:
        return {"$ref": f"#/$defs/{name}"}
    return _with_parts(part, lambda inner: _referring(inner, names))


def without_descriptions(part: Mapping[str, Any]) -> dict[str, Any]:
    """Return a schema without its descriptions: the prompt has them, and once is enough."""
    bare = {key: value for key, value in part.items() if key != "description"}
    return _with_parts(bare, without_descriptions)


def _text(part: Mapping[str, Any]) -> str:
    return json.dumps(part, sort_keys=True)
