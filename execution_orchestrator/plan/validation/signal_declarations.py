"""Signals have to have a type, and what is waited for has to be declared."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from execution_orchestrator.plan.issues import Issue
from execution_orchestrator.plan.model import Plan
from execution_orchestrator.plan.nearest import Names
from execution_orchestrator.plan.signals import Declared, wrong_schema
from execution_orchestrator.plan.validation.walk import Place

_HINT = "A type is a JSON Schema, such as {type: boolean} or {type: string, enum: [left, right]}."


def signal_issues(plan: Plan, places: Sequence[Place], declared: Declared) -> Iterator[Issue]:
    """Check the declared types, and that what is waited for is declared."""
    first: dict[str, tuple[Any, str]] = {}
    for pointer, signals in _declarations(plan, places):
        for name, schema in signals.items():
            at = f"{pointer}/signals/{name}"
            problem = wrong_schema(schema)
            if problem:
                yield Issue("SIGNAL_INVALID", problem, at, _HINT)
            before, there = first.setdefault(name, (schema, at))
            if before != schema:
                yield Issue(
                    "SIGNAL_TYPES_DIFFER",
                    f"the signal {name!r} has another type at {there}, and signals of subplans "
                    "belong to the whole execution",
                    at,
                    "Give both the same type, or one of them another name.",
                )
    for place in places:
        wanted = place.action.signal
        if place.action.action_type == "wait_for_signal" and wanted and wanted not in declared:
            hint = Names(declared).hint(wanted, "The plan declares these signals")
            message = f"the plan declares no signal {wanted!r}"
            yield Issue("SIGNAL_UNKNOWN", message, f"{place.pointer}/signal", hint)


def _declarations(
    plan: Plan, places: Sequence[Place]
) -> Iterator[tuple[str, Mapping[str, Mapping[str, Any]]]]:
    """Yield the signals of the plan and of every subplan, with the place that declares them."""
    yield "", plan.signals
    for place in places:
        if place.action.plan is not None:
            yield f"{place.pointer}/plan", place.action.plan.signals
