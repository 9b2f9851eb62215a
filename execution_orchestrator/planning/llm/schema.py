"""The schema of an answer: a plan of this robot's capabilities, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from execution_orchestrator.plan.capability import CapabilitySpec
from execution_orchestrator.plan.model import MAX_ITERATIONS
from execution_orchestrator.planning.llm.schema_parts import shared, without_descriptions

# Fields of an action that a model may write; what locks resources or sets limits is not among them.
COMMON_FIELDS = frozenset(
    {"id", "action_type", "description", "depends_on", "condition", "postconditions", "critical",
     "require_confirmation", "while", "on_guard_failed"}
)  # fmt: skip
CAPABILITY_FIELDS = COMMON_FIELDS | {
    "parameters", "fallback_action", "compensation", "compensation_of_partial",
}  # fmt: skip
KIND_FIELDS: Mapping[str, frozenset[str]] = {
    "sequence": frozenset({"actions"}),
    "parallel": frozenset({"actions", "max_parallel", "success", "race"}),
    "conditional": frozenset({"if", "then", "else"}),
    "router": frozenset({"by", "cases", "default"}),
    "foreach": frozenset({"items", "mode", "actions"}),
    "repeat": frozenset({"actions", "until", "max_iterations", "delay"}),
    "while": frozenset({"actions", "if", "max_iterations", "delay"}),
    "try": frozenset({"actions", "catch", "finally", "on_error"}),
    "delay": frozenset({"duration"}),
    "wait_for": frozenset({"until", "timeout"}),
    "wait_for_signal": frozenset({"signal", "timeout"}),
    "return": frozenset({"value"}),
}
PLAN_FIELDS = frozenset(
    {"version", "description", "ordering", "confidence", "actions", "success", "signals",
     "start_at", "schedule"}
)  # fmt: skip
SCHEDULE = {
    "type": "object",
    "properties": {
        "every": {"type": "number", "minimum": 1, "description": "seconds"},
        "cron": {"type": "string", "description": "minute hour day month weekday"},
    },
    "additionalProperties": False,
}
REFUSAL = "impossible"  # what the model answers instead of a plan
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
            "success": {"type": "string", "description": "CEL; what has to hold at the end"},
            "signals": {"type": "object", "additionalProperties": {"type": "object"}},
            "start_at": {"type": "string", "description": "time of day or ISO 8601"},
            "schedule": SCHEDULE,
            "actions": {**_LIST, "minItems": 1, "maxItems": max_actions},
        },
        "required": ["version", "confidence", "success", "actions"],
        "additionalProperties": False,
    }
    refusal = {
        "type": "object",
        "properties": {REFUSAL: {"type": "string", "minLength": 1}},
        "required": [REFUSAL],
        "additionalProperties": False,
    }
    return shared({"type": "object", "anyOf": [plan, refusal], "$defs": definitions})


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
        "while": {"type": "string", "description": "CEL; stopped the moment it is false"},
        "on_guard_failed": {"enum": ["fail", "skip", "wait"]},
    }


def _capability(spec: CapabilitySpec) -> dict[str, Any]:
    parameters = dict(spec.parameters)
    parameters["properties"] = {
        name: {"anyOf": [without_descriptions(schema), _TEMPLATE]}
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
            "compensation_of_partial": {"$ref": "#/$defs/action"},
        },
        "required": needed,
        "additionalProperties": False,
    }


def _kind(kind: str) -> dict[str, Any]:
    own: dict[str, dict[str, Any]] = {
        "actions": _LIST,
        "max_parallel": {"type": "integer", "minimum": 1},
        "success": {"anyOf": [{"enum": ["all", "any"]}, {"type": "integer", "minimum": 1}]},
        "race": {"type": "boolean"},
        "if": _TEXT,
        "by": _TEXT,
        "cases": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "properties": {
                    "when": _TEXT,
                    "is": {"anyOf": [_TEXT, {"type": "array", "items": _TEXT}]},
                    "actions": _LIST,
                },
                "required": ["actions"],
                "additionalProperties": False,
            },
        },
        "default": _LIST,
        "then": _LIST,
        "else": _LIST,
        "items": {"anyOf": [_TEXT, {"type": "array"}]},
        "mode": {"enum": ["sequential", "parallel"]},
        "catch": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "errors": {"type": "array", "items": _TEXT},
                    "actions": _LIST,
                    "rethrow": {"type": "boolean"},
                },
                "required": ["actions"],
                "additionalProperties": False,
            },
        },
        "finally": _LIST,
        "on_error": {"enum": ["propagate", "continue"]},
        "duration": {"type": "number", "minimum": 0},
        "until": _TEXT,
        "signal": _TEXT,
        "max_iterations": {"type": "integer", "minimum": 1, "maximum": MAX_ITERATIONS},
        "delay": {"type": "number", "minimum": 0},
        "timeout": {"type": "number", "exclusiveMinimum": 0},
        "value": {},
    }
    fields = {name: own[name] for name in own if name in KIND_FIELDS[kind]}
    optional = {
        "max_parallel", "success", "race", "by", "else", "default", "mode", "catch", "finally",
        "on_error", "value", "delay",
    }  # fmt: skip
    if kind == "repeat":
        optional.add("until")  # without it so often
    return {
        "type": "object",
        "properties": {**_common(kind), **fields},
        "required": ["id", "action_type", *(name for name in fields if name not in optional)],
        "additionalProperties": False,
    }
