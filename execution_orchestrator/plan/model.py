"""The plan document."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from keyword import iskeyword
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool, field_validator

from execution_orchestrator.plan.capability import ResourceDemand, RetryPolicy
from execution_orchestrator.plan.numbers import no_boolean
from execution_orchestrator.plan.tree import BRANCHES, LISTS, SINGLES, STAND_INS

Identifier = Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$", max_length=128)
MAX_SECONDS = 86400.0 * 7
MAX_ITERATIONS = 1000  # of a repeat or a while; the engine's limit for a foreach may be lower
LOOPS = frozenset({"foreach", "repeat", "while"})
Seconds = Field(default=None, gt=0.0, le=MAX_SECONDS, allow_inf_nan=False)
Ordering = Literal["sequence", "dependencies"]
CONTROL_FLOW = frozenset(
    {"sequence", "parallel", "conditional", "router", "foreach", "repeat", "while", "try",
     "subplan", "return", "delay", "wait_for", "wait_for_signal"}
)  # fmt: skip
# Fields without which a kind of control flow means nothing; `plan` may be a `file` as well.
NEEDED = {
    "sequence": ("actions",), "parallel": ("actions",), "conditional": ("if",),
    "router": ("cases",), "foreach": ("items", "actions"), "repeat": ("actions",),
    "while": ("if", "actions"), "try": ("actions",),
    "subplan": ("plan",), "delay": ("duration",), "wait_for": ("until",),
    "wait_for_signal": ("signal",), "return": (),
}  # fmt: skip
# The fields that only some kinds of control flow read; anywhere else they would mean nothing.
OWN_FIELDS = {
    "sequence": ("actions",),
    "parallel": ("actions", "max_parallel", "success", "race", "on_first_failure"),
    "conditional": ("if", "then", "else", "ordering"),
    "router": ("by", "cases", "default", "ordering"),
    "foreach": ("items", "actions", "mode", "max_parallel", "ordering"),
    "repeat": ("actions", "until", "max_iterations", "delay", "every", "ordering"),
    "while": ("if", "actions", "max_iterations", "delay", "every", "ordering"),
    "try": ("actions", "catch", "finally", "on_error", "ordering"),
    "subplan": ("plan", "file", "inputs", "outputs"), "delay": ("duration",),
    "wait_for": ("until",), "wait_for_signal": ("signal",), "return": ("value",),
}  # fmt: skip
DEADLINE_CLOCKS = ("running", "wall")
# Fields in which other actions stand, by their names in the model.
_BRANCHING = frozenset(f"{name}_" if iskeyword(name) else name for name in (*LISTS, *BRANCHES))
_NESTING = _BRANCHING | STAND_INS | {"plan"}

_NUMBERS = (
    "timeout", "priority", "confirmation_timeout", "patience", "estimated_duration", "cost",
    "max_parallel", "duration", "max_iterations", "delay", "every", "most_waiting", "confidence",
)  # fmt: skip


class Document(BaseModel):
    """Base: frozen, unknown keys and numbers that are not finite are errors.

    The validator of each is built when it is first used. They nest each other, so that of each is
    as large as that of a plan.
    """

    model_config = ConfigDict(
        frozen=True, extra="forbid", populate_by_name=True, allow_inf_nan=False, defer_build=True
    )

    _numbers = field_validator(*_NUMBERS, mode="before", check_fields=False)(no_boolean)


class Case(Document):
    """One branch of a router: a condition, or the values of ``by`` that it ``is`` for."""

    when: str | None = None
    is_: str | tuple[str, ...] | None = Field(None, alias="is")
    actions: tuple[Action, ...] = ()


class Catch(Document):
    """What to do about some types of errors; an empty list means all."""

    errors: tuple[str, ...] = ()
    actions: tuple[Action, ...] = ()
    rethrow: StrictBool = False


class Action(Document):
    """One action: a capability, or a control-flow kind with the actions it nests.

    Times are seconds. Texts of ``condition``, ``preconditions`` and the like are CEL expressions;
    ``{{ ... }}`` inside parameters is replaced by the value of the expression.
    """

    id: str = Field(default="", max_length=128)
    action_type: str = Field(min_length=1, max_length=128)
    description: str = Field("", max_length=2000)
    parameters: dict[str, Any] = Field(default_factory=dict)
    depends_on: tuple[str, ...] | None = None
    condition: str | None = None
    while_: str | None = Field(None, alias="while")
    on_guard_failed: Literal["fail", "skip", "wait"] | None = None
    fallback_action: Action | None = None
    timeout: float | None = Seconds
    adaptive_timeout: StrictBool | None = None
    retry: RetryPolicy | None = None
    resources: tuple[str | ResourceDemand, ...] | None = None
    robot: str = Field("", max_length=128, pattern=r"^$|^any(:[a-z][a-z0-9_]*)?$|^[a-z][a-z0-9_]*$")
    priority: int | None = Field(None, ge=-100, le=100)
    critical: StrictBool = True
    on_failure: Literal["abort", "skip_dependents", "continue"] | None = None
    recovery_plan: tuple[Action, ...] = ()
    compensation: Action | None = None
    compensation_of_partial: Action | None = None
    preconditions: tuple[str, ...] = ()
    postconditions: tuple[str, ...] = ()
    require_confirmation: StrictBool = False
    confirmation_timeout: float | None = Seconds
    confirmation_default: StrictBool = False
    terminate_if: str | None = None
    when_skipped: Literal["run", "skip"] = "run"
    when_taken: Literal["wait", "ask", "fail", "take"] | None = None
    patience: float | None = Seconds
    estimated_duration: float | None = Field(None, ge=0.0, le=MAX_SECONDS)
    cost: float | None = Field(None, ge=0.0, le=1e9)
    # control flow
    ordering: Ordering | None = None
    actions: tuple[Action, ...] = ()
    max_parallel: int | None = Field(None, ge=1, le=1000)
    success: Literal["all", "any"] | Annotated[int, Field(ge=1, le=1000, strict=True)] | None = None
    race: StrictBool = False
    on_first_failure: Literal["cancel", "finish"] | None = None
    if_: str | None = Field(None, alias="if")
    then: tuple[Action, ...] = ()
    else_: tuple[Action, ...] = Field((), alias="else")
    by: str | None = None
    cases: tuple[Case, ...] = ()
    default: tuple[Action, ...] = ()
    items: str | list[Any] | None = None
    mode: Literal["sequential", "parallel"] = "sequential"
    catch: tuple[Catch, ...] = ()
    finally_: tuple[Action, ...] = Field((), alias="finally")
    on_error: Literal["propagate", "continue"] = "propagate"
    plan: Plan | None = None
    file: str | None = Field(None, max_length=200)
    inputs: dict[str, Any] = Field(default_factory=dict)
    outputs: dict[str, Any] = Field(default_factory=dict)
    value: Any = None
    duration: Annotated[float, Field(ge=0.0, le=MAX_SECONDS)] | str | None = None
    until: str | None = None
    signal: str | None = Field(None, max_length=128)
    max_iterations: int | None = Field(None, ge=1, le=MAX_ITERATIONS)
    delay: float | None = Field(None, ge=0.0, le=MAX_SECONDS)
    every: float | None = Seconds

    @property
    def is_control_flow(self) -> bool:
        """Whether it nests or steers other actions instead of asking a server."""
        return self.action_type in CONTROL_FLOW

    @property
    def nests(self) -> bool:
        """Whether other actions are nested in it, in any field."""
        return not _NESTING.isdisjoint(self.model_fields_set)

    def singles(self) -> dict[str, Action]:
        """Return the single actions in its fields: fallback and compensations."""
        if STAND_INS.isdisjoint(self.model_fields_set):
            return {}
        found = ((name, getattr(self, name)) for name in SINGLES)
        return {name: one for name, one in found if one is not None}

    def branches(self) -> Iterator[tuple[str, tuple[Action, ...]]]:
        """Yield (place, actions) of every nested list that is given."""
        if _BRANCHING.isdisjoint(self.model_fields_set):
            return
        yield "actions", self.actions
        yield "then", self.then
        yield "else", self.else_
        for index, case in enumerate(self.cases):
            yield f"cases/{index}/actions", case.actions
        yield "default", self.default
        for index, catch in enumerate(self.catch):
            yield f"catch/{index}/actions", catch.actions
        yield "finally", self.finally_

    def nested(self) -> Iterator[tuple[str, tuple[Action, ...]]]:
        """Yield (place, actions) of all nested actions: blocks, stand-ins, subplan."""
        if not self.nests:
            return
        yield from self.branches()
        for name, one in self.singles().items():
            yield name, (one,)
        yield "recovery_plan", self.recovery_plan
        if self.plan is not None:
            yield "plan/actions", self.plan.actions


class Schedule(Document):
    """When a plan is done again and again: a cron line (wall time), or ``every`` so many seconds.

    ``starts`` and ``ends`` are moments, see plan/timing.py.
    """

    id: str = Field("", max_length=80, pattern=r"^[A-Za-z0-9_.-]*$")
    cron: str = Field("", max_length=200)
    every: float | None = Field(None, ge=1.0, le=366 * 86400.0)
    time_zone: str = Field("", max_length=64)
    starts: str | None = Field(None, max_length=64)
    ends: str | None = Field(None, max_length=64)
    # While an earlier one still runs: leave this one out, let it wait, or stop the earlier one.
    overlap: Literal["skip", "queue", "replace"] = "skip"
    # What was missed while the node was not running: leave it out, do the newest, or all.
    catch_up: Literal["none", "last", "all"] = "none"
    most_waiting: int = Field(10, ge=1, le=100)


class Plan(Document):
    """A plan: actions in order, or with dependencies."""

    version: Literal[1] = 1
    id: str = Field("", max_length=128)
    command: str = Field("", max_length=10000)
    description: str = Field("", max_length=10000)
    ordering: Ordering | None = None
    estimated_duration: float | None = Field(None, ge=0.0, le=MAX_SECONDS)
    confidence: float = Field(1.0, ge=0.0, le=1.0)
    timeout: float | None = Seconds
    # Whether the timeout runs on while the execution is paused; or the moment at which it is over.
    deadline: Literal["running", "wall"] | Annotated[str, Field(max_length=64)] = "running"
    # Moments, see plan/timing.py; they, and the schedule, are the plan's own, not those of where it
    # runs as a subplan.
    start_at: str | None = Field(None, max_length=64)
    not_before: str | None = Field(None, max_length=64)
    time_zone: str = Field("", max_length=64)
    schedule: Schedule | None = None
    # Values that clients may send while it waits or runs: the JSON Schema of each.
    signals: dict[Annotated[str, Identifier], dict[str, Any]] = Field({}, max_length=100)
    actions: tuple[Action, ...] = Field(min_length=1)
    # What the plan is for: looked at when its actions have ended, and only of the plan itself, not
    # where it runs as a subplan.
    success: str | None = None
    metadata: dict[str, Any] = {}


def every_action(actions: Iterable[Action]) -> Iterator[Action]:
    """Yield actions with all that is nested in them, in subplans, too, each after its parent."""
    for action in actions:
        yield action
        for _, nested in action.nested():
            yield from every_action(nested)
