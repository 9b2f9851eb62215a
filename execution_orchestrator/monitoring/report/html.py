"""The report as one HTML file that needs nothing else."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from execution_orchestrator.monitoring.metrics.figures import ExecutionFigures, compute_figures
from execution_orchestrator.monitoring.report.run_map import run_map
from execution_orchestrator.monitoring.report.timeline import (
    Scale,
    action_rows,
    pause_bars,
    resource_rows,
)
from execution_orchestrator.monitoring.suggestions import suggest
from execution_orchestrator.monitoring.web.floor import Grid
from execution_orchestrator.observation.record import ExecutionRecord, in_reading_order

PICTURE_BYTES = 4_000_000  # of all pictures in one page; the newest are kept
PictureOf = Callable[[str], bytes | None]  # JPEG of a name, None if it is not kept any more
SHOWN_EVENTS = 5000  # more would make the page slow to open; the newest are kept


@dataclass(frozen=True)
class ReportEvent:
    """One line of the event list; ``time`` in Unix seconds."""

    time: float
    type: str
    key: str
    description: str


# The outcome of a recovery strategy in words.
OUTCOMES = {
    "RETRY": "the action was tried again",
    "NEXT": "did not help",
    "SKIP": "the action was skipped",
    "FALLBACK": "the fallback action ran",
    "ABORT": "the action was given up",
    "CHECKPOINT_RESTORE": "back to a checkpoint",
    "REPLAN": "another plan was asked for",
}


def render_html(
    record: ExecutionRecord,
    events: Sequence[ReportEvent],
    *,
    picture: PictureOf = lambda _: None,
    grid: Grid | None = None,
) -> str:
    """Draw the whole report; every text of the record is escaped.

    ``picture`` gives the pictures that actions took, ``grid`` is the map below the robots' ways.
    """
    from jinja2 import Environment, PackageLoader, StrictUndefined  # noqa: PLC0415  # rarely needed

    environment = Environment(
        loader=PackageLoader("execution_orchestrator.monitoring", "report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
    )
    figures = compute_figures(record)
    until = record.until()
    scale = Scale(record.accepted, until)
    return environment.get_template("page.html.j2").render(
        title=record.command or f"Execution {record.execution_id}",
        record=record,
        accepted=datetime.fromtimestamp(record.wall.of(record.accepted), UTC).strftime(
            "%Y-%m-%d %H:%M:%S UTC"
        ),
        figure_list=_figure_list(figures),
        ticks=scale.ticks(),
        action_rows=action_rows(record, scale, figures.critical_path, until),
        resource_rows=resource_rows(record, scale, until),
        pauses=pause_bars(record, scale, until),
        actions=[_action_line(record, one.key) for one in in_reading_order(record)],
        recoveries=[_recovery_line(record, index) for index in range(len(record.recoveries))],
        rollback=record.rollback.rows() if record.rollback is not None else [],
        words=_words(record),
        replannings=[
            {
                "at": f"{change.time - record.accepted:.2f} s",
                "dropped": ", ".join(change.dropped) or "-",
                "added": ", ".join(change.added) or "-",
            }
            for change in record.replannings
        ],
        suggestions=suggest(record, figures),
        went_well=record.status == "COMPLETED",
        events=[
            {
                "at": f"{event.time - record.accepted:.3f} s",
                "type": event.type,
                "key": event.key,
                "description": event.description,
            }
            for event in events[-SHOWN_EVENTS:]
        ],
        map=run_map(record, grid),
        pictures=_pictures(record, picture),
        plan=json.dumps(record.plan, indent=2, ensure_ascii=False),
    )


def _pictures(record: ExecutionRecord, picture: PictureOf) -> list[dict[str, str]]:
    """Return the newest pictures that have room in the page, the oldest of them first."""
    shown: list[dict[str, str]] = []
    room = PICTURE_BYTES
    for one in reversed(record.pictures):
        data = picture(one.picture)
        if data is None:
            continue
        room -= len(data)
        if room < 0:
            break
        seen = ", ".join(sighting.object_id for sighting in one.sightings)
        again = f", attempt {one.attempt}" if one.attempt > 1 else ""
        shown.append(
            {
                "words": f"{one.key}{again}" + (f": {seen}" if seen else ""),
                "at": f"{one.time - record.accepted:.1f} s",
                "data": base64.b64encode(data).decode(),
            }
        )
    return shown[::-1]


def _figure_list(figures: ExecutionFigures) -> list[tuple[str, str]]:
    return [
        ("total duration", f"{figures.total_duration:.1f} s"),
        ("effective duration", f"{figures.effective_duration:.1f} s"),
        ("goals sent", str(figures.attempts)),
        ("retries", str(figures.retries)),
        ("recoveries", str(figures.recoveries)),
        ("success rate", f"{figures.success_rate:.0%}"),
        ("error rate", f"{figures.error_rate:.0%}"),
        ("quality", f"{figures.quality_score:.2f}"),
        ("parallel efficiency", f"{figures.parallel_efficiency:.0%}"),
        ("resource efficiency", f"{figures.resource_efficiency:.0%}"),
        ("throughput", f"{figures.throughput:.2f} actions/s"),
        ("cost", f"{figures.total_cost:.2f}"),
    ]


def _action_line(record: ExecutionRecord, key: str) -> dict[str, Any]:
    action = record.actions[key]
    errors = [a for a in action.attempts if a.error_type]
    begun = action.attempts[0].dispatched if action.attempts else action.started
    return {
        "key": key,
        "type": action.action_type,
        "status": action.status,
        "started": f"{begun - record.accepted:.2f} s" if begun is not None else "-",
        "took": f"{action.busy:.2f} s" if action.attempts else "-",
        "estimate": f"{action.estimated_duration:.1f} s" if action.estimated_duration else "-",
        "attempts": len(action.attempts) or "-",
        "error": (
            f"{errors[-1].error_type} {errors[-1].error_code}: {errors[-1].error_message}"
            if errors
            else action.reason
            if action.status in ("SKIPPED", "FAILED", "CANCELLED")
            else f"outcome {action.outcome}"
            if action.outcome
            else ""
        ),
    }


def _recovery_line(record: ExecutionRecord, index: int) -> dict[str, str]:
    recovery = record.recoveries[index]
    return {
        "at": f"{recovery.started - record.accepted:.2f} s",
        "key": recovery.key,
        "error": f"{recovery.error_type} {recovery.error_code}",
        "strategy": recovery.strategy,
        "outcome": OUTCOMES.get(recovery.outcome, recovery.outcome.lower()) or "running",
        "reason": recovery.reason,
    }


def _words(record: ExecutionRecord) -> list[dict[str, Any]]:
    return [
        {
            "at": f"{when - record.accepted:.2f} s",
            "key": key,
            "attempt": attempt.number,
            "error": attempt.error_code,
            "said": attempt.said,
        }
        for when, key, attempt in record.failures_with_server_logs()
    ]
