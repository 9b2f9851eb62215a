"""The read model of a node: executions, leases, servers, schedules, emergency stop."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol

from execution_orchestrator.engine import events as ev
from execution_orchestrator.engine.inputs import GoalProgress
from execution_orchestrator.engine.status import ActionStatus, BreakerStatus
from execution_orchestrator.engine.weight import weight_of
from execution_orchestrator.observation.fold import fold, record_of
from execution_orchestrator.observation.queues import free_in
from execution_orchestrator.observation.reasons import goes_on_in_a_pause
from execution_orchestrator.observation.record import (
    ActionRecord,
    ExecutionRecord,
    LeaseRecord,
    ScheduleRecord,
    ServerRecord,
)
from execution_orchestrator.observation.wall_time import WallTime

AT_WORK = frozenset({ActionStatus.DISPATCHED, ActionStatus.RUNNING, ActionStatus.CANCELING})
# Seconds between two estimates of when resources come free: each reads every running execution.
RECKONED = 0.5
KEPT = 200  # ended executions whose records stay in memory,
KEPT_ACTIONS = 20_000  # and the actions they may weigh together; the newest always stays


class Entry(Protocol):
    """An event at its place in the journal."""

    @property
    def event(self) -> ev.Event:
        """What happened."""
        ...


class Observation:
    """Takes every event once, on the orchestrator's thread; may be read from any thread.

    Readers of another thread ask for `records` or `record`: copies that hold still.
    """

    def __init__(
        self, servers: Iterable[str] = (), *, kept: int = KEPT, kept_actions: int = KEPT_ACTIONS
    ) -> None:
        self.executions: dict[str, ExecutionRecord] = {}
        self.leases: dict[str, LeaseRecord] = {}  # held now
        self.servers: dict[str, ServerRecord] = {name: ServerRecord(name) for name in servers}
        self.quarantined: dict[str, ev.GoalQuarantined] = {}  # goals that may still run, by id
        self.dead_letters: set[str] = set()
        self.wall = WallTime()
        self.schedules: dict[str, ScheduleRecord] = {}
        self.emergency = False
        self.emergency_reason = ""
        self.robot_motion = ""  # since the emergency stop: stopping, standing, moving, unknown
        self.robot_motion_reason = ""
        self._goals: dict[str, tuple[str, str]] = {}
        self._kept = kept
        self._kept_actions = kept_actions
        self._meanwhile: dict[str, str] = {}  # how a goal in quarantine ended, by its execution
        self._ended: dict[str, int] = {}  # weight of each ended execution, the first ended first
        # When resources come free, as it was reckoned last for everything that waits.
        self._free: tuple[float, Mapping[tuple[str, str], float]] = (0.0, {})
        self._lock = threading.Lock()  # of what is kept

    # ------------------------------------------------------------------ events
    def on_events(self, entries: Sequence[Entry]) -> None:
        """Take events as an observer of the runtime."""
        for entry in entries:
            self.apply(entry.event)

    def on_feedback(self, feedback: GoalProgress) -> None:
        """Update an action's progress from the feedback of its goal."""
        execution_id, key = self._goals.get(feedback.goal_id, ("", ""))
        action = self.action(execution_id, key)
        if action is None or action.goal_id != feedback.goal_id or action.status not in AT_WORK:
            return
        if action.running is None:
            # The goal is in quarantine: its attempt is over, and perhaps a fallback runs.
            return
        if feedback.progress is not None:
            action.progress = feedback.progress
        action.phase = feedback.phase or action.phase
        action.remaining = feedback.remaining

    def apply(self, event: ev.Event) -> None:
        """Take one event."""
        kind = type(event)
        self.wall.note(event)
        record = self.executions.get(event.execution_id)
        if record is None and kind in (ev.ExecutionRequested, ev.ExecutionAccepted):
            record = ExecutionRecord(event.execution_id, free_in=self._free_in)
            self.executions[event.execution_id] = record
        if record is not None:
            going_on = fold(record, event)
            if going_on is not record:
                going_on.free_in = self._free_in
                with self._lock:
                    self.executions[event.execution_id] = going_on
                    self._ended.pop(event.execution_id, None)
        handler = _OF_NODE.get(kind)
        if handler is not None:
            handler(self, event)

    def action(self, execution_id: str, key: str) -> ActionRecord | None:
        """Return the record of an action, None if it is not in memory."""
        record = self.executions.get(execution_id)
        return record.actions.get(key) if record is not None else None

    def phase_of(self, goal_id: str) -> str:
        """Return the phase in the last feedback of a goal, '' if it had none."""
        action = self.action(*self._goals.get(goal_id, ("", "")))
        return action.phase if action is not None and action.goal_id == goal_id else ""

    def execution_of(self, goal_id: str) -> str:
        """Return the execution that a goal belongs to, '' if it is not known."""
        return self._goals.get(goal_id, ("", ""))[0]

    def _began(self, event: ev.TaskStarted) -> None:
        self._goals[event.goal_id] = (event.execution_id, event.key)

    def _ended_execution(self, event: ev.ExecutionFinished) -> None:
        record = self.executions.get(event.execution_id)
        if record is None:
            return
        for action in record.actions.values():
            for attempt in action.attempts:
                self._goals.pop(attempt.goal_id, None)
        with self._lock:
            self._ended[event.execution_id] = weight_of(record.actions.values())
            self._trim()

    def _lives_again(self, event: ev.CheckpointRestored | ev.ExecutionReplanned) -> None:
        with self._lock:
            self._ended.pop(event.execution_id, None)

    def _pruned(self, event: ev.HistoryPruned) -> None:
        with self._lock:
            for name in event.execution_ids:
                self._ended.pop(name, None)
                self.executions.pop(name, None)

    def _allocated(self, event: ev.ResourceAllocated) -> None:
        record = self.executions.get(event.execution_id)
        for lease in event.leases:
            known = record.leases.get(lease.lease_id) if record is not None else None
            self.leases[lease.lease_id] = known or LeaseRecord(
                lease.lease_id,
                lease.resource,
                event.key or event.holder,
                lease.amount,
                event.time,
                since=event.wall,
                execution_id=event.execution_id,
                holder=event.holder or event.key,
                priority=event.priority,
            )

    def _released(self, event: ev.ResourceReleased) -> None:
        for lease_id in event.lease_ids:
            self.leases.pop(lease_id, None)

    def _goal_quarantined(self, event: ev.GoalQuarantined) -> None:
        self.quarantined[event.goal_id] = event
        for lease in event.leases:
            self.leases[lease.lease_id] = LeaseRecord(
                lease.lease_id,
                lease.resource,
                event.action,
                lease.amount,
                event.held_since,
                since=self.wall.of(event.held_since),
                execution_id=event.owner,
                holder=event.what,
                priority=event.priority,
                quarantine=event.description(),
            )

    def _quarantine_ended(self, event: ev.QuarantineEnded) -> None:
        self.quarantined.pop(event.goal_id, None)
        for lease_id in event.lease_ids:
            self.leases.pop(lease_id, None)
        known = {**self._meanwhile, event.owner: f"{event.action} has ended: {event.reason}"}
        self._meanwhile = {
            name: reason for name, reason in known.items() if name in self.executions
        }

    def reason_now(self, record: ExecutionRecord) -> str:
        """Return the reason for the status of an execution.

        With what runs on although it is paused, and what was confirmed after its end.
        """
        if record.paused and (running := goes_on_in_a_pause(record)):
            return f"{record.reason}; {running}"
        meanwhile = self._meanwhile.get(record.execution_id, "")
        return (
            f"{record.reason}; meanwhile {meanwhile}"
            if meanwhile and record.is_final
            else record.reason
        )

    def quarantined_goals(self) -> list[ev.GoalQuarantined]:
        """Return the goals whose end is not confirmed."""
        return list(self.quarantined.values())

    def server(self, name: str) -> ServerRecord:
        """Return the record of an action server, made now if it is new."""
        return self.servers.setdefault(name, ServerRecord(name))

    def _free_in(self, record: ExecutionRecord, action: ActionRecord, now: float) -> float:
        at, free = self._free
        if not 0.0 <= now - at < RECKONED:
            at, free = now, free_in(list(self.leases.values()), dict(self.executions), now)
            self._free = at, free
        return max(0.0, free.get((record.execution_id, action.key), 0.0) - (now - at))

    def known_servers(self) -> list[ServerRecord]:
        """Return the known action servers, by name."""
        return sorted(self.servers.values(), key=lambda server: server.name)

    def _availability(self, event: ev.ServerAvailability) -> None:
        server = self.server(event.server)
        server.available, server.reason = event.available, event.reason

    def _breaker_counted(self, event: ev.BreakerCounted) -> None:
        self.server(event.server).failures = event.failures

    def _breaker_opened(self, event: ev.BreakerOpened) -> None:
        server = self.server(event.server)
        server.breaker = BreakerStatus.OPEN
        server.failures, server.until = event.failures, event.until
        server.reason = event.description()

    def _breaker_half_opened(self, event: ev.BreakerHalfOpened) -> None:
        self.server(event.server).breaker = BreakerStatus.HALF_OPEN

    def _breaker_closed(self, event: ev.BreakerClosed) -> None:
        server = self.server(event.server)
        server.breaker, server.failures, server.reason = BreakerStatus.CLOSED, 0, ""

    def _dead_letter(self, event: ev.DeadLetterAdded) -> None:
        self.dead_letters.add(event.dead_letter_id)

    def _dead_letter_changed(self, event: ev.DeadLetterChanged) -> None:
        if event.status == "waiting":
            self.dead_letters.add(event.dead_letter_id)
        else:
            self.dead_letters.discard(event.dead_letter_id)

    def _schedule_set(self, event: ev.ScheduleSet) -> None:
        self.schedules[event.schedule_id] = ScheduleRecord(event, event.next_moment)

    def _schedule_fired(self, event: ev.ScheduleFired) -> None:
        schedule = self.schedules[event.schedule_id]
        schedule.next_moment, schedule.fired = event.next_moment, event.fired
        schedule.last_moment, schedule.last_execution = event.moment, event.started
        schedule.reason = ""

    def _schedule_skipped(self, event: ev.ScheduleSkipped) -> None:
        schedule = self.schedules[event.schedule_id]
        schedule.next_moment, schedule.skipped = event.next_moment, event.skipped
        schedule.reason = event.reason

    def _schedule_paused(self, event: ev.SchedulePaused) -> None:
        schedule = self.schedules[event.schedule_id]
        schedule.paused, schedule.reason = True, event.reason

    def _schedule_resumed(self, event: ev.ScheduleResumed) -> None:
        schedule = self.schedules[event.schedule_id]
        schedule.paused, schedule.reason = False, ""
        schedule.next_moment = event.next_moment

    def _schedule_moved(self, event: ev.ScheduleMoved) -> None:
        self.schedules[event.schedule_id].next_moment = event.next_moment

    def _schedule_removed(self, event: ev.ScheduleRemoved) -> None:
        del self.schedules[event.schedule_id]

    def known_schedules(self) -> list[ScheduleRecord]:
        """Return the schedules, the one that starts something first at the front."""
        known = [*self.schedules.values()]  # copied at once: others read it, too
        known.sort(key=lambda one: (one.paused, one.next_moment or math.inf, one.schedule_id))
        return known

    def _stopped(self, event: ev.EmergencyStopped) -> None:
        self.emergency, self.emergency_reason = True, event.reason or "emergency stop"

    def _seen_at_stop(self, event: ev.RobotSeenAtStop) -> None:
        self.robot_motion, self.robot_motion_reason = event.motion, event.reason

    def _stop_reset(self, _: ev.EmergencyStopReset) -> None:
        self.emergency, self.emergency_reason = False, ""
        self.robot_motion = self.robot_motion_reason = ""

    # ------------------------------------------------------------------ what is kept
    def _trim(self) -> None:
        while len(self._ended) > 1 and (
            len(self._ended) > self._kept or sum(self._ended.values()) > self._kept_actions
        ):
            oldest = next(iter(self._ended))
            del self._ended[oldest]
            self.executions.pop(oldest, None)

    def add_past(self, record: ExecutionRecord) -> bool:
        """Add an execution that ended before the others; returns whether another one would fit."""
        name = record.execution_id
        with self._lock:
            if name in self.executions:
                return True
            weight = weight_of(record.actions.values())
            if (
                len(self._ended) >= self._kept
                or sum(self._ended.values()) + weight > self._kept_actions
            ):
                return False
            self.executions[name] = record
            self._ended = {name: weight, **self._ended}
            return True

    def recall(self, execution_id: str, events: Iterable[ev.Event]) -> bool:
        """Load an execution that was dropped from memory; returns whether it is there now."""
        if execution_id in self.executions:
            return True
        record = record_of(execution_id, events)
        if not record.accepted:
            return False
        with self._lock:
            self.executions[execution_id] = record
            self._ended[execution_id] = weight_of(record.actions.values())
            self._trim()
        return True

    # ------------------------------------------------------------------ questions
    def newest(self) -> list[ExecutionRecord]:
        """Return the records in memory, the newest first."""
        return sorted(self.executions.values(), key=_accepted)[::-1]

    def records(self) -> list[ExecutionRecord]:
        """Return copies of the records in memory, the newest first."""
        return [_still(record) for record in self.newest()]

    def record(self, execution_id: str) -> ExecutionRecord | None:
        """Return a copy of a record, None if it is not in memory."""
        record = self.executions.get(execution_id)
        return _still(record) if record is not None else None


def _accepted(record: ExecutionRecord) -> float:
    return record.accepted


def _still(record: ExecutionRecord) -> ExecutionRecord:
    """Return a record that does not change while it is read."""
    return record if record.ended is not None else record.frozen()


_OF_NODE: Mapping[type[ev.Event], Callable[[Observation, Any], None]] = {
    ev.TaskStarted: Observation._began,
    ev.ExecutionFinished: Observation._ended_execution,
    ev.CheckpointRestored: Observation._lives_again,
    ev.ExecutionReplanned: Observation._lives_again,
    ev.HistoryPruned: Observation._pruned,
    ev.ResourceAllocated: Observation._allocated,
    ev.ResourceReleased: Observation._released,
    ev.GoalQuarantined: Observation._goal_quarantined,
    ev.QuarantineEnded: Observation._quarantine_ended,
    ev.ServerAvailability: Observation._availability,
    ev.BreakerCounted: Observation._breaker_counted,
    ev.BreakerOpened: Observation._breaker_opened,
    ev.BreakerHalfOpened: Observation._breaker_half_opened,
    ev.BreakerClosed: Observation._breaker_closed,
    ev.DeadLetterAdded: Observation._dead_letter,
    ev.DeadLetterChanged: Observation._dead_letter_changed,
    ev.ScheduleSet: Observation._schedule_set,
    ev.ScheduleFired: Observation._schedule_fired,
    ev.ScheduleSkipped: Observation._schedule_skipped,
    ev.SchedulePaused: Observation._schedule_paused,
    ev.ScheduleResumed: Observation._schedule_resumed,
    ev.ScheduleMoved: Observation._schedule_moved,
    ev.ScheduleRemoved: Observation._schedule_removed,
    ev.EmergencyStopped: Observation._stopped,
    ev.RobotSeenAtStop: Observation._seen_at_stop,
    ev.EmergencyStopReset: Observation._stop_reset,
}
