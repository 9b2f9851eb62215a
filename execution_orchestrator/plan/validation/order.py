"""Which actions of a list have ended when another one starts."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from graphlib import CycleError, TopologicalSorter

from execution_orchestrator.plan.model import Action, Ordering
from execution_orchestrator.plan.ordering import come_in_order, ordering_of, waits_for


class Order:
    """The order in which the actions of a list run; ``declared`` is the list's ordering."""

    def __init__(self, actions: Sequence[Action], declared: Ordering | None = None) -> None:
        # Where nobody names a dependency the positions say it all.
        self._before: list[int] | None = None
        plain = all(action.depends_on is None for action in actions)
        if not plain or ordering_of(actions, declared) != "sequence":
            self._before = _ancestors(waits_for(actions, declared))

    def is_before(self, one: int, other: int) -> bool:
        """Say whether the action at ``one`` has ended, in whatever way, when ``other`` starts."""
        return one < other if self._before is None else bool(self._before[other] >> one & 1)


def _ancestors(waits: Sequence[Sequence[int]]) -> list[int]:
    # One bit a position: sets of ids would need the square of the length in memory.
    before = [0] * len(waits)
    order = list(range(len(waits)))
    if not come_in_order(waits):
        # A cycle is an issue of its own; what is said of the rest stays true.
        with suppress(CycleError):
            order = list(TopologicalSorter(dict(enumerate(waits))).static_order())
    for index in order:
        for dependency in waits[index]:
            before[index] |= 1 << dependency | before[dependency]
    return before
