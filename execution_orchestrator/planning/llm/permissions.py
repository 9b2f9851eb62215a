"""Enforces what the plan of a language model may contain, after its answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from execution_orchestrator.plan.issues import Issue
from execution_orchestrator.plan.tree import walk_document
from execution_orchestrator.planning.llm.schema import (
    CAPABILITY_FIELDS,
    COMMON_FIELDS,
    KIND_FIELDS,
    PLAN_FIELDS,
)

MAX_DEPTH = 16


def not_allowed(
    document: Mapping[str, Any], allowed: frozenset[str], max_actions: int
) -> list[Issue]:
    """Return an issue for every action and field that a model must not write."""
    issues = [
        _issue(f"{name} is not yours to set", f"/{name}")
        for name in document
        if name not in PLAN_FIELDS
    ]
    actions = walk_document(document.get("actions"), deepest=MAX_DEPTH + 1)
    for count, (action, pointer, depth) in enumerate(actions, start=1):
        if depth > MAX_DEPTH:
            issues.append(_issue(f"the plan is nested more than {MAX_DEPTH} times", pointer))
            break
        if count > max_actions:
            issues.append(_issue(f"the plan has more than {max_actions} actions", "/actions"))
            break
        issues += _action_issues(action, pointer, allowed)
    return issues


def with_confirmations(actions: Any, confirmed: frozenset[str]) -> Any:
    """Return the actions, with confirmation required for certain capabilities."""
    if not confirmed:
        return actions
    if isinstance(actions, list):
        return [with_confirmations(item, confirmed) for item in actions]
    if not isinstance(actions, Mapping):
        return actions
    changed = {key: with_confirmations(value, confirmed) for key, value in actions.items()
               if key != "parameters"}  # fmt: skip
    if "parameters" in actions:
        changed["parameters"] = actions["parameters"]
    if actions.get("action_type") in confirmed:
        changed["require_confirmation"] = True
    return changed


def _action_issues(
    action: Mapping[str, Any], pointer: str, allowed: frozenset[str]
) -> Iterator[Issue]:
    kind = action.get("action_type")
    if isinstance(kind, str) and kind in KIND_FIELDS:
        fields = COMMON_FIELDS | KIND_FIELDS[kind]
    elif isinstance(kind, str) and kind in allowed:
        fields = CAPABILITY_FIELDS
    else:
        names = ", ".join(sorted(allowed | KIND_FIELDS.keys()))
        yield _issue(
            f"{kind!r} is no action you may use", f"{pointer}/action_type", f"You may use: {names}."
        )
        return
    for name in action:
        if name not in fields:
            yield _issue(f"{kind} takes no {name} from you", f"{pointer}/{name}", "Take it away.")


def _issue(message: str, pointer: str, hint: str = "") -> Issue:
    return Issue("PLAN_NOT_ALLOWED", message, pointer, hint)
