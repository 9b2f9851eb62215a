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


def problem_of(schema: Mapping[str, Any]) -> str:
    """Return why values cannot be checked by the schema of a plan, empty if they can be.

    Beside what is no schema that is a reference to nothing, and a pattern that is no regular
    expression.
    """
    if wrong := wrong_schema(schema):
        return wrong
    try:
        bounded(msgspec.json.encode(schema))
    except jsonschema_rs.ValidationError as failure:
        message, elsewhere, _ = str(failure.message).partition(" is not present in a registry")
        return f"{message} is not in it, and nothing is fetched" if elsewhere else message
    return ""


# Steps of a regular expression over one text: a plan may bring one that would never come to an end.
MAX_BACKTRACKS = 100_000


@lru_cache(maxsize=512)
def bounded(schema: bytes) -> jsonschema_rs.Draft202012Validator:
    """Return what checks values by the schema of a plan, which is given as JSON, in bounded time.

    It fetches nothing that the schema refers to.

    Raises:
        jsonschema_rs.ValidationError: values cannot be checked by it.

    """
    return jsonschema_rs.Draft202012Validator(
        msgspec.json.decode(schema),
        offline=True,
        pattern_options=jsonschema_rs.FancyRegexOptions(backtrack_limit=MAX_BACKTRACKS),
    )


@lru_cache(maxsize=512)
def explainer(schema: bytes) -> jsonschema.Draft202012Validator:
    """Return what lists the errors of values by a valid schema, which is given as JSON."""
    import jsonschema  # noqa: PLC0415

    return jsonschema.Draft202012Validator(msgspec.json.decode(schema))
