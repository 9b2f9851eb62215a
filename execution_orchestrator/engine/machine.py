"""The state machine: an input goes in, events and effects come out. Nothing else is read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from msgspec import structs

from execution_orchestrator.engine import (
    amending,
    cancellation,
    checkpoints,
    control_flow,
    external_leases,
    guards,
    hindrances,
    intake,
    outcomes,
    pruning,
    quarantine,
    replanning,
    resuming,
    schedule_firings,
    scheduler,
    starting,
    steering,
    timers,
)
from execution_orchestrator.engine import events as e
from execution_orchestrator.engine import inputs as s
from execution_orchestrator.engine.apply import apply, fold
from execution_orchestrator.engine.cancellation import request_cancel
from execution_orchestrator.engine.commands import commands_given, going_on
from execution_orchestrator.engine.config import EngineConfig
from execution_orchestrator.engine.effects import ClearTimer, SetTimer
from execution_orchestrator.engine.events import Event, ExecutionForgotten
from execution_orchestrator.engine.inputs import Fault, Input
from execution_orchestrator.engine.prestaging import Upcoming, prestage
from execution_orchestrator.engine.recovery import decisions, motions
from execution_orchestrator.engine.scope import evaluate
from execution_orchestrator.engine.state import ActionState, OrchestratorState
from execution_orchestrator.engine.status import ActionStatus, CancelCause
from execution_orchestrator.engine.turn import Step, Turn
from execution_orchestrator.plan.errors import ErrorInfo, ErrorType

__all__ = ["Machine", "Step", "fold"]


def on_fault(turn: Turn, incoming: Fault) -> None:
    """Record the fault and stop the execution; its goals are cancelled, the others go on."""
    reason = f"the engine failed: {incoming.reason}"
    turn.emit(e.EngineFault(time=turn.now, execution_id=incoming.execution_id, reason=reason))
    execution = turn.state.executions.get(incoming.execution_id)
    if execution is not None:
        request_cancel(
            turn,
            execution,
            CancelCause.FAILURE,
            reason,
            error=ErrorInfo(
                type=ErrorType.UNKNOWN, code="ENGINE_FAULT", message=reason, recoverable=False
            ),
        )


def execution_of(state: OrchestratorState, incoming: Input) -> str:
    """Return the id of the execution that an input is about, empty if it is about none."""
    direct: str = getattr(incoming, "execution_id", "")
    if direct:
        return direct
    goal = state.goals.get(getattr(incoming, "goal_id", ""))
    run = state.runs.get(getattr(incoming, "run_id", ""))
    timer = state.timers.get(getattr(incoming, "timer_id", ""))
    action = goal or run
    if action is not None:
        return action.execution.execution_id
    return timer.execution_id if timer is not None else ""


_HANDLERS: dict[type[Input], Callable[[Turn, Any], None]] = {
    s.Request: intake.on_request,
    s.PreparationFinished: intake.on_finished,
    s.Submit: intake.on_submit,
    s.Pause: steering.on_pause,
    s.Resume: steering.on_resume,
    s.Cancel: cancellation.on_cancel,
    s.Confirm: steering.on_confirm,
    s.SetBreakpoints: steering.on_set_breakpoints,
    s.Step: steering.on_step,
    s.EmergencyStop: steering.on_emergency_stop,
    s.ResetEmergencyStop: steering.on_reset_emergency_stop,
    s.GoalAccepted: outcomes.on_accepted,
    s.GoalRejected: outcomes.on_rejected,
    s.GoalProgress: outcomes.on_progress,
    s.GoalSucceeded: outcomes.on_succeeded,
    s.GoalFailed: outcomes.on_failed,
    s.GoalCancelled: outcomes.on_cancelled,
    s.GoalLost: outcomes.on_lost,
    s.CancelRefused: outcomes.on_cancel_refused,
    s.HoldFailed: outcomes.on_hold_failed,
    s.TimerFired: timers.on_timer,
    s.WorldChanged: steering.on_world_changed,
    s.ServerUp: steering.on_server_up,
    s.ServerDown: steering.on_server_down,
    s.ServerHindered: hindrances.on_server_hindered,
    s.GoalNoticed: hindrances.on_goal_noticed,
    s.MotionWanted: motions.on_wanted,
    s.StrategyFinished: decisions.on_strategy_finished,
    s.ReplanFinished: replanning.on_replan_finished,
    s.CheckpointRequested: checkpoints.on_requested,
    s.RestoreCheckpoint: checkpoints.on_restore,
    s.AllocateLease: external_leases.on_allocate,
    s.ReleaseLease: external_leases.on_release,
    s.ReleaseQuarantine: quarantine.on_release,
    s.RetryDeadLetter: intake.on_retry_dead_letter,
    s.AmendPlan: amending.on_amend,
    s.SignalSent: steering.on_signal,
    s.SetSchedule: intake.set_schedule,
    s.PauseSchedule: schedule_firings.on_pause,
    s.ResumeSchedule: schedule_firings.on_resume,
    s.RemoveSchedule: schedule_firings.on_remove,
    s.WallClockSet: schedule_firings.on_wall_clock_set,
    s.PruneHistory: pruning.on_prune,
    s.Fault: on_fault,
}
_NO_WORLD: Mapping[str, Any] = {"robot": {}, "objects": []}


class Machine:
    """Decides; deterministic: the same inputs at the same times give the same events."""

    __slots__ = ("config", "state")

    def __init__(
        self, config: EngineConfig | None = None, state: OrchestratorState | None = None
    ) -> None:
        self.config = config or EngineConfig()
        self.state = state or OrchestratorState()

    def handle(self, incoming: Input, *, now: float, world: Mapping[str, Any] = _NO_WORLD) -> Step:
        """Decide what an input means.

        ``now`` is Unix seconds (0.0 stands for "not yet"), ``world`` an immutable picture
        {robot, objects}.
        """
        turn = Turn(self.state, self.config, now, world)
        guards.look(turn)
        to = going_on(self.state, incoming) if incoming.by is not None else ""
        _HANDLERS[type(incoming)](turn, incoming)
        step = self._settle(turn)
        if incoming.by is None:
            return step
        given = commands_given(incoming, to=to, ids=step.ids, refusal=step.refusal, time=now)
        # Whether it is refused is known only now; its event comes before those that follow from it.
        for event in given:
            apply(self.state, event)
        return structs.replace(step, events=[*given, *step.events])

    def evaluate(
        self,
        execution_id: str,
        key: str,
        text: str,
        *,
        now: float,
        world: Mapping[str, Any] = _NO_WORLD,
    ) -> Any:
        """Return what an expression is worth in the scope of an action; nothing changes by that.

        Raises:
            ExpressionError: it has no value.
            KeyError: there is no such execution or action.

        """
        action = self.state.executions[execution_id].actions[key]
        return evaluate(text, action, Turn(self.state, self.config, now, world).world)

    def prestage(
        self, started: Iterable[tuple[str, str]], *, world: Mapping[str, Any] = _NO_WORLD
    ) -> list[Upcoming]:
        """Prepare what waits only for actions (execution, key) that have just started.

        No decision depends on whether, or when, this is called.
        """
        return prestage(self.state, started, world)

    def start_over(self) -> None:
        """Forget what the journal says, which is replayed next.

        What it does not have, and this process has seen, still holds: which servers others use,
        and which guards had a value.
        """
        seen, self.state = self.state, OrchestratorState()
        self.state.hindrances = seen.hindrances
        self.state.guards_known = seen.guards_known

    def replay(self, event: Event) -> None:
        """Apply an event of the journal."""
        apply(self.state, event)

    def remember(self, ended: Mapping[str, str], *, events: int) -> None:
        """Take over what is not replayed: how executions ended, and how many events there are.

        Called after the replay of the others.
        """
        self.state.forgotten.update(ended)
        self.state.events = events

    def recall(self, execution_id: str, events: Iterable[Event]) -> bool:
        """Take an execution that ended back into the memory; say whether it is there now.

        ``events`` are all that it has. They are folded into a state of their own, because they have
        nothing to do with the executions in memory.
        """
        state = self.state
        if execution_id in state.executions:
            return True
        apart = fold(event for event in events if type(event) is not ExecutionForgotten)
        execution = apart.executions.get(execution_id)
        if execution is None or not execution.is_final:
            return False
        for action in execution.actions.values():
            action.leases = ()  # what a goal in quarantine took over, of which it has no event
        state.forgotten.pop(execution_id, None)
        state.executions[execution_id] = state.finished[execution_id] = execution
        return True

    def resume(
        self,
        state: OrchestratorState | None = None,
        now: float = 0.0,
        world: Mapping[str, Any] = _NO_WORLD,
    ) -> Step:
        """Continue after a restart: find running goals, set timers, take open decisions."""
        if state is not None:
            self.state = state
        turn = Turn(self.state, self.config, now, world)
        self.state.timer_changes.clear()
        resuming.requests_again(turn)
        guards.look(turn)
        return self._settle(turn)

    def _settle(self, turn: Turn) -> Step:
        """Decide everything that follows, until nothing is left to decide."""
        state = turn.state
        agenda = state.agenda
        while True:
            while agenda:
                action = agenda[0]
                if action.todo:
                    before = len(turn.events)
                    _decide(turn, action)
                    if len(turn.events) == before:
                        # Nothing follows for now; the next change will ask again.
                        action.todo = False
                if agenda and not agenda[0].todo:
                    agenda.popleft()
            if state.line:
                intake.admit(turn)
            scheduler.schedule(turn)
            if not agenda:
                if turn.events and guards.run_finally_blocks(turn):
                    continue
                if turn.events and _conditions_may_hold(turn):
                    continue
                break
        changes = state.timer_changes
        if changes:
            for timer_id in changes:
                timer = state.timers.get(timer_id)
                if timer is None:
                    turn.request(ClearTimer(timer_id=timer_id))
                else:
                    turn.request(SetTimer(timer_id=timer_id, at=timer.at, wall=timer.wall))
            changes.clear()
        return Step(turn.events, turn.effects, turn.refusal, turn.ids)


def _conditions_may_hold(turn: Turn) -> bool:
    """Evaluate again the awaited conditions of executions that an event changed."""
    before = len(turn.events)
    running = turn.state.running
    for name in {event.execution_id: None for event in turn.events}:
        execution = running.get(name)
        if execution is not None and execution.waiting_for_condition:
            steering.look_again(turn, execution)
    return len(turn.events) > before


def _decide(turn: Turn, action: ActionState) -> None:
    status = action.status
    if status is ActionStatus.PENDING:
        if action.parent is None:
            control_flow.begin_root(turn, action)
        else:
            starting.start(turn, action)
    elif status is ActionStatus.RUNNING:
        control_flow.advance(turn, action)
    elif status is ActionStatus.RECOVERING and not guards.after_motion(turn, action):
        decisions.decide(turn, action)
