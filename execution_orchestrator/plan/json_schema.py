"""The JSON Schema of plan documents with the capabilities of a robot; editors complete by it."""

from __future__ import annotations

from typing import Any

from execution_orchestrator.plan.capability import RobotModel
from execution_orchestrator.plan.field_words import FIELD_WORDS
from execution_orchestrator.plan.model import CONTROL_FLOW, NEEDED, Plan

TEMPLATE = {"type": "string", "pattern": r"\{\{.*\}\}", "description": "CEL template"}


def plan_schema(robot: RobotModel) -> dict[str, Any]:
    """Return the schema: the fields of the model, the action types there are, their parameters."""
    made = Plan.model_json_schema(by_alias=True)
    made["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    for name, fields in FIELD_WORDS.items():
        properties = made["$defs"][name]["properties"]
        for field, words in fields.items():
            properties[field]["description"] = words
    action = made["$defs"]["Action"]
    action["properties"]["action_type"] = {
        "description": FIELD_WORDS["Action"]["action_type"],
        "anyOf": [
            {"const": name, "description": spec.description}
            for name, spec in sorted(robot.capabilities.items())
        ]
        + [{"const": kind, "description": "control flow"} for kind in sorted(CONTROL_FLOW)],
    }
    action["allOf"] = [
        {
            "if": {"properties": {"action_type": {"const": name}}, "required": ["action_type"]},
            "then": {
                "properties": {"parameters": _parameters(spec.parameters)},
                **({"required": ["parameters"]} if spec.parameters.get("required") else {}),
            },
        }
        for name, spec in sorted(robot.capabilities.items())
        if spec.parameters
    ]
    action["allOf"] += [
        {
            "if": {"properties": {"action_type": {"const": kind}}, "required": ["action_type"]},
            "then": {
                "allOf": [
                    {"anyOf": [{"required": ["plan"]}, {"required": ["file"]}]}
                    if field == "plan"
                    else {"required": [field]}
                    for field in fields
                ]
            },
        }
        for kind, fields in sorted(NEEDED.items())
        if fields
    ]
    return made


def _parameters(schema: dict[str, Any]) -> dict[str, Any]:
    return {**schema, "properties": _each_open(schema.get("properties", {}))}


def _open(schema: Any) -> Any:
    """Allow a template in place of a value and of everything inside it."""
    if not isinstance(schema, dict):
        return schema
    made = dict(schema)
    if "properties" in made:
        made["properties"] = _each_open(made["properties"])
    if "items" in made:
        made["items"] = _open(made["items"])
    for name in ("anyOf", "oneOf", "allOf"):
        if name in made:
            made[name] = [_open(one) for one in made[name]]
    if made.get("type") in (None, "string"):
        return made
    return {
        **({"description": made["description"]} if "description" in made else {}),
        "anyOf": [made, TEMPLATE],
    }


def _each_open(properties: dict[str, Any]) -> dict[str, Any]:
    return {name: _open(one) for name, one in properties.items()}
