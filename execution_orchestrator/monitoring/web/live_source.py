"""The web page's view of a running orchestrator."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from concurrent.futures import TimeoutError as FutureTimeoutError
from typing import Any

from execution_orchestrator.engine import stimuli as st
from execution_orchestrator.monitoring.live import FINAL, LiveMonitor, event_as_json
from execution_orchestrator.monitoring.metrics.figures import compute_figures
from execution_orchestrator.monitoring.metrics.record import ExecutionRecord
from execution_orchestrator.monitoring.web.source import EventListener, JsonObject
from execution_orchestrator.runtime.intake import Intake
from execution_orchestrator.runtime.orchestrator import Orchestrator

ACT_TIMEOUT = 5.0  # seconds
SHOWN = 50  # executions
DONE = frozenset({"SUCCEEDED", "FAILED", "SKIPPED", "CANCELLED"})
SEVERITY = {1: "info", 2: "warning", 3: "error"}


class LiveSource:
    """Reads the monitor and the journal; acts by stimuli on the orchestrator's loop."""

    def __init__(
        self,
        *,
        orchestrator: Orchestrator,
        monitor: LiveMonitor,
        intake: Intake,
        loop: asyncio.AbstractEventLoop,
        resources: Mapping[str, float],
    ) -> None:
        self._orchestrator = orchestrator
        self._monitor = monitor
        self._intake = intake
        self._loop = loop
        self._resources = resources

    def snapshot(self) -> JsonObject:
        """Return executions, resources and alerts."""
        records = self._monitor.records()[:SHOWN]
        return {
            "emergency_stopped": bool(self._monitor.emergency_reason),
            "emergency_reason": self._monitor.emergency_reason,
            "executions": [_headline(record) for record in records],
            "resources": [self._resource(name, records) for name in sorted(self._resources)],
            "alerts": [
                {"message": alert.message, "severity": str(alert.condition.severity)}
                for alert in self._monitor.alerts.active
            ],
        }

    def _resource(self, name: str, records: list[ExecutionRecord]) -> JsonObject:
        held = [
            (lease, record)
            for record in records
            for lease in record.leases.values()
            if lease.resource == name and lease.released is None
        ]
        capacity = self._resources[name]
        return {
            "resource": name,
            "capacity": capacity,
            "available": capacity - sum(lease.amount for lease, _ in held),
            "holders": [f"{lease.key} in {record.execution_id}" for lease, record in held],
        }

    def execution(self, execution_id: str) -> JsonObject | None:
        """Return one execution with its plan graph and its timeline."""
        record = self._monitor.record(execution_id)
        if record is None:
            return None
        now = time.time()
        return {
            **_headline(record),
            "now": record.until(now),
            "bars": list(_bars(record)),
            "graph": _graph(record),
            "actions": [
                {
                    "action_id": action.key,
                    "action_type": action.action_type,
                    "status": action.status,
                    "attempt": len(action.attempts),
                    "reason": action.reason,
                }
                for action in record.actions.values()
            ],
        }

    def events(self, execution_id: str, after: int, limit: int) -> list[JsonObject]:
        """Return journal events, oldest first."""
        journal = self._orchestrator.journal
        return [
            event_as_json(entry)
            for entry in journal.read(execution_id=execution_id, after=after, limit=limit)
        ]

    def subscribe(self, listener: EventListener) -> Callable[[], None]:
        """Follow every event."""
        return self._monitor.subscribe(listener)

    def validate(self, plan: str, context: str) -> JsonObject:
        """Check a plan document."""
        prepared = self._intake.prepare("", plan, context)
        analysis = prepared.analysis
        return {
            "valid": prepared.plan is not None,
            "message": "Proceed." if prepared.plan is not None else "Revise: it cannot run.",
            "issues": [
                {
                    "code": issue.code,
                    "severity": SEVERITY[int(issue.severity)],
                    "pointer": issue.pointer,
                    "line": issue.line,
                    "column": issue.column,
                    "message": issue.message,
                    "hint": issue.hint,
                }
                for issue in prepared.issues
            ],
            "analysis": None
            if analysis is None
            else {
                "action_count": analysis.action_count,
                "makespan": analysis.makespan,
                "sequential_duration": analysis.sequential_duration,
                "critical_path": list(analysis.critical_path),
                "groups": [
                    {
                        "index": group.index,
                        "start": group.start,
                        "duration": group.duration,
                        "action_ids": list(group.action_ids),
                        "resources": list(group.resources),
                    }
                    for group in analysis.groups
                ],
            },
        }

    def act(self, verb: str, arguments: JsonObject) -> tuple[bool, str]:
        """Do what a button says, on the orchestrator's loop."""
        execution_id = str(arguments.get("execution_id", ""))
        stimulus = _stimulus(verb, execution_id, arguments, self._monitor)

        async def take() -> int:
            return len(self._orchestrator.handle(stimulus))

        future = asyncio.run_coroutine_threadsafe(take(), self._loop)
        try:
            happened = future.result(ACT_TIMEOUT)
        except FutureTimeoutError:
            return False, f"{verb}: the node did not answer within {ACT_TIMEOUT:.0f} s"
        except RuntimeError as failure:
            return False, f"{verb}: {failure}"
        return (True, f"{verb}: done") if happened else (False, f"{verb}: nothing to do")


def _stimulus(
    verb: str, execution_id: str, arguments: JsonObject, monitor: LiveMonitor
) -> st.Stimulus:
    reason = str(arguments.get("reason") or "asked for on the web page")
    if verb == "confirm":
        record = monitor.record(execution_id)
        waiting = [
            a.key for a in (record.actions.values() if record else ()) if a.status == "WAITING"
        ]
        return st.Confirm(
            execution_id=execution_id,
            key=waiting[0] if waiting else "",
            approve=bool(arguments.get("approve", True)),
        )
    made: Mapping[str, Callable[[], st.Stimulus]] = {
        "pause": lambda: st.Pause(execution_id=execution_id, reason=reason),
        "resume": lambda: st.Resume(execution_id=execution_id),
        "cancel": lambda: st.Cancel(execution_id=execution_id, reason=reason),
        "step": lambda: st.Step(execution_id=execution_id),
        "emergency_stop": lambda: st.EmergencyStop(reason=reason),
        "reset_emergency_stop": st.ResetEmergencyStop,
    }
    return made[verb]()


def _headline(record: ExecutionRecord) -> dict[str, Any]:
    figures = compute_figures(record, now=time.time())
    actions = list(record.actions.values())
    weights = [max(action.estimated_duration, 1.0) for action in actions]
    done = sum(w for w, a in zip(weights, actions, strict=True) if a.status in DONE)
    total = sum(weights)
    finished = record.status in FINAL
    return {
        "execution_id": record.execution_id,
        "command": record.command,
        "status": record.status,
        "reason": record.reason,
        "percentage": 100.0 if finished else 100.0 * done / total if total else 0.0,
        "elapsed": figures.total_duration,
        "estimated_remaining": 0.0 if finished else total - done,
    }


def _bars(record: ExecutionRecord) -> list[dict[str, Any]]:
    bars = []
    for lease in record.leases.values():
        action = record.actions.get(lease.key)
        last = action.attempts[-1] if action is not None and action.attempts else None
        kind = "running" if lease.released is None else (last.outcome if last else "") or "running"
        bars.append(
            {
                "id": lease.lease_id,
                "row": lease.resource,
                "label": lease.key,
                "title": f"{lease.key} holds {lease.amount:g} of {lease.resource}",
                "start": lease.acquired,
                "end": lease.released,
                "kind": kind,
            }
        )
    return bars


def _graph(record: ExecutionRecord) -> dict[str, Any]:
    return {
        "nodes": [
            {
                "id": action.key,
                "label": action.key,
                "status": action.status,
                "parent": action.parent or None,
            }
            for action in record.actions.values()
        ],
        "edges": [
            {"from": dependency, "to": action.key}
            for action in record.actions.values()
            for dependency in action.depends_on
        ],
    }
