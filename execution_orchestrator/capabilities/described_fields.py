"""Descriptions of a capability's parameters and outputs: type, limits and meaning."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

LIMITS = (("at least", "minimum"), ("at most", "maximum"))


@dataclass(frozen=True, slots=True)
class DescribedField:
    """One property of a JSON Schema; ``meaning`` has its description and its limits."""

    name: str
    kind: str
    required: bool
    meaning: str


def described_fields(schema: Mapping[str, Any] | None) -> list[DescribedField]:
    """Describe the properties of an object's schema, in their order; none without a schema."""
    schema = schema or {}
    needed = set(schema.get("required", ()))
    found = []
    for name, field in schema.get("properties", {}).items():
        kind = field.get("type") or field.get("$ref", "").rpartition("/")[2] or "any"
        kind = " or ".join(kind) if isinstance(kind, list) else kind
        parts = [field.get("description", "")]
        parts += [f"{word} {field[key]}" for word, key in LIMITS if key in field]
        if "enum" in field:
            parts.append("one of " + ", ".join(map(str, field["enum"])))
        found.append(DescribedField(name, kind, name in needed, "; ".join(filter(None, parts))))
    return found
