"""Reads what can be read of an invalid plan, so that the rest of it is checked in the same round.

All mistakes of a plan are reported at once: a field of the wrong type must not hide that an action
three lines further down has an unknown type.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from execution_orchestrator.plan.document import parts_of, value_at
from execution_orchestrator.plan.issues import Issue
from execution_orchestrator.plan.model import Plan
from execution_orchestrator.plan.structure_errors import meant_by, wrong_places
from execution_orchestrator.plan.tree import LISTS, SINGLES

MAX_ROUNDS = 4  # taking one mistake away can lay another one bare
PLACEHOLDER = {"action_type": "delay", "duration": 0.0}
SOUND_FIELDS = ("id", "depends_on", "condition")  # what can be judged without an action's type
MAX_ID = 128
# Fields that are checked even where they have another name in the document.
CHECKED = frozenset({"action_type", "parameters", *LISTS})


@dataclass(frozen=True)
class PartialPlan:
    """What could be read, and the pointers that were changed for that. It must never run."""

    plan: Plan
    places: frozenset[str]
    untyped: frozenset[str]

    def is_in_document(self, issue: Issue) -> bool:
        """Whether an issue of the partial plan is one of the document, too."""
        pointer = issue.pointer
        if pointer.endswith("/by") and any(
            place.startswith(f"{pointer[:-3]}/cases") for place in self.places
        ):
            return False  # its cases may say what they are for where the mistake is
        if pointer.endswith("/when") and f"{pointer[:-4]}is" in self.places:
            return False
        if issue.code == "SIGNAL_UNKNOWN" and any("/signals" in place for place in self.places):
            return False  # it may be declared where the mistake is
        around = [pointer]
        while pointer:
            pointer = pointer.rpartition("/")[0]
            around.append(pointer)
        if not self.places.isdisjoint(around):
            return False
        if any(place.rpartition("/")[0] == issue.pointer for place in self.places):
            return False
        return not any(
            place in self.untyped
            and not any(issue.pointer.startswith(f"{place}/{field}") for field in SOUND_FIELDS)
            for place in around
        )


def partial_plan(document: Mapping[str, Any], issues: Iterable[Issue]) -> PartialPlan | None:
    """Read a plan without the parts that ``issues`` name; None if nothing is left."""
    copied = copy.deepcopy(dict(document))
    places: set[str] = set()
    untyped: set[str] = set()
    pending = [(issue.code, issue.pointer) for issue in issues]
    for _ in range(MAX_ROUNDS):
        for code, pointer in pending:
            _take_away(copied, code, pointer, places, untyped)
        try:
            return PartialPlan(Plan.model_validate(copied), frozenset(places), frozenset(untyped))
        except ValidationError as failure:
            pending = wrong_places(failure.errors(include_url=False), copied)
        except RecursionError:
            return None
    return None


def _take_away(document: Any, code: str, pointer: str, places: set[str], untyped: set[str]) -> None:
    parts = parts_of(pointer)
    if not parts:
        return
    last = parts[-1]
    above = pointer.rpartition("/")[0]
    holder = value_at(document, above)
    if isinstance(holder, dict) and last == "action_type":
        holder.update(PLACEHOLDER)
        untyped.add(above)
        return
    places.add(pointer)
    field = next((part for part in reversed(parts[:-1]) if not part.isdigit()), "")
    meant = meant_by(last, holder, field) if code == "PLAN_FIELD_UNKNOWN" else ""
    if meant and isinstance(holder, dict):
        # Whoever writes `type` means `action_type`: what stands there can be checked as well.
        holder[meant] = holder.pop(last)
        if meant not in CHECKED:
            places.add(f"{above}/{meant}")  # where nothing stands in the document
        return
    if isinstance(holder, dict):
        wrong = holder.pop(last, None)
        if last == "id" and wrong is not None:
            # Others may refer to it: without the id they would all be wrong too.
            holder[last] = str(wrong)[:MAX_ID]
        elif code == "PLAN_FIELD_MISSING" or last in SINGLES:
            places.add(above)
            if last == "when":
                holder[last] = "true"
    elif isinstance(holder, list) and last.isdigit() and int(last) < len(holder):
        # In its place, so that the pointers of what follows stay right.
        holder[int(last)] = _harmless(parts)


def _harmless(parts: Sequence[str]) -> Any:
    """Return an element that is valid in the list named before it."""
    name = parts[-2] if len(parts) > 1 else ""
    if name == "cases":
        return {"when": "true"}  # what it is for is not judged, see is_in_document
    if name == "catch":
        return {}
    if name in LISTS or name == "recovery_plan":
        return dict(PLACEHOLDER)
    return ""
