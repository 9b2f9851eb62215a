"""Names of places and objects in a model's plan have to exist: a made-up one fails on the way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from execution_orchestrator.capabilities.goal_template import references
from execution_orchestrator.plan.capability import CapabilitySpec
from execution_orchestrator.plan.expressions import has_template
from execution_orchestrator.plan.issues import Issue
from execution_orchestrator.plan.tree import walk_document
from execution_orchestrator.planning.vocabulary import nearest

# Conversions that look a name up (capabilities/conversions.py).
_LOCATING = frozenset(
    {"pose", "pose_stamped", "pose_stamped_list", "goals", "point", "point_stamped"}
)
SHOWN = 30  # names in a hint


def located_parameters(spec: CapabilitySpec) -> frozenset[str]:
    """Return the parameters of a capability in which a name may replace a pose."""
    found = {
        reference.parameter
        for _, reference in references(spec.goal)
        if reference.conversion in _LOCATING
    }
    # Capabilities written in Python, and move_arm, take a pose under this name.
    return frozenset((found | {"pose"}) & spec.parameters.get("properties", {}).keys())


def unknown_names(
    document: Mapping[str, Any],
    located: Mapping[str, frozenset[str]],
    known: frozenset[str],
) -> list[Issue]:
    """Return an issue for every unknown name that is used as a pose."""
    issues = []
    for action, pointer, _ in walk_document(document.get("actions")):
        parameters = action.get("parameters")
        if not isinstance(parameters, Mapping):
            continue
        for name in sorted(located.get(str(action.get("action_type")), frozenset())):
            for text, at in _texts(parameters.get(name), f"{pointer}/parameters/{name}"):
                if text not in known and not has_template(text):
                    issues.append(_issue(text, at, known))
    return issues


def _texts(value: Any, pointer: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield value, pointer
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _texts(item, f"{pointer}/{index}")


def _issue(text: str, pointer: str, known: frozenset[str]) -> Issue:
    close = nearest(text, known)
    names = ", ".join(close or sorted(known)[:SHOWN]) or "none"
    hint = f"{'Nearest' if close else 'Known'}: {names}. Or give coordinates, or a template."
    return Issue("NAME_UNKNOWN", f"no place or object is called {text[:100]!r}", pointer, hint)
