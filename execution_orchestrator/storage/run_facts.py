"""What a run is found by besides its command: capabilities of its plan, error codes, robots."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from execution_orchestrator.engine.events import (
    Event,
    ExecutionAccepted,
    ExecutionReplanned,
    ExecutionRequested,
    ResourceAllocated,
    TaskAttemptFailed,
)
from execution_orchestrator.plan.tree import COMPOSITES, STEERING, every

KEPT = 100  # names of each kind that are kept of one run
TYPES = tuple(
    kind.type
    for kind in (ExecutionAccepted, ExecutionReplanned, ResourceAllocated, TaskAttemptFailed)
)


@dataclass(slots=True)
class RunFacts:
    """Names in the order in which they came; a dict keeps that order and has each once."""

    capabilities: dict[str, None] = field(default_factory=dict)
    errors: dict[str, None] = field(default_factory=dict)
    robots: dict[str, None] = field(default_factory=dict)

    def note(self, event: Event) -> None:
        """Take over what an event of the run says."""
        match event:
            case ExecutionAccepted(plan=plan) | ExecutionReplanned(plan=plan):
                _add(self.capabilities, capabilities_of(plan))
            case TaskAttemptFailed(error=error):
                _add(self.errors, [error.code or str(error.type)])
            case ResourceAllocated(leases=leases):
                _add(self.robots, (one.robot for one in leases if one.robot))
            case _:
                pass

    def columns(self) -> dict[str, str]:
        """Return the columns of the run's row."""
        return {
            "capabilities": joined(self.capabilities),
            "errors": joined(self.errors),
            "robots": joined(self.robots),
        }


class OpenRuns:
    """Gathers the facts of the runs that began since the node's start, until they end."""

    def __init__(self) -> None:
        self._facts: dict[str, RunFacts] = {}

    def note(self, event: Event) -> None:
        """Take note of an event."""
        if isinstance(event, ExecutionRequested):
            self._facts[event.execution_id] = RunFacts()
        elif isinstance(event, ExecutionAccepted):
            self._facts.setdefault(event.execution_id, RunFacts())
        facts = self._facts.get(event.execution_id)
        if facts is not None:
            facts.note(event)

    def ended(self, execution_id: str) -> RunFacts | None:
        """Return what was gathered of a run; None if it began before the node's start."""
        return self._facts.pop(execution_id, None)


def joined(names: Iterable[str]) -> str:
    """Return names as one text with a line end before and after each, for searching."""
    text = "\n".join(names)
    return f"\n{text}\n" if text else ""


def parted(text: str) -> tuple[str, ...]:
    """Return the names that `joined` put together."""
    return tuple(text.strip("\n").split("\n")) if text else ()


def _add(names: dict[str, None], more: Iterable[str]) -> None:
    for one in more:
        if len(names) < KEPT:
            names[one] = None


def capabilities_of(plan: Mapping[str, Any]) -> Iterable[str]:
    """Return the names of what a plan has the robot do, blocks and steering left out."""
    kinds = (str(action.get("action_type") or "") for action in every(plan.get("actions") or ()))
    return (kind for kind in kinds if kind and kind not in COMPOSITES and kind not in STEERING)
