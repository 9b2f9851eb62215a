"""Which actions of a list have ended when another one starts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter

from execution_orchestrator.plan.model import Action


class Order:
    """The order that the dependencies of a list of actions ask for."""

    def __init__(self, actions: Sequence[Action]) -> None:
        self._positions = {action.id: at for at, action in enumerate(actions) if action.id}
        # Without a single dependency it is a sequence: the positions say it all.
        self._before: dict[str, int] | None = None
        if any(action.depends_on is not None for action in actions):
            named = {action.id: action.depends_on or () for action in actions if action.id}
            self._before = self._ancestors(named)

    def _ancestors(self, named: Mapping[str, Iterable[str]]) -> dict[str, int]:
        # One bit a position: sets of ids would need the square of the length in memory.
        bits = {name: 1 << at for name, at in self._positions.items()}
        before = dict.fromkeys(named, 0)
        try:
            names = list(TopologicalSorter(named).static_order())
        except CycleError:
            # The cycle is an issue of its own; what is said of the rest stays true.
            names = list(named)
        for name in names:
            if name in before:
                for dependency in named[name]:
                    before[name] |= bits.get(dependency, 0) | before.get(dependency, 0)
        return before

    def __contains__(self, name: object) -> bool:
        return name in self._positions

    def is_before(self, name: str, other: str) -> bool:
        """Say whether ``name`` has ended, in whatever way, when ``other`` starts."""
        if other not in self._positions:
            return False
        at = self._positions[name]
        if self._before is None:
            return at < self._positions[other]
        return bool(self._before[other] >> at & 1)
