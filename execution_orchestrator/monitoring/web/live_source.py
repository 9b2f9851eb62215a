"""The web page's view of a running orchestrator."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import TimeoutError as FutureTimeoutError
from typing import Any

from execution_orchestrator.engine import stimuli as st
from execution_orchestrator.monitoring.history import read_run, record_of_entry
from execution_orchestrator.monitoring.live import LiveMonitor, event_as_json
from execution_orchestrator.monitoring.web.picture import detail, headline
from execution_orchestrator.monitoring.web.source import EventListener, JsonObject
from execution_orchestrator.observation.record import ExecutionRecord, ScheduleRecord
from execution_orchestrator.plan.analysis import Analysis
from execution_orchestrator.plan.capability import ResourceSpec
from execution_orchestrator.plan.timetable import clock_words
from execution_orchestrator.runtime.orchestrator import Decision, Orchestrator
from execution_orchestrator.runtime.planning import Planning
from execution_orchestrator.storage.journal import StorageError

ACT_TIMEOUT = 5.0  # seconds
SHOWN = 50  # executions
FRESH = 0.1  # seconds for which one answer serves every page that asks
SEVERITY = {1: "info", 2: "warning", 3: "error"}
DONE_WORDS = {
    "pause": "paused",
    "resume": "goes on",
    "cancel": "is being cancelled",
    "confirm": "answered",
    "step": "goes one step on",
    "emergency_stop": "everything is being stopped",
    "reset_emergency_stop": "goals are taken again",
    "release_quarantine": "released",
    "signal": "the signal was taken",
    "pause_schedule": "the schedule is paused",
    "resume_schedule": "the schedule goes on",
    "remove_schedule": "the schedule is removed; what it started runs on",
}


class LiveSource:
    """Reads the monitor and the journal; acts by stimuli on the orchestrator's loop."""

    def __init__(
        self,
        *,
        orchestrator: Orchestrator,
        monitor: LiveMonitor,
        planning: Planning,
        loop: asyncio.AbstractEventLoop,
        resources: Mapping[str, ResourceSpec],
    ) -> None:
        self._orchestrator = orchestrator
        self._monitor = monitor
        self._planning = planning
        self._loop = loop
        self._resources = resources
        self._lock = threading.Lock()
        self._answers: dict[str, tuple[float, JsonObject]] = {}
        self._ended: dict[tuple[str, float | None], JsonObject] = {}
        self._looked_up: ExecutionRecord | None = None

    def snapshot(self) -> JsonObject:
        """Return executions, resources, servers and alerts."""
        return self._fresh("", self._snapshot) or {}

    def execution(self, execution_id: str) -> JsonObject | None:
        """Return one execution with its plan graph and its timeline."""

        def draw() -> JsonObject | None:
            record = self._monitor.observation.record(execution_id) or self._of_journal(
                execution_id
            )
            if record is None:
                return None
            return detail(record, self._orchestrator.now(), self._monitor.observation.servers)

        return self._fresh(execution_id, draw)

    def _of_journal(self, execution_id: str) -> ExecutionRecord | None:
        """Return the record of an execution that is not in memory; the last one asked for is."""
        if self._looked_up is None or self._looked_up.execution_id != execution_id:
            run = read_run(self._orchestrator.journal, execution_id)
            self._looked_up = None if run is None else run.record
        return self._looked_up

    def _fresh(self, name: str, draw: Callable[[], JsonObject | None]) -> JsonObject | None:
        """Return an answer of a moment ago if there is one: many pages cost what one does."""
        with self._lock:
            now = time.monotonic()
            drawn, answer = self._answers.get(name, (0.0, None))
            if answer is None or now - drawn > FRESH:
                answer = draw()
                self._answers = {k: v for k, v in self._answers.items() if now - v[0] <= FRESH}
                if answer is not None:
                    self._answers[name] = (now, answer)
            return answer

    def _snapshot(self) -> JsonObject:
        observation = self._monitor.observation
        records = observation.records()
        now = self._orchestrator.now()
        return {
            "emergency_stopped": observation.emergency,
            "emergency_reason": observation.emergency_reason,
            "robot_motion": observation.robot_motion,
            "robot_motion_reason": observation.robot_motion_reason,
            "failure": self._orchestrator.failure,
            "quarantined": [
                {"goal_id": goal.goal_id, "text": goal.description()}
                for goal in observation.quarantined_goals()
            ],
            "executions": self._newest(records, now),
            "resources": [self._resource(name) for name in sorted(self._resources)],
            "servers": [
                {
                    "name": server.name,
                    "available": server.available,
                    "breaker": server.breaker,
                    "failures": server.failures,
                }
                for server in observation.known_servers()
            ],
            "schedules": [_schedule(one) for one in observation.known_schedules()],
            "alerts": [
                {
                    "alert_id": alert.condition.alert_id,
                    "execution_id": alert.execution_id,
                    "message": alert.message,
                    "severity": str(alert.condition.severity.value),
                }
                for alert in self._monitor.active_alerts
            ],
        }

    def _newest(self, records: list[ExecutionRecord], now: float) -> list[JsonObject]:
        """Return a line for each of the newest executions, and for every one that goes on."""
        shown = [r for place, r in enumerate(records) if place < SHOWN or r.ended is None]
        lines = self._headlines(shown, now)
        if len(lines) >= SHOWN:
            return lines
        known = {record.execution_id for record in records}
        older = self._orchestrator.journal.history(limit=SHOWN + len(known))
        lines += [
            headline(record_of_entry(entry), now)
            for entry in older
            if entry.ended is not None and entry.execution_id not in known
        ]
        return lines[:SHOWN]

    def _headlines(self, records: list[ExecutionRecord], now: float) -> list[JsonObject]:
        """Return a line for each; the line of an execution that has ended is made only once."""
        made = {
            record.execution_id: self._ended.get((record.execution_id, record.ended))
            or headline(record, now)
            for record in records
        }
        self._ended = {
            (record.execution_id, record.ended): made[record.execution_id]
            for record in records
            if record.ended is not None
        }
        return list(made.values())

    def _resource(self, name: str) -> JsonObject:
        held = [
            one for one in list(self._monitor.observation.leases.values()) if one.resource == name
        ]
        capacity = self._resources[name].capacity
        return {
            "resource": name,
            "capacity": capacity,
            "available": capacity - sum(one.amount for one in held),
            "holders": [{"holder": one.key, "execution_id": one.execution_id} for one in held],
        }

    def events(self, execution_id: str, before: int, limit: int) -> list[JsonObject]:
        """Return the newest journal events below ``before``, oldest first."""
        journal = self._orchestrator.journal
        found = journal.newest(execution_id=execution_id, before=before, limit=limit)
        return [event_as_json(entry) for entry in found]

    def subscribe(self, listener: EventListener) -> Callable[[], None]:
        """Follow every event."""
        return self._monitor.subscribe(listener)

    def validate(self, plan: str, context: str) -> JsonObject:
        """Check a plan document and say how it would run."""
        checking = self._planning.prepare("", plan, context)
        prepared = asyncio.run_coroutine_threadsafe(checking, self._loop).result()
        can_run = prepared.plan is not None
        return {
            "valid": can_run,
            "message": _verdict(len(prepared.issues), can_run=can_run),
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
            "analysis": None if prepared.analysis is None else _analysis(prepared.analysis),
        }

    def act(self, verb: str, arguments: JsonObject) -> tuple[bool, str]:
        """Do what a button says, on the orchestrator's loop."""
        stimulus = _stimulus(verb, arguments)

        async def take() -> Decision:
            return self._orchestrator.handle(stimulus)

        future = asyncio.run_coroutine_threadsafe(take(), self._loop)
        try:
            decision = future.result(ACT_TIMEOUT)
        except FutureTimeoutError:
            return False, f"the node did not answer within {ACT_TIMEOUT:.0f} s"
        except StorageError as failure:
            return False, str(failure)
        if decision.refusal:
            return False, decision.refusal
        return True, DONE_WORDS[verb]


def _schedule(record: ScheduleRecord) -> JsonObject:
    timetable, moment = record.as_set.timetable, record.next_moment
    return {
        "schedule_id": record.schedule_id,
        "command": record.as_set.command,
        "description": timetable.described(),
        "paused": record.paused,
        "reason": record.reason,
        "next": "" if moment is None else clock_words(moment, timetable.time_zone),
        "fired": record.fired,
        "last_execution_id": record.last_execution,
    }


def _verdict(issues: int, *, can_run: bool) -> str:
    if not can_run:
        return "Revise: the plan cannot run as it is."
    return "Proceed, with the remarks below." if issues else "Proceed: nothing is wrong with it."


def _analysis(analysis: Analysis) -> dict[str, Any]:
    return {
        "action_count": analysis.action_count,
        "makespan": analysis.makespan,
        "sequential_duration": analysis.sequential_duration,
        "critical_path": list(analysis.critical_path),
        "suggestions": list(analysis.suggestions),
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
    }


def _stimulus(verb: str, arguments: JsonObject) -> st.Stimulus:
    execution_id = str(arguments.get("execution_id", ""))
    schedule_id = str(arguments.get("schedule_id", ""))
    reason = str(arguments.get("reason") or "asked for on the web page")
    made: Mapping[str, Callable[[], st.Stimulus]] = {
        "pause": lambda: st.Pause(execution_id=execution_id, reason=reason),
        "resume": lambda: st.Resume(execution_id=execution_id),
        "cancel": lambda: st.Cancel(execution_id=execution_id, reason=reason),
        "confirm": lambda: st.Confirm(
            execution_id=execution_id,
            key=str(arguments.get("action_id", "")),
            approve=arguments.get("approve") is True,
        ),
        "step": lambda: st.Step(execution_id=execution_id),
        "signal": lambda: st.SignalSent(
            execution_id=execution_id,
            name=str(arguments.get("name", "")),
            value=arguments.get("value"),
        ),
        "pause_schedule": lambda: st.PauseSchedule(schedule_id=schedule_id, reason=reason),
        "resume_schedule": lambda: st.ResumeSchedule(schedule_id=schedule_id),
        "remove_schedule": lambda: st.RemoveSchedule(schedule_id=schedule_id, reason=reason),
        "emergency_stop": lambda: st.EmergencyStop(reason=reason),
        "reset_emergency_stop": st.ResetEmergencyStop,
        "release_quarantine": lambda: st.ReleaseQuarantine(
            goal_id=str(arguments.get("goal_id", "")), who=reason
        ),
    }
    return made[verb]()
