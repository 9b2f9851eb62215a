"""Where the page hands in what a person wants done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from execution_orchestrator.engine.inputs import Caller
from execution_orchestrator.plan.issues import Issue
from execution_orchestrator.runtime.plan_folder import KeptPlan


@dataclass(frozen=True, slots=True)
class Order:
    """What to do: words, a plan document, or both (then the plan is done). See ExecuteCommand."""

    command: str = ""
    plan: str = ""
    context: str = ""
    conversation_id: str = ""
    requester: str = ""
    start_paused: bool = False
    breakpoints: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Receipt:
    """The execution that an order became; without one, ``message`` and ``issues`` say why."""

    execution_id: str = ""
    message: str = ""
    issues: tuple[Issue, ...] = field(default=())


class Desk(Protocol):
    """Takes orders as the node takes goals. Called on the orchestrator's loop."""

    async def run(self, order: Order) -> Receipt:
        """Take an order in durably, or say why not.

        Raises:
            StorageError: the journal cannot be written.

        """
        ...

    async def go_on(self, execution_id: str, caller: Caller) -> str:
        """Continue an ended execution from its newest checkpoint; return why not, '' if it works.

        Raises:
            StorageError: the journal cannot be read or written.

        """
        ...


class Plans(Protocol):
    """The folder of plans; ``closed`` says why nothing is saved in it, and is empty if plans are.

    May be used from any thread.
    """

    closed: str

    def names(self) -> Sequence[str]:
        """Return the files in the folder, by name."""
        ...

    def kept(self, name: str) -> KeptPlan:
        """Return a plan and its version.

        Raises:
            OSError: there is none of that name, or it cannot be read.

        """
        ...

    def save(self, name: str, text: str, replaces: str = "") -> str:
        """Write a plan whole and return its version.

        Raises:
            PlanStandsError: a plan of that name is there whose version is not ``replaces``.
            OSError: the folder is only read, the name is none for a plan, or it cannot be written.

        """
        ...
