"""The live view of the node: a bar per execution, what runs on which resource, recoveries."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.markup import escape
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from execution_orchestrator.cli.view.formatting import (
    ACTIVE_ACTION_STATUS,
    FINAL_EXECUTION_STATUS,
    SEVERITY,
    STYLE,
    duration,
    execution_name,
)
from execution_orchestrator.cli.view.recoveries import recoveries_of, recovery_table
from execution_orchestrator.cli.view.wide import (
    HIGH,
    WIDE,
    last_errors,
    lines_of,
    plan_of,
    servers_not_well,
)
from execution_orchestrator.engine.status import ACTION_NAMES, EXECUTION_NAMES

SHOWN_EXECUTIONS = 6
SHOWN_ACTIONS = 8
SHOWN_RECOVERIES = 5
SHOWN_ALERTS = 3
SHOWN_ERRORS = 3
FRAME = 2  # lines of the title and of the keys


def live_view(
    state: Any,
    recoveries: Sequence[Any],
    alerts: Sequence[Any] = (),
    *,
    only: str = "",
    chosen: str = "",
    heading: str = "",
    size: tuple[int, int] = (80, 24),
) -> RenderableType:
    """Draw one frame; ``only`` keeps to one execution id. It fits into 80 columns by 24 lines.

    ``chosen`` is the execution that keys act on; it gets a mark. A terminal whose ``size`` (columns
    and lines) has room for it shows its plan as well, the last errors and which servers are not
    well.
    """
    if state is None:
        return Text("waiting for the node's first state ...", style="dim")
    known = [e for e in state.executions if only in ("", e.execution_id)]
    shown = _foremost(known, chosen)
    parts: list[RenderableType] = []
    if heading:
        parts.append(Text(heading, style="bold"))
    if state.emergency_stopped:
        stop = "; ".join(filter(None, (state.emergency_reason, state.robot_motion_reason)))
        parts.append(Text(f"EMERGENCY STOP: {stop}", style="bold white on red"))
    if state.storage_failure:
        parts.append(Text(f"NOTHING NEW BEGINS: {state.storage_failure}", style="white on red"))
    raised = active_alerts(alerts)
    if raised:
        parts.append(_alerts(raised))
    parts.extend(_bars(shown, chosen))
    unseen = sum(not _is_over(one) for one in known) - sum(not _is_over(one) for one in shown)
    if unseen:
        parts.append(Text(f"and {unseen} more that have not ended", style="dim"))
    if not shown:
        parts.append(Text("nothing runs", style="dim"))
    running = [
        (execution, action)
        for execution in known
        if not _is_over(execution)
        for action in execution.actions
        if action.status.value in ACTIVE_ACTION_STATUS
    ]
    if running:
        parts.append(_running(running))
    recovered = recoveries_of([r for r in recoveries if only in ("", r.execution_id)])
    if recovered:
        parts.append(recovery_table(recovered[-SHOWN_RECOVERIES:]))
    columns, lines = size
    marked = next((one for one in shown if one.execution_id == chosen), shown[0] if shown else None)
    if marked is not None and marked.actions and columns >= WIDE and lines >= HIGH:
        return _with_plan(parts, marked, state, columns, lines)
    return Group(*parts)


def _with_plan(
    parts: list[RenderableType], marked: Any, state: Any, columns: int, lines: int
) -> RenderableType:
    """Add the plan of the marked execution, the last errors and what is wrong with servers."""
    found = (last_errors(marked, SHOWN_ERRORS), servers_not_well(state))
    below = [one for one in found if one is not None]
    used = lines_of(Group(*parts, *below), columns)
    room = lines - FRAME - used - len(below)
    separated = [part for one in below for part in (Text(), one)]
    return Group(*parts, Text(), plan_of(marked, room - 1), *separated)


def active_alerts(alerts: Sequence[Any]) -> list[Any]:
    """Return the alerts whose newest message says that they are raised."""
    newest = {(alert.alert_id, alert.execution_id): alert for alert in list(alerts)}
    return [alert for alert in newest.values() if alert.active]


def _alerts(raised: Sequence[Any]) -> Table:
    table = Table.grid(padding=(0, 1), expand=True)
    table.add_column(width=7)
    table.add_column(no_wrap=True, overflow="ellipsis", ratio=1)
    worst = sorted(raised, key=lambda alert: -alert.severity)
    for alert in worst[:SHOWN_ALERTS]:
        severity = SEVERITY.get(alert.severity, "?")
        style = "bold red" if severity == "error" else "bold yellow"
        table.add_row(Text(severity, style=style), escape(alert.message))
    if len(worst) > SHOWN_ALERTS:
        table.add_row("", Text(f"and {len(worst) - SHOWN_ALERTS} more alerts", style="dim"))
    return table


def _is_over(execution: Any) -> bool:
    return execution.status.value in FINAL_EXECUTION_STATUS


def _foremost(executions: Sequence[Any], chosen: str) -> list[Any]:
    """Return those that there is room for: what has not ended first, and always the chosen one."""
    in_order = sorted(executions, key=_is_over)
    shown = in_order[:SHOWN_EXECUTIONS]
    unseen = next((one for one in in_order if one.execution_id == chosen), None)
    return shown if unseen is None or unseen in shown else [*shown[:-1], unseen]


def _bars(executions: Sequence[Any], chosen: str) -> Iterator[RenderableType]:
    for execution in executions:
        status = EXECUTION_NAMES.get(execution.status.value, "?")
        progress = execution.progress
        left = (
            f"took {duration(progress.elapsed)}"
            if _is_over(execution)
            else f"ETA {duration(progress.estimated_remaining)}"
        )
        table = Table.grid(padding=(0, 1), expand=True)
        table.add_column(ratio=3, no_wrap=True, overflow="ellipsis")
        table.add_column(ratio=1, min_width=10)
        table.add_column(justify="right", width=4)
        table.add_column(width=19, no_wrap=True)
        table.add_column(justify="right", width=12, no_wrap=True)
        table.add_row(
            ("> " if chosen == execution.execution_id else "") + escape(execution_name(execution)),
            ProgressBar(total=100.0, completed=float(progress.percentage)),
            f"{progress.percentage:.0f}%",
            Text(status, style=STYLE.get(status, "")),
            left,
        )
        yield table
        if execution.reason and not _is_over(execution):
            yield Text(f"  {execution.reason}", style="dim", no_wrap=True, overflow="ellipsis")


def _running(rows: Sequence[tuple[Any, Any]]) -> Table:
    table = Table(expand=True, box=None, padding=(0, 1), header_style="dim")
    table.add_column("running now", ratio=2, no_wrap=True, overflow="ellipsis")
    table.add_column("on", ratio=1, no_wrap=True, overflow="ellipsis")
    table.add_column("", width=5, justify="right")
    table.add_column("doing", ratio=3, no_wrap=True, overflow="ellipsis")
    for _, action in rows[:SHOWN_ACTIONS]:
        status = ACTION_NAMES.get(action.status.value, "?")
        attempt = f"attempt {action.attempt}: " if action.attempt > 1 else ""
        table.add_row(
            Text(action.action_id, style=STYLE.get(status, "")),
            ", ".join(action.resources) or "-",
            f"{action.progress * 100:.0f}%",
            escape(attempt + (action.phase or action.reason or status.lower())),
        )
    if len(rows) > SHOWN_ACTIONS:
        table.add_row(f"and {len(rows) - SHOWN_ACTIONS} more", "", "", "")
    return table
