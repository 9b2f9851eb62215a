"""JSON Schemas of parameters: shared definitions written into each schema."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_REFERENCE = "#/definitions/"


def parameters_schema(written: Mapping[str, Any]) -> dict[str, Any]:
    """Return an object schema that refuses unknown parameters unless the file says otherwise."""
    schema = {"type": "object", "additionalProperties": False, **written}
    schema.setdefault("properties", {})
    return schema


def with_definitions(schema: Any, definitions: Mapping[str, Any], depth: int = 0) -> Any:
    """Replace ``$ref: '#/definitions/x'`` by the definition, so that a schema is complete.

    Raises:
        KeyError: a definition does not exist, or definitions refer to each other endlessly.

    """
    if depth > 16:
        raise KeyError("definitions refer to each other endlessly")
    if isinstance(schema, Mapping):
        reference = schema.get("$ref")
        if isinstance(reference, str) and reference.startswith(_REFERENCE):
            name = reference.removeprefix(_REFERENCE)
            beside = {key: value for key, value in schema.items() if key != "$ref"}
            return with_definitions({**definitions[name], **beside}, definitions, depth + 1)
        return {key: with_definitions(value, definitions, depth) for key, value in schema.items()}
    if isinstance(schema, list):
        return [with_definitions(item, definitions, depth) for item in schema]
    return schema
