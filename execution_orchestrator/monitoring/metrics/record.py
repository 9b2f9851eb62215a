"""What happened in one execution, as intervals: the input of figures, report and timeline."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from execution_orchestrator.engine.stimuli import PlanningReport
from execution_orchestrator.plan.optimise.options import PlanChange


@dataclass(slots=True)
class AttemptRecord:
    """One dispatch of an action; ``ended`` is None while it runs. Times are Unix seconds."""

    number: int
    dispatched: float
    accepted: float | None = None
    ended: float | None = None
    outcome: str = ""  # succeeded, cancelled or an outcome of TASK_ATTEMPT_FAILED; '' while it runs
    error_type: str = ""
    error_code: str = ""
    error_message: str = ""
    server: str = ""
    goal_id: str = ""


@dataclass(slots=True)
class ActionRecord:
    """One action with its attempts."""

    key: str
    action_type: str
    description: str = ""
    parent: str = ""
    depends_on: tuple[str, ...] = ()
    estimated_duration: float = 0.0
    cost_rate: float = 0.0
    server: str = ""
    plan: int = 1  # the number of the plan it came with
    status: str = "PENDING"
    reason: str = ""
    ready: float | None = None  # for the first time
    waiting_since: float | None = None  # for its resources; None while it has them
    started: float | None = None
    ended: float | None = None
    attempts: list[AttemptRecord] = field(default_factory=list)

    @property
    def busy(self) -> float:
        """Seconds of all its finished attempts together."""
        return sum((a.ended or a.dispatched) - a.dispatched for a in self.attempts)


@dataclass(slots=True)
class LeaseRecord:
    """A resource held by an action; ``released`` is None while it is held.

    ``wanted`` is when the action began to wait for it.
    """

    lease_id: str
    resource: str
    key: str
    amount: float
    acquired: float
    released: float | None = None
    rate: float = 0.0
    resource_type: str = ""
    wanted: float | None = None

    @property
    def waited(self) -> float:
        """Seconds between the wish and the lease."""
        return 0.0 if self.wanted is None else max(0.0, self.acquired - self.wanted)


@dataclass(slots=True)
class RecoveryRecord:
    """One run of a recovery strategy."""

    key: str
    strategy: str
    started: float
    ended: float | None = None
    error_type: str = ""
    error_code: str = ""
    outcome: str = ""
    reason: str = ""
    succeeded: bool | None = None


@dataclass(frozen=True, slots=True)
class Replanning:
    """The moment (Unix seconds) another plan took over, and the actions that tell it from the last.

    ``dropped`` were not done and are not in it, ``added`` were not in the plan before.
    """

    time: float
    dropped: tuple[str, ...]
    added: tuple[str, ...]


@dataclass(slots=True)
class ExecutionRecord:
    """Everything the figures need to know about one execution."""

    execution_id: str
    command: str = ""
    correlation_id: str = ""
    plan: Mapping[str, Any] = field(default_factory=dict)
    status: str = "PENDING"
    reason: str = ""
    priority: int = 0
    accepted: float = 0.0
    started: float | None = None
    ended: float | None = None
    last_seen: float = 0.0
    actions: dict[str, ActionRecord] = field(default_factory=dict)
    leases: dict[str, LeaseRecord] = field(default_factory=dict)
    recoveries: list[RecoveryRecord] = field(default_factory=list)
    pauses: list[tuple[float, float | None]] = field(default_factory=list)
    questions: dict[str, str] = field(default_factory=dict)  # by action, '' for the plan
    breakpoints: set[str] = field(default_factory=set)  # actions that stand at one
    checkpoints: list[tuple[float, str]] = field(default_factory=list)
    changes: tuple[PlanChange, ...] = ()  # what the optimisation made of the given plan
    planning_time: float = 0.0
    planning_tokens: int = 0
    planning_cost: float = 0.0
    replannings: list[Replanning] = field(default_factory=list)

    @property
    def replans(self) -> int:
        """How many other plans it went on with."""
        return len(self.replannings)

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
            pauses=list(self.pauses),
            questions=dict(self.questions),
            breakpoints=set(self.breakpoints),
            checkpoints=list(self.checkpoints),
            replannings=list(self.replannings),
        )
