"""Where the page hands in what a person wants done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from execution_orchestrator.plan.issues import Issue


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

    async def go_on(self, execution_id: str) -> str:
        """Let an execution that ended go on behind what it achieved; empty, or why not.

        Raises:
            StorageError: the journal cannot be read or written.

        """
        ...


class Plans(Protocol):
    """The folder of plans. May be used from any thread."""

    def names(self) -> Sequence[str]:
        """Return the files in the folder, by name."""
        ...

    def read(self, name: str) -> str:
        """Return the text of a plan.

        Raises:
            OSError: there is none of that name, or it cannot be read.

        """
        ...
