"""Names, colours and times of the node's messages, as a person reads them."""

from __future__ import annotations

from typing import Any

from execution_orchestrator.engine.status import (
    ACTION_NUMBERS,
    ACTIVE_ACTION,
    EXECUTION_NUMBERS,
    FINAL_EXECUTION,
    ActionStatus,
)

RECOVERY_PHASE = {0: "started", 1: "succeeded", 2: "failed", 3: "gave up"}
SEVERITY = {1: "info", 2: "warning", 3: "error"}

FINAL_EXECUTION_STATUS = frozenset(EXECUTION_NUMBERS[one] for one in FINAL_EXECUTION)
ACTIVE_ACTION_STATUS = frozenset(
    ACTION_NUMBERS[one] for one in ACTIVE_ACTION | {ActionStatus.WAITING}
)

STYLE = {
    "PENDING": "dim",
    "READY": "dim",
    "PROCESSING": "cyan",
    "WAITING": "magenta",
    "DISPATCHED": "cyan",
    "RUNNING": "bold cyan",
    "EXECUTING": "bold cyan",
    "PAUSED": "magenta",
    "RECOVERING": "bold yellow",
    "CANCELING": "yellow",
    "COMPLETED": "bold green",
    "SUCCEEDED": "green",
    "PARTIALLY_COMPLETED": "bold yellow",
    "SKIPPED": "dim",
    "FAILED": "bold red",
    "CANCELLED": "yellow",
}


def seconds(stamp: Any) -> float:
    """Turn a builtin_interfaces/Time into seconds since the epoch."""
    return float(stamp.sec) + float(stamp.nanosec) * 1e-9


def figure(name: str, value: float) -> str:
    """Write a figure of a run or of a resource with its unit, which its name says."""
    words = set(name.replace("_", " ").split())
    if words & {"duration", "time", "wait", "held"}:
        return duration(value)
    if words & {"rate", "efficiency", "utilisation"}:
        return f"{100 * value:.0f}%"
    return f"{value:.4g}" + (" actions/s" if name == "throughput" else "")


def duration(value: float) -> str:
    """Write a duration in seconds the way a person says it: "0.4 s", "12 s", "3:07", "16h 42m"."""
    if value < 0:
        return "?"
    if value < 10:
        return f"{value:.1f} s"
    if value < 60:
        return f"{value:.0f} s"
    minutes, rest = divmod(round(value), 60)
    hours, minutes = divmod(minutes, 60)
    # 16:42:49 would be read as a time of day.
    return f"{hours}h {minutes}m" if hours else f"{minutes}:{rest:02d}"


def execution_name(execution: Any) -> str:
    """Name an execution by its words if it has any, else by its id."""
    return str(execution.command or execution.execution_id)
