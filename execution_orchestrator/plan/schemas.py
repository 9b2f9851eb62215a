"""JSON Schemas as people write them: what is wrong with one, and what checks values by one.

jsonschema says in words what is wrong, but takes a hundred times as long as jsonschema_rs. It is
loaded when words are needed.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import jsonschema_rs
import msgspec

if TYPE_CHECKING:
    import jsonschema


def wrong_schema(schema: Mapping[str, Any]) -> str:
    """Return the error of a schema, empty if it is valid."""
    if jsonschema_rs.meta.is_valid(dict(schema)):
        return ""
    import jsonschema  # noqa: PLC0415  # the top of this file says why

    try:
        jsonschema.Draft202012Validator.check_schema(schema)
    except jsonschema.SchemaError as failure:
        return failure.message
    return ""


@lru_cache(maxsize=512)
def explainer(schema: bytes) -> jsonschema.Draft202012Validator:
    """Return what lists the errors of values by a valid schema, which is given as JSON."""
    import jsonschema  # noqa: PLC0415

    return jsonschema.Draft202012Validator(msgspec.json.decode(schema))
