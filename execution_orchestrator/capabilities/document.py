"""The capability file (config/capabilities.yaml) as pydantic models: what may stand in it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from execution_orchestrator.plan.capability import (
    ArrivalSpec,
    BatchSpec,
    MotionSpec,
    ResumeSpec,
)

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=64)]
Seconds = Annotated[float, Field(ge=0.0, le=1e6, allow_inf_nan=False)]


class Entry(BaseModel):
    """Base of all entries: an unknown key is an error, never ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ResourceEntry(Entry):
    """Something actions hold while they run: a base, an arm, a camera with two readers."""

    type: str = ""
    capacity: float = Field(1.0, gt=0.0, le=1e6, allow_inf_nan=False)
    properties: dict[str, Any] = {}
    rate: float = Field(0.0, ge=0.0, description="cost per second of use, any currency")
    settling_time: float = Field(0.0, ge=0.0, le=60.0, description="seconds to come to rest")
    settles_for: list[str] = Field([], description="resources or types that wait for that")
    moves: bool | None = Field(None, description="default: by its type")
    stops: list[str] | None = Field(
        None, description="action servers below its capabilities; default: by its type"
    )


class DemandEntry(Entry):
    """How much of a resource an action needs."""

    resource: str
    amount: float = Field(1.0, gt=0.0, allow_inf_nan=False)
    shared: bool = False
    constraints: dict[str, Any] = {}


class InterfaceEntry(Entry):
    """The ROS interface behind a capability.

    A relative ``name`` is resolved in the node's namespace. A tool has no ``type``; its ``name``
    is that of an entry point of `execution_orchestrator.tools`.
    """

    kind: Literal["action", "service", "topic", "tool"] = "action"
    type: str = Field("", pattern=r"^$|^[a-z][a-z0-9_]*/(action|srv|msg)/[A-Za-z][A-Za-z0-9]*$")
    name: str = Field(min_length=1, max_length=200)
    wait_for_subscribers: int = Field(1, ge=0, le=100, description="topics only")


class RetryEntry(Entry):
    """Attempts and the delays between them, in seconds."""

    max_attempts: int = Field(1, ge=1, le=100)
    initial_delay: Seconds = 1.0
    multiplier: float = Field(2.0, ge=1.0, le=100.0)
    max_delay: Seconds = 30.0
    jitter: float = Field(0.1, ge=0.0, le=1.0)


class MissedEntry(Entry):
    """What a goal that succeeded left undone: ``field`` is a list of it, or a number.

    ``what`` names it, one or many of it: ``waypoint`` is told as "1 waypoint" and "2 waypoints".
    ``rule``: a deviation that the result names, one that makes the
    execution's success a partial one, or a failure.
    """

    field: str = Field(min_length=1, max_length=200)
    what: str = Field("part", max_length=100)
    rule: Literal["deviation", "partial", "fail"] = "partial"


class ResultEntry(Entry):
    """Where the result message says what happened, and what of it is the output.

    ``output`` maps an output name to a field path, or to {field, as, default}. ``done_if`` names
    boolean fields that say, if one is true, that an aborted goal did what it was for;
    ``done_if_said`` parts of what a server that gives nothing else logs about that.
    """

    error_code: str = ""
    error_message: str = ""
    error_table: str = ""
    success: str = ""
    done_if: str | list[str] = ""
    done_if_said: list[str] = Field([], max_length=20)
    missed: MissedEntry | None = None
    output: dict[str, str | dict[str, Any]] = {}

    @property
    def done_by(self) -> list[str]:
        """The fields that say that the work is done, whatever the status of the goal."""
        also = [self.done_if] if isinstance(self.done_if, str) else self.done_if
        return [field for field in (self.success, *also) if field]

    def missed_is(self, rule: str) -> bool:
        """Whether this is what follows when something was left undone."""
        return self.missed is not None and self.missed.rule == rule


class FeedbackEntry(Entry):
    """How feedback becomes progress.

    ``progress`` is a field of 0.0 to 1.0; ``remaining`` a field that falls towards zero;
    ``done`` with ``total`` (a field, or a parameter) a count. ``estimated_remaining`` is in
    seconds, as a number or a Duration. ``phase`` is a field; ``phases`` names its values.
    """

    phase: str = ""
    phases: dict[int | str, str] = {}
    progress: str = ""
    remaining: str = ""
    done: str = ""
    total: str = ""
    estimated_remaining: str = ""
    data: list[str] = []


class HoldEntry(Entry):
    """A service (std_srvs/srv/SetBool) that lets a server stand still (true) and go on (false)."""

    service: str = Field(min_length=1, max_length=200)


class AlternativeEntry(Entry):
    """What differs where another version of the interface is installed."""

    type: str = ""
    goal: dict[str, Any] | None = None
    result: ResultEntry | None = None
    feedback: FeedbackEntry | None = None
    resume: ResumeSpec | None = None


class AdaptiveTimeoutEntry(Entry):
    """A timeout learned from the durations of earlier goals; times in seconds."""

    percentile: float = Field(0.95, gt=0.0, le=1.0)
    factor: float = Field(1.5, ge=1.0, le=100.0)
    min_samples: int = Field(20, ge=1, le=1000)
    minimum: float = Field(1.0, gt=0.0, le=1e6, allow_inf_nan=False)
    maximum: float | None = Field(None, gt=0.0, le=1e6, allow_inf_nan=False)


class CapabilityEntry(Entry):
    """One action type a plan may use."""

    description: str = Field(min_length=1, max_length=500)
    interface: InterfaceEntry
    parameters: dict[str, Any] = {}
    output: dict[str, Any] = {}
    goal: dict[str, Any] = {}
    result: ResultEntry = ResultEntry()
    feedback: FeedbackEntry = FeedbackEntry()
    alternatives: list[AlternativeEntry] = []
    settings: dict[str, Any] = {}
    python: str = Field("", description="entry point of a multi-step capability")
    resources: list[str | DemandEntry] = []
    timeout: float = Field(60.0, gt=0.0, le=1e6, allow_inf_nan=False)
    adaptive_timeout: AdaptiveTimeoutEntry | None = None
    estimated_duration: Seconds = 0.0
    retry: RetryEntry = RetryEntry()
    pausable: Literal["none", "hold", "cancel"] = "none"
    hold: HoldEntry | None = None
    preemptible: bool = False
    idempotent: bool = False
    rate_limit: float = Field(0.0, ge=0.0, description="starts per second, 0 for no limit")
    preconditions: list[str] = []
    postconditions: list[str] = []
    outcomes: dict[str, str] = Field(
        {}, description="name: condition over output, the first counts"
    )
    cost_rate: float = Field(0.0, ge=0.0)
    recovery: str = ""
    when_taken: Literal["wait", "ask", "fail", "take"] = "wait"
    patience: float = Field(300.0, gt=0.0, le=86400.0, description="seconds of waiting at most")
    depends_on_nodes: list[str] = Field([], description="nodes without which it cannot be done")
    uses: list[str] = Field([], description="action servers its server sends goals to itself")
    motion: MotionSpec | None = None
    batch: BatchSpec | None = None
    resume: ResumeSpec | None = None
    arrival: ArrivalSpec | None = None
    server: str = Field("", description="circuit breaker key; default: the interface's name")


class ErrorCodeEntry(Entry):
    """What one number of a server means."""

    type: str
    code: str = Field(pattern=r"^[A-Z][A-Z0-9_]*$")
    message: str
    recoverable: bool = True


class ErrorTableEntry(Entry):
    """A table of error codes for servers the shipped tables do not know."""

    prefix: str = Field(pattern=r"^[A-Z][A-Z0-9_]*$")
    unknown_type: str = "EXECUTION"
    success: list[int] = [0]
    codes: dict[int, ErrorCodeEntry] = {}


class RobotEntry(Entry):
    """One of several robots. Relative interface names are looked for below its namespace.

    ``namespace``: default is its name. ``lacks``: action types it cannot do.
    """

    namespace: str = Field("", pattern=r"^$|^/?[A-Za-z_][A-Za-z0-9_/]*$")
    lacks: list[Name] = []


class CapabilitiesDocument(Entry):
    """A whole capability file."""

    version: Literal[1] = 1
    frame: str = Field("map", description="frame of coordinates that name none")
    definitions: dict[str, Any] = {}
    error_tables: dict[str, ErrorTableEntry] = {}
    resources: dict[Name, ResourceEntry] = {}
    robots: dict[Name, RobotEntry] = {}
    capabilities: dict[Name, CapabilityEntry] = {}
