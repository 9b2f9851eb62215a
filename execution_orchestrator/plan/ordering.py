"""What an action of a list waits for: what it says, or, in a sequence, the action before it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from execution_orchestrator.plan.model import Action, Ordering
from execution_orchestrator.plan.tree import children


def ordering_of(actions: Sequence[Action], declared: Ordering | None) -> Ordering:
    """Return the ordering of a list: what is declared, else what its actions show."""
    if declared is not None:
        return declared
    named = any(action.depends_on is not None for action in actions)
    return "dependencies" if named else "sequence"


def ordering_inside(action: Action) -> Ordering | None:
    """Return what is declared for the lists of a block.

    The actions of a sequence come one after the other and those of a parallel side by side,
    whatever else they say.
    """
    fixed: dict[str, Ordering] = {"sequence": "sequence", "parallel": "dependencies"}
    return fixed.get(action.action_type, action.ordering)


def orders_of(plan: Mapping[str, Any]) -> Iterator[tuple[str, Ordering]]:
    """Yield (list, its ordering) of every list of several actions of a resolved plan."""
    if len(plan["actions"]) > 1:
        yield "the plan", plan["ordering"]
    yield from _orders(plan["actions"])


def _orders(actions: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, Ordering]]:
    for action in actions:
        for place, ordering in (action.get("ordering") or {}).items():
            yield f"{action['id']}/{place}", ordering
        yield from _orders(children(action))


def come_in_order(waits: Sequence[Sequence[int]]) -> bool:
    """Say whether all wait for earlier ones only, as in most plans: then there is no circle."""
    return all(other < at for at, before in enumerate(waits) for other in before)


def waits_for(actions: Sequence[Action], declared: Ordering | None) -> list[tuple[int, ...]]:
    """Return, for each action of a list, the indices of those it waits for.

    Names that are not in the list are left out. In a sequence an action that names no dependencies
    waits for the one before it, also where that one waits, in a circle, for this one.
    """
    at = {action.id: index for index, action in enumerate(actions) if action.id}
    in_a_row = ordering_of(actions, declared) == "sequence"
    found: list[tuple[int, ...]] = []
    for index, action in enumerate(actions):
        if action.depends_on is not None:
            named = dict.fromkeys(action.depends_on)
            found.append(tuple(at[name] for name in named if name in at))
        else:
            found.append((index - 1,) if in_a_row and index else ())
    return found
