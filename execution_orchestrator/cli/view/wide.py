"""The live view for a large terminal: additionally the plan of the chosen execution."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from execution_orchestrator.cli.view.formatting import (
    ACTIVE_ACTION_STATUS,
    STYLE,
    duration,
    execution_name,
)
from execution_orchestrator.engine.status import ACTION_NAMES, FINAL_ACTION

WIDE, HIGH = 110, 32  # columns and lines from which on there is room for the plan
MARKS = {
    "SUCCEEDED": "✓",
    "FAILED": "✗",
    "SKIPPED": "-",
    "CANCELLED": "-",
    "RUNNING": "▶",
    "DISPATCHED": "▶",
    "RECOVERING": "↻",
    "WAITING": "…",
    "CANCELING": "■",
}
TO_COME = "·"


def lines_of(drawn: RenderableType, columns: int) -> int:
    """Return how many lines something takes."""
    console = Console(width=columns, file=io.StringIO(), color_system=None)
    return len(console.render_lines(drawn))


def plan_of(execution: Any, lines: int) -> RenderableType:
    """Draw the plan of an execution in so many lines, around what runs now."""
    table = Table(expand=True, box=None, padding=(0, 1, 0, 0), header_style="dim")
    table.add_column("")
    table.add_column(f"plan of {execution_name(execution)}", ratio=3, no_wrap=True)
    table.add_column("", width=14, justify="right", no_wrap=True)
    table.add_column("why", ratio=4, no_wrap=True, overflow="ellipsis")
    actions = list(execution.actions)
    first, last = _window(actions, max(3, lines - 1))
    if first:
        table.add_row("", Text(f"{first} before these", style="dim"), "", "")
    for action in actions[first:last]:
        name = ACTION_NAMES.get(action.status.value, "?")
        style = STYLE.get(name, "")
        again = f" ({action.attempt})" if action.attempt > 1 else ""
        table.add_row(
            Text(MARKS.get(name, TO_COME), style=style),
            Text(action.action_id + again, style=style),
            Text(_time(action, name), style="dim"),
            Text(_why(action), style="red" if action.error.code else "dim"),
        )
    if last < len(actions):
        table.add_row("", Text(f"{len(actions) - last} after these", style="dim"), "", "")
    return table


def _window(actions: Sequence[Any], lines: int) -> tuple[int, int]:
    """Return which actions are shown: what runs is in the upper third, what comes next below it."""
    if len(actions) <= lines:
        return 0, len(actions)
    room = lines - 2  # for the lines that say how many are left out
    running = (i for i, one in enumerate(actions) if one.status.value in ACTIVE_ACTION_STATUS)
    open_ = (i for i, one in enumerate(actions) if not _is_over(one))
    here = next(running, next(open_, len(actions)))
    first = min(max(0, here - room // 3), len(actions) - room)
    return first, first + room


def _is_over(action: Any) -> bool:
    return ACTION_NAMES.get(action.status.value, "") in FINAL_ACTION


def _time(action: Any, name: str) -> str:
    expected = duration(action.estimated_duration) if action.estimated_duration else ""
    if name in FINAL_ACTION:
        return duration(action.duration) if action.duration else ""
    if action.duration and action.attempt:
        return (
            f"{duration(action.duration)} of {expected}" if expected else duration(action.duration)
        )
    return f"about {expected}" if expected else ""


def _why(action: Any) -> str:
    error = f"{action.error.code}: {action.error.message}" if action.error.code else ""
    doing = action.phase if not _is_over(action) else ""
    return " · ".join(dict.fromkeys(filter(None, (doing, action.reason, error))))


def last_errors(execution: Any, shown: int) -> RenderableType | None:
    """Draw the newest errors of an execution in full, None if it has none."""
    found = list(_errors(execution))[-shown:]
    if not found:
        return None
    parts: list[RenderableType] = [Text("last errors", style="dim")]
    for key, error in found:
        line = Text(f"{key}: ", style="bold")
        line.append(f"{error.code} ", style="red")
        line.append(error.message)
        parts.append(line)
    return Group(*parts)


def _errors(execution: Any) -> Iterator[tuple[str, Any]]:
    failed = [one for one in execution.actions if one.error.code]
    for action in sorted(failed, key=lambda one: (one.ended.sec, one.ended.nanosec)):
        yield action.action_id, action.error
    if execution.error.code and not any(
        execution.error.message == one.error.message for one in failed
    ):
        yield "the execution", execution.error


def servers_not_well(state: Any) -> RenderableType | None:
    """Draw the action servers that are not there or rest after failures, None if all are well."""
    lines = []
    for server in state.servers:
        if server.reason:
            lines.append(Text(f"{server.name}: {server.reason}", style="yellow"))
    return Group(Text("servers", style="dim"), *lines) if lines else None
