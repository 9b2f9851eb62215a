"""The loop: inputs, decisions of the engine, journal, effects, observers, in that order."""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from threading import get_ident
from typing import Any

from msgspec import Struct, structs

from execution_orchestrator.engine import effects as fx
from execution_orchestrator.engine.events import (
    ClockAnchored,
    ClockJumped,
    Event,
    EventsMissing,
    StorageRestored,
    TaskStarted,
)
from execution_orchestrator.engine.inputs import (
    Cancel,
    EmergencyStop,
    Fault,
    GoalAccepted,
    GoalLost,
    GoalProgress,
    Input,
    MotionWanted,
    PruneHistory,
    WallClockSet,
    WorldChanged,
)
from execution_orchestrator.engine.intake import queued
from execution_orchestrator.engine.machine import Machine, execution_of
from execution_orchestrator.engine.prestaging import Upcoming
from execution_orchestrator.engine.turn import WALL_OFFSET
from execution_orchestrator.runtime.clock import Clock, ExecutionClock, Known
from execution_orchestrator.runtime.outage import (
    FIRST_RETRY,
    LONGEST_RETRY,
    MAX_HELD,
    Outage,
)
from execution_orchestrator.runtime.performing import Performer
from execution_orchestrator.runtime.ports import (
    Driver,
    Observer,
    Planner,
    SafeStop,
    Strategy,
    WorldModel,
)
from execution_orchestrator.storage.journal import Journal, JournalEntry, LivePart, StorageError

log = logging.getLogger(__name__)
MAX_INBOX = 100_000  # inputs; beyond that something floods the node
# Seconds that events without effects may wait, so that they share a commit with the next ones: a
# short goal is accepted and over within them.
PATIENCE = 0.003
LONGEST_TURN = 0.01  # seconds the loop works through its inbox without looking at anything else


def _entries(first: int, events: Sequence[Event]) -> list[JournalEntry]:
    return [JournalEntry(first + index, event) for index, event in enumerate(events)]


class Decision(Struct, frozen=True):
    """What the engine decided about an input.

    ``ids`` are the executions (or leases, or the checkpoint) it is about; ``refusal`` says in words
    why it was not granted, empty if it was; ``entries`` are the events it led to, in the journal.
    """

    entries: list[JournalEntry]
    ids: tuple[str, ...] = ()
    refusal: str = ""


class NoWorld:
    """A world without any values."""

    def snapshot(self) -> Mapping[str, Any]:
        """Return an empty picture."""
        return {"robot": {}, "objects": []}


class Orchestrator:
    """Owns the machine. Everything but `post` is called on the loop's thread."""

    def __init__(
        self,
        *,
        machine: Machine,
        journal: Journal,
        driver: Driver,
        strategies: Iterable[Strategy] = (),
        planner: Planner | None = None,
        world: WorldModel | None = None,
        safe_stop: SafeStop | None = None,
        prestage: Callable[[Upcoming], None] | None = None,
        clock: Clock | None = None,
    ) -> None:
        self._machine = machine
        self._journal = journal
        self._world = world or NoWorld()
        self._prestage = prestage
        self._clock = clock or ExecutionClock()
        self._observers: list[Observer] = []
        self._inbox: deque[Input] = deque()
        self._scheduled = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = 0
        self._performer = Performer(
            driver,
            self.post,
            self._clock,
            strategies=strategies,
            planner=planner,
            safe_stop=safe_stop,
        )
        self._broken = ""
        self._outage: Outage | None = None
        self._commit_seconds = 0.0

    # ------------------------------------------------------------------ life cycle
    @property
    def state(self) -> Any:
        """The engine's state; read it only on the loop's thread.

        While there is a `failure` it may be ahead of the journal by what could not be written.
        """
        return self._machine.state

    @property
    def journal(self) -> Journal:
        """The journal."""
        return self._journal

    def now(self) -> float:
        """Return the execution time of this moment, in seconds (runtime/clock.py)."""
        return self._clock.now()

    @property
    def failure(self) -> str:
        """Why no new work is taken, empty while all is well."""
        return self._broken or (self._outage.reason if self._outage is not None else "")

    @property
    def queued(self) -> int:
        """How many executions wait for a place, or will once their plans are made."""
        return queued(self._machine.state, self._machine.config)

    @property
    def commit_seconds(self) -> float:
        """How long the newest commit of the journal took."""
        return self._commit_seconds

    async def start(self, replay: Callable[[JournalEntry], None] | None = None) -> int:
        """Continue the unfinished executions of the journal; returns the events read.

        Only the events that are needed for that are read, and each is handed to ``replay``, too.

        Raises:
            StorageError: the journal cannot be read, or its events do not follow from each other.

        """
        self._loop = asyncio.get_running_loop()
        self._thread = get_ident()
        part = self._journal.live_part()
        self._replay(part)
        if replay is not None:
            for entry in part.entries:
                replay(entry)
        count = len(part.entries)
        self.note([self._clock.resume(self._known(part))])
        missing = self._journal.missing
        for gone, first in ((missing.newest, 0), (missing.within, missing.first)):
            if gone:
                self.note([EventsMissing(time=self._clock.now(), count=gone, first=first)])
        if count:
            self._commit(self._machine.resume(now=self._clock.now(), world=self._picture()))
        return count

    def _known(self, part: LivePart) -> Known:
        """Return the time of the journal; without it a restart would look like a clock jump."""
        anchors = (e.event for e in reversed(part.entries) if type(e.event) is ClockAnchored)
        newest = self._journal.newest(limit=1)
        return Known(
            anchor=next(anchors, None),
            newest=newest[0].event if newest else None,
            # What waits for a moment on the wall clock runs on no clock of its own.
            running=any(not timer.wall for timer in self._machine.state.timers.values()),
        )

    async def stop(self) -> None:
        """Stop timers and strategies; goals that run on the robot are not cancelled."""
        await self._performer.stop()

    # ------------------------------------------------------------------ plugging in
    def add_observer(self, observer: Observer) -> None:
        """Call this observer with every event from now on."""
        self._observers.append(observer)

    # ------------------------------------------------------------------ inputs
    def post(self, incoming: Input) -> None:
        """Hand an input in, from any thread."""
        loop = self._loop
        if loop is None or loop.is_closed():
            return
        outage = self._outage
        if outage is not None:
            if isinstance(incoming, Cancel | EmergencyStop):
                loop.call_soon_threadsafe(self._stop_meanwhile, incoming)
                return
            if not outage.waits_for(incoming):
                return
        if len(self._inbox) >= MAX_INBOX:
            if isinstance(incoming, GoalProgress):
                return
            log.error("the orchestrator is flooded; %s waits", type(incoming).__name__)
        others_wait = bool(self._inbox)
        self._inbox.append(incoming)
        if self._scheduled:
            return
        if isinstance(incoming, GoalAccepted | GoalProgress) and get_ident() == self._thread:
            if not others_wait:
                loop.call_later(PATIENCE, self._drain)
        else:
            self._schedule()

    def _picture(self) -> Mapping[str, Any]:
        """Return the world as expressions see it, with what a wall clock shows besides ours."""
        world, offset = self._world.snapshot(), self._clock.offset
        return {**world, WALL_OFFSET: offset} if offset else world

    def handle(self, incoming: Input) -> Decision:
        """Handle an input at once, on the loop's thread, and return what was decided.

        Raises:
            StorageError: the journal cannot be written; nothing was done, and nothing will be. Only
                a request to stop is carried out all the same, and noted later.

        """
        self._work_off()
        if not isinstance(incoming, Cancel | EmergencyStop):
            return self._take([incoming])
        try:
            if self._outage is not None:
                self._stop_meanwhile(incoming)
            return self._take([incoming])
        except StorageError as failure:
            if self._outage is None:
                raise
            raise StorageError(
                f"what runs is being stopped, which is noted as soon as possible: {failure}"
            ) from failure

    def look_at_clock(self) -> None:
        """Find out whether a clock jumped: timers of the wall clock depend on it."""
        if self._clock.was_set():
            self.post(WorldChanged())

    def evaluate(self, execution_id: str, key: str, text: str) -> Any:
        """Return what an expression is worth now in the scope of an action ('': the plan's).

        Raises:
            ExpressionError: it has no value.
            KeyError: there is no such execution or action in the memory.

        """
        return self._machine.evaluate(
            execution_id, key, text, now=self._clock.now(), world=self._picture()
        )

    def prune(self, incoming: PruneHistory) -> tuple[str, ...]:
        """Let executions leave the history; returns those that do.

        Raises:
            StorageError: the journal cannot be written; nothing was done.

        """
        return self.handle(incoming).ids

    def note(self, events: Sequence[Event]) -> None:
        """Journal events that the engine does not decide about, such as alerts.

        While the journal cannot be written they wait for it.

        Raises:
            StorageError: the node has given up.

        """
        if self._broken:
            raise StorageError(self._broken)
        for event in events:
            self._machine.replay(event)
        if self._outage is None:
            try:
                entries = self._record(events)
            except StorageError as failure:
                self._lose_storage(str(failure), events, again=events)
            else:
                self._tell(entries)
        else:
            self._outage.notes.extend(events)

    async def may_move(self, wanted: MotionWanted) -> str:
        """Ask whether a recovery strategy may move the robot; return why not, empty if it may."""
        return await self._performer.may_move(wanted)

    async def ended(self, execution_id: str) -> None:
        """Wait until an execution has ended."""
        await self._performer.ended(execution_id)

    async def lease_answer(self, request_id: str) -> fx.LeaseAnswered:
        """Wait for the answer to an AllocateLease."""
        return await self._performer.lease_answer(request_id)

    # ------------------------------------------------------------------ the loop
    def _schedule(self) -> None:
        self._scheduled = True
        assert self._loop is not None
        if get_ident() == self._thread:
            self._loop.call_soon(self._drain)
        else:
            self._loop.call_soon_threadsafe(self._drain)

    def _drain(self) -> None:
        self._scheduled = False
        self._work_off(time.monotonic() + LONGEST_TURN)
        if self._outage is not None and len(self._inbox) > MAX_HELD:
            self._give_up(
                f"{self._outage.reason}; {MAX_HELD} messages wait for it already: "
                "restart the node when it can be written"
            )
        if self._inbox and not self.failure:
            # Whatever else runs on this loop has its turn first.
            self._schedule()

    def _work_off(self, until: float = math.inf) -> None:
        while self._inbox and not self.failure and time.monotonic() < until:
            batch: list[Input] = []
            feedback = []
            while self._inbox:
                incoming = self._inbox.popleft()
                if isinstance(incoming, GoalProgress):
                    feedback.append(incoming)
                    if incoming.reached is None and incoming.feedback is None:
                        continue  # nothing follows from it
                batch.append(incoming)
            if batch:
                with suppress(StorageError):  # it becomes the reason of the outage
                    self._take(batch, again=True)
            for one in feedback:
                self._show(one)

    def _show(self, feedback: GoalProgress) -> None:
        """Pass feedback of a goal on to the observers."""
        for observer in self._observers:
            try:
                observer.on_feedback(feedback)
            except Exception:
                log.exception("an observer failed; the execution goes on")

    def _take(self, batch: list[Input], *, again: bool = False) -> Decision:
        """Decide, journal, act; ``again``: what cannot be journalled now is decided later.

        The decision is the one about the last of them; its events are those of all.
        """
        if self.failure:
            raise StorageError(self.failure)
        events: list[Event] = []
        effects: list[fx.Effect] = []
        refusal, ids = "", tuple[str, ...]()
        try:
            jump = self._clock.look()
            world = self._picture()
            if jump:
                events.append(ClockJumped(time=self._clock.now(), jump=jump))
            if leapt := self._clock.leapt():
                events.append(ClockJumped(time=self._clock.now(), jump=leapt, simulated=True))
            for event in events:
                self._machine.replay(event)
            for incoming in (*([WallClockSet()] if jump else []), *batch):
                step = self._machine.handle(incoming, now=self._clock.now(), world=world)
                events += step.events
                effects += step.effects
                refusal, ids = step.refusal, step.ids
            entries = self._record(events)
        except StorageError as failure:
            self._lose_storage(str(failure), events, effects)
            if again:
                self._inbox.extendleft(reversed(batch))
            stops = [one for one in batch if isinstance(one, Cancel | EmergencyStop)]
            if stops:
                self._stop(stops, effects)
            raise
        except Exception as failure:
            log.exception("the engine failed")
            # Nothing of it is in the journal, and what the journal says is what counts.
            self._state_of_journal()
            if len(batch) > 1:
                return self._take_singly(batch, again=again)
            return self._fault(batch[0], f"{type(failure).__name__}: {failure}")
        for effect in effects:
            self._performer.perform(effect)
        self._tell(entries)
        self._look_ahead(events)
        return Decision(entries, ids, refusal)

    def _take_singly(self, batch: list[Input], *, again: bool) -> Decision:
        entries: list[JournalEntry] = []
        decision = Decision(entries)
        for index, incoming in enumerate(batch):
            try:
                decision = self._take([incoming])
                entries += decision.entries
            except StorageError:
                if again:
                    self._inbox.extendleft(reversed(batch[index:]))
                raise
        return Decision(entries, decision.ids, decision.refusal)

    def _look_ahead(self, events: list[Any]) -> None:
        """Prepare what follows the actions that have just started, once nothing else is to do."""
        if self._prestage is None or self._loop is None:
            return
        started = [(e.execution_id, e.key) for e in events if type(e) is TaskStarted]
        if started:
            self._loop.call_soon(self._stage, started)

    def _stage(self, started: list[tuple[str, str]]) -> None:
        assert self._prestage is not None  # it was asked for
        try:
            for upcoming in self._machine.prestage(started, world=self._world.snapshot()):
                self._prestage(upcoming)
        except Exception:
            log.exception("what comes next could not be prepared; it will be done when it is due")

    def _state_of_journal(self) -> None:
        part = self._journal.live_part()
        self._machine.start_over()
        self._replay(part)

    def _replay(self, part: LivePart) -> None:
        for entry in part.entries:
            try:
                self._machine.replay(entry.event)
            except Exception as failure:
                raise self._journal.does_not_follow(entry) from failure
        self._machine.remember(part.ended, events=self._journal.last_sequence)
        # Timers are set again by the resumption; what changed on the way does not matter.
        self._machine.state.timer_changes.clear()

    def recall(self, execution_id: str, events: Iterable[Event]) -> bool:
        """Load an ended execution from the journal; returns whether it is in memory now."""
        return self._machine.recall(execution_id, events)

    def _fault(self, incoming: Input, reason: str) -> Decision:
        """Stop the execution that the engine failed on; if that fails too, stop everything."""
        if isinstance(incoming, Fault):
            self._give_up(f"the engine cannot go on: {reason}; restart the node")
            raise StorageError(self._broken)
        execution_id = execution_of(self._machine.state, incoming)
        what = f"{type(incoming).__name__}: {reason}"
        decision = self._take([Fault(execution_id=execution_id, reason=what)])
        return Decision(decision.entries, decision.ids, f"the engine failed on it: {what}")

    def _commit(self, step: Any) -> None:
        entries = self._record(step.events)
        for effect in step.effects:
            self._performer.perform(effect)
        self._tell(entries)

    def _record(self, events: Sequence[Event]) -> list[JournalEntry]:
        if not events:
            return []
        offset = self._clock.offset
        if offset:
            events = [structs.replace(event, offset=offset) for event in events]
        began = time.perf_counter()
        first = self._journal.append(events)
        self._commit_seconds = time.perf_counter() - began
        return _entries(first, events)

    def _tell(self, entries: list[JournalEntry]) -> None:
        """Tell the observers, after the effects: the robot goes first, displays can wait."""
        if not entries:
            return
        for observer in self._observers:
            try:
                observer.on_events(entries)
            except Exception:
                log.exception("an observer failed; the execution goes on")

    # ------------------------------------------------------------------ a journal that is away
    def _lose_storage(
        self,
        reason: str,
        events: Sequence[Event],
        effects: Sequence[fx.Effect] = (),
        *,
        again: Sequence[Event] = (),
    ) -> None:
        """Begin nothing, keep the inputs that come in, and wait for the journal.

        Goals on the robot run on: to stop them is a decision for people.
        """
        self._outage = Outage(reason, self._clock.now(), events, effects, again)
        log.critical("%s; nothing new is begun until then", reason)
        self._performer.start(self._wait_for_storage(self._outage))

    async def _wait_for_storage(self, outage: Outage) -> None:
        delay = FIRST_RETRY
        while not self._broken:
            await asyncio.sleep(delay)
            delay = min(2.0 * delay, LONGEST_RETRY)
            try:
                # To look for a server that is away may take seconds.
                await asyncio.to_thread(self._journal.look)
                self._go_on(outage)
            except StorageError as failure:
                if str(failure) != outage.reason:
                    log.error("%s", failure)
                    outage.reason = str(failure)
            else:
                return

    def _go_on(self, outage: Outage) -> None:
        """Take up again what waited, if the journal can be written.

        Raises:
            StorageError: it still cannot.

        """
        written = self._journal.recover()
        if not outage.settled:
            outage.settled, outage.first = True, written
        else:
            outage.noted = written
        now = self._clock.now()
        note = StorageRestored(time=now, since=outage.since, reason=outage.reason)
        outage.noted = outage.noted or self._journal.append([note])
        # The decisions of the batch that failed are in the engine's state, if not in the journal.
        self._state_of_journal()
        self._outage = None
        log.warning("the journal is written again, after %.1f s", now - outage.since)
        for effect in outage.open_effects():
            self._performer.perform(effect)
        for goal_id in outage.withheld():
            self.post(GoalLost(goal_id=goal_id, reason="an emergency stop came", never_seen=True))
        if outage.first:
            self._tell(_entries(outage.first, outage.events))
        self._tell(_entries(outage.noted, [note]))
        left = [*(outage.again if not outage.first else ()), *outage.notes]
        if left:
            self.note(left)
        self.post(WorldChanged())

    def _stop_meanwhile(self, incoming: Cancel | EmergencyStop) -> None:
        """Stop at once what runs; to stop is never held back. The rest follows with the journal."""
        if self._outage is None:
            self._inbox.appendleft(incoming)
            self._schedule()
        else:
            # The state that this changes is the journal's again when that is back.
            world = self._picture()
            step = self._machine.handle(incoming, now=self._clock.now(), world=world)
            self._stop([incoming], step.effects)

    def _stop(self, inputs: Sequence[Cancel | EmergencyStop], effects: Iterable[Any]) -> None:
        outage = self._outage
        assert outage is not None
        self._inbox.extendleft(reversed(inputs))
        outage.emergency |= any(isinstance(one, EmergencyStop) for one in inputs)
        for effect in effects:
            if outage.may_happen(effect):
                self._performer.perform(effect)

    def _give_up(self, reason: str) -> None:
        """Nothing can be decided any more: stop the robot, and keep saying so."""
        self._broken = reason
        log.critical("%s", reason)
        step = self._machine.handle(
            EmergencyStop(reason=reason), now=self._clock.now(), world=self._picture()
        )
        for effect in step.effects:
            if isinstance(effect, fx.CancelGoal | fx.SafeStop):
                self._performer.perform(effect)
