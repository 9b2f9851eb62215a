"""Shipped tools that need nothing but Python: ``transform`` and ``validate``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from execution_orchestrator.capabilities.tools.registry import Tool, ToolError
from execution_orchestrator.plan.errors import ErrorType
from execution_orchestrator.plan.expressions import ExpressionError, compile_expression

MAX_PROBLEMS = 50
# Python's regular expressions hold the interpreter while they search, for ever if they are bad.
_FORBIDDEN = frozenset({"pattern", "patternProperties"})


def transform(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return the value of a CEL expression over ``data``.

    Raises:
        ToolError: it has none.

    """
    return {"value": _value(str(parameters["expression"]), parameters["data"])}


def validate(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Check ``data`` against a JSON Schema and against CEL rules that have to be true.

    Raises:
        ToolError: the schema is none, or the data is not valid and ``strict`` is wanted.

    """
    data = parameters["data"]
    problems = [
        *_schema_problems(parameters.get("schema") or {}, data),
        *(problem for rule in parameters.get("rules") or () for problem in _rule(rule, data)),
    ][:MAX_PROBLEMS]
    if problems and parameters.get("strict"):
        raise ToolError(
            f"the data is not valid: {'; '.join(problems)[:1000]}",
            code="DATA_INVALID",
            error_type=ErrorType.VALIDATION,
        )
    return {"valid": not problems, "problems": problems}


PLAIN_TOOLS: Mapping[str, Tool] = {"transform": transform, "validate": validate}


def _value(expression: str, data: Any) -> Any:
    try:
        return compile_expression(expression).evaluate({"data": data})
    except ExpressionError as failure:
        raise ToolError(
            str(failure),
            code="EXPRESSION_FAILED",
            error_type=ErrorType.EXPRESSION,
            recoverable=False,
        ) from None


def _rule(rule: str, data: Any) -> Iterator[str]:
    value = _value(rule, data)
    if value is not True:
        yield f"{rule} is {value!r}"


def _schema_problems(schema: Mapping[str, Any], data: Any) -> Iterator[str]:
    wrong = next(_not_allowed(schema), None)
    if wrong is not None:
        raise ToolError(f"the schema may not use {wrong}", code="SCHEMA_INVALID", recoverable=False)
    import jsonschema  # noqa: PLC0415  # plan/schemas.py says why
    import referencing.exceptions  # noqa: PLC0415

    try:
        jsonschema.Draft202012Validator.check_schema(schema)
        # A registry of our own: the default one fetches schemas from the network.
        checker = jsonschema.Draft202012Validator(schema, registry=referencing.Registry())
        for error in checker.iter_errors(data):
            path = "/".join(str(part) for part in error.absolute_path)
            yield f"{path or 'data'}: {error.message[:200]}"
    except (jsonschema.SchemaError, referencing.exceptions.Unresolvable) as failure:
        message = f"that is no JSON Schema: {str(failure)[:300]}"
        raise ToolError(message, code="SCHEMA_INVALID", recoverable=False) from None


def _not_allowed(schema: Any) -> Iterator[str]:
    if isinstance(schema, Mapping):
        yield from sorted(_FORBIDDEN.intersection(schema))
        for item in schema.values():
            yield from _not_allowed(item)
    elif isinstance(schema, list):
        for item in schema:
            yield from _not_allowed(item)
