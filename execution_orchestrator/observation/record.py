"""The record of an execution: its status, actions, attempts, leases and recoveries.

Times are Unix seconds, durations seconds. Only the fold (fold.py) changes a record.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec

from execution_orchestrator.engine.events import PictureTaken, RobotTravelled, ScheduleSet
from execution_orchestrator.engine.inputs import PlanningReport, RawGoal
from execution_orchestrator.engine.status import (
    FINAL_ACTION,
    FINAL_EXECUTION,
    ActionStatus,
    BreakerStatus,
    ExecutionStatus,
)
from execution_orchestrator.observation.wall_time import WallTime
from execution_orchestrator.plan.changes import PlanChange
from execution_orchestrator.plan.durations import Estimate, estimate_of
from execution_orchestrator.plan.errors import ErrorInfo
from execution_orchestrator.plan.issues import Issue
from execution_orchestrator.plan.tree import COMPOSITES, EARLIER, STEERING, PlanTree

# An action that is no part of what runs now: of an earlier plan, or of before a checkpoint.
DROPPED = "DROPPED"
DONE = FINAL_ACTION | {DROPPED}


@dataclass(slots=True)
class AttemptRecord:
    """One dispatch of an action; ``ended`` is None while it runs."""

    number: int
    dispatched: float
    accepted: float | None = None
    ended: float | None = None
    outcome: str = ""  # succeeded, cancelled or an outcome of TASK_ATTEMPT_FAILED; '' while it runs
    error_type: str = ""
    error_code: str = ""
    error_message: str = ""
    said: tuple[str, ...] = ()  # by the servers around the failure
    server: str = ""
    goal_id: str = ""
    breaker_wait: float = 0.0  # seconds that it waited for its server's circuit breaker


@dataclass(slots=True)
class ActionRecord:
    """One action with its attempts; ``status`` is one of ActionStatus, or DROPPED."""

    key: str
    action_type: str = ""
    description: str = ""
    parent: str = ""  # key of the action that nests it
    block: str = "actions"  # of the parent that it is in
    depends_on: tuple[str, ...] = ()
    estimated_duration: float = 0.0
    cost_rate: float = 0.0
    server: str = ""  # empty while it is not known
    pausable: str = "none"  # what a pause does to its goal: "none" lets it run to its end
    max_attempts: int = 1  # as its retry policy says
    uncounted: int = 0  # attempts that did not count: requeued, or of an earlier start
    plan: int = 1  # the number of the plan it came with
    status: str = ActionStatus.PENDING
    reason: str = ""
    attempt: int = 0
    goal_id: str = ""
    robot: str = ""  # of this or the last attempt, where there are several
    resources: tuple[str, ...] = ()  # held now
    ready: float | None = None  # for the first time
    waiting_since: float | None = None  # for its resources; None while it has them
    waits_from: float | None = None  # a delay, or the time before the next attempt,
    waits_until: float | None = None  # and its end
    started: float | None = None
    ended: float | None = None
    progress: float = 0.0  # 0.0 to 1.0, as its server says
    phase: str = ""
    remaining: float | None = None  # as its server says
    entered: str = ""  # the block of it that runs now, '' before it began
    item: int = -1  # of a foreach: the newest that began,
    items: int = 0  # of so many
    error: ErrorInfo | None = None
    output: Any = None
    outcome: str = ""  # which of those that its capability names it came to
    parameters: dict[str, Any] | None = None  # rendered, in place of those of the plan
    attempts: list[AttemptRecord] = field(default_factory=list)
    pictures: list[PictureTaken] = field(default_factory=list)  # the last of each attempt

    @property
    def is_control_flow(self) -> bool:
        """Whether it steers other actions instead of sending goals."""
        return self.action_type in COMPOSITES or self.action_type in STEERING

    @property
    def outlasts_a_pause(self) -> bool:
        """Whether its goal is at work and a pause would let it run to its end."""
        at_work = self.status in {ActionStatus.DISPATCHED, ActionStatus.RUNNING}
        return at_work and self.pausable == "none" and not self.is_control_flow

    @property
    def attempts_allowed(self) -> int:
        """The number that its last attempt may have by now; a recovery may have added some."""
        return max(self.attempt, self.max_attempts + self.uncounted)

    @property
    def running(self) -> AttemptRecord | None:
        """The attempt that runs now."""
        attempts = self.attempts
        return attempts[-1] if attempts and attempts[-1].ended is None else None

    @property
    def busy(self) -> float:
        """Seconds of all its finished attempts together."""
        return sum((a.ended or a.dispatched) - a.dispatched for a in self.attempts)


@dataclass(slots=True)
class LeaseRecord:
    """A resource held by an action, or by a holder outside; ``released`` is None while it is held.

    ``wanted`` is when the action began to wait for it, ``breaker_wait`` how much of that wait was
    for its server's circuit breaker.
    """

    lease_id: str
    resource: str
    key: str
    amount: float
    acquired: float
    released: float | None = None
    since: float = 0.0  # the wall time of ``acquired``
    rate: float = 0.0
    resource_type: str = ""
    wanted: float | None = None
    breaker_wait: float = 0.0
    execution_id: str = ""
    holder: str = ""
    priority: int = 0
    quarantine: str = ""  # why it stays with a goal whose attempt is over

    @property
    def waited(self) -> float:
        """Seconds of waiting for the resource itself."""
        if self.wanted is None:
            return 0.0
        return max(0.0, self.acquired - self.wanted - self.breaker_wait)


@dataclass(slots=True)
class RecoveryRecord:
    """One run of a recovery strategy.

    ``succeeded``: the strategy did its work. ``helped``: the attempt after it succeeded; None
    while that is not known, or if no attempt followed.
    """

    key: str
    strategy: str
    started: float
    ended: float | None = None
    error_type: str = ""
    error_code: str = ""
    outcome: str = ""
    reason: str = ""
    succeeded: bool | None = None
    helped: bool | None = None


@dataclass(frozen=True, slots=True)
class Replanning:
    """The moment another plan took over, and the actions in which it differs.

    ``dropped`` were not done and are not in it, ``added`` were not in the plan before.
    """

    time: float
    dropped: tuple[str, ...]
    added: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CheckpointRecord:
    """A checkpoint, and how many actions had succeeded by then."""

    time: float
    checkpoint_id: str
    completed: int


@dataclass(slots=True)
class ScheduleRecord:
    """A schedule that starts a goal repeatedly; moments are Unix seconds of the wall clock.

    ``next_moment`` is None where nothing is to come. ``reason`` is why it is paused, or why it
    started nothing the last time.
    """

    as_set: ScheduleSet
    next_moment: float | None
    paused: bool = False
    reason: str = ""
    fired: int = 0
    skipped: int = 0
    last_moment: float | None = None
    last_execution: str = ""

    @property
    def schedule_id(self) -> str:
        """Its name."""
        return self.as_set.schedule_id


@dataclass(slots=True)
class ServerRecord:
    """State of an action server; ``available`` is None until an event says so."""

    name: str
    available: bool | None = None
    breaker: BreakerStatus = BreakerStatus.CLOSED
    failures: int = 0
    reason: str = ""
    until: float = 0.0  # when an open breaker lets a trial through


Estimates = Callable[[str], Estimate]
FreeIn = Callable[["ExecutionRecord", ActionRecord, float], float]


class Shown:
    """What displays keep of a record between two looks; copies of the record share it.

    ``percentage`` is the highest one that was shown.
    """

    __slots__ = ("_estimates", "_tree", "percentage")

    def __init__(self) -> None:
        self.percentage = 0.0
        self._tree = _TREELESS
        self._estimates: dict[str, Estimate] = {}

    def estimates(self, tree: PlanTree) -> Estimates:
        """Return what looks up the estimate of an action by its key, each reckoned once a plan."""
        if tree is not self._tree:
            self._tree, self._estimates = tree, {}
        known = self._estimates

        def of(key: str) -> Estimate:
            found = known.get(key)
            if found is None:
                place = tree.find(key)
                found = known[key] = estimate_of(place.action if place is not None else {})
            return found

        return of


@dataclass(slots=True)
class RollbackRecord:
    """How what was done is undone: ``keys`` are the actions in that order, ``left`` those to come.

    ``partial`` are those that were half done, ``now`` is the one whose compensation runs, and
    ``not_undone`` has the errors of compensations that failed or were stopped.
    """

    keys: tuple[str, ...]
    partial: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    now: str = ""
    not_undone: dict[str, ErrorInfo] = field(default_factory=dict)
    ended: bool = False

    @property
    def undone(self) -> list[str]:
        """The actions that were undone, in that order."""
        others = {*self.left, *self.not_undone, self.now}
        return [key for key in self.keys if key not in others]

    @property
    def state(self) -> str:
        """What came of it: running, complete or incomplete."""
        if not self.ended:
            return "running"
        return "incomplete" if self.left or self.not_undone else "complete"

    def rows(self) -> list[tuple[str, str, str]]:
        """Return (key, result, reason) for each action, in the order of the rollback."""
        lines = []
        for key in self.keys:
            error = self.not_undone.get(key)
            what = "half of it was undone" if key in self.partial else "undone"
            if error is not None:
                what = "not undone"
            elif key in self.left:
                what = "not begun" if self.ended else "to come"
            elif key == self.now:
                what = "is being undone"
            lines.append((key, what, f"{error.code}: {error.message}" if error else ""))
        return lines


_TREELESS = PlanTree({})


def _at_once(_: ExecutionRecord, __: ActionRecord, ___: float) -> float:
    return 0.0


@dataclass(slots=True)
class ExecutionRecord:
    """Everything that displays and figures know about one execution."""

    execution_id: str
    command: str = ""
    correlation_id: str = ""
    requester: str = ""
    plan: Mapping[str, Any] = field(default_factory=dict)
    input: Mapping[str, Any] = field(default_factory=dict)
    status: ExecutionStatus = ExecutionStatus.PENDING
    reason: str = ""
    priority: int = 0
    accepted: float = 0.0
    started: float | None = None
    ended: float | None = None
    last_seen: float = 0.0
    error: ErrorInfo | None = None
    output: Any = None
    deviations: tuple[str, ...] = ()  # what was not done as the plan asks
    goal: RawGoal | None = None  # as its client sent it, None if no client did
    schedule_id: str = ""  # the schedule that started it
    waits: str = ""  # for its moment on the clock, or for another execution, in words
    planning: bool = False  # its plan is being made
    admitted: bool = False  # it has a place among those that run
    paused: bool = False
    cancelling: bool = False
    compensating: bool = False
    replan_run: str = ""  # the question for another plan that is open
    waiting_for_confirmation: bool = False
    confirmed: bool = True
    recovering: int = 0  # actions that recover now
    succeeded: int = 0  # actions that did, since the start or the last restore
    rollback: RollbackRecord | None = None  # how what was done is undone
    actions: dict[str, ActionRecord] = field(default_factory=dict)
    leases: dict[str, LeaseRecord] = field(default_factory=dict)
    recoveries: list[RecoveryRecord] = field(default_factory=list)
    travelled: list[RobotTravelled] = field(default_factory=list)
    pauses: list[tuple[float, float | None]] = field(default_factory=list)
    questions: dict[str, str] = field(default_factory=dict)  # by action, '' for the plan
    breakpoints: set[str] = field(default_factory=set)  # actions that wait at one
    checkpoints: list[CheckpointRecord] = field(default_factory=list)
    issues: tuple[Issue, ...] = ()  # what was found wrong with the plan
    changes: tuple[PlanChange, ...] = ()  # what the optimisation made of the given plan
    planning_time: float = 0.0
    planning_tokens: int = 0
    planning_cost: float = 0.0
    replannings: list[Replanning] = field(default_factory=list)
    tree: PlanTree = field(default=_TREELESS, repr=False, compare=False)
    # Plans of before, by the number of the question that replaced them, see CompensationStarted.
    earlier: dict[str, PlanTree] = field(default_factory=dict, repr=False, compare=False)
    # Plans of before that an amendment took actions from; the newest ones.
    amended: list[PlanTree] = field(default_factory=list, repr=False, compare=False)
    questions_for_plans: int = 0
    # Recoveries of which the next attempt shows whether they helped, by action.
    unsettled: dict[str, list[RecoveryRecord]] = field(
        default_factory=dict, repr=False, compare=False
    )
    shown: Shown = field(default_factory=Shown, repr=False, compare=False)
    # In how many seconds an action that waits for resources has them: of a node's read model, which
    # knows the other executions.
    free_in: FreeIn = field(default=_at_once, repr=False, compare=False)
    wall: WallTime = field(default_factory=WallTime, repr=False, compare=False)

    @property
    def is_final(self) -> bool:
        """Whether it has ended."""
        return self.status in FINAL_EXECUTION

    @property
    def replans(self) -> int:
        """How often another plan replaced the one before."""
        return len(self.replannings)

    @property
    def pictures(self) -> list[PictureTaken]:
        """The pictures of all its actions, the oldest first."""
        taken = [one for action in list(self.actions.values()) for one in list(action.pictures)]
        return sorted(taken, key=lambda one: one.time)

    @property
    def recovery_runs(self) -> int:
        """How often a strategy ran; mere retries are counted as attempts."""
        return sum(1 for one in self.recoveries if one.strategy != "retry")

    def tree_of(self, key: str) -> PlanTree:
        """Return the plan that a key belongs to: what an earlier one did is undone by its names."""
        number = key.partition(EARLIER)[2].partition("/")[0]
        if number:
            return self.earlier.get(number, self.tree)
        if self.tree.find(key) is None:
            return next((one for one in reversed(self.amended) if one.find(key)), self.tree)
        return self.tree

    def add_planning(self, report: PlanningReport) -> None:
        """Count what a planner took."""
        self.planning_time += report.seconds
        self.planning_tokens += report.prompt_tokens + report.completion_tokens
        self.planning_cost += report.cost

    def until(self, now: float | None = None) -> float:
        """Return the end of the record: its final event, or ``now``, or the last event seen."""
        if self.ended is not None:
            return self.ended
        return max(self.last_seen, now if now is not None else self.last_seen)

    def failures_with_server_logs(self) -> list[tuple[float, str, AttemptRecord]]:
        """Return the failures with log messages of servers: time, action, attempt."""
        failures = [
            (attempt.dispatched if attempt.ended is None else attempt.ended, action.key, attempt)
            for action in list(self.actions.values())
            for attempt in list(action.attempts)
            if attempt.said
        ]
        return sorted(failures, key=lambda failure: failure[0])

    def frozen(self) -> ExecutionRecord:
        """Return a copy whose collections do not grow while another thread reads them.

        Each collection is copied by one call of the interpreter, so that no lock is needed; the
        entries are shared, and only their fields change.
        """
        return replace(
            self,
            actions=dict(self.actions),
            leases=dict(self.leases),
            recoveries=list(self.recoveries),
            travelled=list(self.travelled),
            pauses=list(self.pauses),
            questions=dict(self.questions),
            breakpoints=set(self.breakpoints),
            checkpoints=list(self.checkpoints),
            replannings=list(self.replannings),
        )


def by_parent(record: ExecutionRecord) -> dict[str, list[ActionRecord]]:
    """Return the actions by the key of what nests them, '' at the top of the plan."""
    inside: dict[str, list[ActionRecord]] = {}
    for action in record.actions.values():
        parent = action.parent if action.parent in record.actions else ""
        inside.setdefault(parent, []).append(action)
    return inside


def in_reading_order(record: ExecutionRecord) -> list[ActionRecord]:
    """Return the actions of a record, each followed by what is nested in it.

    The record has them in the order in which they became known: the items of a loop, its
    fallbacks and compensations come last there.
    """
    inside = by_parent(record)
    if len(inside) < 2:
        return list(record.actions.values())
    found: list[ActionRecord] = []
    open_ = inside.pop("", [])[::-1]
    while open_:
        action = open_.pop()
        found.append(action)
        open_ += reversed(inside.pop(action.key, ()))
    return found


def plain(record: ExecutionRecord) -> dict[str, Any]:
    """Return a record as JSON data, without what only the displays of a running one need."""
    return {
        name: msgspec.to_builtins(getattr(record, name))
        for name in record.__dataclass_fields__
        if name not in ("tree", "earlier", "amended", "unsettled", "shown", "free_in", "wall")
    }
