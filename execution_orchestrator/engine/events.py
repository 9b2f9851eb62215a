"""Every event, one frozen class each. The journal is a list of these.

Times are execution time in seconds (runtime/clock.py): Unix seconds that no setting of the wall
clock changes; ``wall`` is what a wall clock showed. ``type`` is the name that other programs see
(docs/events.md), ``level`` is 0 debug, 1 info, 2 warning, 3 error, as in ExecutionEvent.msg.
"""

from __future__ import annotations

import itertools
import math
from typing import Any, ClassVar, get_args

from msgspec import Struct, field

from execution_orchestrator.engine.inputs import (
    Caller,
    LeaseDemand,
    PlanningReport,
    RawGoal,
    SubmitOptions,
)
from execution_orchestrator.engine.recovery.strategies import StrategyOutcome
from execution_orchestrator.engine.status import (
    AbortCause,
    AttemptOutcome,
    CancelCause,
    CancelIntent,
    QuarantineEnd,
    SkipCause,
    WaitingKind,
)
from execution_orchestrator.plan.changes import PlanChange
from execution_orchestrator.plan.counted import counted
from execution_orchestrator.plan.errors import ErrorInfo
from execution_orchestrator.plan.issues import Issue, Severity
from execution_orchestrator.plan.timetable import Timetable, clock_words

DEBUG, INFO, WARNING, ERROR = 0, 1, 2, 3


class Event(
    Struct,
    frozen=True,
    tag=True,
    kw_only=True,
    omit_defaults=True,
    forbid_unknown_fields=True,  # they would be lost silently
    gc=False,  # nothing in it leads back to it, and a run of 10,000 actions has 40,000 of them
):
    """Something that happened to an execution, an action of it, or the orchestrator as a whole.

    ``decides``: the engine's state changes with it. Others are only for displays and reports.
    """

    type: ClassVar[str] = ""
    level: ClassVar[int] = INFO
    decides: ClassVar[bool] = True

    time: float
    execution_id: str = ""
    key: str = ""
    attempt: int = 0
    offset: float = 0.0  # seconds; wall time minus execution time, noted when it is journalled

    @property
    def wall(self) -> float:
        """The moment on a wall clock, Unix seconds."""
        return self.time + self.offset

    def description(self) -> str:
        """Describe the event in one sentence."""
        return self.type.replace("_", " ").lower()


# --------------------------------------------------------------------------- executions


class ExecutionRequested(Event, frozen=True, tag=True, kw_only=True):
    """A goal was taken in as it came; its plan is to be made, validated and optimised.

    It is in the journal before the client hears that its goal is accepted. ``deadline`` is Unix
    seconds, None if the goal sets none; ``limit`` is the seconds it sets for the whole. ``until``
    is the moment on a wall clock at which its command ends, if the goal names one.
    ``schedule_id`` is the schedule that started it.
    """

    type: ClassVar[str] = "EXECUTION_REQUESTED"
    goal: RawGoal
    priority: int = 0
    deadline: float | None = None
    options: SubmitOptions = SubmitOptions()
    limit: float | None = None
    schedule_id: str = ""
    until: float | None = None

    def description(self) -> str:
        what = self.goal.command or "a plan"
        by = f" by the schedule {self.schedule_id}" if self.schedule_id else ""
        return f"requested{by} with priority {self.priority}: {what}"


class PlanningStarted(Event, frozen=True, tag=True, kw_only=True):
    """The plan of a requested execution is being made, until ``until`` at the latest.

    A second run follows a restart in the middle of the first.
    """

    type: ClassVar[str] = "PLANNING_STARTED"
    run_id: str
    until: float

    def description(self) -> str:
        return "its plan is being made and checked"


class PlanningFinished(Event, frozen=True, tag=True, kw_only=True):
    """The work on a plan is over: ``valid`` says whether it can run, ``issues`` what was found.

    ``omitted`` issues are not kept. ``planning`` tells what a planner took that led to no plan; of
    one that did, PlanMade does.
    """

    type: ClassVar[str] = "PLANNING_FINISHED"
    run_id: str
    valid: bool = True
    issues: tuple[Issue, ...] = ()
    omitted: int = 0
    planning: PlanningReport | None = None

    def description(self) -> str:
        found = counted(len(self.issues) + self.omitted, "issue")
        first = next((one for one in self.issues if one.severity is Severity.ERROR), None)
        if self.valid:
            return f"the plan can run, {found}" if self.issues else "the plan can run"
        return f"there is no plan that can run, {found}" + (f": {first.message}" if first else "")


class ExecutionAccepted(Event, frozen=True, tag=True, kw_only=True):
    """An execution has everything needed to run it, and waits for its turn.

    ``start`` and ``until`` are moments on a wall clock (Unix seconds, read in ``zone``): it waits
    until the one, and is cancelled at the other. ``limit`` is the seconds it may take from its
    ``start`` on. It begins when the execution ``behind`` has ended. ``logic`` are the changed rules
    that it follows (engine/logic.py): none of them, if an older release wrote it.
    """

    type: ClassVar[str] = "EXECUTION_ACCEPTED"
    plan: dict[str, Any]
    input: dict[str, Any] = field(default_factory=dict)
    command: str = ""
    priority: int = 0
    deadline: float | None = None
    options: SubmitOptions = SubmitOptions()
    retry_of: str = ""
    start: float | None = None
    until: float | None = None
    zone: str = "UTC"
    limit: float | None = None
    behind: str = ""
    logic: tuple[str, ...] = ()

    @property
    def waits(self) -> str:
        """Until when it waits, empty if only for its turn."""
        if self.start is not None:
            return f"starts at {clock_words(self.start, self.zone)}"
        return f"starts when {self.behind} has ended" if self.behind else ""

    def description(self) -> str:
        what = f": {self.command}" if self.command else ""
        when = f", {self.waits}" if self.waits else ""
        return f"execution accepted with priority {self.priority}{what}{when}"


class ExecutionDue(Event, frozen=True, tag=True, kw_only=True):
    """The moment has come at which an execution may start; it waits for its turn from now on.

    ``deadline`` is Unix seconds, None for none.
    """

    type: ClassVar[str] = "EXECUTION_DUE"
    deadline: float | None = None

    def description(self) -> str:
        return "its time to start has come"


class PlanMade(Event, frozen=True, tag=True, kw_only=True):
    """A planner made the plan that runs now; ``report`` names it, with its time and tokens."""

    type: ClassVar[str] = "PLAN_MADE"
    report: PlanningReport

    def description(self) -> str:
        one = self.report
        text = f"planned by {one.model or one.planner} with confidence {one.confidence:.2f}"
        tokens = one.prompt_tokens + one.completion_tokens
        return f"{text} in {one.seconds:.1f} s, {tokens} tokens" if tokens else text


class ExecutionAdmitted(Event, frozen=True, tag=True, kw_only=True):
    """A free place was found; the plan waits for its confirmation if it needs one."""

    type: ClassVar[str] = "EXECUTION_ADMITTED"
    confirm_until: float | None = None

    def description(self) -> str:
        return "its turn has come"


class ExecutionStarted(Event, frozen=True, tag=True, kw_only=True):
    """The actions run from now on."""

    type: ClassVar[str] = "EXECUTION_STARTED"

    def description(self) -> str:
        return "its actions begin"


class ExecutionPaused(Event, frozen=True, tag=True, kw_only=True):
    """No new action starts."""

    type: ClassVar[str] = "EXECUTION_PAUSED"
    reason: str = ""

    def description(self) -> str:
        return f"paused: {self.reason or 'a client asked for it'}"


class ExecutionResumed(Event, frozen=True, tag=True, kw_only=True):
    """The pause is over."""

    type: ClassVar[str] = "EXECUTION_RESUMED"

    def description(self) -> str:
        return "goes on after the pause"


class ExecutionCancelRequested(Event, frozen=True, tag=True, kw_only=True):
    """The execution is to end early.

    ``checkpoint_id`` is what it goes back to if the cause is restore, ``failed_key`` the action
    that cannot go on if it is replan. ``at_once``: a compensation or a finally that runs is
    stopped, too.
    """

    type: ClassVar[str] = "EXECUTION_CANCEL_REQUESTED"
    level: ClassVar[int] = WARNING
    cause: CancelCause = CancelCause.CANCEL
    reason: str = ""
    compensate: bool = False
    checkpoint_id: str = ""
    failed_key: str = ""
    error: ErrorInfo | None = None
    at_once: bool = False

    def description(self) -> str:
        return f"is being stopped: {self.reason or self.cause}"


class CompensationStarted(Event, frozen=True, tag=True, kw_only=True):
    """What was done is undone, last first; ``keys`` are the actions, in that order.

    ``key@number`` is an action of an earlier plan, replaced when the execution was replanned for
    the time of that number. ``partial`` are those of them that were half done.
    """

    type: ClassVar[str] = "COMPENSATION_STARTED"
    level: ClassVar[int] = WARNING
    keys: tuple[str, ...] = ()
    partial: tuple[str, ...] = ()

    def description(self) -> str:
        return f"undoes {', '.join(self.keys)}"


class RollbackEnded(Event, frozen=True, tag=True, kw_only=True):
    """What came of undoing what was done: complete, unless something is left.

    ``not_undone`` are the actions whose compensation failed or was stopped, each with the error of
    the compensation; ``not_begun`` those whose compensation did not run, because it was stopped.
    """

    type: ClassVar[str] = "ROLLBACK_ENDED"
    level: ClassVar[int] = WARNING
    decides: ClassVar[bool] = False
    not_undone: dict[str, ErrorInfo] = field(default_factory=dict)
    not_begun: tuple[str, ...] = ()

    def description(self) -> str:
        if not self.not_undone and not self.not_begun:
            return "what was done was undone"
        left = [f"{key} was not undone: {one.message}" for key, one in self.not_undone.items()]
        if self.not_begun:
            left.append(f"it was stopped before {', '.join(self.not_begun)}")
        return f"the rollback is incomplete: {'; '.join(left)}"


class SuccessChecked(Event, frozen=True, tag=True, kw_only=True):
    """All actions have ended, and the success condition of the plan was evaluated.

    ``reason`` says why it could not be decided, if ``holds`` is false for that.
    """

    type: ClassVar[str] = "SUCCESS_CHECKED"
    decides: ClassVar[bool] = False
    success: str
    holds: bool
    reason: str = ""

    def description(self) -> str:
        if self.reason:
            return f"whether {self.success} cannot be decided: {self.reason}"
        return f"{self.success} {'holds' if self.holds else 'does not hold'} at the end"


class ExecutionFinished(Event, frozen=True, tag=True, kw_only=True):
    """The execution has its final status."""

    type: ClassVar[str] = "EXECUTION_FINISHED"
    status: str
    reason: str = ""
    error: ErrorInfo | None = None
    output: Any = None
    deviations: tuple[str, ...] = ()

    def description(self) -> str:
        return f"{self.status.replace('_', ' ').lower()}: {self.reason}"


class ExecutionForgotten(Event, frozen=True, tag=True, kw_only=True):
    """A finished execution left the memory; the journal still has it."""

    type: ClassVar[str] = "EXECUTION_FORGOTTEN"
    level: ClassVar[int] = DEBUG

    def description(self) -> str:
        return "is in the journal only from now on"


class HistoryPruned(Event, frozen=True, tag=True, kw_only=True):
    """Ended executions were removed from the journal."""

    type: ClassVar[str] = "HISTORY_PRUNED"
    execution_ids: tuple[str, ...]

    def description(self) -> str:
        return f"the history no longer holds {', '.join(self.execution_ids)}"


class PlanOptimised(Event, frozen=True, tag=True, kw_only=True):
    """The plan was changed before it was taken in, and why; its meaning stays the same."""

    type: ClassVar[str] = "PLAN_OPTIMISED"
    decides: ClassVar[bool] = False
    changes: tuple[PlanChange, ...] = ()

    def description(self) -> str:
        done = [change for change in self.changes if change.applied]
        return f"{counted(len(done), 'change')} to the plan: " + "; ".join(
            f"{change.kind}: {change.reason}" for change in self.changes[:5]
        )


class BreakpointsSet(Event, frozen=True, tag=True, kw_only=True):
    """The list of breakpoints was replaced."""

    type: ClassVar[str] = "BREAKPOINTS_SET"
    keys: tuple[str, ...] = ()

    def description(self) -> str:
        return f"breakpoints: {', '.join(self.keys) or 'none'}"


class CheckpointCreated(Event, frozen=True, tag=True, kw_only=True):
    """The actions that have succeeded so far were recorded, to be restored later."""

    type: ClassVar[str] = "CHECKPOINT_CREATED"
    checkpoint_id: str
    reason: str = ""

    def description(self) -> str:
        return f"checkpoint {self.checkpoint_id}: {self.reason}"


class CheckpointRestored(Event, frozen=True, tag=True, kw_only=True):
    """The execution starts again with what a checkpoint holds as achieved.

    One that had ended has its ``deadline`` (execution time) anew, and ``until`` (Unix seconds), if
    that moment is still to come.
    """

    type: ClassVar[str] = "CHECKPOINT_RESTORED"
    level: ClassVar[int] = WARNING
    checkpoint_id: str
    deadline: float | None = None
    until: float | None = None

    def description(self) -> str:
        return f"goes on from checkpoint {self.checkpoint_id}"


class PlanFailure(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What kept a plan from going on: an action, the parameters it was sent with, its error."""

    key: str
    action_type: str
    parameters: dict[str, Any] = field(default_factory=dict)
    error: ErrorInfo | None = None


class ReplanRequested(Event, frozen=True, tag=True, kw_only=True):
    """A planner was asked for another plan; the same run again after a restart."""

    type: ClassVar[str] = "REPLAN_REQUESTED"
    level: ClassVar[int] = WARNING
    run_id: str
    reason: str = ""
    until: float = 0.0
    failure: PlanFailure | None = None

    def description(self) -> str:
        return f"asks for another plan: {self.reason}"


class ExecutionReplanned(Event, frozen=True, tag=True, kw_only=True):
    """The execution goes on with another plan; ``kept`` is achieved already.

    ``confirm``: only once a person agreed, until ``confirm_until`` if there is a limit.
    """

    type: ClassVar[str] = "EXECUTION_REPLANNED"
    level: ClassVar[int] = WARNING
    run_id: str
    plan: dict[str, Any]
    kept: tuple[str, ...] = ()
    confirm: bool = False
    confirm_until: float | None = None

    def description(self) -> str:
        return f"goes on with another plan and keeps {', '.join(self.kept) or 'nothing'}"


class PlanAmended(Event, frozen=True, tag=True, kw_only=True):
    """A client replaced the part of the plan that had not begun; the rest is not disturbed.

    ``added``, ``changed`` and ``removed`` are actions that had not begun; ``replanted`` are all
    that were there and had not: confirmations and breakpoints among them count no more.
    """

    type: ClassVar[str] = "PLAN_AMENDED"
    level: ClassVar[int] = WARNING
    plan: dict[str, Any]
    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    replanted: tuple[str, ...] = ()
    reason: str = ""

    def description(self) -> str:
        parts = [
            f"{what} {', '.join(keys)}"
            for what, keys in (
                ("adds", self.added),
                ("changes", self.changed),
                ("leaves out", self.removed),
            )
            if keys
        ]
        why = f" ({self.reason})" if self.reason else ""
        return f"the plan was amended{why}: it {'; '.join(parts) or 'changes nothing but itself'}"


class ReplanFailed(Event, frozen=True, tag=True, kw_only=True):
    """No other plan was found."""

    type: ClassVar[str] = "REPLAN_FAILED"
    level: ClassVar[int] = ERROR
    run_id: str
    reason: str = ""
    planning: PlanningReport | None = None

    def description(self) -> str:
        return f"no other plan: {self.reason}"


class SignalReceived(Event, frozen=True, tag=True, kw_only=True):
    """A client sent a signal that the plan declares; it is kept until an action waits for it."""

    type: ClassVar[str] = "SIGNAL_RECEIVED"
    name: str
    value: Any = None

    def description(self) -> str:
        return f"the signal {self.name} came"


# --------------------------------------------------------------------------- actions


class BlockEntered(Event, frozen=True, tag=True, kw_only=True):
    """The actions of a block were created.

    ``block`` names it (actions, then, else, case[1], default, catch[0], finally, fallback,
    recovery_plan, compensation). A foreach gives ``index`` and, with its first block, ``items``; a
    subplan gives ``input``; a compensation names the action it ``undoes``, and ``partial`` says
    whether that was half done. ``replaced_by`` is given where that action is kept by the plan that
    runs now, but was done, and is undone, as an earlier one says: the number of the question that
    led from that plan to the next, which is in the keys of what undoes it (``a@2/undo_a``).
    """

    type: ClassVar[str] = "BLOCK_ENTERED"
    level: ClassVar[int] = DEBUG
    block: str
    index: int = -1
    undoes: str = ""
    partial: bool = False
    replaced_by: int = 0
    items: list[Any] | None = None
    input: dict[str, Any] | None = None

    def description(self) -> str:
        which = f" for item {self.index}" if self.index >= 0 else ""
        return f"{self.key or 'the plan'} enters {self.block}{which}"


class BlockAborted(Event, frozen=True, tag=True, kw_only=True):
    """What still runs in an action's blocks is being stopped."""

    type: ClassVar[str] = "BLOCK_ABORTED"
    level: ClassVar[int] = WARNING
    cause: AbortCause
    reason: str = ""
    error: ErrorInfo | None = None

    def description(self) -> str:
        return f"{self.key or 'the plan'} stops what runs in it: {self.reason or self.cause}"


class TaskReady(Event, frozen=True, tag=True, kw_only=True):
    """An action waits only for its resources now.

    ``parameters`` are rendered, or None if they are the plan's own unchanged; ``reason`` says who
    holds what it waits for, empty if that is free.
    """

    type: ClassVar[str] = "TASK_READY"
    level: ClassVar[int] = DEBUG
    parameters: dict[str, Any] | None = None
    reason: str = ""

    def description(self) -> str:
        return f"{self.key} is ready{f': {self.reason}' if self.reason else ''}"


class TaskWaiting(Event, frozen=True, tag=True, kw_only=True):
    """An action waits for something with a name.

    ``until`` is Unix seconds, None for open end.
    """

    type: ClassVar[str] = "TASK_WAITING"
    level: ClassVar[int] = DEBUG
    kind: WaitingKind
    reason: str
    until: float | None = None
    poll: float | None = None

    def description(self) -> str:
        return f"{self.key} waits: {self.reason}"


class GuardFailed(Event, frozen=True, tag=True, kw_only=True):
    """The guard (`while`) of an action does not hold: the action is stopped, or not started.

    ``policy`` is what follows: fail, skip or wait.
    """

    type: ClassVar[str] = "GUARD_FAILED"
    level: ClassVar[int] = WARNING
    policy: str
    reason: str

    def description(self) -> str:
        return f"{self.key} must not go on: {self.reason}"


class GuardPassed(Event, frozen=True, tag=True, kw_only=True):
    """The `while` of an action holds again, or the action is over.

    The actions that waited for it continue: ``keys`` with an attempt, ``recovering`` with their
    recovery.
    """

    type: ClassVar[str] = "GUARD_PASSED"
    reason: str
    keys: tuple[str, ...] = ()
    recovering: tuple[str, ...] = ()

    def description(self) -> str:
        return f"{self.key} goes on: {self.reason}"


class ConditionPolled(Event, frozen=True, tag=True, kw_only=True):
    """A condition that an action waits for was looked at and does not hold yet."""

    type: ClassVar[str] = "CONDITION_POLLED"
    level: ClassVar[int] = DEBUG
    next: float

    def description(self) -> str:
        return f"{self.key} goes on waiting: its condition does not hold yet"


class BreakpointReached(Event, frozen=True, tag=True, kw_only=True):
    """An action waits for a person to step over its breakpoint."""

    type: ClassVar[str] = "BREAKPOINT_REACHED"

    def description(self) -> str:
        return f"stopped before {self.key}"


class BreakpointPassed(Event, frozen=True, tag=True, kw_only=True):
    """A person let the action go; ``stepping``: stop before the next one too."""

    type: ClassVar[str] = "BREAKPOINT_PASSED"
    stepping: bool = True

    def description(self) -> str:
        return f"{self.key} goes on from its breakpoint{' for one step' if self.stepping else ''}"


class ConfirmationRequested(Event, frozen=True, tag=True, kw_only=True):
    """A person has to agree; an empty key means to the plan as a whole.

    ``take``: the question is whether the action may preempt another client's goal.
    """

    type: ClassVar[str] = "CONFIRMATION_REQUESTED"
    question: str = ""
    until: float | None = None
    take: bool = False

    def description(self) -> str:
        return f"asks: {self.question}"


class ConfirmationGiven(Event, frozen=True, tag=True, kw_only=True):
    """A person answered, or nobody did in time (``timed_out``)."""

    type: ClassVar[str] = "CONFIRMATION_GIVEN"
    approved: bool
    comment: str = ""
    timed_out: bool = False

    def description(self) -> str:
        answer = "approved" if self.approved else "refused"
        if self.timed_out:
            return f"nobody answered in time for {self.key or 'the plan'}, which counts as {answer}"
        return f"{self.key or 'the plan'} was {answer}{': ' if self.comment else ''}{self.comment}"


class TaskStarted(Event, frozen=True, tag=True, kw_only=True):
    """An attempt is about to be dispatched. This is durable before the goal is sent.

    ``breaker_wait`` is how many seconds of its wait were for the server's circuit breaker.
    ``fixed`` are parameters that were given in the robot's own frame, as the places in the map that
    they mean from now on.
    """

    type: ClassVar[str] = "TASK_STARTED"
    goal_id: str
    timeout: float | None = None
    fixed: dict[str, Any] = field(default_factory=dict)
    trial: bool = False
    breaker_wait: float = 0.0

    def description(self) -> str:
        return f"{self.key} starts" + (f", attempt {self.attempt}" if self.attempt > 1 else "")


class TaskAccepted(Event, frozen=True, tag=True, kw_only=True):
    """The action server took the goal."""

    type: ClassVar[str] = "TASK_ACCEPTED"
    level: ClassVar[int] = DEBUG

    def description(self) -> str:
        return f"its server took the goal of {self.key}"


class TaskReached(Event, frozen=True, tag=True, kw_only=True):
    """How far the goal of an attempt has come; the next goal of the action begins there.

    ``rounds`` are those that this goal has behind it. ``feedback`` is the last of its server, for a
    compensation of a partly done action. ``missed``
    is what the goal left out until there, ``undone`` how many parts that are, ``left_out`` the same
    as the output tells it, ``partial``: the action's success is then a partial one. ``anew``:
    nothing of what its goals did counts, the next one begins where the first began. ``unseen``: the
    goal went on after the last number, and nothing told how far.
    """

    type: ClassVar[str] = "TASK_REACHED"
    level: ClassVar[int] = DEBUG
    reached: float | None = None
    rounds: int = 0
    feedback: dict[str, Any] | None = None
    missed: str = ""
    undone: int = 0
    partial: bool = False
    left_out: dict[str, Any] | None = None
    anew: bool = False
    unseen: bool = False

    def description(self) -> str:
        """Say how far it has come, by what its server counts: done or still to come."""
        if self.anew:
            return f"{self.key} begins anew, its goals did nothing"
        if self.missed:
            return f"{self.key} goes on, with {self.missed} so far"
        return (
            f"{self.key} goes on"
            if self.reached is None
            else f"{self.key} goes on, its server counts {self.reached:g}"
        )


class TaskCompleted(Event, frozen=True, tag=True, kw_only=True):
    """An action did what the plan asked for, except for what ``deviations`` name.

    ``partial``: they make the success of the execution a partial one. ``outcome`` is which of the
    outcomes that its capability names it came to. ``signal``: its output is the oldest value of
    that signal that nobody had taken.
    """

    type: ClassVar[str] = "TASK_COMPLETED"
    output: Any = None
    outcome: str = ""
    reason: str = ""
    ends_scope: bool = False
    deviations: tuple[str, ...] = ()
    partial: bool = False
    signal: str = ""

    def description(self) -> str:
        """Name the outcome, the reason and the deviations from the plan."""
        outcome = f"outcome {self.outcome}" if self.outcome else ""
        text = "; ".join(part for part in (outcome, self.reason, *self.deviations) if part)
        return f"{self.key} completed{': ' if text else ''}{text}"


class TaskAttemptFailed(Event, frozen=True, tag=True, kw_only=True):
    """One attempt failed; recovery decides what follows.

    After the outcome ``unknown`` the goal may still run: it is quarantined. ``further``: it came
    further than the one before by whole poses or waypoints, and attempts are counted anew.
    """

    type: ClassVar[str] = "TASK_ATTEMPT_FAILED"
    level: ClassVar[int] = WARNING
    outcome: AttemptOutcome
    error: ErrorInfo
    further: bool = False

    def description(self) -> str:
        words = self.outcome.replace("_", " ")
        return f"attempt {self.attempt} of {self.key} {words}: {self.error.message}"


class TaskRequeued(Event, frozen=True, tag=True, kw_only=True):
    """An attempt ended without fault of its own (pause, preemption, restart) and comes again.

    ``hindered``: another client uses its server, or a node that it needs is missing.
    """

    type: ClassVar[str] = "TASK_REQUEUED"
    reason: str
    lost: bool = False
    hindered: bool = False

    def description(self) -> str:
        return f"{self.key} comes again: {self.reason}"


class TaskHeldBack(Event, frozen=True, tag=True, kw_only=True):
    """A ready action waits because its server cannot be used; until ``until`` at most."""

    type: ClassVar[str] = "TASK_HELD_BACK"
    level: ClassVar[int] = WARNING
    code: str
    reason: str
    until: float | None = None

    def description(self) -> str:
        return f"{self.key} waits: {self.reason}"


class TaskNoticed(Event, frozen=True, tag=True, kw_only=True):
    """Something was noticed about a running action that does not end it; empty: it is over."""

    type: ClassVar[str] = "TASK_NOTICED"
    level: ClassVar[int] = WARNING
    decides: ClassVar[bool] = False
    notice: str = ""

    def description(self) -> str:
        return f"{self.key}: {self.notice}" if self.notice else f"{self.key} runs as before"


class TaskRetryScheduled(Event, frozen=True, tag=True, kw_only=True):
    """The action will be tried again after ``delay`` seconds."""

    type: ClassVar[str] = "TASK_RETRY_SCHEDULED"
    level: ClassVar[int] = WARNING
    delay: float
    reason: str = ""
    parameters: dict[str, Any] = field(default_factory=dict)
    timeout_factor: float = 1.0

    def description(self) -> str:
        return f"{self.key} is tried again in {self.delay:.2f} s: {self.reason}"


class TaskRetryDue(Event, frozen=True, tag=True, kw_only=True):
    """The delay before the next attempt is over."""

    type: ClassVar[str] = "TASK_RETRY_DUE"
    level: ClassVar[int] = DEBUG

    def description(self) -> str:
        return f"the delay before the next attempt of {self.key} is over"


class TaskFailed(Event, frozen=True, tag=True, kw_only=True):
    """An action failed for good."""

    type: ClassVar[str] = "TASK_FAILED"
    level: ClassVar[int] = ERROR
    error: ErrorInfo
    tolerated: bool = False

    def description(self) -> str:
        return f"{self.key} failed: {self.error.message}"


class TaskSkipped(Event, frozen=True, tag=True, kw_only=True):
    """An action will not run."""

    type: ClassVar[str] = "TASK_SKIPPED"
    cause: SkipCause
    reason: str = ""

    def description(self) -> str:
        return f"{self.key} is skipped: {self.reason or self.cause}"


class TaskCancelRequested(Event, frozen=True, tag=True, kw_only=True):
    """The server was asked to cancel the goal.

    ``until``: when its end counts as not confirmed. ``below_at``: when the goals of the servers
    below are cancelled, too, if it has not ended; None: it moves nothing.
    """

    type: ClassVar[str] = "TASK_CANCEL_REQUESTED"
    intent: CancelIntent
    goal_id: str
    until: float
    below_at: float | None = None
    reason: str = ""

    def description(self) -> str:
        return f"{self.key} is being cancelled: {self.reason or self.intent}"


class TaskCancelRefused(Event, frozen=True, tag=True, kw_only=True):
    """The server refused to cancel the goal, which runs on."""

    type: ClassVar[str] = "TASK_CANCEL_REFUSED"
    level: ClassVar[int] = WARNING
    reason: str = ""

    def description(self) -> str:
        return f"the server goes on with {self.key}: {self.reason}"


class StoppedBelow(Event, frozen=True, tag=True, kw_only=True):
    """A goal runs on after its cancel: all goals on the servers of what it moves are cancelled.

    ``goal_id`` is that of the action, or of what its recovery moves; ``resources`` are those that
    nothing else holds. The end of the goal itself is still waited for.
    """

    type: ClassVar[str] = "STOPPED_BELOW"
    level: ClassVar[int] = WARNING
    goal_id: str
    resources: tuple[str, ...]
    reason: str = ""

    def description(self) -> str:
        return (
            f"{self.reason}: all goals on the servers of {', '.join(self.resources)} are cancelled"
        )


class TaskHeld(Event, frozen=True, tag=True, kw_only=True):
    """The server of a goal holds it for a pause (``held``), or has resumed it."""

    type: ClassVar[str] = "TASK_HELD"
    held: bool

    def description(self) -> str:
        return f"{self.key} {'is held' if self.held else 'goes on'} on its server"


class TaskCancelled(Event, frozen=True, tag=True, kw_only=True):
    """An action was stopped for good.

    ``confirmed``: the server said so, or there was no goal; otherwise the goal may still run, and
    is quarantined.
    """

    type: ClassVar[str] = "TASK_CANCELLED"
    reason: str = ""
    confirmed: bool = True

    def description(self) -> str:
        return f"{self.key} was cancelled: {self.reason}"


class TaskPreempted(Event, frozen=True, tag=True, kw_only=True):
    """A more urgent execution takes an action's resources; the action comes again later."""

    type: ClassVar[str] = "PREEMPTED"
    level: ClassVar[int] = WARNING
    by: str

    def description(self) -> str:
        return f"{self.key} makes room for {self.by}"


class DeadLetterAdded(Event, frozen=True, tag=True, kw_only=True):
    """An action that failed for good is kept for later."""

    type: ClassVar[str] = "DEAD_LETTER_ADDED"
    level: ClassVar[int] = WARNING
    dead_letter_id: str
    action_type: str
    action: dict[str, Any]
    parameters: dict[str, Any]
    error: ErrorInfo
    retry_after: float = 0.0

    def description(self) -> str:
        return (
            f"{self.key} is kept as the dead letter {self.dead_letter_id}, to be tried again later"
        )


class DeadLetterChanged(Event, frozen=True, tag=True, kw_only=True):
    """A dead letter is retrying, succeeded, waiting again or discarded.

    ``parameters`` are those for what is left of its action, if its retry did some of it.
    """

    type: ClassVar[str] = "DEAD_LETTER_CHANGED"
    dead_letter_id: str
    status: str
    retry_after: float = 0.0
    parameters: dict[str, Any] | None = None

    def description(self) -> str:
        return f"the dead letter {self.dead_letter_id}: {self.status}"


# --------------------------------------------------------------------------- recovery


class RecoveryInitiated(Event, frozen=True, tag=True, kw_only=True):
    """A strategy begins; ``position`` is its place in the table."""

    type: ClassVar[str] = "RECOVERY_INITIATED"
    level: ClassVar[int] = WARNING
    run_id: str
    strategy: str
    position: int
    error: ErrorInfo
    settings: dict[str, Any] = field(default_factory=dict)
    strategies_left: int = 0
    until: float | None = None
    reason: str = ""

    def description(self) -> str:
        return f"{self.key} recovers with {self.strategy}: {self.reason}"


class RecoveryMoves(Event, frozen=True, tag=True, kw_only=True):
    """A strategy is about to move the robot with a goal of its own.

    It is in the journal before the goal is sent: ``goal_id`` follows from the run, ``interface`` is
    the action type, ``goal`` are the fields of the message.
    """

    type: ClassVar[str] = "RECOVERY_MOVES"
    run_id: str
    strategy: str
    goal_id: str
    interface: str
    server: str
    goal: dict[str, Any] = field(default_factory=dict)

    def description(self) -> str:
        return f"{self.strategy} of {self.key} moves the robot with {self.server}"


class RecoveryStopRequested(Event, frozen=True, tag=True, kw_only=True):
    """A recovery motion is being cancelled; its server has to confirm that before ``until``.

    ``below_at``: when the goals of the servers below are cancelled, too.
    """

    type: ClassVar[str] = "RECOVERY_STOP_REQUESTED"
    run_id: str
    intent: CancelIntent
    until: float
    below_at: float | None = None
    reason: str = ""

    def description(self) -> str:
        return f"the motion that {self.key} recovers with is being cancelled: {self.reason}"


class RecoveryFinished(Event, frozen=True, tag=True, kw_only=True):
    """A strategy is done, or there is none left (``strategy`` is then empty).

    ``delay`` is seconds before the next attempt, whose timeout is ``timeout_factor`` times as long.
    ``takes_back`` are the parameters that earlier strategies changed and that are as in the plan
    again, because this one changed the situation.
    """

    type: ClassVar[str] = "RECOVERY_FINISHED"
    level: ClassVar[int] = WARNING
    run_id: str = ""
    strategy: str = ""
    outcome: StrategyOutcome
    reason: str = ""
    succeeded: bool = False
    delay: float = 0.0
    parameters: dict[str, Any] = field(default_factory=dict)
    timeout_factor: float = 1.0
    takes_back: tuple[str, ...] = ()

    def description(self) -> str:
        back = f"; {', '.join(self.takes_back)} as in the plan again" if self.takes_back else ""
        return f"{self.strategy or 'recovery'} of {self.key}: {self.outcome}, {self.reason}{back}"


class BreakerCounted(Event, frozen=True, tag=True, kw_only=True):
    """A server failed once more, or worked again after failures."""

    type: ClassVar[str] = "BREAKER_COUNTED"
    level: ClassVar[int] = DEBUG
    server: str
    failures: int = 0

    def description(self) -> str:
        if not self.failures:
            return f"{self.server} works, its failures are forgotten"
        return f"{self.server} failed {counted(self.failures, 'time')} in a row"


class BreakerOpened(Event, frozen=True, tag=True, kw_only=True):
    """A server failed too often; nothing is sent to it for a while."""

    type: ClassVar[str] = "BREAKER_OPENED"
    level: ClassVar[int] = WARNING
    server: str
    until: float
    failures: int

    def description(self) -> str:
        times = counted(self.failures, "time")
        return f"{self.server} failed {times} in a row and gets no goals for a while"


class BreakerHalfOpened(Event, frozen=True, tag=True, kw_only=True):
    """One trial may go to the server."""

    type: ClassVar[str] = "BREAKER_HALF_OPENED"
    server: str

    def description(self) -> str:
        return f"one goal may try whether {self.server} works again"


class BreakerClosed(Event, frozen=True, tag=True, kw_only=True):
    """The server works again."""

    type: ClassVar[str] = "BREAKER_CLOSED"
    server: str

    def description(self) -> str:
        return f"{self.server} works again, its breaker is closed"


class ServerAvailability(Event, frozen=True, tag=True, kw_only=True):
    """An action server came or went."""

    type: ClassVar[str] = "SERVER_AVAILABILITY"
    server: str
    available: bool
    reason: str = ""

    def description(self) -> str:
        return f"{self.server} is {'there' if self.available else 'gone'}"


# --------------------------------------------------------------------------- resources


class Lease(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A part of a resource that an action or a client holds; ``type`` is the resource's class.

    ``robot`` is the one it belongs to, empty where there are not several.
    ``rate`` is what one unit of it costs a second, kept here so that the cost of an old execution
    does not change with the configuration.
    """

    lease_id: str
    resource: str
    amount: float = 1.0
    shared: bool = False
    type: str = ""
    rate: float = 0.0
    robot: str = ""


class ResourceAllocated(Event, frozen=True, tag=True, kw_only=True):
    """All resources of an action, or of an outside holder, were taken at once.

    ``distances`` are metres from each robot that was free to where the action goes, if the robot
    was chosen by them.
    """

    type: ClassVar[str] = "RESOURCE_ALLOCATED"
    level: ClassVar[int] = DEBUG
    leases: tuple[Lease, ...]
    holder: str = ""
    priority: int = 0
    until: float | None = None
    request_id: str = ""
    distances: dict[str, float] = field(default_factory=dict)

    def description(self) -> str:
        text = f"{self.key or self.holder} holds {', '.join(one.resource for one in self.leases)}"
        if self.distances:
            ways = (f"{robot} {metres:g} m" for robot, metres in self.distances.items())
            text = f"{text} (to its target: {', '.join(ways)})"
        return text


class ResourceReleased(Event, frozen=True, tag=True, kw_only=True):
    """Leases were given back."""

    type: ClassVar[str] = "RESOURCE_RELEASED"
    level: ClassVar[int] = DEBUG
    lease_ids: tuple[str, ...]
    reason: str = ""

    def description(self) -> str:
        why = f": {self.reason}" if self.reason else ""
        return f"{self.key or 'somebody'} gives its resources back{why}"


class LeaseRequested(Event, frozen=True, tag=True, kw_only=True):
    """A client outside the engine waits for resources."""

    type: ClassVar[str] = "LEASE_REQUESTED"
    request_id: str
    demands: tuple[LeaseDemand, ...]
    holder: str
    priority: int = 0
    until: float = 0.0
    duration: float = 0.0

    def description(self) -> str:
        return f"{self.holder} waits for {', '.join(one.resource for one in self.demands)}"


class RateLimitPassed(Event, frozen=True, tag=True, kw_only=True):
    """A capability with a rate limit may be started again."""

    type: ClassVar[str] = "RATE_LIMIT_PASSED"
    level: ClassVar[int] = DEBUG
    capability: str

    def description(self) -> str:
        return f"{self.capability} may be started again: its rate limit allows it"


class LeaseRequestExpired(Event, frozen=True, tag=True, kw_only=True):
    """A request for resources ended without any, as when none became free in time."""

    type: ClassVar[str] = "LEASE_REQUEST_EXPIRED"
    level: ClassVar[int] = WARNING
    request_id: str
    reason: str = ""

    def description(self) -> str:
        why = f": {self.reason}" if self.reason else ""
        return f"the request {self.request_id} for resources was in vain{why}"


MAY_MOVE = "the robot may still be moving"
NOT_CONFIRMED = "the goal is not confirmed as ended"


def doubt(*, stands: bool) -> str:
    """Return the unknown of an outcome, as the beginning or the end of a sentence."""
    return NOT_CONFIRMED if stands else MAY_MOVE


def says_unconfirmed(reason: str) -> bool:
    """Whether a reason says already that a goal may not have ended."""
    return MAY_MOVE in reason or NOT_CONFIRMED in reason


class GoalQuarantined(Event, frozen=True, tag=True, kw_only=True):
    """The end of a goal could not be confirmed, so it keeps its resources.

    It belongs to no execution, because it outlives that of the goal: ``owner`` is its id and
    ``action`` the key of the action. The rest is what is needed to find the goal again, and what
    its leases are when the events of its execution are gone: taken at ``acquired`` (Unix time, s),
    with the ``priority`` of the execution. Journals of before that was noted have None there.
    The goal of a recovery has the name of its strategy for a ``capability``, its action type as
    ``interface``, and the fields of its message as ``parameters``. ``stands``: when it came into
    quarantine, odometry said that the robot stands.
    """

    type: ClassVar[str] = "GOAL_QUARANTINED"
    level: ClassVar[int] = ERROR
    goal_id: str
    owner: str
    action: str
    number: int
    capability: str
    server: str = ""
    robot: str = ""
    parameters: dict[str, Any] = field(default_factory=dict)
    timeout: float | None = None
    idempotent: bool = False
    accepted: bool = False
    leases: tuple[Lease, ...] = ()
    acquired: float | None = None
    priority: int = 0
    reason: str = ""
    interface: str = ""
    stands: bool = False

    @property
    def doubt(self) -> str:
        """The unknown of its outcome, as the beginning of a sentence."""
        return doubt(stands=self.stands)

    @property
    def what(self) -> str:
        """Name the action, and the strategy whose goal it is if it is no goal of the action."""
        return f"{self.capability} of {self.action}" if self.interface else self.action

    @property
    def held_since(self) -> float:
        """When its leases were taken (Unix time, s)."""
        return self.time if self.acquired is None else self.acquired

    def description(self) -> str:
        held = ", ".join(one.resource for one in self.leases)
        kept = f"; {held} stays with it" if held else ""
        return f"{self.doubt}: {self.what} of {self.owner}, {self.reason}{kept}"


class QuarantineEnded(Event, frozen=True, tag=True, kw_only=True):
    """A goal in quarantine is over; what it held is free again."""

    type: ClassVar[str] = "QUARANTINE_ENDED"
    level: ClassVar[int] = WARNING
    goal_id: str
    owner: str
    action: str
    cause: QuarantineEnd
    reason: str = ""
    lease_ids: tuple[str, ...] = ()

    def description(self) -> str:
        return f"{self.action} of {self.owner} is no longer in quarantine: {self.reason}"


# --------------------------------------------------------------------------- gripping


class ObjectGrasped(Event, frozen=True, tag=True, kw_only=True):
    """A gripper holds an object, ``held_as`` {pose, frame, size} of the link that holds it."""

    type: ClassVar[str] = "OBJECT_GRASPED"
    object_id: str
    robot: str = ""
    held_as: dict[str, Any] = field(default_factory=dict)

    def description(self) -> str:
        return f"{self.robot or 'the gripper'} holds {self.object_id}"


class ObjectReleased(Event, frozen=True, tag=True, kw_only=True):
    """A gripper holds an object no more; ``by`` is the action that put it down (execution/key)."""

    type: ClassVar[str] = "OBJECT_RELEASED"
    object_id: str
    robot: str = ""
    by: str = ""

    def description(self) -> str:
        return f"{self.robot or 'the gripper'} let go of {self.object_id}"


# --------------------------------------------------------------------------- safety


class EmergencyStopped(Event, frozen=True, tag=True, kw_only=True):
    """Everything stops, goals are refused."""

    type: ClassVar[str] = "EMERGENCY_STOPPED"
    level: ClassVar[int] = ERROR
    reason: str = ""

    def description(self) -> str:
        return f"emergency stop: {self.reason}"


class RobotSeenAtStop(Event, frozen=True, tag=True, kw_only=True):
    """The robot's motion after an emergency stop, from odometry.

    ``motion`` is stopping, standing, moving (it should not any more) or unknown; ``speed`` is in
    metres per second, ``after`` in seconds since the stop.
    """

    type: ClassVar[str] = "ROBOT_SEEN_AT_STOP"
    level: ClassVar[int] = WARNING
    motion: str
    speed: float = 0.0
    after: float = 0.0
    reason: str = ""

    def description(self) -> str:
        return self.reason


class Sighting(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A detected object in a picture: its box, in pixels from the upper left corner."""

    object_id: str
    class_id: str = ""
    confidence: float = 0.0
    x: int
    y: int
    width: int
    height: int


class PictureTaken(Event, frozen=True, tag=True, kw_only=True):
    """What the camera saw when an attempt that holds it ended.

    ``picture`` is the name of a JPEG file in the folder ``pictures`` of the state directory, which
    keeps the newest ones; the boxes of ``sightings`` are drawn in it. ``camera`` is its topic,
    ``width`` and ``height`` are pixels.
    """

    type: ClassVar[str] = "PICTURE_TAKEN"
    level: ClassVar[int] = DEBUG
    decides: ClassVar[bool] = False
    picture: str
    camera: str = ""
    width: int = 0
    height: int = 0
    sightings: tuple[Sighting, ...] = ()

    def description(self) -> str:
        seen = ", ".join(one.object_id for one in self.sightings)
        return f"a picture of what {self.key} saw was kept" + (f": {seen}" if seen else "")


class RobotTravelled(Event, frozen=True, tag=True, kw_only=True):
    """The way a base went while an action that moves it ran, until its end.

    ``path`` has (time, x, y, yaw) in ``frame``: execution time in seconds, metres, radians.
    """

    type: ClassVar[str] = "ROBOT_TRAVELLED"
    level: ClassVar[int] = DEBUG
    decides: ClassVar[bool] = False
    robot: str = ""
    frame: str = "map"
    path: tuple[tuple[float, float, float, float], ...] = ()

    def description(self) -> str:
        return f"{self.robot or 'the robot'} went {self.metres:.1f} m for {self.key}"

    @property
    def metres(self) -> float:
        """How long the way is."""
        steps = itertools.pairwise(self.path)
        return sum(math.dist(one[1:3], other[1:3]) for one, other in steps)


class EmergencyStopReset(Event, frozen=True, tag=True, kw_only=True):
    """Goals are taken again, zero velocity is held no longer."""

    type: ClassVar[str] = "EMERGENCY_STOP_RESET"

    def description(self) -> str:
        return "the emergency stop was reset: goals are taken again"


class EngineFault(Event, frozen=True, tag=True, kw_only=True):
    """An event or a plan of the journal could not be understood; the execution cannot go on."""

    type: ClassVar[str] = "ENGINE_FAULT"
    level: ClassVar[int] = ERROR
    decides: ClassVar[bool] = False
    reason: str

    def description(self) -> str:
        return f"it cannot go on: {self.reason}"


class StorageRestored(Event, frozen=True, tag=True, kw_only=True):
    """The journal could not be written from ``since`` (Unix seconds) until now; nothing is lost.

    What came in meanwhile is decided from here on.
    """

    type: ClassVar[str] = "STORAGE_RESTORED"
    level: ClassVar[int] = WARNING
    decides: ClassVar[bool] = False
    since: float
    reason: str

    def description(self) -> str:
        return f"the journal could not be written for {self.time - self.since:.1f} s: {self.reason}"


class EventsMissing(Event, frozen=True, tag=True, kw_only=True):
    """``count`` events of the journal were gone when the node started.

    They were the newest: its write-ahead log was deleted, an older copy was put in its place, or
    the machine or the server of the database lost its power. Or, with ``first``, the position of
    the first of them, they are gone from between others: something other than this program deleted
    them. What they told of is not known.
    """

    type: ClassVar[str] = "EVENTS_MISSING"
    level: ClassVar[int] = ERROR
    decides: ClassVar[bool] = False
    count: int
    first: int = 0

    def description(self) -> str:
        if self.first:
            what = "event is" if self.count == 1 else "events are"
            return (
                f"{self.count} {what} missing between others in the journal, the first at "
                f"position {self.first}: something other than this program deleted them; what is "
                "told of the executions there may be wrong, so look what the robot does"
            )
        what = "event is" if self.count == 1 else f"{self.count} events are"
        return (
            f"the newest {what} missing in the journal: its -wal file was deleted, an older copy "
            "was put in its place, or the power or the database server failed; look what the robot "
            "does, since a goal that nobody knows of may run"
        )


class ClockAnchored(Event, frozen=True, tag=True, kw_only=True):
    """The node has started: from here on execution time follows its clock.

    ``steady`` is the monotonic clock (seconds) at that moment, ``boot_id`` names the boot of the
    machine it counts in and is empty if that is not known. ``passed`` is how many seconds count for
    the time since the newest event, ``by`` what tells: monotonic, wall or simulated.
    """

    type: ClassVar[str] = "CLOCK_ANCHORED"
    level: ClassVar[int] = DEBUG
    decides: ClassVar[bool] = False
    steady: float
    boot_id: str = ""
    passed: float = 0.0
    by: str = ""

    def description(self) -> str:
        """Say how long nothing ran."""
        if not self.by:
            return "the clock of executions starts"
        how = "by the wall clock, after a restart of the machine" if self.by == "wall" else self.by
        return f"the node was away for {self.passed:.1f} s ({how})"


class ClockJumped(Event, frozen=True, tag=True, kw_only=True):
    """The wall clock was set by ``jump`` seconds; no duration, timeout or delay changes by that.

    ``simulated``: it was simulated time that leapt, and what it leapt over has not passed.
    """

    type: ClassVar[str] = "CLOCK_JUMPED"
    level: ClassVar[int] = WARNING
    decides: ClassVar[bool] = False
    jump: float
    simulated: bool = False

    def description(self) -> str:
        """Say by how much, and that nothing else changes."""
        if self.simulated and self.jump < 0.0:
            return f"/clock went back by {-self.jump:.1f} s; timeouts and delays go on from there"
        if self.simulated:
            return f"/clock leapt forward by {self.jump:.1f} s; timeouts and delays go on after it"
        way = "forward" if self.jump > 0.0 else "back"
        return f"the wall clock was set {way} by {abs(self.jump):.1f} s; durations do not change"


# --------------------------------------------------------------------------- schedules


class ScheduleSet(Event, frozen=True, tag=True, kw_only=True):
    """A goal is started again and again from now on; one of the same name is replaced.

    ``since`` and ``next_moment`` are Unix seconds of a wall clock: nothing before ``since`` counts,
    whatever the clock is set to. ``set_by`` is the execution of the goal that asked for it, empty
    for the service.
    """

    type: ClassVar[str] = "SCHEDULE_SET"
    schedule_id: str
    timetable: Timetable
    goal: RawGoal
    command: str = ""
    priority: int = 0
    timeout: float | None = None
    options: SubmitOptions = SubmitOptions()
    since: float = 0.0
    next_moment: float | None = None
    set_by: str = ""

    def description(self) -> str:
        what = self.command or "a plan"
        text = f"the schedule {self.schedule_id} starts {what} {self.timetable.described()}"
        return f"{text}, {_next(self.next_moment, self.timetable.time_zone)}"


class ScheduleFired(Event, frozen=True, tag=True, kw_only=True):
    """A schedule started an execution, whose id is made of the schedule's and the moment.

    ``moment`` and ``next_moment`` are Unix seconds of a wall clock; ``fired`` is how often it
    started one so far.
    """

    type: ClassVar[str] = "SCHEDULE_FIRED"
    schedule_id: str
    moment: float
    started: str
    next_moment: float | None = None
    fired: int = 0

    def description(self) -> str:
        return f"the schedule {self.schedule_id} started {self.started}"


class ScheduleSkipped(Event, frozen=True, tag=True, kw_only=True):
    """A schedule started nothing at ``moment``, or at several up to it, and why.

    ``moment`` and ``next_moment`` are Unix seconds of a wall clock; ``skipped`` is how often that
    happened so far.
    """

    type: ClassVar[str] = "SCHEDULE_SKIPPED"
    level: ClassVar[int] = WARNING
    schedule_id: str
    moment: float
    reason: str
    next_moment: float | None = None
    skipped: int = 0

    def description(self) -> str:
        return f"the schedule {self.schedule_id} started nothing: {self.reason}"


class SchedulePaused(Event, frozen=True, tag=True, kw_only=True):
    """A schedule starts nothing until it is resumed."""

    type: ClassVar[str] = "SCHEDULE_PAUSED"
    schedule_id: str
    reason: str = ""

    def description(self) -> str:
        return f"the schedule {self.schedule_id} is paused: {self.reason}"


class ScheduleResumed(Event, frozen=True, tag=True, kw_only=True):
    """A paused schedule was resumed; ``next_moment`` is Unix seconds of a wall clock."""

    type: ClassVar[str] = "SCHEDULE_RESUMED"
    schedule_id: str
    next_moment: float | None = None

    def description(self) -> str:
        return f"the schedule {self.schedule_id} goes on"


class ScheduleMoved(Event, frozen=True, tag=True, kw_only=True):
    """The wall clock was set back, and a schedule has an earlier moment before it again.

    ``anchor``: one that repeats after so many seconds counts anew from there on.
    """

    type: ClassVar[str] = "SCHEDULE_MOVED"
    schedule_id: str
    next_moment: float | None = None
    anchor: float | None = None

    def description(self) -> str:
        if self.anchor is not None:
            return f"the schedule {self.schedule_id} counts anew: the clock was set back"
        return f"the schedule {self.schedule_id} has another moment before it: the clock was set"


class ScheduleRemoved(Event, frozen=True, tag=True, kw_only=True):
    """A schedule was removed; executions that it started are not affected."""

    type: ClassVar[str] = "SCHEDULE_REMOVED"
    schedule_id: str
    reason: str = ""

    def description(self) -> str:
        return f"the schedule {self.schedule_id} is removed: {self.reason}"


SCHEDULING = (
    ScheduleSet,
    ScheduleFired,
    ScheduleSkipped,
    SchedulePaused,
    ScheduleResumed,
    ScheduleMoved,
    ScheduleRemoved,
)


def _next(moment: float | None, zone: str) -> str:
    return "never again" if moment is None else f"next at {clock_words(moment, zone)}"


# --------------------------------------------------------------------------- watching


class AlertRaised(Event, frozen=True, tag=True, kw_only=True):
    """The condition of an alert has held for its duration; ``value`` is the metric's."""

    type: ClassVar[str] = "ALERT_RAISED"
    level: ClassVar[int] = WARNING
    decides: ClassVar[bool] = False
    alert_id: str
    metric: str
    value: float
    severity: str = "warning"
    message: str = ""

    def description(self) -> str:
        return f"alert {self.alert_id}: {self.message}"


class RequestRefused(Event, frozen=True, tag=True, kw_only=True):
    """Something was refused before it became a goal, by the policy for agents for example.

    ``arguments`` is what was asked, as JSON text of bounded length; ``requester`` is who asked.
    """

    type: ClassVar[str] = "REQUEST_REFUSED"
    level: ClassVar[int] = WARNING
    decides: ClassVar[bool] = False
    requester: str
    request: str
    reason: str
    arguments: str = ""

    def description(self) -> str:
        return f"{self.request} of {self.requester or 'somebody'} was refused: {self.reason}"


class CommandGiven(Event, frozen=True, tag=True, kw_only=True):
    """A person or program gave the node a command; the events that follow are its consequences.

    ``about`` is its subject besides the execution and the action; ``refusal`` says why it was
    refused, '' if it was not.
    """

    type: ClassVar[str] = "COMMAND_GIVEN"
    decides: ClassVar[bool] = False
    caller: Caller
    command: str
    about: str = ""
    refusal: str = ""

    def description(self) -> str:
        about = f" ({self.about})" if self.about else ""
        refused = f" was refused: {self.refusal}" if self.refusal else ""
        return f"{self.command}{about} by {self.caller}{refused}"


class AlertCleared(Event, frozen=True, tag=True, kw_only=True):
    """The condition of a raised alert holds no more, or was taken away."""

    type: ClassVar[str] = "ALERT_CLEARED"
    decides: ClassVar[bool] = False
    alert_id: str
    metric: str
    value: float

    def description(self) -> str:
        return f"alert {self.alert_id} is over: {self.metric} = {self.value:g}"


# Every event there is: a place that handles all of them is checked against it by mypy.
AnyEvent = (
    ExecutionRequested
    | PlanningStarted
    | PlanningFinished
    | ExecutionAccepted
    | ExecutionDue
    | PlanMade
    | ExecutionAdmitted
    | ExecutionStarted
    | ExecutionPaused
    | ExecutionResumed
    | ExecutionCancelRequested
    | CompensationStarted
    | RollbackEnded
    | SuccessChecked
    | ExecutionFinished
    | ExecutionForgotten
    | HistoryPruned
    | PlanOptimised
    | BreakpointsSet
    | CheckpointCreated
    | CheckpointRestored
    | ReplanRequested
    | ExecutionReplanned
    | PlanAmended
    | ReplanFailed
    | SignalReceived
    | BlockEntered
    | BlockAborted
    | TaskReady
    | TaskWaiting
    | GuardFailed
    | GuardPassed
    | ConditionPolled
    | BreakpointReached
    | BreakpointPassed
    | ConfirmationRequested
    | ConfirmationGiven
    | TaskStarted
    | TaskAccepted
    | TaskReached
    | TaskCompleted
    | TaskAttemptFailed
    | TaskRequeued
    | TaskHeldBack
    | TaskNoticed
    | TaskRetryScheduled
    | TaskRetryDue
    | TaskFailed
    | TaskSkipped
    | TaskCancelRequested
    | TaskCancelRefused
    | StoppedBelow
    | TaskHeld
    | TaskCancelled
    | TaskPreempted
    | DeadLetterAdded
    | DeadLetterChanged
    | RecoveryInitiated
    | RecoveryMoves
    | RecoveryStopRequested
    | RecoveryFinished
    | BreakerCounted
    | BreakerOpened
    | BreakerHalfOpened
    | BreakerClosed
    | ServerAvailability
    | ResourceAllocated
    | ResourceReleased
    | LeaseRequested
    | RateLimitPassed
    | LeaseRequestExpired
    | GoalQuarantined
    | QuarantineEnded
    | ObjectGrasped
    | ObjectReleased
    | EmergencyStopped
    | RobotSeenAtStop
    | PictureTaken
    | RobotTravelled
    | EmergencyStopReset
    | EngineFault
    | StorageRestored
    | ClockAnchored
    | ClockJumped
    | EventsMissing
    | ScheduleSet
    | ScheduleFired
    | ScheduleSkipped
    | SchedulePaused
    | ScheduleResumed
    | ScheduleMoved
    | ScheduleRemoved
    | AlertRaised
    | RequestRefused
    | CommandGiven
    | AlertCleared
)
EVENTS: tuple[type[Event], ...] = get_args(AnyEvent)
if missing := [kind.__name__ for kind in Event.__subclasses__() if kind not in EVENTS]:
    raise NotImplementedError(f"AnyEvent lacks {', '.join(missing)}")


def event_type(event: Event) -> str:
    """Return the name other programs see; the end of an execution carries its status."""
    if type(event) is ExecutionFinished:
        return f"EXECUTION_{event.status}"
    return event.type
