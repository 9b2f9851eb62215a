"""Signals: named values of a declared type that clients send to an execution."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from execution_orchestrator.plan.model import Plan, every_action
from execution_orchestrator.plan.nearest import Names
from execution_orchestrator.plan.schemas import bounded, problem_of

MAX_SIGNAL_BYTES = 65_536  # of a value as JSON
MAX_UNREAD = 100  # values of one signal that no action has taken yet
Declared = Mapping[str, Mapping[str, Any]]


def declared_signals(plan: Plan) -> dict[str, dict[str, Any]]:
    """Return the signals of a plan and of its subplans: they are those of the whole execution."""
    subplans = [one.plan for one in every_action(plan.actions) if one.plan is not None]
    found: dict[str, dict[str, Any]] = {}
    for one in (plan, *subplans):
        found = {**one.signals, **found}
    return found


def wrong_schema(schema: Mapping[str, Any]) -> str:
    """Return the error of a signal's schema, empty if values can be checked by it."""
    wrong = problem_of(schema)
    return f"the type of the signal is no JSON Schema: {wrong}" if wrong else ""


def signal_problem(declared: Declared, name: str, value: Any) -> str:
    """Return why a signal is refused, empty if it is taken."""
    if name not in declared:
        return f"the plan has no signal {name!r}. {Names(declared).hint(name, 'It has')}"
    error = next(bounded(msgspec.json.encode(declared[name])).iter_errors(value), None)
    if error is None:
        return ""
    place = "".join(f"/{part}" for part in error.instance_path)
    what = declared[name].get("description")
    suffix = f" ({what})" if what else ""
    return (
        f"the value of {name}{suffix} does not fit{' at ' if place else ''}{place}: {error.message}"
    )
