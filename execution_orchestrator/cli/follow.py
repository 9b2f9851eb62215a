"""Send a goal and show it until it ends; what `run` and `demo` have in common."""

from __future__ import annotations

import signal
import sys
from types import FrameType
from typing import Any

from rich.console import Console
from rich.live import Live

from execution_orchestrator.cli.view.live import live_view
from execution_orchestrator.cli.view.summary import summary
from execution_orchestrator.cli.view.words import EXECUTION_STATUS, RECOVERY_PHASE
from execution_orchestrator.ros.client import GoalSession, OrchestratorClient

REFRESH_PERIOD = 0.2  # seconds between frames when nothing changes; ETA and bars still move
COMPLETED = 10
PARTIALLY_COMPLETED = 11


def follow(
    client: OrchestratorClient, console: Console, *, heading: str = "", **goal: Any
) -> GoalSession:
    """Send the goal, draw it live (plain lines where there is no terminal), print the summary.

    The first Ctrl-C cancels the goal and goes on showing it until the node has confirmed that
    nothing runs any more; the second one leaves.
    """
    session = client.send(**goal)
    previous = signal.getsignal(signal.SIGINT)

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        console.print("[yellow]cancelling; press Ctrl-C again to leave without waiting[/yellow]")
        signal.signal(signal.SIGINT, previous)
        session.cancel()

    signal.signal(signal.SIGINT, interrupt)
    try:
        if console.is_terminal:
            _draw(client, console, session, heading)
        else:
            _tell(client, console, session)
    finally:
        signal.signal(signal.SIGINT, previous)
    if session.result is not None:
        console.print(summary(session.result, client.recoveries))
    if session.failure:
        console.print(f"[red]{session.failure}[/red]")
    return session


def exit_status(session: GoalSession) -> int:
    """0 when the execution reached what the plan allows as success, else 1."""
    if session.result is None:
        return 1
    return 0 if session.result.status.value in (COMPLETED, PARTIALLY_COMPLETED) else 1


def _execution_id(session: GoalSession) -> str:
    return session.feedback.execution_id if session.feedback is not None else ""


def _draw(client: OrchestratorClient, console: Console, session: GoalSession, heading: str) -> None:
    with Live(console=console, auto_refresh=False, transient=True) as live:
        while not session.done.is_set():
            client.changed.wait(REFRESH_PERIOD)
            client.changed.clear()
            live.update(
                live_view(
                    client.state, client.recoveries, only=_execution_id(session), heading=heading
                ),
                refresh=True,
            )


def _tell(client: OrchestratorClient, console: Console, session: GoalSession) -> None:
    told_recoveries = 0
    told = ""
    while not session.done.is_set():
        client.changed.wait(REFRESH_PERIOD)
        client.changed.clear()
        recoveries = list(client.recoveries)
        for event in recoveries[told_recoveries:]:
            phase = RECOVERY_PHASE.get(event.phase, "?")
            console.print(
                f"recovery of {event.action_id}: {event.strategy} {phase} {event.outcome} "
                f"{event.reason}",
                markup=False,
                soft_wrap=True,
            )
        told_recoveries = len(recoveries)
        feedback = session.feedback
        if feedback is None:
            continue
        running = ", ".join(feedback.progress.running_actions) or "-"
        line = (
            f"{feedback.progress.percentage:3.0f}% "
            f"{EXECUTION_STATUS.get(feedback.status.value, '?')}: {running}"
        )
        if line.split("% ", 1)[1] != told:
            told = line.split("% ", 1)[1]
            console.print(line, markup=False, soft_wrap=True)
    sys.stdout.flush()
