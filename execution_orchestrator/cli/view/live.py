"""The live picture of the node: a bar per execution, what runs on which resource, recoveries."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.markup import escape
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from execution_orchestrator.cli.view.words import (
    ACTION_STATUS,
    ACTIVE_ACTION_STATUS,
    EXECUTION_STATUS,
    FINAL_EXECUTION_STATUS,
    RECOVERY_PHASE,
    STYLE,
    duration,
    execution_name,
)

SHOWN_EXECUTIONS = 6
SHOWN_ACTIONS = 8
SHOWN_RECOVERIES = 5


def live_view(
    state: Any, recoveries: Sequence[Any], *, only: str = "", heading: str = ""
) -> RenderableType:
    """Draw one frame; ``only`` keeps to one execution id. It fits into 80 columns by 24 lines."""
    if state is None:
        return Text("waiting for the node's first state ...", style="dim")
    shown = [e for e in state.executions if only in ("", e.execution_id)][:SHOWN_EXECUTIONS]
    parts: list[RenderableType] = []
    if heading:
        parts.append(Text(heading, style="bold"))
    if state.emergency_stopped:
        parts.append(Text(f"EMERGENCY STOP: {state.emergency_reason}", style="bold white on red"))
    parts.append(_bars(shown) if shown else Text("nothing runs", style="dim"))
    running = [
        (execution, action)
        for execution in shown
        if execution.status.value not in FINAL_EXECUTION_STATUS
        for action in execution.actions
        if action.status.value in ACTIVE_ACTION_STATUS
    ]
    if running:
        parts.append(_running(running))
    told = [r for r in recoveries if only in ("", r.execution_id)][-SHOWN_RECOVERIES:]
    if told:
        parts.append(_recoveries(told))
    return Group(*parts)


def _bars(executions: Sequence[Any]) -> Table:
    table = Table.grid(padding=(0, 1), expand=True)
    table.add_column(ratio=2, no_wrap=True, overflow="ellipsis")
    table.add_column(ratio=2, min_width=10)
    table.add_column(justify="right", width=4)
    table.add_column(width=19, no_wrap=True)
    table.add_column(justify="right", width=11, no_wrap=True)
    for execution in executions:
        status = EXECUTION_STATUS.get(execution.status.value, "?")
        progress = execution.progress
        left = (
            f"took {duration(progress.elapsed)}"
            if execution.status.value in FINAL_EXECUTION_STATUS
            else f"ETA {duration(progress.estimated_remaining)}"
        )
        table.add_row(
            escape(execution_name(execution)),
            ProgressBar(total=100.0, completed=float(progress.percentage)),
            f"{progress.percentage:.0f}%",
            Text(status, style=STYLE.get(status, "")),
            left,
        )
        if execution.reason and execution.status.value not in FINAL_EXECUTION_STATUS:
            table.add_row(Text(f"  {execution.reason}", style="dim"), "", "", "", "")
    return table


def _running(rows: Sequence[tuple[Any, Any]]) -> Table:
    table = Table(expand=True, box=None, padding=(0, 1), header_style="dim")
    table.add_column("running now", ratio=2, no_wrap=True, overflow="ellipsis")
    table.add_column("on", ratio=1, no_wrap=True, overflow="ellipsis")
    table.add_column("", width=5, justify="right")
    table.add_column("doing", ratio=3, no_wrap=True, overflow="ellipsis")
    for _, action in rows[:SHOWN_ACTIONS]:
        status = ACTION_STATUS.get(action.status.value, "?")
        attempt = f" (attempt {action.attempt})" if action.attempt > 1 else ""
        table.add_row(
            Text(f"{action.action_id}{attempt}", style=STYLE.get(status, "")),
            ", ".join(action.resources) or "-",
            f"{action.progress * 100:.0f}%",
            escape(action.phase or action.reason or status.lower()),
        )
    if len(rows) > SHOWN_ACTIONS:
        table.add_row(f"and {len(rows) - SHOWN_ACTIONS} more", "", "", "")
    return table


def _recoveries(recoveries: Sequence[Any]) -> Table:
    table = Table(expand=True, box=None, padding=(0, 1), header_style="dim")
    table.add_column("recoveries", ratio=2, no_wrap=True, overflow="ellipsis")
    table.add_column("strategy", ratio=2, no_wrap=True, overflow="ellipsis")
    table.add_column("why / what came of it", ratio=4, no_wrap=True, overflow="ellipsis")
    for event in recoveries:
        phase = RECOVERY_PHASE.get(event.phase, "?")
        outcome = f"{phase}: {event.outcome}" if event.outcome else phase
        table.add_row(
            Text(f"{event.action_id} {event.error.code}", style="yellow"),
            f"{event.strategy} ({outcome})",
            escape(event.reason or event.error.message),
        )
    return table
