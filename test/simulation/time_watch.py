"""What must hold of timers, of the plan's time in a pause, and of schedules when a clock is set."""

from __future__ import annotations

from collections import Counter
from collections.abc import Set
from itertools import islice

from execution_orchestrator.engine import events as e
from execution_orchestrator.engine.apply.moves import timer_of
from execution_orchestrator.engine.schedule_firings import counts_on, execution_id
from execution_orchestrator.engine.state import ExecutionState, OrchestratorState, Timer
from execution_orchestrator.engine.status import WaitingKind
from test.simulation.invariants import Violation

# Of these, what they stop may not have ended, or what they limit may be over for now.
KEPT = ("deadline", "until", "timeout", "held_back")
# After these what was left before a pause is no measure any more.
_NEW_DEADLINE = (
    e.ExecutionAccepted, e.ExecutionDue, e.ExecutionCancelRequested, e.CheckpointRestored,
    e.ExecutionFinished, e.ExecutionReplanned, e.PlanAmended,
)  # fmt: skip
EXACT = 1e-6  # seconds
APART = 1e-3  # seconds between two moments whose executions have different names
MOST_MOMENTS = 200  # of a schedule that are looked through


class PlanTime:
    """Watches that the time of the plan stands still in a pause, or goes on if the plan wants it."""

    def __init__(self, checked: Counter[str]) -> None:
        self._checked = checked
        self._left: dict[str, float] = {}  # seconds, of executions that are paused

    def look(self, state: OrchestratorState, event: e.Event) -> None:
        """Take an event, right after it changed the state."""
        name = event.execution_id
        if isinstance(event, e.ExecutionPaused):
            self._paused(state, state.executions[name], event.time)
        elif isinstance(event, e.ExecutionResumed):
            self._resumed(state, state.executions[name], event.time)
        elif isinstance(event, _NEW_DEADLINE):
            self._left.pop(name, None)

    def _paused(self, state: OrchestratorState, execution: ExecutionState, now: float) -> None:
        self._checked["the plan's time stands still in a pause"] += 1
        name = execution.execution_id
        goes_on = execution.program.deadline == "wall"
        running = {
            timer.kind
            for timer in state.timers.values()
            if timer.execution_id == name and timer.kind in ("deadline", "wait")
        }
        if running and not goes_on:
            raise Violation(f"{running} of {name} run in a pause")
        if execution.deadline is None:
            return
        if goes_on and "deadline" not in running:
            raise Violation(f"{name} has no deadline in a pause, and its plan wants one")
        self._left[name] = execution.deadline - now

    def _resumed(self, state: OrchestratorState, execution: ExecutionState, now: float) -> None:
        name, goes_on = execution.execution_id, execution.program.deadline == "wall"
        for action in execution.actions.values():
            delayed = action.waiting_kind is WaitingKind.DELAY
            if delayed and not timer_of(state, "wait", execution_id=name, subject=action.key):
                raise Violation(f"the delay {action.key} never ends after a pause")
        deadline = timer_of(state, "deadline", execution_id=name)
        if execution.deadline is None:
            return
        if deadline is None or deadline.at != execution.deadline:
            raise Violation(f"{name} has lost its deadline {execution.deadline} in a pause")
        left = self._left.pop(name, None)
        if left is None or goes_on:
            return
        self._checked["a pause takes nothing of the time of a plan"] += 1
        if abs(execution.deadline - now - left) > EXACT:
            raise Violation(f"{left:g} s were left to {name}, it is due at {execution.deadline}")


def timer_handled(
    state: OrchestratorState, timer: Timer | None, timer_id: str, checked: Counter[str]
) -> None:
    """Check that a timer that was due and has fired is gone, or set anew."""
    checked["a timer that fired is handled"] += 1
    if timer is None or timer.kind in KEPT:
        return
    if state.timers.get(timer_id) is timer:
        raise Violation(f"{timer_id} has fired, and nothing came of it")


def moments_in_turn(
    state: OrchestratorState, wall: float, fired: Set[str], checked: Counter[str]
) -> None:
    """Check that after the wall clock was set every schedule waits for its first open moment."""
    for name, schedule in state.schedules.items():
        if schedule.paused:
            continue
        timetable = schedule.as_set.timetable
        if counts_on(timetable):
            checked["what repeats after so many seconds goes on in a clock set back"] += 1
            latest = wall + timetable.every
            while execution_id(name, latest) in fired:
                latest += APART  # what fired at that moment has its name
            latest += EXACT
            ends = timetable.ends is not None and latest > timetable.ends
            if schedule.next_moment is not None and schedule.next_moment > latest and not ends:
                raise Violation(f"{name} waits for {schedule.next_moment}, at {wall}")
            continue
        checked["a clock that is set back brings moments back"] += 1
        moments = timetable.moments(max(wall, schedule.as_set.since))
        for moment in islice(moments, MOST_MOMENTS):
            if execution_id(name, moment) in fired:
                continue
            if schedule.next_moment is None or schedule.next_moment > moment:
                raise Violation(f"{name} waits for {schedule.next_moment}, {moment} comes first")
            break
