"""The web page's view of a running orchestrator."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Coroutine, Mapping
from concurrent.futures import TimeoutError as FutureTimeoutError
from contextlib import suppress
from dataclasses import asdict
from typing import Any, TypeVar

import msgspec
import yaml
from msgspec import structs

from execution_orchestrator.engine import inputs as st
from execution_orchestrator.engine.events import CommandGiven
from execution_orchestrator.engine.inputs import Caller
from execution_orchestrator.engine.state import DeadLetterState
from execution_orchestrator.monitoring.feedback_log import FeedbackLog
from execution_orchestrator.monitoring.live_monitor import LiveMonitor, event_as_json
from execution_orchestrator.monitoring.markers import targets
from execution_orchestrator.monitoring.past_runs import read_run, record_of_entry
from execution_orchestrator.monitoring.report.html import render_html
from execution_orchestrator.monitoring.report.write import as_data, read_record
from execution_orchestrator.monitoring.web.action_list import Window, actions_in
from execution_orchestrator.monitoring.web.chosen_action import chosen_action
from execution_orchestrator.monitoring.web.desk import Desk, Order
from execution_orchestrator.monitoring.web.eyes import Eyes, NoEyes
from execution_orchestrator.monitoring.web.floor import Floor, Grid, NoFloor, Scene
from execution_orchestrator.monitoring.web.picture import detail, headline
from execution_orchestrator.monitoring.web.plan_editing import PlanEditing
from execution_orchestrator.monitoring.web.plan_graph import shape
from execution_orchestrator.monitoring.web.runs import Runs
from execution_orchestrator.monitoring.web.source import EventListener, JsonObject
from execution_orchestrator.monitoring.who_did_what import deeds
from execution_orchestrator.observation.record import ExecutionRecord, ScheduleRecord
from execution_orchestrator.plan.analysis import Analysis
from execution_orchestrator.plan.capability import ResourceSpec
from execution_orchestrator.plan.durations import demands_of
from execution_orchestrator.plan.issues import Issue
from execution_orchestrator.plan.optimise.expected_run import expected_run
from execution_orchestrator.plan.resolve import ResolvedPlan
from execution_orchestrator.plan.shortened import REASON, shortened
from execution_orchestrator.plan.timetable import clock_words
from execution_orchestrator.runtime.intake import Prepared
from execution_orchestrator.runtime.orchestrator import Orchestrator
from execution_orchestrator.runtime.planning import Planning
from execution_orchestrator.runtime.rehearsing import (
    LONGEST,
    RehearsalError,
    Rehearser,
    verdict,
)
from execution_orchestrator.storage.journal import StorageError

T = TypeVar("T")
ACT_TIMEOUT = 5.0  # seconds
PREPARE_TIMEOUT = 150.0  # seconds; a language model may be asked for the plan
SHOWN_LETTERS = 200
SHOWN_DEEDS = 200  # at once
SHOWN_TARGETS = 200  # of one execution, on the map
SHOWN_TASKS = 400  # of a predicted run
SHOWN = 50  # executions
PAGE = 2000  # events that are looked through at once for those of one action,
SEARCHED = 10  # and so many pages at most
FRESH = 0.1  # seconds for which one answer serves every page that asks
SEVERITY = {1: "info", 2: "warning", 3: "error"}
DONE_WORDS = {
    "pause": "paused",
    "resume": "goes on",
    "cancel": "is being cancelled",
    "confirm": "answered",
    "step": "goes one step on",
    "breakpoint": "the breakpoints are changed",
    "release_lease": "the resource is free",
    "emergency_stop": "everything is being stopped",
    "reset_emergency_stop": "goals are taken again",
    "release_quarantine": "released",
    "signal": "the signal was taken",
    "go_on": "continues from its newest checkpoint",
    "retry_dead_letter": "it is tried again as an execution of its own",
    "discard_dead_letter": "it is forgotten",
    "pause_schedule": "the schedule is paused",
    "resume_schedule": "the schedule goes on",
    "remove_schedule": "the schedule is removed; what it started runs on",
}


class LiveSource:
    """Reads the monitor and the journal; acts by inputs on the orchestrator's loop."""

    def __init__(
        self,
        *,
        orchestrator: Orchestrator,
        monitor: LiveMonitor,
        planning: Planning,
        loop: asyncio.AbstractEventLoop,
        resources: Mapping[str, ResourceSpec],
        desk: Desk,
        rehearser: Rehearser,
        editing: PlanEditing,
        floor: Floor | None = None,
        eyes: Eyes | None = None,
        undelivered: Callable[[], Mapping[str, str]] = dict,
    ) -> None:
        self._eyes = eyes or NoEyes()
        self.editing = editing
        self._desk, self._floor = desk, floor or NoFloor()
        self._rehearser = rehearser
        self._undelivered = undelivered
        self._orchestrator = orchestrator
        self._feedback = FeedbackLog(orchestrator.now)
        orchestrator.add_observer(self._feedback)
        self._monitor = monitor
        self._planning = planning
        self._loop = loop
        self._resources = resources
        self._lock = threading.Lock()
        self._answers: dict[str, tuple[float, JsonObject]] = {}
        self._ended: dict[tuple[str, float | None], JsonObject] = {}
        self._looked_up: ExecutionRecord | None = None
        self._runs = Runs(orchestrator.journal, self._floor.locate, self._going_on)

    def _going_on(self) -> list[ExecutionRecord]:
        return [one for one in self._monitor.observation.records() if one.ended is None]

    def snapshot(self) -> JsonObject:
        """Return executions, resources, servers and alerts."""
        return self._fresh("", self._snapshot) or {}

    def execution(self, execution_id: str, bars_to: int = 0) -> JsonObject | None:
        """Return one execution with its timeline: the bars up to one of them, 0: the newest."""

        def draw() -> JsonObject | None:
            record = self._record(execution_id)
            if record is None:
                return None
            shown = detail(record, self._orchestrator.now(), bars_to)
            found = targets(record, self._floor.locate)[:SHOWN_TARGETS]
            return {
                **shown,
                "reason": self._monitor.observation.reason_now(record),
                "breakpoints": sorted(self._breakpoints(execution_id)),
                "standing": sorted(record.breakpoints),
                "can_stop": not record.is_final and not record.planning,
                "can_go_on": record.is_final and bool(record.checkpoints),
                "targets": [
                    {"action_id": t.key, "x": t.x, "y": t.y, "yaw": t.yaw, "status": t.status}
                    for t in found
                    if t.frame == "map"
                ],
            }

        return self._fresh(f"{bars_to}/{execution_id}", draw)

    def _breakpoints(self, execution_id: str) -> frozenset[str]:
        """Return the actions before which an execution stops; they belong to the engine alone."""
        known = self._orchestrator.state.executions.get(execution_id)
        return frozenset() if known is None else known.breakpoints

    def graph(self, execution_id: str) -> JsonObject | None:
        """Return the shape of an execution's plan, or None if there is no such execution."""
        record = self._record(execution_id)
        return None if record is None else shape(record)

    def actions(self, execution_id: str, window: Window) -> JsonObject | None:
        """Return the actions of a window, or None if there is no such execution."""
        record = self._record(execution_id)
        if record is None:
            return None
        now = record.until(self._orchestrator.now())
        return actions_in(record, window, now, self._monitor.observation.servers)

    def _record(self, execution_id: str) -> ExecutionRecord | None:
        return self._monitor.observation.record(execution_id) or self._of_journal(execution_id)

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
            "cameras": list(self._eyes.robots),
            "schedules": [_schedule(one) for one in observation.known_schedules()],
            "undelivered": dict(self._undelivered()),
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
        """Return a line for each of the newest executions, and for every one that has not ended."""
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
        now_known = self._monitor.observation.reason_now
        return [{**made[one.execution_id], "reason": now_known(one)} for one in records]

    def _resource(self, name: str) -> JsonObject:
        held = [
            one for one in list(self._monitor.observation.leases.values()) if one.resource == name
        ]
        capacity = self._resources[name].capacity
        return {
            "resource": name,
            "capacity": capacity,
            "available": capacity - sum(one.amount for one in held),
            "holders": [
                {
                    "holder": one.holder or one.key,
                    "execution_id": one.execution_id,
                    # What an action holds, it gives back itself; only a person's can be given free.
                    "lease_id": "" if one.execution_id or one.quarantine else one.lease_id,
                }
                for one in held
            ],
        }

    def action(self, execution_id: str, action_id: str) -> JsonObject | None:
        """Return all that is known of one action, or None if there is none."""
        record = self._record(execution_id)
        if record is None:
            return None
        now = record.until(self._orchestrator.now())
        servers = self._monitor.observation.servers
        return chosen_action(record, action_id, now, servers, self._feedback.of)

    def report(self, execution_id: str, form: str) -> str | None:
        """Return the report of an execution from its journal, None if there is none."""
        record, events = read_record(self._orchestrator.journal, execution_id)
        if not events:
            return None
        if form == "html":
            return render_html(
                record, events, picture=self._eyes.picture, grid=self._floor.grid("map")
            )
        if form == "json":
            return msgspec.json.encode(as_data(record, events)).decode()
        return _as_yaml(record.plan)

    def deeds(self, words: str, before: int) -> list[JsonObject]:
        """Return who asked for what, the newest first."""
        found = deeds(self._orchestrator.journal, words=words, before=before, limit=SHOWN_DEEDS)
        return [asdict(one) for one in found]

    def note(self, caller: Caller, what: str, about: str = "", refusal: str = "") -> None:
        """Journal a deed or refusal of a person that is no input of the engine."""

        async def write() -> None:
            now = self._orchestrator.now()
            self._orchestrator.note(
                [CommandGiven(time=now, caller=caller, command=what, about=about, refusal=refusal)]
            )

        with suppress(FutureTimeoutError, StorageError):  # diagnostics report the storage
            self._on_loop(write())

    def runs(self) -> Runs:
        """Return all runs of the journal."""
        return self._runs

    def dead_letters(self) -> list[JsonObject]:
        """Return the actions that failed for good, the newest first."""

        async def read() -> list[JsonObject]:
            letters = list(self._orchestrator.state.dead_letters.values())[-SHOWN_LETTERS:]
            now = self._orchestrator.now()
            return [_dead_letter(letter, now) for letter in reversed(letters)]

        return self._on_loop(read())

    def events(
        self, execution_id: str, before: int, limit: int, action_id: str = ""
    ) -> list[JsonObject]:
        """Return the newest journal events below ``before``, oldest first."""
        journal = self._orchestrator.journal
        if not action_id:
            found = journal.newest(execution_id=execution_id, before=before, limit=limit)
            return [event_as_json(entry) for entry in found]
        chosen: list[JsonObject] = []
        for _ in range(SEARCHED):  # pages; an action that was done long ago has its events there
            page = journal.newest(execution_id=execution_id, before=before, limit=PAGE)
            chosen[:0] = [event_as_json(one) for one in page if one.event.key == action_id]
            if len(page) < PAGE or len(chosen) >= limit:
                break
            before = page[0].sequence
        return chosen[-limit:]

    def subscribe(self, listener: EventListener) -> Callable[[], None]:
        """Follow every event."""
        return self._monitor.subscribe(listener)

    def validate(
        self, plan: str, context: str, command: str = "", conversation_id: str = ""
    ) -> JsonObject:
        """Check a plan document, or the plan that words become, and say how it would run.

        ``when`` says when it would begin, if not at once. ``stops`` are executions that the words
        end: then the words themselves are to be run.
        """
        prepared = self._prepared(plan, context, command, conversation_id)
        if prepared is None:
            message = f"no plan came within {PREPARE_TIMEOUT:.0f} s"
            return {"valid": False, "message": message, "issues": [], "analysis": None}
        planned, resolved = prepared.planned, prepared.plan
        made = planned.plan if planned is not None else None
        return {
            "valid": resolved is not None,
            "message": _verdict(len(prepared.issues), can_run=resolved is not None),
            "when": prepared.timing.described(),
            "issues": [_issue(issue) for issue in prepared.issues],
            "analysis": None if prepared.analysis is None else _analysis(prepared.analysis),
            "plan": "" if made is None else _as_yaml(made),
            "planner": planned.planner if planned is not None else "",
            "confidence": planned.confidence if planned is not None else None,
            "stops": list(planned.cancels) if planned is not None else [],
            "bars": [] if resolved is None else self._predicted(resolved),
        }

    def rehearse(
        self, plan: str, context: str, command: str = "", conversation_id: str = ""
    ) -> JsonObject:
        """Run a plan with the simulated robot: {rehearsal, message}."""
        prepared = self._prepared(plan, context, command, conversation_id)
        if prepared is None or prepared.plan is None:
            return {"rehearsal": None, "message": "The plan cannot run as it is: check it first."}
        work = self._rehearser.rehearse(prepared)
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            answer = future.result(LONGEST)
        except FutureTimeoutError:
            future.cancel()
            return {"rehearsal": None, "message": f"nothing came of it within {LONGEST:.0f} s"}
        except RehearsalError as failure:
            return {"rehearsal": None, "message": str(failure)}
        return {"rehearsal": answer, "message": verdict(answer)}

    def _prepared(
        self, plan: str, context: str, command: str, conversation_id: str
    ) -> Prepared | None:
        """Return what is found out about a plan or command; None: it takes too long."""
        checking = self._planning.prepare(command, plan, context, conversation_id=conversation_id)
        future = asyncio.run_coroutine_threadsafe(checking, self._loop)
        try:
            return future.result(PREPARE_TIMEOUT)
        except FutureTimeoutError:
            future.cancel()
            return None

    def _predicted(self, plan: ResolvedPlan) -> list[JsonObject]:
        run = expected_run(plan, self._resources)
        bars: list[JsonObject] = [
            {
                "action_id": task.key,
                "start": start,
                "end": end,
                "resources": sorted(demands_of(task.action)) if task.action is not None else [],
            }
            for task, start, end in zip(run.tasks, run.starts, run.ends, strict=True)
            if task.is_leaf
        ]
        return bars[:SHOWN_TASKS]

    def run(self, wanted: JsonObject, caller: Caller) -> JsonObject:
        """Run a command or a plan, as a goal of the node's action would be."""
        order = Order(
            command=str(wanted.get("command") or ""),
            plan=str(wanted.get("plan") or ""),
            context=str(wanted.get("context") or ""),
            conversation_id=str(wanted.get("conversation_id") or ""),
            requester=str(caller),
            start_paused=wanted.get("start_paused") is True,
        )
        try:
            receipt = self._on_loop(self._desk.run(order))
        except FutureTimeoutError:
            return _not_run(f"the node did not answer within {ACT_TIMEOUT:.0f} s")
        except StorageError as failure:
            return _not_run(str(failure))
        return {
            "success": bool(receipt.execution_id),
            "execution_id": receipt.execution_id,
            "message": receipt.message,
            "issues": [_issue(issue) for issue in receipt.issues],
        }

    def _on_loop(self, work: Coroutine[Any, Any, T]) -> T:
        """Wait for something on the orchestrator's loop.

        Raises:
            TimeoutError: it takes longer than five seconds; it is not waited for any more.

        """
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(ACT_TIMEOUT)

    def goal(self, execution_id: str) -> JsonObject | None:
        """Return the texts of an execution's goal, to be run again."""
        record = self._record(execution_id)
        if record is None:
            return None
        goal = record.goal
        if goal is None:
            return {"command": record.command, "plan": _as_yaml(record.plan), "context": ""}
        return {
            "command": goal.command or ("" if goal.plan else record.command),
            "plan": goal.plan,
            "context": goal.context,
        }

    def scene(self) -> Scene:
        """Return where the robots and the things around them are."""
        return self._floor.scene()

    def grid(self, layer: str) -> Grid | None:
        """Return the map or a costmap."""
        return self._floor.grid(layer)

    def picture(self, name: str) -> bytes | None:
        """Return a kept picture of a camera."""
        return self._eyes.picture(name)

    def live(self, robot: str) -> bytes | None:
        """Return what a robot's camera sees now."""
        return self._eyes.live(robot)

    def act(self, verb: str, arguments: JsonObject, caller: Caller) -> tuple[bool, str]:
        """Do what a button says, on the orchestrator's loop."""

        async def take() -> str:
            """Do it, or return why not."""
            if verb == "go_on":
                return await self._desk.go_on(str(arguments["execution_id"]), caller)
            if verb == "breakpoint":
                wanted: st.Input = self._changed_breakpoints(arguments, caller)
            else:
                wanted = _input(verb, arguments, caller)
            return self._orchestrator.handle(wanted).refusal

        try:
            refusal = self._on_loop(take())
        except FutureTimeoutError:
            return False, f"the node did not answer within {ACT_TIMEOUT:.0f} s"
        except StorageError as failure:
            return False, str(failure)
        return not refusal, refusal or DONE_WORDS[verb]

    def _changed_breakpoints(self, arguments: JsonObject, caller: Caller) -> st.SetBreakpoints:
        execution_id, key = str(arguments["execution_id"]), str(arguments.get("action_id", ""))
        others = self._breakpoints(execution_id) - {key}
        stop = {key} if arguments.get("stop") is True and key else set()
        keys = tuple(sorted(others | stop))
        return st.SetBreakpoints(execution_id=execution_id, keys=keys, by=caller)


def _not_run(why: str) -> JsonObject:
    return {"success": False, "execution_id": "", "message": why, "issues": []}


def _as_yaml(document: Mapping[str, Any]) -> str:
    plain = msgspec.to_builtins(document)
    return yaml.safe_dump(plain, sort_keys=False, allow_unicode=True, width=100)


def _issue(issue: Issue) -> JsonObject:
    return {
        "code": issue.code,
        "severity": SEVERITY[int(issue.severity)],
        "pointer": issue.pointer,
        "line": issue.line,
        "column": issue.column,
        "message": issue.message,
        "hint": issue.hint,
    }


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


def _dead_letter(letter: DeadLetterState, now: float) -> JsonObject:
    error = letter.error
    return {
        "dead_letter_id": letter.dead_letter_id,
        "execution_id": letter.execution_id,
        "action_id": letter.key,
        "action_type": letter.action_type,
        "error": "" if error is None else f"{error.code}: {error.message}",
        "time": letter.time,
        "attempts": letter.attempts,
        "retries": letter.retries,
        "retry_in": max(0.0, letter.retry_after - now),
        "status": letter.status,
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


def _input(verb: str, arguments: JsonObject, caller: Caller) -> st.Input:
    execution_id = str(arguments.get("execution_id", ""))
    schedule_id = str(arguments.get("schedule_id", ""))
    letter = str(arguments.get("dead_letter_id", ""))
    reason = shortened(str(arguments.get("reason") or "asked for on the web page"), REASON)
    made: Mapping[str, Callable[[], st.Input]] = {
        "pause": lambda: st.Pause(execution_id=execution_id, reason=reason),
        "resume": lambda: st.Resume(execution_id=execution_id),
        "cancel": lambda: st.Cancel(execution_id=execution_id, reason=reason),
        "confirm": lambda: st.Confirm(
            execution_id=execution_id,
            key=str(arguments.get("action_id", "")),
            approve=arguments.get("approve") is True,
        ),
        "step": lambda: st.Step(execution_id=execution_id, key=str(arguments.get("action_id", ""))),
        "release_lease": lambda: st.ReleaseLease(lease_ids=(str(arguments.get("lease_id", "")),)),
        "signal": lambda: st.SignalSent(
            execution_id=execution_id,
            name=str(arguments.get("name", "")),
            value=arguments.get("value"),
        ),
        "retry_dead_letter": lambda: st.RetryDeadLetter(dead_letter_id=letter),
        "discard_dead_letter": lambda: st.RetryDeadLetter(dead_letter_id=letter, discard=True),
        "pause_schedule": lambda: st.PauseSchedule(schedule_id=schedule_id, reason=reason),
        "resume_schedule": lambda: st.ResumeSchedule(schedule_id=schedule_id),
        "remove_schedule": lambda: st.RemoveSchedule(schedule_id=schedule_id, reason=reason),
        "emergency_stop": lambda: st.EmergencyStop(reason=reason),
        "reset_emergency_stop": st.ResetEmergencyStop,
        "release_quarantine": lambda: st.ReleaseQuarantine(
            goal_id=str(arguments.get("goal_id", "")), who=caller.name or reason
        ),
    }
    return structs.replace(made[verb](), by=caller)
