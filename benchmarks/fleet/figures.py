"""What both benchmarks of fleets are asked for, and what they print."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any


def asked(description: str, *, may_be_cut_short: bool = False) -> argparse.Namespace:
    """Read the arguments of a benchmark."""
    words = argparse.ArgumentParser(description=description.splitlines()[0])
    words.add_argument("--robots", type=int, default=200)
    words.add_argument("--tasks", type=int, default=2000)
    words.add_argument("--processes", type=int, default=4)
    words.add_argument("--seconds", type=float, default=1.0, help="that a task takes on its robot")
    if may_be_cut_short:
        told = "then the figures are of what was done"
        words.add_argument("--longest", type=float, metavar="SECONDS", help=told)
    words.add_argument("--json", type=Path, help="also write the figures here")
    return words.parse_args()


def figures(
    *,
    robots: int,
    tasks: int,
    took: float,
    waits: list[float],
    memory: float,
    used: float,
    lost: int,
    twice: int,
) -> dict[str, Any]:
    """Return the figures of a run.

    ``took`` and ``used`` (of processors) are seconds, ``waits`` those from each robot that was free
    to its next goal; ``memory`` is megabytes.
    """
    return {
        "robots": robots,
        "tasks": tasks,
        "seconds": round(took, 1),
        "tasks_per_second": round(tasks / took, 1),
        "free_to_goal_p50_ms": round(_percentile(waits, 0.5) * 1000),
        "free_to_goal_p99_ms": round(_percentile(waits, 0.99) * 1000),
        "memory_per_robot_mb": round(memory / robots, 1),
        "cpu_per_task_ms": round(used / max(1, tasks) * 1000, 1),
        "lost": lost,
        "twice": twice,
    }


def told(found: dict[str, Any], file: Path | None) -> int:
    """Print figures, and write them if a file is given; 1 if a task was lost or done twice."""
    text = json.dumps(found, indent=2)
    print(text)
    if file:
        file.write_text(text)
    return int(bool(found["lost"] or found["twice"]))


def _percentile(values: list[float], share: float) -> float:
    """Return the value below which this share of them lies."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))] if values else 0.0
