"""How a plan is expected to run, as a chart of text."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from execution_orchestrator.cli.view.formatting import duration
from execution_orchestrator.plan.changes import PlanChange
from execution_orchestrator.plan.durations import demands_of
from execution_orchestrator.plan.optimise.expected_run import ExpectedRun
from execution_orchestrator.plan.optimise.plan_optimiser import Optimised

COLOURS = ("cyan", "magenta", "green", "yellow", "blue", "red")
NARROWEST = 20  # columns of the chart itself
BESIDES = 46  # columns for names, resources and times
EIGHTHS = " ▏▎▍▌▋▊▉"
MOST_ROWS = 60


def before_and_after(console: Console, optimised: Optimised, *, critical: Iterable[str]) -> Group:
    """Draw the plan as given and as optimised on one scale, and say what was changed."""
    before, after = optimised.before, optimised.after
    scale = max(before.makespan, after.makespan)
    parts: list[RenderableType] = []
    if not any(change.applied and change.kind != "estimates" for change in optimised.changes):
        parts.append(gantt(console, after, "expected", scale, set(critical)))
    else:
        saved = before.makespan - after.makespan
        verdict = f"{duration(abs(saved))} {'shorter' if saved >= 0 else 'longer'}"
        parts.append(gantt(console, before, "before", scale, set()))
        parts.append(Text())
        title = "after" if abs(saved) < 0.05 else f"after, {verdict}"
        parts.append(gantt(console, after, title, scale, set(critical)))
    if optimised.changes:
        parts += [Text(), changes_table(optimised.changes)]
    return Group(*parts)


def gantt(
    console: Console, run: ExpectedRun, title: str, scale: float, critical: set[str]
) -> Table:
    """Draw one run; ``scale`` is the seconds of the whole width, ``critical`` keys are marked."""
    width = max(NARROWEST, console.width - BESIDES)
    table = Table(
        title=f"{title}: {duration(run.makespan)}",
        title_justify="left",
        title_style="bold",
        box=None,
        padding=(0, 1, 0, 0),
    )
    table.add_column("action", max_width=22, no_wrap=True, style="bold")
    table.add_column("uses", max_width=12, no_wrap=True, style="dim")
    table.add_column(_axis(scale, width), width=width, no_wrap=True)
    table.add_column("from", justify="right", no_wrap=True)
    leaves = [index for index, task in enumerate(run.tasks) if task.is_leaf]
    leaves.sort(key=lambda index: (run.starts[index], run.ends[index]))
    colours: dict[str, str] = {}
    plain = "utf" not in (console.encoding or "").lower()
    for index in leaves[:MOST_ROWS]:
        task = run.tasks[index]
        uses = ", ".join(demands_of(task.action or {}))
        colour = colours.setdefault(uses, COLOURS[len(colours) % len(COLOURS)])
        name = Text(task.key, style="bold red" if task.key in critical else "bold")
        bar = _bar(run.starts[index], run.ends[index], width / max(scale, 1e-9), plain=plain)
        table.add_row(name, uses, Text(bar, style=colour), f"{run.starts[index]:.1f} s")
    if len(leaves) > MOST_ROWS:
        table.add_row("...", "", f"and {len(leaves) - MOST_ROWS} more", "")
    return table


def _bar(start: float, end: float, columns: float, *, plain: bool) -> str:
    first, last = start * columns, end * columns
    if plain:
        lead = round(first)
        return " " * lead + "#" * max(1, round(last) - lead)
    lead = int(first)
    whole, rest = divmod(round((last - lead) * 8), 8)
    bar = "█" * whole + (EIGHTHS[rest] if rest else "")
    return " " * lead + (bar or EIGHTHS[1])


def _axis(scale: float, width: int) -> Text:
    """Return the times at the quarters, as far as they find room."""
    line = [" "] * width
    for quarter in range(5):
        label = f"{scale * quarter / 4:.0f}"
        place = min(round(width * quarter / 4), width - len(label))
        line[place : place + len(label)] = label
    return Text("".join(line), style="dim")


def changes_table(changes: Iterable[PlanChange]) -> Table:
    """List what the optimisation did, and what it could not do."""
    table = Table(
        title="what was changed, and why", title_justify="left", title_style="bold", box=None
    )
    table.add_column("kind", style="cyan", no_wrap=True)
    table.add_column("actions", max_width=24)
    table.add_column("why")
    table.add_column("seconds", justify="right", no_wrap=True)
    for change in changes:
        seconds = f"{change.before:.1f} -> {change.after:.1f}" if change.before else ""
        kind = change.kind if change.applied else f"{change.kind} (not made)"
        table.add_row(kind, ", ".join(change.action_ids), change.reason, seconds)
    return table
