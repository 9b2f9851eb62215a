"""The loop: stimuli in, decisions of the engine, journal, effects, observers. In that order."""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from threading import get_ident
from typing import Any

from execution_orchestrator.engine import effects as fx
from execution_orchestrator.engine.events import Event, HistoryPruned, TaskStarted
from execution_orchestrator.engine.faults import execution_of
from execution_orchestrator.engine.machine import Machine, fold
from execution_orchestrator.engine.prestaging import Upcoming
from execution_orchestrator.engine.stimuli import (
    EmergencyStop,
    Fault,
    GoalAccepted,
    GoalProgress,
    PruneHistory,
    ReplanFinished,
    Stimulus,
    StrategyFinished,
    TimerFired,
)
from execution_orchestrator.runtime.ports import (
    Driver,
    Observer,
    Replanned,
    Replanner,
    Strategy,
    StrategyOutcome,
    WorldModel,
)
from execution_orchestrator.runtime.timers import Timers
from execution_orchestrator.storage.database import StorageError
from execution_orchestrator.storage.journal import Journal, JournalEntry

log = logging.getLogger(__name__)
MAX_INBOX = 100_000  # stimuli; beyond that something floods the node
DEFAULT_STRATEGY_TIMEOUT = 120.0  # seconds
REPLAN_TIMEOUT = 120.0  # seconds
# Seconds that news nobody acts upon may wait, so that it shares a commit with what follows: a short
# goal is accepted and over within them.
PATIENCE = 0.003
LONGEST_TURN = 0.01  # seconds the loop works through its inbox without looking at anything else


class NoWorld:
    """A world nothing is known about."""

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
        replanner: Replanner | None = None,
        world: WorldModel | None = None,
        safe_stop: Callable[[str], None] | None = None,
        prestage: Callable[[Upcoming], None] | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._machine = machine
        self._journal = journal
        self._driver = driver
        self._strategies = {strategy.name: strategy for strategy in strategies}
        self._replanner = replanner
        self._world = world or NoWorld()
        self._safe_stop = safe_stop
        self._prestage = prestage
        self._now = now
        self._observers: list[Observer] = []
        self._inbox: deque[Stimulus] = deque()
        self._scheduled = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = 0
        self._timers = Timers(now, lambda timer_id: self.post(TimerFired(timer_id=timer_id)))
        self._tasks: set[asyncio.Task[None]] = set()
        self._replans: dict[str, asyncio.Task[None]] = {}
        self._ended: dict[str, list[asyncio.Future[None]]] = {}
        self._leases: dict[str, asyncio.Future[fx.LeaseAnswered]] = {}
        self._failure = ""
        self._refusal = ""
        self._commit_seconds = 0.0

    # ------------------------------------------------------------------ life
    @property
    def state(self) -> Any:
        """The engine's state; read it only on the loop's thread."""
        return self._machine.state

    @property
    def journal(self) -> Journal:
        """The journal."""
        return self._journal

    @property
    def failure(self) -> str:
        """Why no new work is taken, empty while all is well."""
        return self._failure

    @property
    def commit_seconds(self) -> float:
        """How long the newest commit of the journal took."""
        return self._commit_seconds

    @property
    def refusal(self) -> str:
        """Why the newest stimulus was not granted, in words; empty if it was."""
        return self._refusal

    async def start(self) -> int:
        """Fold the journal, then take up again what was running; returns the events read."""
        self._loop = asyncio.get_running_loop()
        self._thread = get_ident()
        count = 0
        for entry in self._journal.read():
            self._machine.replay(entry.event)
            count += 1
        if count:
            self._commit(self._machine.resume(now=self._now(), world=self._world.snapshot()))
        return count

    async def stop(self) -> None:
        """Stop timers and strategies; what runs on the robot is left to the caller's wish."""
        self._timers.stop()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    # ------------------------------------------------------------------ plugging in
    def add_observer(self, observer: Observer) -> None:
        """Tell this observer of every event from now on."""
        self._observers.append(observer)

    def add_strategy(self, strategy: Strategy) -> None:
        """Add or replace a recovery strategy."""
        self._strategies[strategy.name] = strategy

    def remove_strategy(self, name: str) -> None:
        """Take a recovery strategy away; tables that name it pass on to the next."""
        self._strategies.pop(name, None)

    # ------------------------------------------------------------------ stimuli
    def post(self, stimulus: Stimulus) -> None:
        """Hand a stimulus in, from any thread."""
        loop = self._loop
        if loop is None or loop.is_closed():
            return
        if len(self._inbox) >= MAX_INBOX:
            if isinstance(stimulus, GoalProgress):
                return
            log.error("the orchestrator is flooded; %s waits", type(stimulus).__name__)
        others_wait = bool(self._inbox)
        self._inbox.append(stimulus)
        if self._scheduled:
            return
        if isinstance(stimulus, GoalAccepted | GoalProgress) and get_ident() == self._thread:
            if not others_wait:
                loop.call_later(PATIENCE, self._drain)
        else:
            self._schedule()

    def handle(self, stimulus: Stimulus) -> list[JournalEntry]:
        """Handle a stimulus at once, on the loop's thread, and return what it led to.

        Raises:
            StorageError: the journal cannot be written; nothing was done, and nothing will be.

        """
        self._work_off()
        try:
            return self._take([stimulus])
        except StorageError as failure:
            if not self._failure:
                self._give_up(str(failure))
            raise

    def prune(self, stimulus: PruneHistory) -> tuple[str, ...]:
        """Let executions leave the history; returns those that do.

        Raises:
            StorageError: the journal cannot be written; nothing was done.

        """
        entries = self.handle(stimulus)
        return tuple(
            name
            for entry in entries
            if isinstance(entry.event, HistoryPruned)
            for name in entry.event.execution_ids
        )

    def note(self, events: Sequence[Event]) -> None:
        """Journal facts that nothing follows from, such as alerts, and tell the observers.

        Raises:
            StorageError: the journal cannot be written.

        """
        for event in events:
            self._machine.replay(event)
        self._tell(self._record(events))

    async def ended(self, execution_id: str) -> None:
        """Wait until an execution has ended."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._ended.setdefault(execution_id, []).append(future)
        await future

    async def lease_answer(self, request_id: str) -> fx.LeaseAnswered:
        """Wait for the answer to an AllocateLease."""
        future: asyncio.Future[fx.LeaseAnswered] = asyncio.get_running_loop().create_future()
        self._leases[request_id] = future
        try:
            return await future
        finally:
            self._leases.pop(request_id, None)

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
        if self._inbox and not self._failure:
            # Whatever else runs on this loop has its turn first.
            self._schedule()

    def _work_off(self, until: float = math.inf) -> None:
        while self._inbox and not self._failure and time.monotonic() < until:
            batch = []
            while self._inbox:
                batch.append(self._inbox.popleft())
            try:
                self._take(batch)
            except StorageError as failure:
                self._give_up(str(failure))

    def _take(self, batch: list[Stimulus]) -> list[JournalEntry]:
        if self._failure:
            raise StorageError(self._failure)
        try:
            events, effects = self._decide(batch)
            entries = self._record(events)
        except StorageError:
            raise
        except Exception as failure:
            log.exception("the engine failed")
            # Nothing of it is in the journal, and what the journal says is what counts.
            self._state_of_journal()
            if len(batch) > 1:
                return [entry for stimulus in batch for entry in self._take([stimulus])]
            return self._fault(batch[0], f"{type(failure).__name__}: {failure}")
        for effect in effects:
            self._perform(effect)
        self._tell(entries)
        self._look_ahead(events)
        if not events:
            moved = {s.goal_id for s in batch if isinstance(s, GoalProgress)}
            for goal_id in moved:
                for observer in self._observers:
                    observer.on_progress(goal_id)
        return entries

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

    def _decide(self, batch: list[Stimulus]) -> tuple[list[Any], list[Any]]:
        world = self._world.snapshot()
        events: list[Any] = []
        effects: list[Any] = []
        for stimulus in batch:
            step = self._machine.handle(stimulus, now=self._now(), world=world)
            events += step.events
            effects += step.effects
            self._refusal = step.refusal
        return events, effects

    def _state_of_journal(self) -> None:
        self._machine.state = fold(entry.event for entry in self._journal.read())

    def _fault(self, stimulus: Stimulus, reason: str) -> list[JournalEntry]:
        """Stop the execution that the engine failed on; if that fails too, stop everything."""
        if isinstance(stimulus, Fault):
            raise StorageError(f"the engine cannot go on: {reason}; restart the node")
        execution_id = execution_of(self._machine.state, stimulus)
        what = f"{type(stimulus).__name__}: {reason}"
        return self._take([Fault(execution_id=execution_id, reason=what)])

    def _commit(self, step: Any) -> None:
        entries = self._record(step.events)
        for effect in step.effects:
            self._perform(effect)
        self._tell(entries)

    def _record(self, events: Sequence[Event]) -> list[JournalEntry]:
        if not events:
            return []
        began = time.perf_counter()
        first = self._journal.append(events)
        self._commit_seconds = time.perf_counter() - began
        return [JournalEntry(first + index, event) for index, event in enumerate(events)]

    def _tell(self, entries: list[JournalEntry]) -> None:
        """Tell the observers, after the effects: the robot goes first, displays can wait."""
        if not entries:
            return
        for observer in self._observers:
            try:
                observer.on_events(entries)
            except Exception:
                log.exception("an observer failed; the execution goes on")

    def _give_up(self, reason: str) -> None:
        """Storage is gone: stop the robot and take nothing new, but keep saying so."""
        self._failure = reason
        log.critical("%s", reason)
        step = self._machine.handle(
            EmergencyStop(reason=reason), now=self._now(), world=self._world.snapshot()
        )
        for effect in step.effects:
            if isinstance(effect, fx.CancelGoal | fx.SafeStop):
                self._perform(effect)

    # ------------------------------------------------------------------ effects
    def _perform(self, effect: Any) -> None:
        try:
            self._EFFECTS[type(effect)](self, effect)
        except Exception:
            log.exception("the effect %s failed", type(effect).__name__)

    def _dispatch(self, effect: fx.Dispatch) -> None:
        self._driver.dispatch(effect, self.post)

    def _reattach(self, effect: fx.Reattach) -> None:
        self._driver.reattach(effect, self.post)
        if effect.cancel:
            self._driver.cancel(effect.goal_id)

    def _cancel(self, effect: fx.CancelGoal) -> None:
        self._driver.cancel(effect.goal_id)

    def _hold(self, effect: fx.HoldGoal) -> None:
        self._driver.hold(effect, self.post)

    def _set_timer(self, effect: fx.SetTimer) -> None:
        self._timers.set(effect.timer_id, effect.at)

    def _clear_timer(self, effect: fx.ClearTimer) -> None:
        self._timers.clear(effect.timer_id)

    def _run_strategy(self, effect: fx.RunStrategy) -> None:
        self._start(self._strategy(effect))

    async def _strategy(self, effect: fx.RunStrategy) -> None:
        strategy = self._strategies.get(effect.strategy)
        outcome, reason, delay, parameters = StrategyOutcome.NEXT, "", 0.0, {}
        if strategy is None:
            reason = f"no recovery strategy is called {effect.strategy}"
        else:
            limit = effect.timeout or DEFAULT_STRATEGY_TIMEOUT
            try:
                async with asyncio.timeout(limit):
                    result = await strategy.run(effect)
                outcome, reason, delay = result.outcome, result.reason, result.delay
                parameters = dict(result.parameters)
            except TimeoutError:
                reason = f"{effect.strategy} took longer than {limit:g} s"
            except Exception as failure:
                log.exception("the strategy %s failed", effect.strategy)
                reason = f"{effect.strategy} failed: {failure}"
        self.post(
            StrategyFinished(
                run_id=effect.run_id,
                outcome=str(outcome),
                reason=reason,
                delay=delay,
                parameters=parameters,
            )
        )

    def _replan(self, effect: fx.Replan) -> None:
        task = self._start(self._replanning(effect))
        self._replans[effect.run_id] = task
        task.add_done_callback(lambda _: self._replans.pop(effect.run_id, None))

    def _abandon_replan(self, effect: fx.AbandonReplan) -> None:
        task = self._replans.pop(effect.run_id, None)
        if task is not None:
            task.cancel()

    async def _replanning(self, effect: fx.Replan) -> None:
        answer = Replanned(None, "no planner is configured")
        if self._replanner is not None:
            try:
                async with asyncio.timeout(REPLAN_TIMEOUT):
                    answer = await self._replanner.replan(effect)
            except TimeoutError:
                answer = Replanned(None, f"the planner took longer than {REPLAN_TIMEOUT:g} s")
            except Exception as failure:
                log.exception("the planner failed")
                answer = Replanned(None, f"the planner failed: {failure}")
        self.post(
            ReplanFinished(
                execution_id=effect.execution_id,
                run_id=effect.run_id,
                plan=dict(answer.plan) if answer.plan is not None else None,
                reason=answer.reason,
                confirm=answer.confirm,
                planning=answer.planning,
            )
        )

    def _start(self, work: Any) -> asyncio.Task[None]:
        task: asyncio.Task[None] = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def _stop_robot(self, effect: fx.SafeStop) -> None:
        if self._safe_stop is not None:
            self._safe_stop(effect.reason)

    def _finished(self, effect: fx.Finished) -> None:
        for future in self._ended.pop(effect.execution_id, ()):
            if not future.done():
                future.set_result(None)

    def _lease_answered(self, effect: fx.LeaseAnswered) -> None:
        future = self._leases.get(effect.request_id)
        if future is not None and not future.done():
            future.set_result(effect)

    def _nothing(self, effect: Any) -> None:
        """Leave it: the event that came with it tells the observers."""

    _EFFECTS: Mapping[type, Callable[[Orchestrator, Any], None]] = {
        fx.Dispatch: _dispatch,
        fx.Reattach: _reattach,
        fx.CancelGoal: _cancel,
        fx.HoldGoal: _hold,
        fx.SetTimer: _set_timer,
        fx.ClearTimer: _clear_timer,
        fx.RunStrategy: _run_strategy,
        fx.Replan: _replan,
        fx.AbandonReplan: _abandon_replan,
        fx.SafeStop: _stop_robot,
        fx.Finished: _finished,
        fx.LeaseAnswered: _lease_answered,
        fx.SaveCheckpoint: _nothing,
        fx.NotifyConfirmationNeeded: _nothing,
        fx.StoreDeadLetter: _nothing,
    }
