"""Recoveries in the terminal: a line for each, with its start and its result."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.table import Table
from rich.text import Text

from execution_orchestrator.cli.view.formatting import RECOVERY_PHASE

STARTED, SUCCEEDED = 0, 1  # of RecoveryEvent.msg
OUTCOMES = {
    "RETRY": "tried again",
    "SKIP": "skipped",
    "FALLBACK": "fallback",
    "ABORT": "gave up",
    "CHECKPOINT_RESTORE": "checkpoint",
    "REPLAN": "new plan",
}


@dataclass
class Recovery:
    """One run of a strategy; ``outcome`` is empty while it is under way."""

    action: str
    strategy: str
    error: str
    outcome: str = ""
    helped: bool = False
    reason: str = ""
    message: str = ""  # of the error


def recoveries_of(events: Sequence[Any]) -> list[Recovery]:
    """Join the messages about the beginning and the end of each recovery, oldest first."""
    found: list[Recovery] = []
    under_way: dict[tuple[str, str], Recovery] = {}
    for event in events:
        place = (event.execution_id, event.action_id)
        recovery = under_way.get(place)
        if event.phase == STARTED or recovery is None or recovery.strategy != event.strategy:
            recovery = Recovery(event.action_id, event.strategy, event.error.code)
            recovery.message = event.error.message
            under_way[place] = recovery
            found.append(recovery)
        if event.phase != STARTED:
            recovery.helped = event.phase == SUCCEEDED
            recovery.outcome = OUTCOMES.get(event.outcome, "no help")
            recovery.reason = event.reason
            del under_way[place]
    return found


def sentences(recoveries: Sequence[Recovery], ended: Mapping[str, str]) -> list[str]:
    """Tell each action's recoveries in one sentence.

    Args:
        recoveries: those of one execution, oldest first.
        ended: how each action ended, in words, by its id.

    """
    of_action: dict[str, list[Recovery]] = {}
    for one in recoveries:
        of_action.setdefault(one.action, []).append(one)
    found = []
    for action, ones in of_action.items():
        steps = [_step(one) for one in ones]
        found.append(f"{action}: {'; '.join(steps)}; in the end {ended.get(action, 'unknown')}")
    return found


def _step(one: Recovery) -> str:
    if not one.strategy:
        return f"{one.outcome}, {one.reason}"
    return f"{one.error} ({one.message}), so {one.strategy}: {one.outcome or 'under way'}"


def heard(event: Any) -> str:
    """Tell a RecoveryEvent when it comes: of which strategy, how it goes, and why."""
    if not event.strategy:
        return f"gave up, {event.reason}"
    phase = RECOVERY_PHASE.get(event.phase, "?")
    words = " ".join(filter(None, (event.strategy, phase, event.outcome)))
    return f"{words}{event.reason and ': ' + event.reason}"


def recovery_table(recoveries: Sequence[Recovery]) -> Table:
    """Draw them; in eighty columns the names are whole and the reason is cut."""
    table = Table(expand=True, box=None, padding=(0, 1), header_style="dim")
    table.add_column("recovery of", no_wrap=True, overflow="ellipsis", max_width=16)
    table.add_column("strategy", no_wrap=True, overflow="ellipsis", max_width=20)
    table.add_column("result", no_wrap=True, width=11)
    table.add_column("why", ratio=1, no_wrap=True, overflow="ellipsis")
    for one in recoveries:
        style = "cyan" if not one.outcome else "green" if one.helped else "red"
        table.add_row(
            Text(one.action, style="yellow"),
            Text(one.strategy or "-"),
            Text(one.outcome or "under way", style=style),
            Text(", ".join(filter(None, [one.error, one.reason]))),
        )
    return table
