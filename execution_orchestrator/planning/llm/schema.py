"""The schema of an answer: a plan of this robot's capabilities, and nothing else."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from execution_orchestrator.plan.capability import CapabilitySpec

# Fields of an action that a model may write; what locks resources or sets limits is not among them.
COMMON_FIELDS = frozenset(
    {"id", "action_type", "description", "depends_on", "condition", "postconditions", "critical",
     "require_confirmation"}
)  # fmt: skip
CAPABILITY_FIELDS = COMMON_FIELDS | {"parameters", "fallback_action", "compensation"}
KIND_FIELDS: Mapping[str, frozenset[str]] = {
    "sequence": frozenset({"actions"}),
    "parallel": frozenset({"actions", "max_parallel"}),
    "conditional": frozenset({"if", "then", "else"}),
    "foreach": frozenset({"items", "mode", "actions"}),
    "try": frozenset({"actions", "catch", "finally", "on_error"}),
    "delay": frozenset({"duration"}),
    "wait_for": frozenset({"until", "timeout"}),
    "return": frozenset({"value"}),
}
PLAN_FIELDS = frozenset({"version", "description", "ordering", "confidence", "actions"})
REFUSAL = "impossible"  # what the model answers instead of a plan
SHARED_LENGTH = 40  # characters of a part that is worth a reference
_TEMPLATE = {"type": "string", "pattern": r"^\{\{.*\}\}$", "description": "CEL template"}
_LIST = {"type": "array", "items": {"$ref": "#/$defs/action"}}
_TEXT = {"type": "string"}


def answer_schema(capabilities: Iterable[CapabilitySpec], max_actions: int) -> dict[str, Any]:
    """Return the JSON Schema of a plan of these capabilities, or of a refusal with its reason."""
    specs = list(capabilities)
    definitions: dict[str, Any] = {
        "action": {
            "anyOf": [
                *({"$ref": f"#/$defs/{spec.name}"} for spec in specs),
                *({"$ref": f"#/$defs/kind_{kind}"} for kind in KIND_FIELDS),
            ]
        },
        **{spec.name: _capability(spec) for spec in specs},
        **{f"kind_{kind}": _kind(kind) for kind in KIND_FIELDS},
    }
    plan = {
        "type": "object",
        "properties": {
            "version": {"const": 1},
            "description": _TEXT,
            "ordering": {"enum": ["sequence", "dependencies"]},
            "confidence": {"type": "number", "minimum": 0, "maximum": 1},
            "actions": {**_LIST, "minItems": 1, "maxItems": max_actions},
        },
        "required": ["version", "confidence", "actions"],
        "additionalProperties": False,
    }
    refusal = {
        "type": "object",
        "properties": {REFUSAL: {"type": "string", "minLength": 1}},
        "required": [REFUSAL],
        "additionalProperties": False,
    }
    return _shared({"type": "object", "anyOf": [plan, refusal], "$defs": definitions})


def _shared(schema: dict[str, Any]) -> dict[str, Any]:
    """Write each part that stands several times (a pose, a template) once, and refer to it.

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


def _wordless(part: Mapping[str, Any]) -> dict[str, Any]:
    """Return a schema without its descriptions: the prompt has them, and once is enough."""
    bare = {key: value for key, value in part.items() if key != "description"}
    return _with_parts(bare, _wordless)


def _text(part: Mapping[str, Any]) -> str:
    return json.dumps(part, sort_keys=True)


def _common(action_type: str) -> dict[str, Any]:
    return {
        "id": {"type": "string", "pattern": "^[A-Za-z_][A-Za-z0-9_]*$"},
        "action_type": {"const": action_type},
        "description": _TEXT,
        "depends_on": {"type": "array", "items": _TEXT},
        "condition": {"type": "string", "description": "CEL; the action is left out if false"},
        "postconditions": {"type": "array", "items": _TEXT},
        "critical": {"type": "boolean"},
        "require_confirmation": {"type": "boolean"},
    }


def _capability(spec: CapabilitySpec) -> dict[str, Any]:
    parameters = dict(spec.parameters)
    parameters["properties"] = {
        name: {"anyOf": [_wordless(schema), _TEMPLATE]}
        for name, schema in parameters.get("properties", {}).items()
    }
    parameters.setdefault("type", "object")
    needed = ["id", "action_type"]
    if parameters.get("required"):
        needed.append("parameters")
    return {
        "type": "object",
        "properties": {
            **_common(spec.name),
            "parameters": parameters,
            "fallback_action": {"$ref": "#/$defs/action"},
            "compensation": {"$ref": "#/$defs/action"},
        },
        "required": needed,
        "additionalProperties": False,
    }


def _kind(kind: str) -> dict[str, Any]:
    own: dict[str, dict[str, Any]] = {
        "actions": _LIST,
        "max_parallel": {"type": "integer", "minimum": 1},
        "if": _TEXT,
        "then": _LIST,
        "else": _LIST,
        "items": {"anyOf": [_TEXT, {"type": "array"}]},
        "mode": {"enum": ["sequential", "parallel"]},
        "catch": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"errors": {"type": "array", "items": _TEXT}, "actions": _LIST},
                "required": ["actions"],
                "additionalProperties": False,
            },
        },
        "finally": _LIST,
        "on_error": {"enum": ["propagate", "continue"]},
        "duration": {"type": "number", "minimum": 0},
        "until": _TEXT,
        "timeout": {"type": "number", "exclusiveMinimum": 0},
        "value": {},
    }
    fields = {name: own[name] for name in own if name in KIND_FIELDS[kind]}
    optional = {"max_parallel", "else", "mode", "catch", "finally", "on_error", "value"}
    return {
        "type": "object",
        "properties": {**_common(kind), **fields},
        "required": ["id", "action_type", *(name for name in fields if name not in optional)],
        "additionalProperties": False,
    }
