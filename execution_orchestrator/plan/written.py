"""The document of a resolved plan: what was shown can be edited and handed in again.

It is the inverse of `resolve`: resolving the document gives the same plan. What the configuration
says of a capability is left out, and fields have the form that a document has. Parts that already
have that form (because a person added them) are not changed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from execution_orchestrator.plan.robots import ANY, KIND
from execution_orchestrator.plan.tree import BRANCHES, LISTS, SINGLES, on_failure

Written = dict[str, Any]
ORDERINGS = ("sequence", "dependencies")
_HASH = re.compile(r"^[0-9a-f]{16}$")  # an id that `resolve` made
# What follows from the capability, and what the optimisation found out.
_DERIVED = frozenset(
    {"as_text", "timeout_explicit", "estimate_explicit", "pausable", "preemptible", "idempotent",
     "resume", "targets", "recovery", "server", "servers", "robots", "robot_role", "rate_limit",
     "outcomes", "planned_start", "loop", "needed", "guard", "cost_rate", "ordering"}
)  # fmt: skip
_DEFAULTS: Mapping[str, Any] = {
    "description": "", "critical": True, "when_skipped": "run", "priority": 0,
    "require_confirmation": False, "confirmation_default": False, "mode": "sequential",
    "on_error": "propagate", "race": False,
}  # fmt: skip


def is_resolved(document: Any) -> bool:
    """Return whether a document is, or contains, a resolved plan."""
    actions = document.get("actions") if isinstance(document, Mapping) else None
    return isinstance(actions, list) and any(map(_is_resolved, actions))


def as_written(document: Any) -> Any:
    """Return the document of a plan that was shown, and any other document as it is."""
    if not is_resolved(document):
        return document
    try:
        return written(document)
    except (LookupError, TypeError, ValueError, AttributeError):
        # The edited plan is not valid any more: its mistakes are reported as those of any document.
        return document


def written(plan: Mapping[str, Any]) -> Written:
    """Return the document of a resolved plan."""
    made = {
        key: value
        for key, value in plan.items()
        if value is not None and not (key == "id" and _HASH.match(str(value)))
    }
    made["actions"] = _list(plan.get("actions"))
    return made


def _is_resolved(action: Any) -> bool:
    # A document has no such field, and the ordering of a block is a word in it.
    return isinstance(action, Mapping) and (
        "timeout_explicit" in action or _is_orderings(action.get("ordering"))
    )


def _is_orderings(value: Any) -> bool:
    """Whether a value says the ordering of each list of a block, as only a shown plan does."""
    return isinstance(value, Mapping) and all(one in ORDERINGS for one in value.values())


def _list(actions: Any) -> Any:
    return [_action(one) for one in actions] if isinstance(actions, list) else actions


def _action(action: Any) -> Any:
    if not isinstance(action, Mapping):
        return action
    made = dict(action)
    if _is_resolved(action):
        _own_words(made, action)
    for name in (*LISTS, "recovery_plan"):
        if name in made:
            made[name] = _list(made[name])
    for name in SINGLES:
        if name in made:
            made[name] = _action(made[name])
            if isinstance(made[name], dict) and not made[name].get("depends_on"):
                made[name].pop("depends_on", None)
    for name in BRANCHES:
        if isinstance(made.get(name), list):
            made[name] = [
                {**each, "actions": _list(each.get("actions"))}
                if isinstance(each, Mapping)
                else each
                for each in made[name]
            ]
    if isinstance(made.get("plan"), Mapping):
        made["plan"] = written(made["plan"])
    return made


def _own_words(made: Written, action: Mapping[str, Any]) -> None:
    """Remove defaults, and rename fields to those of a document."""
    if "timeout_explicit" in action:
        _capability(made, action)
    else:
        _block(made, action)
    if "guard" in action:
        made["while"] = action["guard"]
    critical = bool(action.get("critical", True))
    if made.get("on_failure") == on_failure(None, critical=critical):
        del made["on_failure"]
    for name, value in [*made.items()]:
        # An empty list says that nothing comes before, or is what the plan returns.
        says_something = name == "depends_on" or (name == "value" and value is not None)
        empty = value in (None, [], {}) and not says_something
        usual = name in _DEFAULTS and value == _DEFAULTS[name]
        if empty or usual or name in _DERIVED:
            del made[name]
    orders = set((action.get("ordering") or {}).values())
    if len(orders) == 1 and action["action_type"] not in ("sequence", "parallel"):
        made["ordering"] = orders.pop()


def _capability(made: Written, action: Mapping[str, Any]) -> None:
    explicit = bool(action["timeout_explicit"])
    if not explicit:
        made.pop("timeout", None)
    made["adaptive_timeout"] = None if explicit else action.get("adaptive_timeout") is not None
    if not action.get("estimate_explicit"):
        made.pop("estimated_duration", None)
    made["cost"] = action.get("cost_rate")
    demands = action.get("resources") or []
    if "robots" in action:
        named = action["robots"][0] if action.get("server") else ANY
        role = action.get("robot_role")
        made["robot"] = f"{ANY}:{role}" if role else named
        demands = [
            {**demand, "resource": str(demand["resource"]).removeprefix(f"{KIND}/")}
            for demand in demands
            if demand["resource"] != KIND
        ]
    made["resources"] = demands
    if not demands:
        # That it holds nothing has to be said: its capability may.
        made["resources"] = ()


def _block(made: Written, action: Mapping[str, Any]) -> None:
    if not action.get("estimated_duration"):
        made.pop("estimated_duration", None)
    kind = action["action_type"]
    if action.get("loop"):
        _loop(made, action)
    elif kind == "parallel":
        needed = action.get("needed")
        made["success"] = {0: None, 1: "any"}.get(needed or 0, needed)
        if action.get("on_first_failure") == "cancel":
            del made["on_first_failure"]
    elif kind == "router":
        made["cases"], by = _cases(action)
        made["by"] = action.get("by") if by else None


def _loop(made: Written, action: Mapping[str, Any]) -> None:
    """Write a loop over numbers as the repeat or while that it was."""
    made["action_type"] = action["loop"]
    made["max_iterations"] = len(action["items"])
    made["if"] = made.pop("while", None)
    del made["items"]
    first = action["actions"][0]
    if not (first["action_type"] == "delay" and str(first.get("duration")).startswith(_PAUSE)):
        return
    made["every"] = first.get("every")
    pause = float(str(first["duration"]).removeprefix(_PAUSE).removesuffix(" }}"))
    made["delay"] = pause or None
    made["actions"] = [
        {**one, "depends_on": [name for name in one["depends_on"] if name != first["id"]]}
        if isinstance(one, Mapping) and one.get("depends_on")
        else one
        for one in action["actions"][1:]
    ]


_PAUSE = "{{ index == 0 ? 0.0 : "


def _cases(action: Mapping[str, Any]) -> tuple[list[Any], bool]:
    """Return the cases, and whether any of them goes by an outcome."""
    begin = f"({action.get('by')}) in "
    found: list[Any] = []
    outcomes = False
    for case in action["cases"]:
        when = str(case.get("when") or "")
        if not when.startswith(begin):
            found.append(case)
            continue
        values: Sequence[str] = json.loads(when.removeprefix(begin))
        outcomes = True
        found.append({"is": list(values), "actions": case["actions"]})
    return found, outcomes
