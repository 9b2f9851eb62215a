"""Carries out the engine's effects: goals, timers, strategies, replanning, answers."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from execution_orchestrator.engine import effects as fx
from execution_orchestrator.engine.inputs import (
    Input,
    MotionWanted,
    PreparationFinished,
    ReplanFinished,
    StrategyFinished,
    TimerFired,
)
from execution_orchestrator.engine.recovery.strategies import StrategyOutcome
from execution_orchestrator.plan.issues import Issue
from execution_orchestrator.runtime.clock import Clock, WallClock
from execution_orchestrator.runtime.ports import (
    Driver,
    Planner,
    Replanned,
    SafeStop,
    Strategy,
)
from execution_orchestrator.runtime.timers import Timers

log = logging.getLogger(__name__)
STOPPED = "STOPPED"


class Performer:
    """Performs effects, each after its events are durable. Used on the loop's thread only.

    ``post`` takes the inputs that result.
    """

    def __init__(
        self,
        driver: Driver,
        post: Callable[[Input], None],
        clock: Clock,
        *,
        strategies: Iterable[Strategy] = (),
        planner: Planner | None = None,
        safe_stop: SafeStop | None = None,
    ) -> None:
        self._driver = driver
        self._post = post
        self._planner = planner
        self._safe_stop = safe_stop
        self._timers = Timers(clock, self._timer_due)
        self._wall_timers = Timers(WallClock(clock), self._timer_due)
        self._tasks: set[asyncio.Task[None]] = set()
        self._plannings: dict[str, asyncio.Task[None]] = {}  # by run
        self._strategy_runs: dict[str, asyncio.Task[None]] = {}
        self._unseen: set[str] = set()  # strategies that have not looked for what moves already
        self._abandoned: set[str] = set()  # strategies that end as soon as what they move has
        self._motions: dict[str, asyncio.Future[str]] = {}  # that wait for a permission, by run
        self._ended: dict[str, list[asyncio.Future[None]]] = {}
        self._leases: dict[str, asyncio.Future[fx.LeaseAnswered]] = {}
        self.strategies = {strategy.name: strategy for strategy in strategies}

    def perform(self, effect: Any) -> None:
        """Perform one effect; a failure of it is logged and stops nothing else."""
        try:
            self._EFFECTS[type(effect)](self, effect)
        except Exception:
            log.exception("the effect %s failed", type(effect).__name__)

    def start(self, work: Any) -> asyncio.Task[None]:
        """Run a coroutine until it is done or `stop` comes."""
        task: asyncio.Task[None] = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def stop(self) -> None:
        """Stop timers, strategies and replans; goals on the robot run on."""
        self._timers.stop()
        self._wall_timers.stop()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

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

    # ------------------------------------------------------------------ each kind
    def _dispatch(self, effect: fx.Dispatch) -> None:
        self._driver.dispatch(effect, self._post)

    def _reattach(self, effect: fx.Reattach) -> None:
        self._driver.reattach(effect, self._post)
        if effect.cancel:
            self._driver.cancel(effect.goal_id)

    def _cancel(self, effect: fx.CancelGoal) -> None:
        self._driver.cancel(effect.goal_id)

    def _stop_below(self, effect: fx.StopBelow) -> None:
        self._driver.stop_below(effect)

    def _hold(self, effect: fx.HoldGoal) -> None:
        self._driver.hold(effect, self._post)

    def _set_timer(self, effect: fx.SetTimer) -> None:
        timers = self._wall_timers if effect.wall else self._timers
        timers.set(effect.timer_id, effect.at)

    def _clear_timer(self, effect: fx.ClearTimer) -> None:
        self._timers.clear(effect.timer_id)
        self._wall_timers.clear(effect.timer_id)

    def _timer_due(self, timer_id: str) -> None:
        self._post(TimerFired(timer_id=timer_id))

    def _run_strategy(self, effect: fx.RunStrategy) -> None:
        if effect.again:
            self._unseen.add(effect.run_id)
        task = self.start(self._strategy(effect))
        self._strategy_runs[effect.run_id] = task
        task.add_done_callback(lambda _: self._strategy_ended(effect.run_id))

    def _strategy_ended(self, run_id: str) -> None:
        self._strategy_runs.pop(run_id, None)
        if run_id in self._abandoned:
            self._abandoned.discard(run_id)
            unseen = run_id in self._unseen
            self._post(StrategyFinished(run_id=run_id, outcome=STOPPED, unseen=unseen))
        self._unseen.discard(run_id)

    def _abandon_strategy(self, effect: fx.AbandonStrategy) -> None:
        run_id = effect.run_id
        task = self._strategy_runs.get(run_id)
        if task is not None and run_id not in self._abandoned:
            # Once: a second one would cut off the wait for the end of what it moves.
            self._abandoned.add(run_id)
            task.cancel()

    async def may_move(self, wanted: MotionWanted) -> str:
        """Ask whether a strategy may move the robot; return why not, empty if it may."""
        future: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._motions[wanted.run_id] = future
        self._post(wanted)
        try:
            return await future
        finally:
            self._motions.pop(wanted.run_id, None)

    def _answer_motion(self, effect: fx.AnswerMotion) -> None:
        future = self._motions.get(effect.run_id)
        if future is not None and not future.done():
            if not effect.refusal:
                self._unseen.discard(effect.run_id)
            future.set_result(effect.refusal)

    async def _strategy(self, effect: fx.RunStrategy) -> None:
        strategy = self.strategies.get(effect.strategy)
        outcome, reason, delay, parameters = StrategyOutcome.NEXT, "", 0.0, {}
        if strategy is None:
            reason = f"no recovery strategy is called {effect.strategy}"
        else:
            try:
                result = await strategy.run(effect)
            except Exception as failure:
                log.exception("the strategy %s failed", effect.strategy)
                reason = f"{effect.strategy} failed: {failure}"
            else:
                outcome, reason, delay = result.outcome, result.reason, result.delay
                parameters = dict(result.parameters)
        self._post(
            StrategyFinished(
                run_id=effect.run_id,
                outcome=str(outcome),
                unseen=effect.run_id in self._unseen,
                reason=reason,
                delay=delay,
                parameters=parameters,
            )
        )

    def _prepare(self, effect: fx.Prepare) -> None:
        self._plan(effect.run_id, self._preparing(effect))

    def _replan(self, effect: fx.Replan) -> None:
        self._plan(effect.run_id, self._replanning(effect))

    def _plan(self, run_id: str, work: Any) -> None:
        task = self.start(work)
        self._plannings[run_id] = task
        task.add_done_callback(lambda _: self._plannings.pop(run_id, None))

    def _abandon(self, effect: fx.AbandonPreparation | fx.AbandonReplan) -> None:
        task = self._plannings.pop(effect.run_id, None)
        if task is not None:
            task.cancel()

    async def _preparing(self, effect: fx.Prepare) -> None:
        reason = "no planner is configured"
        if self._planner is not None:
            try:
                self._post(await self._planner.make(effect))
            except Exception as failure:
                log.exception("the plan of %s could not be made", effect.execution_id)
                reason = f"the plan could not be made: {failure}"
            else:
                return
        issue = Issue("PLANNING_FAILED", reason, hint="The log of the node tells more.")
        self._post(
            PreparationFinished(
                execution_id=effect.execution_id, run_id=effect.run_id, issues=(issue,)
            )
        )

    async def _replanning(self, effect: fx.Replan) -> None:
        answer = Replanned(None, "no planner is configured")
        if self._planner is not None:
            try:
                async with asyncio.timeout(effect.timeout):
                    answer = await self._planner.replan(effect)
            except TimeoutError:
                answer = Replanned(None, f"the planner took longer than {effect.timeout:g} s")
            except Exception as failure:
                log.exception("the planner failed")
                answer = Replanned(None, f"the planner failed: {failure}")
        self._post(
            ReplanFinished(
                execution_id=effect.execution_id,
                run_id=effect.run_id,
                plan=dict(answer.plan) if answer.plan is not None else None,
                reason=answer.reason,
                confirm=answer.confirm,
                planning=answer.planning,
                changes=answer.changes,
            )
        )

    def _stop_robot(self, effect: fx.SafeStop) -> None:
        if self._safe_stop is not None:
            self._safe_stop.engage(effect.reason)

    def _let_robot_move(self, _: fx.EndSafeStop) -> None:
        if self._safe_stop is not None:
            self._safe_stop.release()

    def _finished(self, effect: fx.Finished) -> None:
        for future in self._ended.pop(effect.execution_id, ()):
            if not future.done():
                future.set_result(None)

    def _lease_answered(self, effect: fx.LeaseAnswered) -> None:
        future = self._leases.get(effect.request_id)
        if future is not None and not future.done():
            future.set_result(effect)

    def _nothing(self, effect: Any) -> None:
        """Do nothing: observers see the event that came with it."""

    _EFFECTS: Mapping[type, Callable[[Performer, Any], None]] = {
        fx.Dispatch: _dispatch,
        fx.Reattach: _reattach,
        fx.CancelGoal: _cancel,
        fx.StopBelow: _stop_below,
        fx.HoldGoal: _hold,
        fx.SetTimer: _set_timer,
        fx.ClearTimer: _clear_timer,
        fx.RunStrategy: _run_strategy,
        fx.AnswerMotion: _answer_motion,
        fx.AbandonStrategy: _abandon_strategy,
        fx.Prepare: _prepare,
        fx.AbandonPreparation: _abandon,
        fx.Replan: _replan,
        fx.AbandonReplan: _abandon,
        fx.SafeStop: _stop_robot,
        fx.EndSafeStop: _let_robot_move,
        fx.Finished: _finished,
        fx.LeaseAnswered: _lease_answered,
        fx.NotifyConfirmationNeeded: _nothing,
    }
