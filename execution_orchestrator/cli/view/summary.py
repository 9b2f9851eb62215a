"""The table printed when an execution has ended."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from execution_orchestrator.cli.view.formatting import (
    STYLE,
    duration,
)
from execution_orchestrator.cli.view.issues import issue_list
from execution_orchestrator.cli.view.recoveries import recoveries_of, sentences
from execution_orchestrator.engine.status import ACTION_NAMES, EXECUTION_NAMES
from execution_orchestrator.msg import Rollback
from execution_orchestrator.plan.counted import counted


def summary(result: Any, recoveries: Sequence[Any]) -> RenderableType:
    """Draw an ``ExecuteCommand.Result``: one row an action, then the figures in words."""
    if not result.actions and not result.metrics.attempts:
        return _not_run(result)
    status = EXECUTION_NAMES.get(result.status.value, "?")
    table = Table(title=f"execution {result.execution_id}", title_justify="left", expand=False)
    table.add_column("action", no_wrap=True)
    table.add_column("status", no_wrap=True)
    table.add_column("tries", justify="right", no_wrap=True)
    table.add_column("took", justify="right", no_wrap=True)
    table.add_column("recovered by / error", overflow="fold")
    used = _strategies(result.execution_id, recoveries)
    for action in result.actions:
        name = ACTION_NAMES.get(action.status.value, "?")
        detail = ", ".join(used.get(action.action_id, ()))
        if action.error.type and name != "SUCCEEDED":
            detail = "; ".join(part for part in (detail, action.error.message) if part)
        elif name == "SKIPPED":
            detail = action.reason
        elif (
            name == "SUCCEEDED" and action.attempt
        ):  # of a goal: what its server is to be asked about
            detail = "; ".join(part for part in (detail, action.reason) if part)
        table.add_row(
            escape(action.action_id),
            Text(name, style=STYLE.get(name, "")),
            str(action.attempt),
            duration(action.duration) if action.attempt else "-",
            escape(detail),
        )
    figures = result.metrics
    line = Text()
    line.append(status, style=STYLE.get(status, ""))
    line.append(
        f" in {duration(figures.total_duration)}, {counted(figures.attempts, 'goal')} sent, "
        f"{figures.retries} of them again, "
        f"{counted(figures.recoveries, 'other recovery', 'other recoveries')}, "
        f"success rate {figures.success_rate:.0%}, "
        f"parallel efficiency {figures.parallel_efficiency:.0%}"
    )
    parts: list[RenderableType] = [table, line]
    ended = {
        one.action_id: ACTION_NAMES.get(one.status.value, "?").lower() for one in result.actions
    }
    own = [one for one in recoveries if one.execution_id == result.execution_id]
    parts += [Text(f"recovery of {sentence}") for sentence in sentences(recoveries_of(own), ended)]
    if result.message:
        parts.append(Text(result.message))
    parts += _rolled_back(result.rollback)
    parts += _said(result.actions)
    if result.issues:
        parts.append(issue_list(result.issues))
    return Group(*parts)


def _rolled_back(rollback: Any) -> list[RenderableType]:
    """Draw what was undone and what was not, each with why."""
    if rollback.state not in (Rollback.COMPLETE, Rollback.INCOMPLETE):
        return []
    if rollback.state == Rollback.COMPLETE:
        return [Text(f"Undone: {', '.join(rollback.undone)}")]
    lines = [Text("The rollback is incomplete:", style="bold red")]
    lines += [
        Text(f"  {error.action_id} was not undone: {error.code}: {error.message}")
        for error in rollback.not_undone
    ]
    if rollback.not_begun:
        lines.append(Text(f"  not begun: {', '.join(rollback.not_begun)}"))
    if rollback.undone:
        lines.append(Text(f"  undone: {', '.join(rollback.undone)}"))
    return [*lines]


def _said(actions: Sequence[Any]) -> list[RenderableType]:
    """Draw what the servers said around the failures that are left."""
    lines = []
    for action in actions:
        if ACTION_NAMES.get(action.status.value) != "SUCCEEDED" and action.error.context:
            said = json.loads(action.error.context).get("said", ())
            lines += [Text(f"  {action.action_id}: {line}") for line in said]
    return [Text("What the servers said:"), *lines] if lines else []


def _not_run(result: Any) -> RenderableType:
    """Draw what was refused or only looked at: nothing ran, so there are no figures."""
    parts: list[RenderableType] = []
    starts = {
        name: f"{group.start:6.1f} s"
        for group in result.analysis.groups
        for name in group.action_ids
    }
    dry_run = json.loads(result.output) if result.output else {}
    for depth, name, words in dry_run.get("outline", ()):
        at = starts.get(name, "") if depth == 0 else ""
        parts.append(Text(f"{at:>8}  {'  ' * depth}{words}"))
    if result.issues:
        parts.append(issue_list(result.issues))
    issues = {issue.message for issue in result.issues}
    if result.message and result.message not in issues:
        parts.append(Text(result.message))
    return Group(*parts)


def _strategies(execution_id: str, recoveries: Sequence[Any]) -> dict[str, list[str]]:
    runs: dict[str, Counter[str]] = {}
    for event in recoveries:
        if event.execution_id == execution_id and event.outcome and event.strategy:
            runs.setdefault(event.action_id, Counter())[event.strategy] += 1
    return {
        action: [name if n == 1 else f"{name} x{n}" for name, n in names.items()]
        for action, names in runs.items()
    }
