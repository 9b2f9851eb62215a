"""Signals have to have a type, and what is waited for has to be declared."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from execution_orchestrator.plan.issues import Issue
from execution_orchestrator.plan.model import Plan
from execution_orchestrator.plan.nearest import Names
from execution_orchestrator.plan.signals import Declared, wrong_schema
from execution_orchestrator.plan.validation.walk import Place

_HINT = "A type is a JSON Schema, such as {type: boolean} or {type: string, enum: [left, right]}."


def signal_issues(plan: Plan, places: Sequence[Place], declared: Declared) -> Iterator[Issue]:
    """Check the declared types, and that what is waited for is declared."""
    for name, schema in plan.signals.items():
        problem = wrong_schema(schema)
        if problem:
            hint = _HINT
            yield Issue("SIGNAL_INVALID", problem, f"/signals/{name}", hint)
    for place in places:
        wanted = place.action.signal
        if place.action.action_type == "wait_for_signal" and wanted and wanted not in declared:
            hint = Names(declared).hint(wanted, "The plan declares these signals")
            told = f"the plan declares no signal {wanted!r}"
            yield Issue("SIGNAL_UNKNOWN", told, f"{place.pointer}/signal", hint)
