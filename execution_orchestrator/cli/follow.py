"""Send a goal and show it until it ends; what `run` and `demo` have in common."""

from __future__ import annotations

import signal
import sys
from types import FrameType
from typing import Any

from rich.console import Console
from rich.live import Live

from execution_orchestrator.cli.asking import Asking
from execution_orchestrator.cli.following import Following
from execution_orchestrator.cli.view.formatting import FINAL_EXECUTION_STATUS
from execution_orchestrator.cli.view.frame import live_view
from execution_orchestrator.cli.view.recoveries import heard
from execution_orchestrator.cli.view.summary import summary
from execution_orchestrator.cli.view.unseen import Unseen
from execution_orchestrator.engine.status import (
    EXECUTION_NAMES,
    EXECUTION_NUMBERS,
    SUCCESSFUL_EXECUTION,
)
from execution_orchestrator.ros.client import GoalSession, OrchestratorClient

REFRESH_PERIOD = 0.2  # seconds between frames when nothing changes; ETA and bars still move
SUCCESS = frozenset(EXECUTION_NUMBERS[one] for one in SUCCESSFUL_EXECUTION)


def follow(
    client: OrchestratorClient, console: Console, *, heading: str = "", **goal: Any
) -> GoalSession:
    """Send the goal, draw it live (plain lines where there is no terminal), print the summary.

    The first Ctrl-C cancels the goal and keeps showing it until the node has confirmed that nothing
    runs any more; the second one leaves. After a restart of the node the goal is followed further.
    """
    following = Following(client, goal)
    previous = signal.getsignal(signal.SIGINT)

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        console.print("[yellow]cancelling; press Ctrl-C again to leave without waiting[/yellow]")
        signal.signal(signal.SIGINT, previous)
        following.cancel()

    signal.signal(signal.SIGINT, interrupt)
    try:
        if console.is_terminal:
            _draw(client, console, following, heading)
        else:
            _tell(client, console, following)
    finally:
        signal.signal(signal.SIGINT, previous)
    session = following.session
    if session.result is not None:
        console.print(summary(session.result, client.recoveries))
    if session.failure:
        console.print(f"[red]{session.failure}[/red]")
    return session


def exit_status(session: GoalSession) -> int:
    """0 when the execution reached what the plan allows as success, else 1."""
    if session.result is None:
        return 1
    return 0 if session.result.status.value in SUCCESS else 1


def _draw(client: OrchestratorClient, console: Console, following: Following, heading: str) -> None:
    asking = Asking(client, console, following.execution_id)
    with Live(console=console, auto_refresh=False, transient=True) as live:
        while not following.over:
            client.changed.wait(REFRESH_PERIOD)
            client.changed.clear()
            if word := following.look():
                console.print(f"[yellow]{word}[/yellow]")
            if asking.look():
                live.stop()  # what is typed stays where it is typed
                continue
            if not live.is_started:
                live.start()
            live.update(
                live_view(
                    client.state, client.recoveries, only=following.execution_id, heading=heading
                ),
                refresh=True,
            )


def _tell(client: OrchestratorClient, console: Console, following: Following) -> None:
    asking = Asking(client, console, following.execution_id)
    recoveries = Unseen()
    printed = ""
    while not following.over:
        client.changed.wait(REFRESH_PERIOD)
        client.changed.clear()
        if word := following.look():
            console.print(word, markup=False, soft_wrap=True)
        asking.look()
        for event in recoveries.of(client.recoveries):
            if event.execution_id != following.execution_id:
                continue
            console.print(
                f"recovery of {event.action_id}: {heard(event)}", markup=False, soft_wrap=True
            )
        # What the node publishes of all executions reaches a client that came a moment ago, too;
        # the first feedback of its goal may not.
        shown = _execution(client, following.execution_id)
        if shown is None or shown.status.value in FINAL_EXECUTION_STATUS:
            continue
        running = ", ".join(shown.progress.running_actions) or "-"
        line = (
            f"{shown.progress.percentage:3.0f}% "
            f"{EXECUTION_NAMES.get(shown.status.value, '?')}: {running}"
        )
        if line.split("% ", 1)[1] != printed:
            printed = line.split("% ", 1)[1]
            console.print(line, markup=False, soft_wrap=True)
    sys.stdout.flush()


def _execution(client: OrchestratorClient, execution_id: str) -> Any:
    """Return what the node publishes of an execution, None before it does."""
    executions = client.state.executions if client.state is not None else ()
    return next((one for one in executions if one.execution_id == execution_id), None)
