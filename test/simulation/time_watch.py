"""What must hold of timers, of the plan's time in a pause, and of schedules when a clock is set."""

from __future__ import annotations

from collections import Counter
from collections.abc import Set
from itertools import islice

from execution_orchestrator.engine import events as e
from execution_orchestrator.engine.apply.moves import timer_of
from execution_orchestrator.engine.schedule_firings import execution_id
from execution_orchestrator.engine.state import OrchestratorState, Timer
from execution_orchestrator.engine.status import WaitingKind
from test.simulation.invariants import Violation

# Of these, what they stop may not have ended, or what they limit may be over for now.
KEPT = ("deadline", "until", "timeout", "held_back")
MOST_MOMENTS = 200  # of a schedule that are looked through


def look(state: OrchestratorState, event: e.Event, checked: Counter[str]) -> None:
    """Check that the time of the plan stands still in a pause, and goes on after it."""
    if isinstance(event, e.ExecutionPaused | e.ExecutionResumed):
        checked["the plan's time stands still in a pause"] += 1
        execution, name = state.executions[event.execution_id], event.execution_id
        of_plan = ("deadline", "wait")
        running = {
            timer.kind
            for timer in state.timers.values()
            if timer.execution_id == name and timer.kind in of_plan
        }
        if isinstance(event, e.ExecutionPaused):
            if running and execution.program.deadline != "wall":
                raise Violation(f"{running} of {name} run in a pause")
            return
        for action in execution.actions.values():
            delayed = action.waiting_kind is WaitingKind.DELAY
            if delayed and not timer_of(state, "wait", execution_id=name, subject=action.key):
                raise Violation(f"the delay {action.key} never ends after {event.type}")
        if execution.deadline is not None and "deadline" not in running:
            raise Violation(f"{name} has lost its deadline after {event.type}")


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
        checked["a clock that is set back brings moments back"] += 1
        moments = schedule.as_set.timetable.moments(max(wall, schedule.as_set.since))
        for moment in islice(moments, MOST_MOMENTS):
            if execution_id(name, moment) in fired:
                continue
            if schedule.next_moment is None or schedule.next_moment > moment:
                raise Violation(f"{name} waits for {schedule.next_moment}, {moment} comes first")
            break
