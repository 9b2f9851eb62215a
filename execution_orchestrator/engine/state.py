"""The state of the orchestrator: what the fold of all events is.

Only ``apply`` (engine/apply) changes it. Everything here can be rebuilt from the journal.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from typing import Any

from execution_orchestrator.engine.events import (
    GoalQuarantined,
    Lease,
    PlanFailure,
    RecoveryMoves,
    ScheduleSet,
)
from execution_orchestrator.engine.inputs import LeaseDemand, RawGoal, SubmitOptions
from execution_orchestrator.engine.logic import Logic
from execution_orchestrator.engine.program import Node, Program
from execution_orchestrator.engine.ready_queue import ReadyQueues
from execution_orchestrator.engine.recovery.strategies import StrategyOutcome
from execution_orchestrator.engine.status import (
    FINAL_ACTION,
    FINAL_EXECUTION,
    AbortCause,
    ActionStatus,
    AttemptOutcome,
    BreakerStatus,
    CancelCause,
    CancelIntent,
    ExecutionStatus,
    SkipCause,
    TimerKind,
    WaitingKind,
)
from execution_orchestrator.plan.errors import ErrorInfo


class Generation:
    """What expressions can know of the actions of an execution, from one start to the next.

    Another plan, or a checkpoint, begins a new generation. What was done in an earlier one is
    undone with the names of that generation.
    """

    __slots__ = ("achieved", "actions")

    def __init__(self, actions: dict[str, ActionState], achieved: dict[str, Achieved]) -> None:
        self.actions = actions
        self.achieved = achieved


class Frame:
    """What the names of an expression mean at one place: a prefix of keys and its bindings."""

    __slots__ = ("error", "feedback", "index", "input", "item", "generation", "outer", "prefix")

    def __init__(self, prefix: str, outer: Frame | Generation) -> None:
        self.prefix = prefix
        if isinstance(outer, Generation):
            self.generation = outer
            self.outer: Frame | None = None
            self.item: Any = None
            self.index = -1
            self.input: dict[str, Any] = {}
            self.error: ErrorInfo | None = None
            self.feedback: Mapping[str, Any] = {}
            return
        self.generation = outer.generation
        self.outer = outer
        self.item = outer.item
        self.index = outer.index
        self.input = outer.input
        self.error = outer.error
        self.feedback = outer.feedback


class Flow:
    """The running inside of an action that has children."""

    __slots__ = (
        "abort",
        "abort_reason",
        "block",
        "children",
        "error",
        "failed_key",
        "frame",
        "iterations",
        "items",
        "next_index",
        "outcome",
        "open",
        "original_error",
        "outcomes",
        "outputs",
        "overturned",
        "paced",
        "partial",
        "results",
        "returned",
        "returning",
        "running",
        "sent",
        "window",
        "window_queue",
    )

    def __init__(self) -> None:
        self.block = ""
        self.frame: Frame | None = None
        self.children: dict[str, ActionState] = {}  # not yet final children by key
        self.outputs: dict[str, Any] = {}
        self.outcomes: dict[str, int] = {}  # how many children ended in each status
        self.open = 0
        self.abort: AbortCause | None = None  # why it is being aborted
        self.abort_reason = ""
        self.sent = False  # the abort was passed on to the children
        self.error: ErrorInfo | None = None
        self.outcome: AbortCause | None = None  # how the blocks of a try before its finally ended
        self.original_error: ErrorInfo | None = None  # of a try's block, while it is handled
        self.failed_key = ""
        self.paced: float | None = None  # when a round of a loop with a pace began, or is to
        self.partial = False
        self.returning = False
        self.overturned = False  # a finally failed while it was returning
        self.returned: Any = None
        self.items: list[Any] | None = None
        self.next_index = 0
        self.iterations: dict[int, int] = {}  # open children by iteration
        self.running = 0  # open iterations
        self.results: dict[int, dict[str, Any]] = {}
        self.window = 0  # started children of a bounded parallel
        self.window_queue: deque[ActionState] = deque()


# What an expression was worked out from, and its value.
Staged = tuple[tuple[Any, ...], Any]


class ActionState:
    """One action of one execution."""

    __slots__ = (
        "accepted",
        "armed",
        "attempt",
        "attempts_failed",
        "begun",
        "blockers",
        "block",
        "condition_holds",
        "delay",
        "confirmed",
        "dispatched",
        "ended",
        "entry",
        "error",
        "execution",
        "fixed",
        "flow",
        "frame",
        "goal_id",
        "held",
        "intent",
        "key",
        "robot",
        "stays_on",
        "leases",
        "node",
        "outcome",
        "output",
        "parameters",
        "parent",
        "passed",
        "poll",
        "position",
        "ready",
        "reason",
        "recovery",
        "run_id",
        "run_since",
        "motion",
        "stopping",
        "runs",
        "shut_at_ready",
        "signature",
        "skip_cause",
        "staged",
        "started",
        "status",
        "suspended",
        "tainted",
        "taints",
        "timeout",
        "timeout_factor",
        "retry_factor",
        "todo",
        "unguarded",
        "guard_reason",
        "waiters",
        "waiting_kind",
        "windowed",
        "override",
        "iteration",
        "preempted_by",
        "lost",
        "named_outcome",
        "refused",
        "replaced_by",
        "carried",
        "carried_rounds",
        "feedback",
        "heard",
        "left_out",
        "missed",
        "missed_partly",
        "undone",
        "heard_feedback",
        "reached",
        "rounds",
        "reached_at",
        "heard_at",
        "unseen",
        "held_back",
        "hindrances",
        "may_take",
        "asks_to_take",
    )

    def __init__(
        self,
        execution: ExecutionState,
        node: Node,
        frame: Frame,
        parent: ActionState | None,
        block: str,
    ) -> None:
        self.execution = execution
        self.node = node
        self.frame = frame
        self.parent = parent
        self.block = block
        self.key = frame.prefix + node.id
        self.status = ActionStatus.PENDING
        self.reason = ""  # why it is stopped, was refused, or what its recovery said
        self.attempt = 0
        self.attempts_failed = 0
        self.blockers = 0
        self.waiters: list[ActionState] | None = None
        self.tainted = ""  # the dependency that keeps it from running
        self.taints = False  # its dependents cannot run
        self.todo = False
        self.armed: list[str] | None = None
        self.windowed = False
        self.flow: Flow | None = None
        self.fixed: dict[str, Any] | None = None  # targets of the robot's frame, in the map
        self.goal_id = ""
        self.accepted = False
        self.leases: tuple[str, ...] = ()
        self.robot = ""  # of this or the last attempt, where there are several
        self.stays_on = ""  # robot that the next attempt is for, because of what was done there
        self.entry: tuple[Any, ...] | None = None
        self.signature: tuple[Any, ...] = ()  # of the queue its entry is in
        self.ready = 0.0
        # How long the breakers of its servers had been open when it became ready; None: never.
        self.shut_at_ready: dict[str, float] | None = None
        self.started = 0.0
        self.dispatched = 0.0
        self.ended = 0.0
        self.output: Any = None
        self.named_outcome = ""  # which of the outcomes of its capability it came to
        self.error: ErrorInfo | None = None
        self.outcome: AttemptOutcome | StrategyOutcome | None = None  # of the newest of either
        self.refused = False  # a person did not confirm it
        self.parameters: dict[str, Any] | None = None
        self.override: dict[str, Any] | None = None
        self.timeout: float | None = None
        self.timeout_factor = 1.0
        self.retry_factor = 1.0  # times which the next attempt's timeout is longer
        self.held = False  # its server is on hold
        self.staged: dict[str, Staged] | None = None  # worked out before it is needed
        self.intent: CancelIntent | None = None  # of the cancel its server was asked for
        self.waiting_kind: WaitingKind | None = None
        self.unguarded = ""  # what its guard, which does not hold, does to it: fail, skip, wait
        self.guard_reason = ""
        self.suspended = False  # it recovered when it began to wait for a guard
        self.poll: float | None = None
        self.passed = False
        self.confirmed = False
        self.condition_holds = False
        self.delay = 0.0
        self.recovery = ""  # strategy that runs now
        self.run_id = ""
        self.run_since = 0.0  # of the strategy that runs now
        self.motion: RecoveryMoves | None = None  # what that strategy moves
        self.stopping: CancelIntent | None = None  # why that motion is being cancelled
        self.runs: dict[str, int] | None = None
        self.position = 0
        self.skip_cause: SkipCause | None = None
        self.iteration = -1
        self.preempted_by = ""
        self.lost = 0
        # How far earlier goals have come, and how far this one (attempts.py).
        self.carried: float | None = None
        self.carried_rounds = self.rounds = 0  # rounds that earlier goals, and this one, made whole
        # What earlier goals left out before they ended, and whether that makes a partial success.
        self.missed: tuple[str, ...] = ()
        self.missed_partly = False
        self.undone = 0  # how many parts that are
        self.left_out: tuple[dict[str, Any], ...] = ()  # the same, as the output tells it
        self.heard: float | None = None  # progress of the last feedback
        self.reached: float | None = None  # as it is in the journal
        self.reached_at = self.heard_at = 0.0
        self.unseen = False  # its goal went on after that, and nothing told how far
        self.begun = False  # a server may have done some of it
        self.replaced_by = 0  # the question for another plan that replaced the one it was done by
        # The last feedback of its goal: as received, and as journalled.
        self.heard_feedback: Mapping[str, Any] | None = None
        self.feedback: Mapping[str, Any] | None = None
        self.held_back = ""  # why its server cannot be used, as journalled last
        self.hindrances = 0  # attempts that ended because of that
        self.asks_to_take = False
        self.may_take = False  # a person let it preempt another client's goal

    @property
    def in_role(self) -> str:
        """The robot that has this action's role and can do it, empty if there is none.

        Of another plan it may be one that cannot do this action.
        """
        bound = (self.execution.robots or {}).get(self.node.robot_role, "")
        return bound if bound in self.node.robots else ""

    @property
    def takes(self) -> bool:
        """Whether it runs although another client's goal is on its server."""
        return self.may_take or self.node.when_taken == "take"

    def begin_anew(self) -> None:
        """Forget how far its goals have come, and what they left out."""
        self.carried = self.reached = self.heard = None
        self.carried_rounds = self.rounds = self.undone = 0
        self.missed, self.left_out = (), ()
        self.missed_partly = self.unseen = False

    @property
    def so_far(self) -> float | None:
        """How far it has come with all its goals; None: no feedback said so."""
        if self.reached is None:
            return self.carried
        # What these count from is where their own goal began, so that of several goals it adds up.
        adds_up = self.node.resume.get("how") in ("subtract", "skip")
        return (self.carried or 0.0 if adds_up else 0.0) + self.reached

    @property
    def is_final(self) -> bool:
        """Whether nothing changes any more."""
        return self.status in FINAL_ACTION

    @property
    def server(self) -> str:
        """The action server of its goals: where there are several robots, of the one it has."""
        node = self.node
        return node.servers.get(self.robot, node.server) if node.servers else node.server


# (key, action type, output, rendered parameters or None)
Achieved = tuple[str, str, Any, dict[str, Any] | None]


class ExecutionState:
    """One execution."""

    __slots__ = (
        "accepted",
        "actions",
        "achieved",
        "at_once",
        "attempts",
        "breakpoints",
        "cancel_cause",
        "cancel_checkpoint",
        "cancel_reason",
        "checkpoints",
        "command",
        "compensate",
        "compensating",
        "completed",
        "completed_since_checkpoint",
        "confirmed",
        "deadline",
        "done",
        "ended",
        "error",
        "execution_id",
        "fired",
        "held",
        "input",
        "options",
        "output",
        "paused",
        "priority",
        "program",
        "recovering",
        "recoveries",
        "not_undone",
        "undo_cause",
        "undoing",
        "planner",
        "replan_failures",
        "replan_key",
        "replan_reason",
        "replan_run",
        "replanned_after",
        "replans",
        "robots",
        "restores",
        "retry_of",
        "root",
        "sequence",
        "started",
        "status",
        "stepping",
        "tolerated",
        "deviations",
        "partial",
        "undo",
        "undone",
        "waiting_for_confirmation",
        "waiting_for_condition",
        "waiting_at_breakpoint",
        "order",
        "failed",
        "goal",
        "limit",
        "schedule_id",
        "signals",
        "unread",
        "starts",
        "until",
        "known",
        "logic",
        "paused_at",
        "planning_run",
        "plannings",
        "stopped_timers",
        "weight",
    )

    def __init__(self, execution_id: str, program: Program) -> None:
        self.execution_id = execution_id
        self.goal: RawGoal | None = None  # while its plan is being made
        self.signals: dict[str, Any] = {}  # the newest value of each; made anew when one comes
        self.unread: dict[str, list[Any]] = {}  # values that no action has waited for yet
        self.schedule_id = ""  # who started it
        self.fired = False  # whether the schedule's own event of that has followed
        self.starts: float | None = None  # wall time; it is not to begin before
        self.until: float | None = None  # wall time by which it has to end
        self.limit: float | None = None  # seconds for the whole, from its start on
        self.planning_run = ""  # id of the open request for its plan
        self.plannings = 0
        self.program = program
        self.robots: dict[str, str] | None = None  # who has which role
        self.status = ExecutionStatus.PENDING
        self.command = ""
        self.input: dict[str, Any] = {}
        self.priority = 0
        self.deadline: float | None = None
        self.options = SubmitOptions()
        self.accepted = 0.0
        self.started = 0.0
        self.ended = 0.0
        self.order = 0
        self.error: ErrorInfo | None = None
        self.output: Any = None
        self.actions: dict[str, ActionState] = {}
        self.known = program.count
        self.logic: frozenset[str] = frozenset()  # the changed rules it follows
        self.attempts: dict[str, int] = {}  # survives restoring and replanning: UUIDs stay unique
        self.achieved: dict[str, Achieved] = {}
        self.root: ActionState | None = None
        self.paused = False
        self.paused_at = 0.0
        self.stopped_timers: list[tuple[Timer, float]] = []  # with the seconds that are left
        self.held: list[ActionState] = []
        self.recovering = 0
        self.undoing = ""  # the action whose compensation runs
        self.not_undone: dict[str, ErrorInfo] = {}  # by action, why its compensation did not
        self.weight = 0  # of one that has ended, in actions (engine/weight.py)
        self.undo_cause = ""  # the action because of which all is undone
        self.recoveries: dict[str, int] = {}  # runs by key and strategy; survives replanning
        self.cancel_cause: CancelCause | None = None
        self.cancel_reason = ""
        self.cancel_checkpoint = ""
        self.compensate = False
        self.compensating = False
        self.at_once = False  # nothing more is undone, and no finally comes to its end
        # Actions to compensate, done or half done, in the order of their ends; those of an earlier
        # plan as key@number.
        self.undo: dict[str, ActionState] = {}
        # What no checkpoint can give back: True for what was undone, False for a block around it.
        self.undone: dict[str, bool] = {}
        self.completed = 0
        self.failed = 0
        self.tolerated = 0
        self.deviations: dict[str, tuple[str, ...]] = {}  # what was not done as asked for, by key
        self.partial: set[str] = set()  # keys of those that make its success a partial one
        self.completed_since_checkpoint = 0
        self.done: list[Achieved] = []  # what succeeded, in that order
        self.checkpoints: dict[str, int] = {}  # how much of it, by checkpoint
        self.sequence = 0
        self.replans = 0
        self.replanned_after: list[str] = []  # keys of what failed before each other plan came
        self.restores = 0
        self.replan_run = ""
        self.planner = ""  # which planner made the plan, empty if a client sent it
        self.replan_reason = ""
        self.replan_key = ""  # the action that cannot go on
        self.replan_failures: list[PlanFailure] = []
        self.retry_of = ""
        self.confirmed = True
        self.waiting_for_confirmation = False
        self.breakpoints: frozenset[str] = frozenset()
        self.stepping = False
        self.waiting_for_condition: dict[str, ActionState] = {}
        self.waiting_at_breakpoint: dict[str, ActionState] = {}

    def follows(self, rule: Logic) -> bool:
        """Whether it runs by a rule that an execution begun by an older release does not have."""
        return rule in self.logic

    @property
    def is_final(self) -> bool:
        """Whether it has ended."""
        return self.status in FINAL_EXECUTION


def tidies_up(execution: ExecutionState) -> bool:
    """Return whether a compensation runs, or a finally of a block that is being cancelled."""
    return execution.compensating or any(
        action.flow is not None and action.flow.block == "finally" and not action.is_final
        for action in execution.actions.values()
    )


# Blocks that answer a failure: what was done in one says nothing about the next.
FOR_A_FAILURE = ("catch[", "fallback", "recovery_plan", "compensation")
# What runs in these runs because its action failed or ended: the guard of that is not for it.
UNGUARDED_BLOCKS = frozenset({"fallback", "recovery_plan", "finally", "compensation"})


def blocks_around(action: ActionState) -> Iterator[ActionState]:
    """Yield the actions that nest an action, from the inside out."""
    block = action.parent
    while block is not None:
        yield block
        block = block.parent


def guards_around(action: ActionState) -> Iterator[ActionState]:
    """Yield the actions whose guards apply to an action: itself and those that nest it."""
    if action.node.guard:
        yield action
    while action.parent is not None:
        if action.parent.node.guard and action.block not in UNGUARDED_BLOCKS:
            yield action.parent
        action = action.parent


class HeldLease:
    """A lease and its owner."""

    __slots__ = ("acquired", "execution_id", "holder", "key", "lease", "priority", "quarantine")

    def __init__(
        self, lease: Lease, execution_id: str, key: str, holder: str, priority: int, time: float
    ) -> None:
        self.lease = lease
        self.execution_id = execution_id
        self.key = key
        self.holder = holder
        self.priority = priority
        self.acquired = time
        self.quarantine = ""  # the goal it stays with, though its attempt is over


class ResourceUse:
    """The leases of one resource and their total amount."""

    __slots__ = ("leases", "used")

    def __init__(self) -> None:
        self.used = 0.0
        self.leases: dict[str, HeldLease] = {}


class ServerState:
    """What is known about one action server."""

    __slots__ = (
        "active",
        "available",
        "breaker",
        "failures",
        "shut_seconds",
        "shut_since",
        "trial",
        "until",
    )

    def __init__(self) -> None:
        self.available: bool | None = None
        self.breaker = BreakerStatus.CLOSED
        self.failures = 0
        self.until = 0.0
        self.trial = ""  # goal id of the trial while half open
        self.shut_since: float | None = None  # when its breaker opened; None while it is closed
        self.shut_seconds = 0.0  # that it was not closed before
        self.active = 0

    def shut_for(self, now: float) -> float:
        """Return the seconds that its breaker was not closed, up to a moment (Unix seconds)."""
        since = self.shut_since
        return self.shut_seconds + (max(0.0, now - since) if since is not None else 0.0)


class LeaseRequestState:
    """A client outside the engine that waits for resources."""

    __slots__ = (
        "demands",
        "duration",
        "entry",
        "holder",
        "priority",
        "request_id",
        "signature",
        "since",
    )

    def __init__(
        self,
        request_id: str,
        demands: tuple[LeaseDemand, ...],
        holder: str,
        priority: int,
        duration: float,
        since: float,
    ) -> None:
        self.request_id = request_id
        self.demands = demands
        self.holder = holder
        self.priority = priority
        self.duration = duration
        self.since = since
        self.signature: tuple[Any, ...] = ()
        self.entry: tuple[Any, ...] | None = None


class DeadLetterState:
    """An action that failed for good."""

    __slots__ = (
        "action",
        "action_type",
        "dead_letter_id",
        "error",
        "execution_id",
        "key",
        "parameters",
        "retries",
        "retry_after",
        "status",
        "time",
        "attempts",
    )

    def __init__(self, dead_letter_id: str) -> None:
        self.dead_letter_id = dead_letter_id
        self.execution_id = ""
        self.key = ""
        self.action_type = ""
        self.action: dict[str, Any] = {}
        self.parameters: dict[str, Any] = {}
        self.error: ErrorInfo | None = None
        self.attempts = 0
        self.retries = 0
        self.retry_after = 0.0
        self.status = "waiting"
        self.time = 0.0


# Kinds of timers whose moment is one of the wall clock; the others are execution time.
ON_WALL_CLOCK = frozenset({TimerKind.START, TimerKind.UNTIL, TimerKind.SCHEDULE})


class Timer:
    """A moment at which something is due."""

    __slots__ = ("at", "execution_id", "kind", "subject")

    def __init__(self, at: float, kind: TimerKind, execution_id: str, subject: str) -> None:
        self.at = at
        self.kind = kind
        self.execution_id = execution_id
        self.subject = subject  # key of an action, server, lease, request or schedule

    @property
    def wall(self) -> bool:
        """Whether its moment is one of the wall clock."""
        return self.kind in ON_WALL_CLOCK


class ScheduleState:
    """A goal that is started again and again."""

    __slots__ = ("as_set", "fired", "last_moment", "next_moment", "paused", "skipped")

    def __init__(self, as_set: ScheduleSet) -> None:
        self.as_set = as_set
        self.next_moment = as_set.next_moment  # wall time, None: never again
        self.last_moment: float | None = None  # wall time of the newest firing
        self.paused = False
        self.fired = 0
        self.skipped = 0


class OrchestratorState:
    """The whole state of the engine, folded from the events of the journal."""

    __slots__ = (
        "agenda",
        "breaker_waits",
        "dead_letters",
        "durations",
        "emergency",
        "emergency_motion",
        "emergency_reason",
        "emergency_words",
        "events",
        "executions",
        "finished",
        "forgotten",
        "goals",
        "guarded",
        "guards_known",
        "held",
        "lease_requests",
        "leases",
        "line",
        "pending",
        "planning",
        "put_down",
        "quarantined",
        "queues",
        "rate_next",
        "resources",
        "running",
        "running_goals",
        "motions",
        "runs",
        "schedules",
        "hindrances",
        "servers",
        "timer_changes",
        "timers",
        "order",
    )

    def __init__(self) -> None:
        self.events = 0
        self.order = 0
        self.executions: dict[str, ExecutionState] = {}
        self.planning: dict[str, ExecutionState] = {}  # their plans are being made
        self.pending: dict[str, ExecutionState] = {}
        # Those of them that may begin, each once, the most urgent first: (-urgency, order, id).
        self.line: list[tuple[float, int, str]] = []
        self.running: dict[str, ExecutionState] = {}
        self.finished: dict[str, ExecutionState] = {}
        self.forgotten: dict[str, str] = {}  # how the executions ended that left the memory
        self.goals: dict[str, ActionState] = {}
        # Actions with a guard that are not yet final, by execution and key. Every step asks for
        # them, so it must not have to ask each execution.
        self.guarded: dict[str, dict[str, ActionState]] = {}
        self.runs: dict[str, ActionState] = {}  # strategy runs by run id
        self.motions: dict[str, ActionState] = {}  # goals of strategies by id
        self.running_goals = 0
        self.leases: dict[str, HeldLease] = {}
        self.quarantined: dict[str, GoalQuarantined] = {}  # goals that may still run, by id
        self.resources: dict[str, ResourceUse] = {}
        self.lease_requests: dict[str, LeaseRequestState] = {}
        self.queues = ReadyQueues()
        self.rate_next: dict[str, float] = {}
        self.servers: dict[str, ServerState] = {}
        # Code and reason of what keeps servers from being used. Not in the journal: it is observed
        # again after a restart.
        self.hindrances: dict[str, tuple[str, str]] = {}
        self.dead_letters: dict[str, DeadLetterState] = {}
        self.schedules: dict[str, ScheduleState] = {}
        self.held: dict[str, dict[str, dict[str, Any]]] = {}  # how, by robot and object
        self.put_down: dict[str, tuple[str, str]] = {}  # last by robot: by whom, and what
        self.durations: dict[str, deque[float]] = {}  # seconds of the last goals, by capability
        self.emergency = False
        self.emergency_reason = ""
        self.emergency_motion = ""  # of the robot since then: stopping, standing, moving, unknown
        self.emergency_words = ""  # the same as a sentence
        # Guards that had a value since the node was started. Not in the journal.
        self.guards_known: set[str] = set()
        self.timers: dict[str, Timer] = {}
        self.timer_changes: dict[str, None] = {}
        self.agenda: deque[ActionState] = deque()
