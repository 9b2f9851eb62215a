"""Missions in the terminal: a list, and one mission with its tasks and robots."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from rich.box import SIMPLE_HEAD
from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from execution_orchestrator.cli.view.formatting import duration

if TYPE_CHECKING:
    from execution_orchestrator.fleet.missions import Listed, Shown
    from execution_orchestrator.fleet.orders import Heartbeat, SharedState, TaskState

STYLES = {
    "COMPLETED": "green",
    "PARTIALLY_COMPLETED": "yellow",
    "FAILED": "red",
    "CANCELLED": "magenta",
    "EXECUTING": "cyan",
    "PAUSED": "yellow",
    "WAITING_FOR_CONFIRMATION": "yellow bold",
    "SKIPPED": "dim",
    "WAITING": "dim",
}
BAR = 10  # characters
_TOP = re.compile(r"[.\[]")  # what follows is an item, or a compensation


def live(console: Console) -> Live:
    """Return a display that is redrawn whenever it is updated."""
    return Live(console=console, auto_refresh=False, vertical_overflow="visible")


def mission_list(missions: Sequence[Listed]) -> Table:
    """Return the table of missions."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for name in ("mission", "status", "began", "lasted"):
        table.add_column(name, no_wrap=True)
    table.add_column("robots", overflow="fold")
    for one in missions:
        lasted = duration(one.ended - one.began) if one.ended else "-"
        began = _local(datetime.fromtimestamp(one.began, UTC))
        table.add_row(one.mission, _status(one.status), began, lasted, ", ".join(one.robots))
    return table


def schedule_list(schedules: Sequence[Mapping[str, Any]]) -> Table:
    """Return the table of schedules, as ``Missions.schedules`` gives them."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for name in ("schedule", "next"):
        table.add_column(name, no_wrap=True)
    table.add_column("began last", overflow="fold")
    for one in schedules:
        following = _local(datetime.fromisoformat(one["next"][0])) if one["next"] else "-"
        table.add_row(
            one["schedule"],
            Text("paused", "yellow") if one["paused"] else following,
            ", ".join(one["last"][-1:]) or "-",
        )
    return table


def mission_table(shown: Shown, now: float) -> Group:
    """Return the view of a mission at ``now`` (Unix seconds)."""
    state = shown.state
    head = Text.assemble(
        (state.mission, "bold"), "  ", _status(state.status), "  ", state.reason,
        f"  {duration((state.ended or now) - state.began)}",
    )  # fmt: skip
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for name in ("task", "status", "robot", "", "time"):
        table.add_column(name, no_wrap=True)
    table.add_column("what", overflow="fold", ratio=1)
    for task in _with_items(state.tasks):
        beat = shown.live.get(task.key)
        running = beat is not None and not task.ended
        message = "" if task.status == "COMPLETED" else task.reason
        if running and beat is not None:
            message = " ".join(filter(None, [beat.phase, beat.reason])) or task.reason
        notes = [note for note in (*task.unconfirmed, *task.notes[-1:]) if note not in message]
        what = "; ".join(filter(None, [message, *notes]))
        lasted = duration((task.ended or now) - task.began) if task.began else ""
        table.add_row(
            task.key if task.key == task.task else f"  {task.key}",
            _status(task.status),
            _robot(task, beat),
            _bar(beat.progress) if running and beat is not None else "",
            lasted,
            Text(what),
        )
    return Group(head, table)


def _local(moment: datetime) -> str:
    return moment.astimezone().isoformat(" ", "seconds")[:19]


class Changes:
    """A mission in lines, where there is no terminal to draw on: each change once."""

    def __init__(self) -> None:
        self._printed: dict[str, str] = {}

    def of(self, shown: Shown) -> Iterator[str]:
        """Yield a line for everything that is otherwise than when this was asked last."""
        state = shown.state
        yield from self._if_new("", f"{state.mission} {state.status} {state.reason}".rstrip())
        for task in state.tasks:
            beat = shown.live.get(task.key)
            robot = task.robot or (beat.robot if beat is not None else "")
            message = "" if task.status == "COMPLETED" else task.reason
            if beat is not None and not task.ended:
                message = " ".join(filter(None, [beat.phase, beat.reason])) or message
            line = " ".join(filter(None, [task.key, task.status, f"on {robot}" if robot else ""]))
            yield from self._if_new(task.key, f"{line}: {message}" if message else line)
            for name, notes in (("note", task.notes), ("unconfirmed", task.unconfirmed)):
                for number, note in enumerate(notes):
                    yield from self._if_new(f"{task.key} {name} {number}", f"{task.key}: {note}")

    def _if_new(self, what: str, line: str) -> Iterator[str]:
        if self._printed.get(what) != line:
            self._printed[what] = line
            yield line


def shared_lines(state: SharedState, now: float) -> Iterator[str]:
    """Yield who has a shared thing at ``now`` (Unix seconds), and who waits for it, in turn."""
    if state.holder is None:
        yield f"nobody has {state.name}"
    else:
        since = duration(now - state.since)
        over = ", longer than its lease" if now - state.since > state.holder.lease else ""
        yield f"{state.holder.task} of {state.holder.owner} has {state.name} since {since}{over}"
    for turn in state.waiting:
        yield f"{turn.task} of {turn.owner} waits"


def _robot(task: TaskState, beat: Heartbeat | None) -> Text:
    """Return the robot's name; in a terminal that knows links it leads to the report."""
    name = task.robot or (beat.robot if beat is not None else "")
    report = task.report or (beat.report if beat is not None else "")
    return Text(name, style=f"link {report}" if report else "")


def _with_items(tasks: Sequence[TaskState]) -> Iterator[TaskState]:
    """Yield the tasks, each followed by its items and by what undoes it."""
    below: dict[str, list[TaskState]] = {}
    for task in tasks:
        if task.key != task.task:
            below.setdefault(_TOP.split(task.key, 1)[0], []).append(task)
    for task in tasks:
        if task.key == task.task:
            yield task
            yield from below.get(task.key, ())


def _status(status: str) -> Text:
    return Text(status, style=STYLES.get(status, ""))


def _bar(progress: float) -> str:
    full = round(BAR * min(100.0, max(0.0, progress)) / 100.0)
    return f"{'━' * full}{'╌' * (BAR - full)} {progress:3.0f}%"
