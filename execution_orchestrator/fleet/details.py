"""How a mission is shown in Temporal's UI: the progress of its tasks, as a table of Markdown."""

from __future__ import annotations

from collections.abc import Sequence

from execution_orchestrator.fleet.orders import MissionState, TaskState


def details(state: MissionState, rows: Sequence[TaskState], count: int) -> str:
    """Return the status of a mission and some of its tasks, of which there are ``count``."""
    lines = [
        f"**{state.status}** {_cell(state.reason)}",
        "",
        "| task | status | robot | |",
        "|---|---|---|---|",
        *(
            f"| {one.key} | {one.status} | {one.robot} | {_cell(one.reason)}"
            f"{f' [report]({one.report})' if one.report else ''} |"
            for one in rows
        ),
    ]
    if count > len(rows):
        lines += ["", f"and {count - len(rows)} more tasks"]
    return "\n".join(lines)


def _cell(text: str) -> str:
    """Escape a text for a table of Markdown."""
    return " ".join(text.replace("|", "/").split())
