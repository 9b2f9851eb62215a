"""What a task asks of a robot, what a robot offers, and the name of the task queue between them.

Every distinct set of needs is a task queue of Temporal. Its name says what is needed, so that a
robot knows from the name alone whether it may take tasks from it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from execution_orchestrator.fleet.document import Needs
from execution_orchestrator.plan.model import CONTROL_FLOW
from execution_orchestrator.plan.tree import NESTING, STAND_INS

_ANY = "any"
_OWN = "robot:"
_CONTROL = "control:"
MISSIONS = "missions"
LONGEST_QUEUE = 1000  # characters of a queue's name that Temporal takes
LONGEST_NEEDS = 600  # of them for what is needed; the others are for robots that cannot do it


@dataclass(frozen=True)
class Offer:
    """What a robot can do: payload in kilograms; battery from 0.0 to 1.0, None if unknown."""

    capabilities: frozenset[str] = frozenset()
    payload: float = 0.0
    zones: frozenset[str] = frozenset()
    battery: float | None = None


@dataclass(frozen=True)
class Demand:
    """Needs in a form that can be compared; texts sorted, each once.

    ``others_than`` are robots that have said that they cannot do it all the same.
    """

    capabilities: tuple[str, ...] = ()
    payload: float = 0.0
    battery: float = 0.0
    zone: str = ""
    others_than: tuple[str, ...] = ()

    @classmethod
    def of(cls, needs: Needs, capabilities: Iterable[str] = ()) -> Demand:
        """Return what these needs and further capabilities are together."""
        return cls(
            tuple(sorted({*needs.capabilities, *capabilities})),
            needs.payload or 0.0,
            needs.battery or 0.0,
            needs.zone or "",
        )

    def not_by(self, robots: Iterable[str]) -> Demand:
        """Return the same for other robots than these."""
        return replace(self, others_than=tuple(sorted(robots)))

    @property
    def queue(self) -> str:
        """Return the name of the task queue: ``any;can=a,b;payload=5;battery=0.3;zone=north``."""
        parts = [_ANY]
        if self.capabilities:
            parts.append(f"can={','.join(self.capabilities)}")
        if self.payload:
            parts.append(f"payload={self.payload:g}")
        if self.battery:
            parts.append(f"battery={self.battery:g}")
        if self.zone:
            parts.append(f"zone={self.zone}")
        if self.others_than:
            parts.append(f"not={','.join(self.others_than)}")
        return ";".join(parts)

    @classmethod
    def read(cls, queue: str) -> Demand | None:
        """Return what the name of a queue says; None if it is no queue for any robot."""
        first, *parts = queue.split(";")
        said = dict(part.partition("=")[::2] for part in parts)
        if first != _ANY or not said.keys() <= {"can", "payload", "battery", "zone", "not"}:
            return None
        try:
            return cls(
                _names(said.get("can", "")),
                float(said.get("payload", 0.0)),
                float(said.get("battery", 0.0)),
                said.get("zone", ""),
                _names(said.get("not", "")),
            )
        except ValueError:
            return None

    def unmet(self, offer: Offer) -> str:
        """Return why a robot cannot take such a task now, empty if it can."""
        missing = [name for name in self.capabilities if name not in offer.capabilities]
        if missing:
            return f"it cannot {', '.join(missing)}"
        if self.payload > offer.payload:
            return f"it carries {offer.payload:g} kg, {self.payload:g} are needed"
        if self.zone and self.zone not in offer.zones:
            return f"it does not work in {self.zone}"
        if self.battery:
            if offer.battery is None:
                return f"its battery is not known, {self.battery:.0%} are needed"
            if offer.battery < self.battery:
                return f"its battery is at {offer.battery:.0%}, {self.battery:.0%} are needed"
        return ""


def _names(text: str) -> tuple[str, ...]:
    return tuple(filter(None, text.split(",")))


def capabilities_in(plan: Any) -> set[str]:
    """Return the action types of a plan document and of all that is nested in it."""
    found: set[str] = set()
    waiting = [plan]
    while waiting:
        one = waiting.pop()
        if isinstance(one, Mapping):
            kind = one.get("action_type")
            if isinstance(kind, str) and kind not in CONTROL_FLOW:
                found.add(kind)
            waiting += [value for key, value in one.items() if key in NESTING | STAND_INS]
        elif isinstance(one, list | tuple):
            waiting += one
    return found


def own_queue(robot: str) -> str:
    """Return the queue of tasks that only this robot may take."""
    return f"{_OWN}{robot}"


def control_queue(robot: str) -> str:
    """Return the queue of what is asked of a robot about its running tasks."""
    return f"{_CONTROL}{robot}"
