"""Which optimisations a plan gets, and their settings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from execution_orchestrator.plan.urgency import RESERVE_AFTER

KINDS = ("estimates", "batching", "settling", "order")
DEFAULT = ("estimates", "order")


class OptionError(ValueError):
    """A text names no optimisation; the message lists those there are."""


@dataclass(frozen=True)
class OptimiseOptions:
    """``kinds`` are of KINDS; ``budget`` is seconds for the solver, ``seed`` makes it repeatable.

    ``max_concurrent`` and ``reserve_after`` (s) are the engine's settings of these names.
    ``breakpoints`` are ids of actions at which the execution is to stop. ``done`` are the types, by
    key, of actions that an earlier plan of the same execution has done: they are not changed into
    other actions, so that they are recognised and not done a second time.
    """

    kinds: frozenset[str] = frozenset(DEFAULT)
    budget: float = 1.0
    seed: int = 0
    max_concurrent: int = 0
    reserve_after: float = RESERVE_AFTER
    breakpoints: frozenset[str] = frozenset()
    done: Mapping[str, str] = field(default_factory=dict)

    def is_done(self, key: str, action: Mapping[str, Any]) -> bool:
        """Say whether an action was done under the same key and as the same kind of thing."""
        return bool(self.done.get(key) == action["action_type"])


NOTHING_SPECIAL = OptimiseOptions()


def read_kinds(text: str, default: Iterable[str] = DEFAULT) -> frozenset[str]:
    """Return the optimisations a text names: words with commas, "all" or "none"; empty: default.

    Raises:
        OptionError: a word is no optimisation.

    """
    words = text.replace(",", " ").split()
    if not words:
        return frozenset(default)
    if words == ["all"]:
        return frozenset(KINDS)
    if words == ["none"]:
        return frozenset()
    unknown = sorted(set(words) - set(KINDS))
    if unknown:
        raise OptionError(
            f"no optimisation is called {', '.join(unknown)}; known: {', '.join(KINDS)}, all, none"
        )
    return frozenset(words)
