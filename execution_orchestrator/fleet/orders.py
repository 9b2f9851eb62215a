"""What passes between a mission's workflow, the agents of robots and people; times in seconds."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any

# Names of activities, of an update and of failures; workflows outlive releases.
RUN_TASK = "run_task"
CONTROL_TASK = "control_task"
CLAIM = "claim"
ASK_FOR_SHARED = "ask_for_shared"
IS_RUNNING = "is_running"
USE_OF_SHARED = "use_of_shared"
NOT_HERE = "NotHere"  # the robot does not know what it is said to have begun
HANDED_BACK = "HandedBack"  # the robot was not free, or not able; nothing has begun
REQUESTER = "mission "  # before the workflow id, in the field `requester` of an execution
MOST_EVENTS = 5000  # a worker that takes over a run reads them all; Temporal ends one with 51,200
SUCCESS = ("COMPLETED", "PARTIALLY_COMPLETED")
SETTLED = frozenset({*SUCCESS, "FAILED", "SKIPPED", "CANCELLED"})  # what a task ends as


@dataclass
class MissionOrder:
    """What a mission is submitted with: the document, with the plans of its files put in.

    ``deadline`` is Unix seconds, 0.0 for none. ``most_events`` is how long Temporal's history of
    one run may become; then the mission continues in a new run, with the state in ``carried``.
    """

    document: dict[str, Any]
    inputs: dict[str, Any] = field(default_factory=dict)
    deadline: float = 0.0
    submitted_by: str = ""
    most_events: int = MOST_EVENTS
    carried: Carried | None = None


@dataclass
class TaskOrder:
    """What a robot is asked for. ``execution_id`` is the same however often it is asked."""

    mission: str
    task: str
    execution_id: str
    command: str = ""
    plan: dict[str, Any] | None = None
    context: dict[str, Any] = field(default_factory=dict)
    timeout: float = 0.0
    priority: int = 0


@dataclass
class TaskOutcome:
    """What came of a task on a robot; ``unconfirmed``: goals that no server said had ended."""

    robot: str
    status: str
    message: str = ""
    output: Any = None
    error: str = ""
    unconfirmed: list[str] = field(default_factory=list)
    report: str = ""
    note: str = ""  # for people


@dataclass
class Heartbeat:
    """What a robot reports while it works: the details of the activity's heartbeat."""

    robot: str
    execution_id: str
    status: str = ""
    phase: str = ""
    progress: float = 0.0
    reason: str = ""
    begun: bool = False
    report: str = ""  # where the robot shows the execution


@dataclass
class Claim:
    """A robot asks whether it may begin: from then on the task is its own."""

    task: str
    execution_id: str
    robot: str


@dataclass
class Control:
    """What is asked of a running execution: pause, resume, cancel, confirm or signal."""

    execution_id: str
    what: str
    reason: str = ""
    approve: bool = True
    name: str = ""
    value: Any = None


@dataclass
class Answer:
    """What a person says to a task that asks; an empty task means the one that asked first."""

    task: str = ""
    approve: bool = True
    comment: str = ""


@dataclass
class Signal:
    """A value for the mission, or for the execution of one task on its robot."""

    name: str
    value: Any = None
    task: str = ""


@dataclass
class Cancellation:
    """Why a mission is cancelled, and whether what was done is undone."""

    reason: str = ""
    compensate: bool = False


@dataclass
class Move:
    """A person says that a task which waits for a robot may go to another one."""

    task: str
    reason: str = ""


@dataclass
class Turn:
    """A request for a shared resource: waiting for it, holding it, or giving it back."""

    owner: str
    task: str
    lease: float = 600.0


@dataclass
class Use:
    """Whether the task of a mission still uses a shared thing.

    ``wanted``: the task has not ended. ``robot`` is the one that began the execution and has not
    confirmed its end; empty if no robot can still use the thing.
    """

    wanted: bool = False
    robot: str = ""
    execution_id: str = ""


@dataclass
class SharedState:
    """Who holds a shared thing, ``since`` when (Unix seconds), and who waits for it, in turn.

    ``overdue``: a robot has it for longer than the lease, and the mission knows that.
    """

    name: str
    holder: Turn | None = None
    waiting: list[Turn] = field(default_factory=list)
    since: float = 0.0
    overdue: bool = False


@dataclass
class TaskState:
    """One task for displays; ``began`` and ``ended`` are Unix seconds, 0.0 before."""

    key: str
    task: str
    status: str = "WAITING"
    reason: str = ""
    robot: str = ""
    queue: str = ""
    execution_id: str = ""
    attempt: int = 0
    claimed: bool = False
    began: float = 0.0
    ended: float = 0.0
    output: Any = None
    error: str = ""
    unconfirmed: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    report: str = ""

    @property
    def is_held(self) -> bool:
        """Whether it belongs to a robot, which has not said that it ended."""
        return self.claimed and self.status not in SETTLED


@dataclass
class MissionState:
    """A mission for displays: what the query ``describe`` returns."""

    mission: str
    name: str
    status: str = "EXECUTING"
    reason: str = ""
    began: float = 0.0
    ended: float = 0.0
    tasks: list[TaskState] = field(default_factory=list)
    output: Any = None


@dataclass
class Stage:
    """How far a task is that has begun and not ended.

    ``ends`` is the end (Unix seconds) of what it waits for now, 0.0 for nothing. ``asked_for`` is
    the shared thing that it queues or last queued for, ``held`` are those that it has.
    ``failed`` counts attempts. ``since`` is when robots were first asked for this attempt, 0.0
    before; ``robot``, ``command`` and ``context`` are what they are asked with, ``refusals`` why
    those cannot that have said so.
    """

    confirmed: bool = False
    signalled: bool = False
    delayed: bool = False
    ends: float = 0.0
    items: list[Any] | None = None
    asked_for: str = ""
    held: list[str] = field(default_factory=list)
    failed: int = 0
    since: float = 0.0
    robot: str = ""
    command: str = ""
    context: dict[str, Any] = field(default_factory=dict)
    refusals: dict[str, str] = field(default_factory=dict)


@dataclass
class Done:
    """A task that was done and has a compensation; ``item`` are the other names in expressions."""

    key: str
    task: str
    robot: str
    item: dict[str, Any] = field(default_factory=dict)


@dataclass
class Carried:
    """What a run of a mission hands over to the next one; ``run`` is the first one's id."""

    run: str
    state: MissionState
    stages: dict[str, Stage] = field(default_factory=dict)
    done: list[Done] = field(default_factory=list)
    answers: dict[str, Answer] = field(default_factory=dict)
    signals: dict[str, list[Any]] = field(default_factory=dict)
    granted: list[str] = field(default_factory=list)
    moves: dict[str, int] = field(default_factory=dict)
    unneeded: list[str] = field(default_factory=list)
    robots: list[str] = field(default_factory=list)
    also_needed: list[str] = field(default_factory=list)
    stop: Cancellation | None = None
    stop_asked: bool = False
    failure: str = ""
    paused: str = ""


def execution_id_of(workflow_id: str, run_id: str, task: str, attempt: int, moves: int) -> str:
    """Return the id of a task's execution, which every robot that is asked uses.

    ``attempt`` counts what the mission's ``retry`` begins anew after a robot said that it failed;
    asking again because an answer got lost is the same attempt. ``moves`` counts how often a person
    took it from a robot that had begun it.
    """
    parts = (workflow_id, run_id, task, str(attempt), str(moves))
    digest = hashlib.sha256("\n".join(parts).encode()).hexdigest()
    words = "".join(c if c.isalnum() or c in "_-" else "-" for c in f"{workflow_id}.{task}")
    return f"{words[:60]}-{digest[:12]}"
