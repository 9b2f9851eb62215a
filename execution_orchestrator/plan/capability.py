"""Capabilities of a robot: the entries of the capability files, used by planner and engine.

Every key and default of a file is a field here; the loader (capabilities/loading.py) fills in what
follows from elsewhere in the files.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StrictBool, field_validator, model_validator

from execution_orchestrator.plan.numbers import no_boolean

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=64)]
PATIENCE = 300.0  # seconds that an action waits for a server that cannot be used


class Entry(BaseModel):
    """Base: frozen, unknown keys are errors.

    Pydantic builds the validator of a model when it is first used: most are only ever parts of
    another one, and a node that starts would build them all for nothing.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, defer_build=True)


class RetryPolicy(Entry):
    """Attempts, and the delays between them in seconds."""

    max_attempts: int = Field(1, ge=1, le=100)
    initial_delay: float = Field(1.0, ge=0.0, le=86400.0)
    multiplier: float = Field(2.0, ge=1.0, le=100.0)
    max_delay: float = Field(30.0, ge=0.0, le=86400.0)
    jitter: float = Field(0.1, ge=0.0, le=1.0)

    _numbers = field_validator("*", mode="before")(no_boolean)

    def over(self, other: RetryPolicy) -> RetryPolicy:
        """Return this policy, with what it leaves unsaid as another says it."""
        said = {name: getattr(self, name) for name in self.model_fields_set}
        return other.model_copy(update=said)

    def delay(self, attempt: int, spread: float) -> float:
        """Return seconds to wait after a failed attempt; ``spread`` is from -1 to 1."""
        base = min(self.max_delay, self.initial_delay * self.multiplier ** (attempt - 1))
        return max(0.0, base * (1.0 + self.jitter * spread))


class AdaptiveTimeout(Entry):
    """A timeout learned from how long the goals of a capability took before.

    ``factor`` times the ``percentile`` of the last durations, never outside ``minimum`` and
    ``maximum`` (seconds; without a maximum, the capability's timeout), once there are
    ``min_samples`` of them.
    """

    percentile: float = Field(0.95, gt=0.0, le=1.0)
    factor: float = Field(1.5, ge=1.0, le=100.0)
    min_samples: int = Field(20, ge=1, le=1000)
    minimum: float = Field(1.0, gt=0.0, le=1e6)
    maximum: float | None = Field(None, gt=0.0, le=1e6)

    _numbers = field_validator("*", mode="before")(no_boolean)


class ResourceDemand(Entry):
    """How much of a resource an action needs; ``shared`` readers share its capacity.

    A bare name means an amount of 1.
    """

    resource: str
    amount: float = Field(1.0, gt=0.0)
    shared: StrictBool = False
    constraints: dict[str, Any] = {}

    _numbers = field_validator("amount", mode="before")(no_boolean)

    @model_validator(mode="before")
    @classmethod
    def _of_name(cls, value: Any) -> Any:
        return {"resource": value} if isinstance(value, str) else value


class InterfaceSpec(Entry):
    """The ROS interface behind a capability.

    A relative ``name`` is resolved in the node's namespace. A tool has no ``type``; its ``name``
    is that of an entry point of `execution_orchestrator.tools`.
    """

    kind: Literal["action", "service", "topic", "tool"] = "action"
    type: str = Field("", pattern=r"^$|^[a-z][a-z0-9_]*/(action|srv|msg)/[A-Za-z][A-Za-z0-9]*$")
    name: str = Field(min_length=1, max_length=200)
    wait_for_subscribers: int = Field(1, ge=0, le=100, description="topics only")


class MissedSpec(Entry):
    """The part that a successful goal left undone: ``field`` is a list of it, or a number.

    ``what`` is its name in the singular: ``waypoint`` is written as "1 waypoint", "2 waypoints".
    ``rule``: a deviation that the result names, one that makes the
    execution's success a partial one, or a failure. ``place`` and ``code`` are fields of one of the
    list: which part it is, and why it was missed, which the codes in ``unexplained`` do not say.
    """

    field: str = Field(min_length=1, max_length=200)
    what: str = Field("part", max_length=100)
    rule: Literal["deviation", "partial", "fail"] = "partial"
    place: str = Field("", max_length=200)
    code: str = Field("", max_length=200)
    unexplained: list[int] = [0]


class ResultMapping(Entry):
    """Which fields of the result message are the error and the output.

    ``output`` maps an output name to a field path, or to {field, as, default}. ``done_if`` names
    boolean fields that say, if one is true, that an aborted goal did what it was for;
    ``done_if_said`` parts of what a server that gives nothing else logs about that.
    ``done_if_unexplained``: an abort that nothing explains, with ``success``, of a server that
    reported no work, means that there was nothing to do.
    """

    error_code: str = ""
    error_message: str = ""
    error_table: str = ""
    success: str = ""
    done_if: str | list[str] = ""
    done_if_said: list[str] = Field([], max_length=20)
    done_if_unexplained: bool = False
    missed: MissedSpec | None = None
    output: dict[str, str | dict[str, Any]] = {}

    @property
    def done_by(self) -> list[str]:
        """The fields that say that the work is done, whatever the status of the goal."""
        also = [self.done_if] if isinstance(self.done_if, str) else self.done_if
        return [field for field in (self.success, *also) if field]

    def missed_is(self, rule: str) -> bool:
        """Whether this is what follows when something was left undone."""
        return self.missed is not None and self.missed.rule == rule


class FeedbackMapping(Entry):
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


class HoldSpec(Entry):
    """A service (std_srvs/srv/SetBool) that pauses (true) and resumes (false) a server's goal."""

    service: str = Field(min_length=1, max_length=200)


class MotionSpec(Entry):
    """How long a motion takes: a way, at ``speed`` (per second), and ``overhead`` seconds besides.

    The way is to the place in the parameter ``target``, through those in ``targets``, or the number
    in ``amount`` (metres or radians). ``speed_parameter`` may ask for another speed, of which at
    most ``top_speed`` (0: any) counts. ``stays``: it holds what it could move, and leaves it there.
    """

    target: str = ""
    targets: str = ""
    amount: str = ""
    speed: float = Field(0.0, ge=0.0, le=1000.0)
    speed_parameter: str = ""
    top_speed: float = Field(0.0, ge=0.0, le=1000.0)
    overhead: float = Field(0.0, ge=0.0, le=3600.0)
    stays: bool = False


class ArrivalSpec(Entry):
    """Whether the robot is where it was sent, looked at after its server said that it is.

    It may be ``tolerance`` metres beside the place in the parameter ``target``, or as many as the
    parameter ``tolerance_parameter`` says, and ``yaw_tolerance`` radians off the yaw that the place
    names. ``beyond``: what it is otherwise, a failure, or a deviation that the result names. Of a
    list of places it has to have come as near as ``passing`` metres to each before the last.
    """

    target: str
    tolerance: float = Field(0.35, gt=0.0, le=100.0)
    tolerance_parameter: str = ""
    yaw_tolerance: float = Field(0.5, gt=0.0, le=3.2)
    beyond: Literal["fail", "deviation"] = "fail"
    passing: float | None = Field(None, gt=0.0, le=100.0)


class BatchSpec(Entry):
    """The capability ``into`` does several goals of this one, whose parameter is ``item``, at once.

    ``items`` is its parameter for the list of them.
    """

    into: str
    item: str
    items: str


class ResumeSpec(Entry):
    """How a goal that is sent again continues where the one before ended.

    ``source`` (in YAML: ``from``) is a number in the feedback, ``into`` a parameter. ``how``: that
    many items of the list are skipped (``skip``), so many are left (``keep``), the number becomes
    the parameter (``set``), or the parameter is less by it (``subtract``). For ``set``, ``items``
    is the parameter with the list that the number counts in, and ``rounds`` the one with how often
    the list is begun anew. ``seen``: odometry sees the same motion, as the ``turn`` (radians) or
    the ``way`` (metres) since the goal was sent, and counts where it is more than the feedback:
    the last feedback is older than the end of a goal, and the robot rolls on after that.
    """

    model_config = ConfigDict(populate_by_name=True)

    source: str = Field(alias="from", min_length=1, max_length=200)
    into: str = Field(min_length=1, max_length=200)
    how: Literal["skip", "keep", "set", "subtract"]
    items: str = Field("", max_length=200)
    rounds: str = Field("", max_length=200)
    seen: Literal["", "turn", "way"] = ""

    @model_validator(mode="after")
    def _seen_is_taken_off(self) -> Self:
        if self.seen and self.how != "subtract":
            raise ValueError("seen: what odometry sees can only be taken off (how: subtract)")
        return self


class Alternative(Entry):
    """What differs where another version of the interface is installed."""

    type: str = ""
    goal: dict[str, Any] | None = None
    result: ResultMapping | None = None
    feedback: FeedbackMapping | None = None
    resume: ResumeSpec | None = None


class CapabilitySpec(Entry):
    """One action type that a plan may use; times in seconds.

    ``depends_on_nodes`` are the nodes without which its server cannot do it, ``uses`` the action
    servers that its server sends goals to itself. When another client uses its server, or a node is
    missing, an action waits ``patience`` seconds at most; ``when_taken`` is for the former only.

    ``outcomes`` name the ways in which it can end well: each with a condition over ``output``, of
    which the first that holds counts.

    ``targets`` are the parameters that say where the base is to go (default: those that the goal
    turns into poses): one in the robot's own frame is fixed in the map when its goal is first sent.

    Defaults that the loader fills in: ``name`` is the key of the entry, ``recovery`` its name,
    ``server`` (circuit breaker key) the interface's name, ``frame`` that of the file, ``retry`` the
    robot's.
    """

    name: str = ""
    description: str = Field(min_length=1, max_length=500)
    interface: InterfaceSpec
    parameters: dict[str, Any] = {}
    output: dict[str, Any] = {}
    goal: dict[str, Any] = {}
    result: ResultMapping = ResultMapping()
    feedback: FeedbackMapping = FeedbackMapping()
    alternatives: tuple[Alternative, ...] = ()
    settings: dict[str, Any] = {}
    frame: str = "map"
    python: str = Field("", description="entry point of a multi-step capability")
    resources: tuple[ResourceDemand, ...] = ()
    timeout: float = Field(60.0, gt=0.0, le=1e6)
    adaptive_timeout: AdaptiveTimeout | None = None
    estimated_duration: float = Field(0.0, ge=0.0, le=1e6)
    retry: RetryPolicy = RetryPolicy()
    pausable: Literal["none", "hold", "cancel"] = "none"
    hold: HoldSpec | None = None
    preemptible: bool = False
    idempotent: bool = False
    rate_limit: float = Field(0.0, ge=0.0, description="starts per second, 0 for no limit")
    preconditions: tuple[str, ...] = ()
    postconditions: tuple[str, ...] = ()
    outcomes: dict[str, str] = {}
    cost_rate: float = Field(0.0, ge=0.0)
    recovery: str = ""
    server: str = ""
    when_taken: Literal["wait", "ask", "fail", "take"] = "wait"
    patience: float = Field(PATIENCE, gt=0.0, le=86400.0)
    depends_on_nodes: tuple[str, ...] = ()
    uses: tuple[str, ...] = ()
    uses_during: tuple[str, ...] = ()
    motion: MotionSpec | None = None
    batch: BatchSpec | None = None
    resume: ResumeSpec | None = None
    targets: tuple[str, ...] = ()
    arrival: ArrivalSpec | None = None


class ResourceSpec(Entry):
    """Something actions hold while they run: a base, an arm, a camera with two readers.

    After it moved it comes to rest within ``settling_time`` seconds, which actions that hold one of
    ``settles_for`` (names or types of resources) should wait for. ``moves``: an emergency stop
    cancels what runs on the servers of its capabilities, and on those ``stops`` names. ``rate`` is
    its cost per second of use, in any currency.

    Defaults that the loader fills in: ``name`` is the key of the entry, ``type`` its name,
    ``moves`` and ``stops`` follow from the type (capabilities/stopping.py).
    """

    name: str = ""
    type: str = ""
    capacity: float = Field(1.0, gt=0.0, le=1e6)
    properties: dict[str, Any] = {}
    rate: float = Field(0.0, ge=0.0)
    settling_time: float = Field(0.0, ge=0.0, le=60.0)
    settles_for: tuple[str, ...] = ()
    moves: bool | None = None
    stops: tuple[str, ...] | None = None


class RobotSpec(Entry):
    """One of several robots. Relative interface names are looked for below its namespace.

    ``namespace``: default is its name. ``lacks``: action types it cannot do.
    """

    name: str = ""
    namespace: str = Field("", pattern=r"^$|^/?[A-Za-z_][A-Za-z0-9_/]*$")
    lacks: tuple[Name, ...] = ()

    def can(self, capability: str) -> bool:
        """Whether it can do an action type."""
        return capability not in self.lacks


class RobotModel(Entry):
    """Everything a plan can use; ``robots`` are those that actions may name or ask for.

    ``retry`` is what a policy of a capability or an action says where it says nothing.
    """

    capabilities: Mapping[str, CapabilitySpec]
    resources: Mapping[str, ResourceSpec]
    robots: Mapping[str, RobotSpec] = {}
    retry: RetryPolicy = RetryPolicy()


def usual_attempts(robot: RobotModel) -> dict[str, int]:
    """Return how many attempts an action of each capability has where its plan says nothing."""
    return {name: spec.retry.max_attempts for name, spec in robot.capabilities.items()}
