"""What must hold after every event, whatever happens."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from execution_orchestrator.engine import effects as fx
from execution_orchestrator.engine import events as e
from execution_orchestrator.engine import inputs as s
from execution_orchestrator.engine.apply.tasks import PACE_SLACK
from execution_orchestrator.engine.attempts import DONE_TWICE
from execution_orchestrator.engine.line import ahead
from execution_orchestrator.engine.resources import candidates
from execution_orchestrator.engine.scheduler import goal_uuid
from execution_orchestrator.engine.state import (
    ActionState,
    ExecutionState,
    OrchestratorState,
    guards_around,
)
from execution_orchestrator.engine.status import (
    ActionStatus,
    AttemptOutcome,
    CancelCause,
    CancelIntent,
    SkipCause,
)
from execution_orchestrator.engine.turn import Step
from execution_orchestrator.plan.tree import STEERING, PlanTree
from test.simulation.fleet import FleetWatch
from test.simulation.plans import CHANGED, RESOURCES

DONE = ("COMPLETED", "PARTIALLY_COMPLETED")
REPEATING = ("retry", "retry_longer_timeout", "requeue")  # strategies that only send again
LAST_WORDS = (s.GoalSucceeded, s.GoalFailed, s.GoalRejected, s.GoalCancelled, s.GoalLost)
NO_PLAN = (CancelCause.REFUSED, CancelCause.EMERGENCY)
UNCLEAR = (AttemptOutcome.UNKNOWN, AttemptOutcome.VANISHED)
GOAL_ENDED = frozenset(AttemptOutcome) - {
    *UNCLEAR, AttemptOutcome.INVALID, AttemptOutcome.HELD_BACK,
}  # fmt: skip
LEFT_OUT_FOR_A_FAULT = (SkipCause.RECOVERY, SkipCause.GUARD)
FOR_FAILURES = ("compensation", "fallback", "recovery_plan", "catch[")


class Violation(AssertionError):
    """Something happened that must not."""


@dataclass
class Way:
    """How far an action's goals have come: those before the newest, and that.

    ``taken``: its server took the newest goal; ``heard``: something told how far that is;
    ``twice``: one that was taken came again, and nothing had told how far it was.
    """

    before: float = 0.0
    now: float = 0.0
    robot: str = ""
    taken: bool = False
    heard: bool = False
    twice: bool = False


class Watcher:
    """Looks at every event, right after it changed the state."""

    def __init__(self, limit: int) -> None:
        self.checked: Counter[str] = Counter()
        self.limit = limit
        self.goals: set[str] = set()
        self.ended: set[str] = set()
        self.completions: dict[str, list[str]] = {}
        self.moved: set[str] = set()  # runs of strategies that moved the robot
        self.changes: dict[ActionState, dict[str, Any]] = {}  # by strategies, in the next goal
        self.half_done: dict[str, set[str]] = {}  # of those, what ended without success
        self.undoing: dict[str, list[str]] = {}
        self.done: dict[str, set[str]] = {}
        self.kept: dict[str, set[str]] = {}
        self.paused: dict[str, bool] = {}
        self.asked: dict[tuple[str, str, int], CancelIntent] = {}  # attempts asked to end, and why
        self.deviated: dict[str, dict[str, tuple[str, ...]]] = {}
        self.failed: dict[str, str] = {}  # what another plan is asked for, by execution
        self.replaced: dict[str, list[str]] = {}  # and what it took over from
        self.rates: dict[str, float] = {}  # when an action of a type with a rate began last
        self.undone: dict[str, set[str]] = {}  # and not done again since
        self.redone: dict[str, set[str]] = {}  # done since nothing in or around it was undone
        self.rounds: dict[tuple[str, str], float] = {}
        self.looked_at: dict[str, e.SuccessChecked] = {}
        self.fired: set[str] = set()
        self.signals: dict[str, list[Any]] = {}  # that came, and nobody has taken
        self.expected: dict[str, tuple[float, float | None]] = {}  # when told, next moment
        # Goals of actions that must not be done twice whose attempts ended without a clear answer.
        self.doubtful: dict[ActionState, str] = {}
        # Whether what a goal asks may have been done, by its server, wholly or in part.
        self.may_be_done: Callable[[str], bool] = lambda _: False
        # How far the goals of an action have come, the newest apart; they are of one robot.
        self.ways: dict[ActionState, Way] = {}
        self.failures: Counter[ActionState] = Counter()
        self.answered: set[str] = set()  # runs of planners
        self.fleet = FleetWatch(Violation, lambda what: self.checked.update((what,)))

    def look(self, state: OrchestratorState, event: e.Event) -> None:
        """Check one event against the state it led to."""
        kind = type(event)
        if kind is e.ResourceAllocated:
            self._leases(state)
            if state.emergency:
                raise Violation(f"{event.key} gets {event.leases} in an emergency")
        elif kind is e.TaskStarted:
            self._start(state, event)
        elif kind is e.TaskCompleted:
            self._completed(state, event)
            self._pace(state, event)
            self._taken(event)
        elif kind in (e.TaskFailed, e.TaskCancelled, e.TaskSkipped):
            # It is tried again, with its block: how it ended last counts.
            self.deviated.get(event.execution_id, {}).pop(event.key, None)
            if kind is e.TaskSkipped and event.cause in LEFT_OUT_FOR_A_FAULT:
                self.deviated.setdefault(event.execution_id, {})[event.key] = ("left out",)
            self._half_done(state, event)
            self._told_as_it_is(state, event)
            if kind is e.TaskFailed:
                self._was_tried_again(state, event)
        elif kind in (e.TaskAttemptFailed, e.TaskRequeued):
            self._attempt_over(state, event)
            self._told_as_it_is(state, event)
            self._is_no_failure(event)
            if kind is e.TaskAttemptFailed:
                self.failures[state.executions[event.execution_id].actions[event.key]] += 1
        elif kind is e.TaskReached and event.reached is not None:
            action = state.executions[event.execution_id].actions[event.key]
            way = self.ways.setdefault(action, Way(robot=action.robot))
            way.now, way.heard = event.reached, True
        elif kind is e.TaskAccepted:
            action = state.executions[event.execution_id].actions[event.key]
            self.ways.setdefault(action, Way(robot=action.robot)).taken = True
        elif kind is e.SignalReceived:
            self.signals.setdefault(event.execution_id, []).append(event.value)
        elif kind is e.RecoveryMoves:
            self.moved.add(event.run_id)
        elif kind is e.TaskCancelRequested:
            self._asked_to_end(state, event)
        elif kind is e.TaskPreempted:
            self._preempted(state, event)
        elif kind is e.RecoveryFinished:
            self._changed(state, event)
        elif kind is e.CompensationStarted:
            self._compensation(event)
        elif kind is e.BlockEntered and event.block == "compensation":
            self._undo(state, event)
        elif kind is e.BlockEntered and event.block.startswith("catch["):
            self._caught(state, event)
        elif kind in (e.CheckpointRestored, e.ExecutionReplanned):
            self._begins_anew(state, event)
            if kind is e.ExecutionReplanned:
                self._answers_once(event)
            self.ended.discard(event.execution_id)
            self.undoing.pop(event.execution_id, None)
        elif kind is e.ExecutionFinished:
            self._finished(state, event)
        elif kind is e.PlanningFinished:
            self._planned(state, event)
            self._answers_once(event)
        elif kind is e.RecoveryInitiated:
            self.checked["no recovery begins in a pause or an emergency"] += 1
            if state.emergency or state.executions[event.execution_id].paused:
                raise Violation(f"{event.strategy} begins for {event.key} all the same")
            self._may_retry(state, event)
        elif kind is e.ExecutionRequested:
            for of_before in (
                self.completions,
                self.half_done,
                self.undoing,
                self.done,
                self.kept,
                self.undone,
                self.redone,
                self.signals,
                self.deviated,
                self.failed,
                self.replaced,
            ):
                of_before.pop(event.execution_id, None)
            self.ended.discard(event.execution_id)
        elif isinstance(event, e.ReplanRequested):
            if event.failure is not None:
                self.failed[event.execution_id] = event.failure.key
        elif kind is e.SuccessChecked:
            self.looked_at[event.execution_id] = event
        elif kind is e.ScheduleFired:
            self._fired(state, event)
            self._in_turn(event)
        elif kind in (e.ScheduleSet, e.ScheduleSkipped, e.ScheduleResumed, e.ScheduleMoved):
            self._in_turn(event)
        elif kind is e.ExecutionStarted:
            self._begun(state, event)
        elif kind in (e.ExecutionPaused, e.ExecutionResumed, e.ExecutionCancelRequested):
            self.paused[event.execution_id] = kind is e.ExecutionPaused
        elif kind is e.EmergencyStopReset:
            self.checked["the stop is taken back when nothing moves"] += 1
            if state.goals or state.motions or state.quarantined:
                raise Violation("the emergency stop is taken back, and something may move")
        self.fleet.look(state, event, getattr(event, "run_id", "") in self.moved)
        self._living(event)
        self._stays_paused(state, event)

    def _leases(self, state: OrchestratorState) -> None:
        self.checked["no resource beyond its capacity"] += 1
        for name, use in state.resources.items():
            amount = sum(held.lease.amount for held in use.leases.values())
            if amount > RESOURCES[name].capacity + 1e-6:
                raise Violation(f"{name} is leased {amount:g} times")
            if abs(amount - use.used) > 1e-6:
                raise Violation(f"{name}: {use.used} is booked, {amount} is leased")
            if len({held.lease.shared for held in use.leases.values()}) > 1:
                raise Violation(f"{name} is shared with somebody who does not share")

    def _start(self, state: OrchestratorState, event: e.Event) -> None:
        execution = state.executions[event.execution_id]
        action = execution.actions[event.key]
        self.checked["every attempt has a goal of its own"] += 1
        assert isinstance(event, e.TaskStarted)
        self.checked["what another plan keeps is not done again"] += 1
        kept = event.key in self.kept.get(event.execution_id, ())
        if kept and not _comes_after_a_failure(action) and not _done_again_before(action):
            raise Violation(f"{event.key} was kept and is done again")
        if event.goal_id in self.goals:
            raise Violation(f"the goal {event.goal_id} of {event.key} exists already")
        self.goals.add(event.goal_id)
        self.checked["nothing starts in a pause or an emergency"] += 1
        if execution.paused or state.emergency or execution.is_final:
            raise Violation(f"{event.key} starts although it must not")
        self._once(action, event)
        self._not_beside(state, action)
        self._at_its_rate(action, event.time)
        self._in_time(state, action, event.time)
        self.checked["dependencies first"] += 1
        if action.blockers:
            raise Violation(f"{event.key} starts before its dependencies are done")
        self.checked["starts hold their resources"] += 1
        self._holds(state, action)
        if state.running_goals > self.limit:
            raise Violation(f"{state.running_goals} actions run at once")

    def _asked_to_end(self, state: OrchestratorState, event: e.TaskCancelRequested) -> None:
        self.asked[event.execution_id, event.key, event.attempt] = event.intent
        if event.intent is CancelIntent.TIMEOUT:
            self.checked["what is on hold does not run out of time"] += 1
            if state.goals[event.goal_id].held:
                raise Violation(f"{event.key} is on hold and runs out of time")

    def _preempted(self, state: OrchestratorState, event: e.TaskPreempted) -> None:
        self.checked["only who is more urgent takes what another holds"] += 1
        other = state.executions[event.by.rpartition(" of execution ")[2]]
        if other.priority <= state.executions[event.execution_id].priority:
            raise Violation(f"{event.key} makes room for {event.by}, which is no more urgent")

    def _is_no_failure(self, event: e.Event) -> None:
        """Check that who is stopped for a pause, or makes room, has not failed by that."""
        intent = self.asked.pop((event.execution_id, event.key, event.attempt), None)
        if intent not in (CancelIntent.PAUSE, CancelIntent.PREEMPT):
            return
        self.checked["to be stopped for a pause, or for others, is no failure"] += 1
        failed = isinstance(event, e.TaskAttemptFailed) and event.outcome
        if failed is AttemptOutcome.CANCELLED:
            raise Violation(f"{event.key} was stopped ({intent}) and counts as failed")

    def _caught(self, state: OrchestratorState, event: e.BlockEntered) -> None:
        self.checked["a catch is for its errors"] += 1
        action = state.executions[event.execution_id].actions[event.key]
        kinds = action.node.data["catch"][int(event.block[6:-1])].get("errors")
        error = action.flow.original_error if action.flow is not None else None
        if kinds and (error is None or not {error.type.value, error.code} & set(kinds)):
            raise Violation(f"{event.key} catches {error}, which is none of {kinds}")

    def _at_its_rate(self, action: ActionState, now: float) -> None:
        rate, name = action.node.rate_limit, action.node.action_type
        last = self.rates.get(name)
        if rate:
            self.rates[name] = now
            self.checked["no more often than its rate"] += 1
            if last is not None and now < last + 1.0 / rate - 1e-6:
                raise Violation(f"{action.key} starts {now - last:.2f} s after the last {name}")

    def _told_as_it_is(self, state: OrchestratorState, event: e.Event) -> None:
        """Check that an attempt whose goal may still run is not told as one that has ended."""
        if goal_uuid(event.execution_id, event.key, event.attempt) not in state.quarantined:
            return
        self.checked["a goal that may still run is told as such"] += 1
        cancelled = isinstance(event, e.TaskCancelled) and event.confirmed
        failed = isinstance(event, e.TaskAttemptFailed) and event.outcome in GOAL_ENDED
        if cancelled or failed:
            raise Violation(f"{event.key} may still run and is told as ended")

    def _attempt_over(self, state: OrchestratorState, event: e.Event) -> None:
        action = state.executions[event.execution_id].actions[event.key]
        self.doubtful.pop(action, None)
        clear = isinstance(event, e.TaskAttemptFailed) and event.outcome not in UNCLEAR
        if not clear and not action.node.idempotent and event.attempt:
            goal_id = goal_uuid(event.execution_id, event.key, event.attempt)
            self.doubtful[action] = goal_id

    def _once(self, action: ActionState, event: e.TaskStarted) -> None:
        """Check that what must not be done twice is not sent again when it may have been done."""
        before = self.doubtful.pop(action, "")
        if not before:
            return
        self.checked["what may have been done is not done twice"] += 1
        if self.may_be_done(before):
            raise Violation(f"{event.key} is sent again, {before} may have done it")

    def _not_beside(self, state: OrchestratorState, action: ActionState) -> None:
        """Check that what must not be done twice is not sent beside a goal that may still do it."""
        if action.node.idempotent:
            return
        self.checked["what must not be done twice is not sent beside what may run"] += 1
        place = (action.execution.execution_id, action.key)
        for goal in state.quarantined.values():
            same = (goal.owner, goal.action) == place or goal.server == action.server
            if same and not goal.interface:
                raise Violation(f"{action.key} is sent to {action.server} beside {goal.goal_id}")

    def _in_time(self, state: OrchestratorState, action: ActionState, now: float) -> None:
        """Check that neither the deadline nor the time of a block around an action is over."""
        self.checked["nothing starts after its time"] += 1
        execution, block = action.execution, action.parent
        name, ends = execution.execution_id, execution.cancel_cause or execution.compensating
        deadline = state.timers.get(f"deadline:{name}/")
        if deadline is not None and deadline.at < now and not ends:
            raise Violation(f"{action.key} starts after the deadline of {name}")
        while block is not None:
            timeout = state.timers.get(f"timeout:{name}/{block.key}")
            ends = block.flow is not None and block.flow.abort
            if timeout is not None and timeout.at < now and not ends:
                raise Violation(f"{action.key} starts though the time of {block.key} is over")
            block = block.parent

    def _begins_anew(self, state: OrchestratorState, event: e.Event) -> None:
        """Check that what is kept was done, and note it: it must not be done again."""
        kept: set[str] = set()
        if isinstance(event, e.ExecutionReplanned):
            kept = set(event.kept)
            self.checked["another plan keeps what was done"] += 1
            failed = self.failed.pop(event.execution_id, None)
            if failed is not None:
                self.replaced.setdefault(event.execution_id, []).append(failed)
            undone = self.undone.pop(event.execution_id, set())
            self.redone.pop(event.execution_id, None)
            missing = kept - (self.done.get(event.execution_id, set()) - undone)
            if missing:
                raise Violation(f"{missing} are kept and were never done")
            done = self.completions.get(event.execution_id, [])
            half = self.half_done.pop(event.execution_id, set())
            self.completions[event.execution_id] = [
                key if key in kept - half else f"{key} of before" for key in done
            ]
        elif isinstance(event, e.CheckpointRestored):
            achieved = state.executions[event.execution_id].achieved
            told = self.deviated.get(event.execution_id, {})
            self.deviated[event.execution_id] = {k: v for k, v in told.items() if k in achieved}
        self.kept[event.execution_id] = kept

    def _planned(self, state: OrchestratorState, event: e.Event) -> None:
        self.checked["a plan is for an execution that still wants one"] += 1
        execution = state.executions[event.execution_id]
        if execution.is_final or execution.cancel_cause:
            raise Violation(f"{event.execution_id} is stopped and gets a plan")

    def _taken(self, event: e.Event) -> None:
        """Check that each value of a signal is taken once, in the order they came."""
        assert isinstance(event, e.TaskCompleted)
        if not event.signal:
            return
        self.checked["a signal is taken once and in turn"] += 1
        waiting = self.signals.get(event.execution_id)
        if not waiting or waiting.pop(0) != event.output:
            raise Violation(f"{event.key} takes {event.output}, which is not what came first")

    def _fired(self, state: OrchestratorState, event: e.ScheduleFired) -> None:
        """Check that each moment starts one execution, and that there is one."""
        self.checked["a firing starts one execution"] += 1
        if event.started in self.fired:
            raise Violation(f"{event.started} was started twice")
        self.fired.add(event.started)
        schedule = state.schedules.get(event.schedule_id)
        overlap = schedule.as_set.timetable.overlap if schedule is not None else ""
        for one in state.executions.values():
            earlier = one.schedule_id == event.schedule_id and one.execution_id != event.started
            if earlier and not one.is_final and overlap == "skip":
                raise Violation(f"{event.started} begins beside {one.execution_id}")
        # It may have ended, and been forgotten, between a crash and the word that it was fired.
        if event.started not in state.executions and event.started not in state.forgotten:
            raise Violation(f"{event.started} was fired and does not exist")
        if event.next_moment is not None and event.next_moment <= event.moment:
            raise Violation(f"{event.schedule_id} starts at {event.next_moment} next, again")

    def _in_turn(self, event: e.Event) -> None:
        """Check that no moment of a schedule is passed over without a word."""
        assert isinstance(event, e.SCHEDULING)
        told, expected = self.expected.get(event.schedule_id, (0.0, None))
        if isinstance(event, e.ScheduleFired | e.ScheduleSkipped):
            self.checked["no moment of a schedule is lost"] += 1
            first = told != event.time
            skips = isinstance(event, e.ScheduleSkipped)
            if first and (expected is None or event.moment < expected):
                raise Violation(f"{event.schedule_id}: {event.moment} after {expected} was told")
            if first and event.moment != expected and not skips:
                raise Violation(f"{event.schedule_id}: {expected} is lost, {event.moment} comes")
        if not isinstance(event, e.SchedulePaused | e.ScheduleRemoved):
            self.expected[event.schedule_id] = (event.time, event.next_moment)

    def _begun(self, state: OrchestratorState, event: e.Event) -> None:
        execution = state.executions[event.execution_id]
        self.checked["nothing starts before its moment"] += 1
        if execution.starts is not None:
            raise Violation(f"{event.execution_id} starts before its moment")
        if not execution.schedule_id:
            return
        self.checked["executions of a schedule run one after the other"] += 1
        others = [
            one.execution_id
            for one in state.running.values()
            if one.schedule_id == execution.schedule_id and one is not execution
        ]
        if others:
            raise Violation(f"{event.execution_id} starts beside {others}")

    def _holds(self, state: OrchestratorState, action: ActionState) -> None:
        leases = [state.leases[name].lease for name in action.leases]
        if len(leases) != len(action.node.demands):
            raise Violation(f"{action.key} starts with {len(leases)} leases")
        for demand, lease in zip(action.node.demands, leases, strict=True):
            names = [spec.name for spec in candidates(RESOURCES, demand)]
            if lease.resource not in names or lease.amount != demand.amount:
                raise Violation(f"{action.key} starts with the wrong lease {lease}")
            if lease.robot != action.robot:
                raise Violation(f"{action.key} is for {action.robot} and holds {lease}")

    def _changed(self, state: OrchestratorState, event: e.Event) -> None:
        """Note what a strategy changed in the goal; who moved takes back what was changed before."""
        assert isinstance(event, e.RecoveryFinished)
        if event.outcome != "RETRY":
            return
        if event.strategy not in REPEATING:
            # It was looked after: what comes is another try.
            self.doubtful.pop(state.executions[event.execution_id].actions[event.key], None)
        changed = self.changes.setdefault(
            state.executions[event.execution_id].actions[event.key], {}
        )
        if event.run_id in self.moved or event.strategy == "recovery_plan":
            self.checked["a new situation takes back what was changed"] += bool(changed)
            changed.clear()
        changed.update(event.parameters)

    def sent(self, state: OrchestratorState, effect: fx.Dispatch) -> None:
        """Check that a goal has what strategies changed in it, and nothing of what was taken back."""
        execution = state.executions[effect.execution_id]
        if execution.retry_of:
            return  # a dead letter is sent as it was sent last
        action = execution.actions[effect.key]
        self._goes_on(action, effect)
        changed = self.changes.get(action, {})
        found = {k: v for k, v in effect.parameters.items() if k.startswith(CHANGED)}
        self.checked["a goal has what recoveries changed in it"] += bool(changed)
        if found != changed:
            raise Violation(f"{effect.key} is sent with {found}, recoveries changed {changed}")

    def _goes_on(self, action: ActionState, effect: fx.Dispatch) -> None:
        """Check that a goal is for what the goals before it have left of a way."""
        resume = action.node.resume
        if resume.get("how") != "subtract":
            return
        way = self.ways.setdefault(action, Way(robot=action.robot))
        if way.robot != action.robot:
            way = self.ways[action] = Way(robot=action.robot)  # of another one that says nothing
        way.before, way.now = way.before + way.now, 0.0
        way.twice |= way.taken and not way.heard
        way.taken = way.heard = False
        whole = (action.parameters or action.node.parameters).get(resume["into"])
        if not isinstance(whole, int | float):
            return
        self.checked["a goal is for what is left of the way"] += 1
        left = max(0.0, whole - way.before)
        if abs(effect.parameters[resume["into"]] - left) > 1e-6:
            raise Violation(f"{action.key} is sent {effect.parameters}, {left:g} are left")

    def _may_retry(self, state: OrchestratorState, event: e.RecoveryInitiated) -> None:
        """Check that an action is not tried more often than it may be."""
        if event.strategy != "retry":
            return
        self.checked["no more attempts than may be"] += 1
        action = state.executions[event.execution_id].actions[event.key]
        if self.failures[action] >= action.node.retry.max_attempts:
            raise Violation(f"{event.key} failed {self.failures[action]} times and is retried")

    def _was_tried_again(self, state: OrchestratorState, event: e.TaskFailed) -> None:
        """Check that a block that may be tried again is, before it fails for good."""
        action = state.executions[event.execution_id].actions[event.key]
        failed, flow, error = self.failures[action], action.flow, event.error
        if action.node.is_composite and failed:
            self.checked["a block is tried as often as it may be"] += 1
        if (
            not action.node.is_composite
            or not error.recoverable
            or failed + 1 >= action.node.retry.max_attempts  # this is a failure, too
            or (flow is not None and flow.block in FOR_FAILURES)
            or _is_stopped(action.parent)
        ):
            return
        raise Violation(f"{event.key} fails for good after {failed} failures")

    def _answers_once(self, event: e.PlanningFinished | e.ExecutionReplanned) -> None:
        """Check that one answer of a planner is taken, however often it answers."""
        self.checked["one answer of a planner is taken"] += 1
        if event.run_id in self.answered:
            raise Violation(f"a second answer to {event.run_id} is taken")
        self.answered.add(event.run_id)

    def _completed(self, state: OrchestratorState, event: e.Event) -> None:
        action = state.executions[event.execution_id].actions[event.key]
        assert isinstance(event, e.TaskCompleted)
        if action.node.outcomes and isinstance(event.output, dict) and "good" in event.output:
            self.checked["an outcome is what the output says"] += 1
            if event.outcome != ("good" if event.output["good"] else "poor"):
                raise Violation(
                    f"{event.key} came to {event.output} and is told as {event.outcome}"
                )
        self._holds_still(state, event)
        way = self.ways.get(action)
        if way is not None and way.twice and action.flow is None:
            self.checked["what was perhaps done twice is told"] += 1
            if DONE_TWICE not in event.deviations:
                raise Violation(f"{event.key} was perhaps done twice, told is {event.deviations}")
        told = self.deviated.setdefault(event.execution_id, {})
        told.pop(event.key, None)
        if event.deviations:
            told[event.key] = event.deviations
        self.done.setdefault(event.execution_id, set()).add(event.key)
        self._ended_half(event.execution_id, event.key)
        if action.block != "compensation" and action.node.compensation is not None:
            self.completions.setdefault(event.execution_id, []).append(event.key)

    def _holds_still(self, state: OrchestratorState, event: e.TaskCompleted) -> None:
        """Check that what counts as done before was not undone since, in part or as a whole."""
        execution = state.executions[event.execution_id]
        undone = self.undone.get(event.execution_id, set())
        tree = PlanTree(execution.program.data)
        within = {key for key in undone if event.key in _around(tree, key)}
        redone = self.redone.setdefault(event.execution_id, set())
        if event.reason != "was done before":
            undone -= within
            redone.add(event.key)
            return
        self.checked["what was done before was not undone since"] += 1
        lost = within | {key for key in undone if key in _around(tree, event.key)}
        if lost and event.key not in redone:
            raise Violation(f"{event.key} was done before, but {lost} was undone since")
        if _comes_after_a_failure(execution.actions[event.key]):
            raise Violation(f"{event.key} comes after a failure and counts as done before it")
        if again := _done_again_before(execution.actions[event.key]):
            raise Violation(f"{event.key} tidies up, and counts as done before {again} was again")

    def _ended_half(self, execution_id: str, key: str) -> None:
        """Forget what was half done before a checkpoint, because it is done now."""
        half = self.half_done.get(execution_id, set())
        if key in half:
            half.discard(key)
            self.completions[execution_id].remove(key)

    def _half_done(self, state: OrchestratorState, event: e.Event) -> None:
        """Note what ended without success after its server had begun with it."""
        action = state.executions[event.execution_id].actions[event.key]
        done = self.completions.setdefault(event.execution_id, [])
        if (
            action.node.compensation_of_partial is not None
            and action.begun
            and event.execution_id not in self.undoing
            and event.key not in done
        ):
            done.append(event.key)
            self.half_done.setdefault(event.execution_id, set()).add(event.key)

    def _pace(self, state: OrchestratorState, event: e.Event) -> None:
        """Check that the rounds of a loop with a pace do not begin sooner than they may."""
        action = state.executions[event.execution_id].actions[event.key]
        every, loop = action.node.data.get("every"), action.parent
        assert isinstance(event, e.TaskCompleted)
        if not every or loop is None or event.reason == "was done before":
            return
        self.checked["rounds begin no sooner than every so often"] += 1
        place = (event.execution_id, loop.key)
        last = self.rounds.get(place)
        # Another attempt of the loop begins anew.
        if last is not None and action.iteration and event.time < last + every - PACE_SLACK - 1e-6:
            raise Violation(f"{event.key} begins {event.time - last:.2f} s after the last round")
        self.rounds[place] = event.time

    def _compensation(self, event: e.Event) -> None:
        assert isinstance(event, e.CompensationStarted)
        # An action that a plan did several times is undone where it was done first; what was done
        # for an earlier plan is undone, too.
        done = list(dict.fromkeys(self.completions.get(event.execution_id, [])))
        self.checked["compensations in reverse order"] += 1
        order = [key.partition("@")[0] for key in event.keys]
        if order != [key.partition(" ")[0] for key in reversed(done)]:
            raise Violation(f"{event.keys} are undone, {done} were done")
        if any("@" in key for key in event.keys):
            self.checked["what another plan dropped is undone"] += 1
        half = {key for key in event.partial if "@" not in key}
        if half != self.half_done.get(event.execution_id, set()):
            raise Violation(f"{half} are undone as half done")
        self.checked["what was half done is undone as such"] += len(event.partial)
        self.undoing[event.execution_id] = list(event.keys)
        self.completions[event.execution_id] = done

    def _undo(self, state: OrchestratorState, event: e.Event) -> None:
        assert isinstance(event, e.BlockEntered)
        expected = self.undoing[event.execution_id].pop(0)
        undone = self.completions[event.execution_id].pop()
        self.half_done.get(event.execution_id, set()).discard(undone)
        if "@" not in event.undoes:
            self.undone.setdefault(event.execution_id, set()).add(event.undoes)
            tree = PlanTree(state.executions[event.execution_id].program.data)
            redone = self.redone.get(event.execution_id, set())
            within = {one for one in redone if event.undoes in _around(tree, one)}
            redone -= within | set(_around(tree, event.undoes))
        self.checked["compensations in reverse order"] += 1
        if event.undoes != expected:
            raise Violation(f"{event.undoes} is undone before {expected}")

    def _finished(self, state: OrchestratorState, event: e.Event) -> None:
        execution = state.executions[event.execution_id]
        self.checked["an end leaves nothing behind"] += 1
        for action in execution.actions.values():
            if not action.is_final:
                raise Violation(f"{action.key} is {action.status} at the end")
            if action.leases or action.goal_id or action.entry is not None:
                raise Violation(f"{action.key} keeps something at the end")
        self._undone_if_asked(execution)
        if self.undoing.get(event.execution_id) and not execution.at_once:
            raise Violation(f"{self.undoing[event.execution_id]} were not undone")
        left = [goal for goal in state.quarantined.values() if goal.owner == event.execution_id]
        if left and not e.says_unconfirmed(event.reason):
            raise Violation(f"{event.reason}, but {left} may still run")
        self._errand(execution, event)
        self.ended.add(event.execution_id)

    def _undone_if_asked(self, execution: ExecutionState) -> None:
        cause = execution.cancel_cause
        failed = execution.status.value == "FAILED" and cause is not CancelCause.CANCEL
        asked = execution.compensate if cause is CancelCause.CANCEL else False
        asked = asked or (failed and execution.options.compensate_on_failure)
        done = self.completions.get(execution.execution_id)
        if asked and done and not execution.at_once and execution.cancel_cause not in NO_PLAN:
            self.checked["what was done is undone if that was asked"] += 1
            achieved = execution.error is None or execution.error.code != "GOAL_NOT_ACHIEVED"
            if achieved and execution.execution_id not in self.undoing:
                raise Violation(f"{execution.execution_id} ends, and nothing undoes {done}")

    def _errand(self, execution: ExecutionState, event: e.ExecutionFinished) -> None:
        """Check that what was not done is not told as a success."""
        self.checked["an errand that was not done is no success"] += 1
        wanted = execution.program.success
        looked = self.looked_at.pop(event.execution_id, None)
        code = event.error.code if event.error is not None else ""
        if looked is not None and looked.success != wanted:
            raise Violation(f"{looked.success} was looked at, the plan is for {wanted}")
        if looked is not None and not looked.holds and code != "GOAL_NOT_ACHIEVED":
            raise Violation(f"{wanted} does not hold, and the end is {event.status} {code}")
        self.checked["deviations of the last tries are told at the end"] += 1
        expected = [
            _without_cause(f"{key}: {one}")
            for key, deviations in self.deviated.get(event.execution_id, {}).items()
            for one in deviations
        ]
        replaced = self.replaced.get(event.execution_id, [])
        expected += [f"{key}: failed, another plan took over" for key in replaced]
        told = sorted(map(_without_cause, event.deviations))
        if told != sorted(expected):
            raise Violation(f"{told} are told as deviations, there were {expected}")
        if event.status not in DONE:
            return
        if wanted and (looked is None or not looked.holds):
            raise Violation(f"{event.status}, and nobody knows whether {wanted} holds")
        for name in re.findall(r"actions\.(\w+)\.status == 'SUCCEEDED'", wanted):
            if execution.actions[name].status is not ActionStatus.SUCCEEDED:
                raise Violation(f"{event.status}, and {name} was not done")
        if wanted or event.status != "COMPLETED":
            return
        for action in execution.actions.values():
            if (
                action.parent is execution.root
                and action.block == "actions"
                and action.skip_cause == "condition"
                and action.node.data.get("critical", True)
                and action.node.kind not in STEERING
            ):
                raise Violation(f"COMPLETED, and {action.key} was left out")

    def _stays_paused(self, state: OrchestratorState, event: e.Event) -> None:
        execution = state.executions.get(event.execution_id)
        if execution is None or execution.is_final:
            self.paused.pop(event.execution_id, None)
        elif self.paused.get(event.execution_id):
            self.checked["only a person or an end ends a pause"] += 1
            if not execution.paused:
                raise Violation(f"{event.type} ends the pause of {event.execution_id}")

    def _living(self, event: e.Event) -> None:
        self.checked["nothing happens after the end"] += 1
        after = (e.ExecutionFinished, e.ExecutionForgotten, e.DeadLetterChanged)
        if event.execution_id in self.ended and not isinstance(event, after):
            raise Violation(f"{type(event).__name__} of {event.execution_id} after its end")


def _is_stopped(block: ActionState | None) -> bool:
    """Whether what runs in a block is being stopped, unless a finally is what runs there."""
    while block is not None and block.flow is not None:
        if block.flow.abort is not None and block.flow.block != "finally":
            return True
        block = block.parent
    return False


def _without_cause(deviation: str) -> str:
    """Return what a deviation says, without why an action was left out."""
    return re.sub("(: left out) by .*", r"\1", deviation)


def _around(tree: PlanTree, key: str) -> Iterator[str]:
    """Yield the key of an action and of those that nest it."""
    while key:
        yield key
        key = tree.parent(key)


def _comes_after_a_failure(action: ActionState) -> bool:
    """Say whether an action answers a failure, or is in a block that is tried again."""
    within = action
    while within.parent is not None:
        if within.block.startswith(FOR_FAILURES) or within.parent.attempts_failed:
            return True
        within = within.parent
    return False


def _done_again_before(action: ActionState) -> list[str]:
    """Return what was sent since the last start and is tidied up by a finally that has an action."""
    sent = [one for one in action.execution.actions.values() if one.attempt]
    again: list[str] = []
    within = action
    while within.parent is not None:
        if within.block == "finally":
            again += [one.key for one in sent if _is_in(one, within.parent)]
        within = within.parent
    return again


def _is_in(action: ActionState, block: ActionState) -> bool:
    """Say whether an action is in a block, and not in its finally."""
    while action.parent is not None:
        if action.parent is block:
            return action.block != "finally"
        action = action.parent
    return False


def at_rest(state: OrchestratorState) -> None:
    """Check that nothing is left when all executions have ended."""
    held = [name for name, one in state.leases.items() if one.execution_id]
    left: dict[str, Any] = {
        "leases": held,
        "goals": list(state.goals),
        "quarantined": list(state.quarantined),
        "strategies": list(state.runs),
        "running": list(state.running),
        "planning": list(state.planning),
        "pending": list(state.pending),
        "queue": state.queues.size,
        "count": state.running_goals,
        "timers": [
            name
            for name, timer in state.timers.items()
            if timer.kind not in ("breaker", "rate", "lease", "lease_request")
        ],
    }
    if any(left.values()):
        raise Violation(f"left behind: { {k: v for k, v in left.items() if v} }")


def answered(state: OrchestratorState, incoming: s.Input) -> None:
    """Check that nothing waits, or is kept, for a goal of which the last word has come."""
    goal_id = getattr(incoming, "goal_id", "")
    over = isinstance(incoming, LAST_WORDS) and not getattr(incoming, "may_run", False)
    if over and (goal_id in state.quarantined or goal_id in state.goals):
        raise Violation(f"{goal_id} is still waited for after {incoming}")


def is_over(state: OrchestratorState, incoming: s.Input) -> bool:
    """Say whether an input is about a goal of which the last word has come before."""
    goal_id = getattr(incoming, "goal_id", "")
    if isinstance(incoming, s.ReleaseQuarantine | s.MotionWanted) or not goal_id:
        return False
    return not any(goal_id in known for known in (state.goals, state.motions, state.quarantined))


def nothing_comes_of(incoming: s.Input, step: Step, checked: Counter[str]) -> None:
    """Check that what is said about a goal after its end changes nothing."""
    checked["after its last word nothing is heard of a goal"] += 1
    guards = any(isinstance(one, e.GuardFailed | e.GuardPassed) for one in step.events)
    if (step.events or step.effects) and not guards:  # those are looked at whenever something comes
        raise Violation(f"{step.events} come of {incoming}, whose goal is over")


def cancelled_when_found(state: OrchestratorState, incoming: s.Input, step: Step) -> None:
    """Check that a goal that is accepted after it was to be cancelled is cancelled then."""
    if isinstance(incoming, s.GoalAccepted):
        action = state.goals.get(incoming.goal_id)
        asked = {effect.goal_id for effect in step.effects if isinstance(effect, fx.CancelGoal)}
        if action is not None and action.intent is not None and incoming.goal_id not in asked:
            raise Violation(f"{action.key} was to be cancelled, is accepted and goes on")


def cancelled_again(step: Step, checked: Counter[str]) -> None:
    """Check that the server of a goal whose end is not confirmed is asked once more to cancel it."""
    asked = {effect.goal_id for effect in step.effects if isinstance(effect, fx.CancelGoal)}
    for event in step.events:
        if isinstance(event, e.GoalQuarantined):
            checked["what may still run is cancelled again"] += 1
            if event.goal_id not in asked:
                raise Violation(f"{event.goal_id} may still run, and nobody asks it to stop")


def guards_hold(state: OrchestratorState, sent: fx.Dispatch, checked: Counter[str]) -> None:
    """Check that a goal that is sent while no guard holds has none, or has to be sent all the same.

    That is what tidies up after something that is being stopped.
    """
    checked["nothing is sent while its guard does not hold"] += 1
    execution = state.executions.get(sent.execution_id)
    action = execution.actions.get(sent.key) if execution is not None else None
    for owner in guards_around(action) if action is not None else ():
        stopped = owner.unguarded in ("fail", "skip") or (owner.flow and owner.flow.abort)
        if not stopped:
            raise Violation(f"{sent.key} is sent while the guard of {owner.key} does not hold")


def guards_stop(state: OrchestratorState, checked: Counter[str]) -> None:
    """Check that every goal whose guard does not hold is asked to stop."""
    for action in state.goals.values():
        for owner in guards_around(action):
            checked["what has a guard is stopped when that does not hold"] += 1
            stopped = owner.unguarded in ("fail", "skip") or (owner.flow and owner.flow.abort)
            if action.intent is None and not stopped:
                raise Violation(f"{action.key} runs although the guard of {owner.key} fails")


def in_line(state: OrchestratorState) -> None:
    """Check that who waits for a place stands in line, and only once."""
    standing = [name for *_, name in state.line]
    if len(standing) != len(set(standing)) or not set(standing) <= state.pending.keys():
        raise Violation(f"{standing} stand in line, {list(state.pending)} wait")
    for name, execution in state.pending.items():
        may_begin = not execution.paused and execution.starts is None and not ahead(state, name)
        if may_begin and name not in standing:
            raise Violation(f"{name} may begin and does not stand in line")


def recovering(state: OrchestratorState) -> None:
    """Check the count that the status of an execution depends on."""
    for execution in state.executions.values():
        count = sum(
            1 for action in execution.actions.values() if action.status is ActionStatus.RECOVERING
        )
        if not execution.is_final and count != execution.recovering:
            raise Violation(f"{count} actions recover, {execution.recovering} are counted")
