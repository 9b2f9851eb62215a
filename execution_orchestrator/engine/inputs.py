"""Everything that can reach the engine from outside, one frozen class each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import Struct, field

from execution_orchestrator.plan.changes import PlanChange
from execution_orchestrator.plan.document import Limits, read_document
from execution_orchestrator.plan.errors import ErrorInfo
from execution_orchestrator.plan.issues import Issue
from execution_orchestrator.plan.timetable import Timetable
from execution_orchestrator.plan.timing import UNTIMED, Timing


class Caller(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Who asks for something: ``name`` and ``role``, and ``through`` what, such as the web page.

    ``verified``: the name was proven with a token; otherwise it is what the client says of itself.
    """

    name: str = ""
    role: str = ""
    through: str = ""
    verified: bool = False

    def __str__(self) -> str:
        """Return a short description."""
        through = self.through or "somebody"
        if not self.name:
            return through
        if not self.verified:
            return f"{self.name}, says {through}"
        return f"{self.name} ({self.role}, {through})"


class Input(Struct, frozen=True, tag=True, kw_only=True, omit_defaults=True, gc=False):
    """An input of the engine: a report of the outside world, or a client's request.

    ``by`` is the caller of a request, None for a report.
    """

    by: Caller | None = None


class SubmitOptions(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How an execution is to be run.

    ``confirm_plan`` asks a person before the first action; ``planner`` is who may be asked for
    a plan, empty for the node's own choice. ``optimise`` names the optimisations that the
    goal asked for (empty: the node's own choice); they are made of another plan, too.
    ``plan_again``: if the node dies while the plan is being made, it is made again at the restart;
    otherwise the execution ends then. ``requester`` is who asked for it, in the client's words.
    """

    start_paused: bool = False
    compensate_on_cancel: bool = False
    compensate_on_failure: bool = True
    breakpoints: tuple[str, ...] = ()
    confirm_plan: bool = False
    checkpoint_every: int | None = None
    correlation_id: str = ""
    planner: str = ""
    optimise: str = ""
    plan_again: bool = True
    requester: str = ""


class RawGoal(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The texts of a goal as its client sent them: nothing of them has been read.

    ``strict``: a target that is known to be out of reach refuses the plan. ``conversation_id`` is
    what it belongs to, so that "it" and "again" can mean something of an earlier one.
    """

    command: str = ""
    plan: str = ""
    context: str = ""
    strict: bool = False
    start_at: str = ""
    not_before: str = ""
    deadline: str = ""
    schedule: str = ""
    conversation_id: str = ""

    def differences(self, other: RawGoal) -> list[str]:
        """Return the names of the texts that mean something else in another goal.

        Blanks around a text make no difference, nor does how a document is written: as JSON, as
        YAML, with its fields in another order, with comments.
        """
        names = ("command", "plan", "context", "start_at", "not_before", "deadline", "schedule")
        return [one for one in names if self._differs(other, one)]

    def _differs(self, other: RawGoal, name: str) -> bool:
        ours, theirs = (getattr(goal, name).replace("\r\n", "\n").strip() for goal in (self, other))
        if ours == theirs:
            return False
        return name not in _DOCUMENTS or _content(ours) != _content(theirs)


_DOCUMENTS = ("plan", "context", "schedule")
#: Bytes; to read a longer YAML would keep everything waiting. It is the same if its text is.
_MOST_YAML = 20_000


def _content(text: str) -> Any:
    """Return what a document says; of one that cannot be read, its text; "" of an empty one."""
    if text.startswith("{"):
        try:
            return msgspec.json.decode(text) or ""
        except msgspec.DecodeError:
            pass
    read = read_document(text, Limits(max_bytes=_MOST_YAML))
    return text if read.issues or not read.complete else read.data or ""


class PlanningReport(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How a plan was made: by whom, how sure it is, and what that took (``seconds``, tokens).

    ``cost`` is in the unit of the configured prices.
    """

    planner: str
    model: str = ""
    confidence: float = 1.0
    rounds: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost: float = 0.0
    seconds: float = 0.0


class Request(Input, frozen=True, tag=True, kw_only=True):
    """Take in a goal whose plan still has to be made, validated and optimised.

    ``timeout`` is seconds for the whole execution, planning included; None for the plan's own.
    ``anew``: an execution of this id that failed or was cancelled is begun again, with this goal.
    """

    execution_id: str
    goal: RawGoal
    priority: int = 0
    timeout: float | None = None
    options: SubmitOptions = SubmitOptions()
    anew: bool = False


class PreparationFinished(Input, frozen=True, tag=True, kw_only=True):
    """The answer to a Prepare: a resolved plan, or the issues that say why there is none.

    ``confirm``: a person has to agree to the plan before it runs; ``omitted`` is how many more
    issues there were; ``timing`` is when it runs.
    """

    execution_id: str
    run_id: str
    plan: dict[str, Any] | None = None
    input: dict[str, Any] = field(default_factory=dict)
    issues: tuple[Issue, ...] = ()
    omitted: int = 0
    confirm: bool = False
    planning: PlanningReport | None = None
    changes: tuple[PlanChange, ...] = ()
    timing: Timing = UNTIMED


class Submit(Input, frozen=True, tag=True, kw_only=True):
    """Run a resolved plan.

    ``plan`` is the JSON data of a ResolvedPlan; ``deadline`` is Unix seconds, None for none;
    ``planning`` tells how the plan was made, None if somebody sent it; ``changes`` are what the
    optimisation made of it. ``start`` and ``until`` are its moments on a wall clock, None for none,
    read by people in the time zone ``zone``; ``limit`` is seconds for the whole, which count from
    the start.
    """

    execution_id: str
    plan: dict[str, Any]
    input: dict[str, Any] = field(default_factory=dict)
    command: str = ""
    priority: int = 0
    deadline: float | None = None
    options: SubmitOptions = SubmitOptions()
    planning: PlanningReport | None = None
    changes: tuple[PlanChange, ...] = ()
    start: float | None = None
    until: float | None = None
    zone: str = "UTC"
    limit: float | None = None


class Pause(Input, frozen=True, tag=True, kw_only=True):
    """Start nothing new; an empty id means all executions."""

    execution_id: str = ""
    reason: str = ""


class Resume(Input, frozen=True, tag=True, kw_only=True):
    """Resume a paused execution; an empty id means all executions."""

    execution_id: str = ""


class Cancel(Input, frozen=True, tag=True, kw_only=True):
    """End executions early; an empty id means all."""

    execution_id: str = ""
    compensate: bool = False
    reason: str = ""


class Confirm(Input, frozen=True, tag=True, kw_only=True):
    """Answer of a person; an empty key answers for the plan as a whole."""

    execution_id: str
    key: str = ""
    approve: bool = True
    comment: str = ""


class SetBreakpoints(Input, frozen=True, tag=True, kw_only=True):
    """Replace the list of actions before which an execution stops."""

    execution_id: str
    keys: tuple[str, ...] = ()


class Step(Input, frozen=True, tag=True, kw_only=True):
    """Let an action at a breakpoint go; an empty key means the first one that waits."""

    execution_id: str
    key: str = ""
    run_to_next_breakpoint: bool = False


class EmergencyStop(Input, frozen=True, tag=True, kw_only=True):
    """Cancel everything and refuse goals until the reset."""

    reason: str = ""


class ResetEmergencyStop(Input, frozen=True, tag=True, kw_only=True):
    """Ends the emergency stop: goals are accepted again."""


class GoalAccepted(Input, frozen=True, tag=True, kw_only=True):
    """An action server took a goal."""

    goal_id: str


class GoalRejected(Input, frozen=True, tag=True, kw_only=True):
    """An action server refused a goal; ``error`` says why, where that was found out."""

    goal_id: str
    reason: str = ""
    error: ErrorInfo | None = None


class GoalProgress(Input, frozen=True, tag=True, kw_only=True):
    """Feedback: for the displays, and for the engine only how far a goal has come (``reached``).

    ``remaining`` is in seconds; ``reached`` is there if the goal can go on from where it was,
    ``feedback``, its plain values, if the dispatch asked for it.
    """

    goal_id: str
    progress: float | None = None
    phase: str = ""
    remaining: float | None = None
    reached: float | None = None
    feedback: dict[str, Any] | None = None


class GoalSucceeded(Input, frozen=True, tag=True, kw_only=True):
    """A goal succeeded; ``warning`` is what its server or the adapter found unusual about it.

    ``deviations`` tell what was not done as asked for; ``partial``: that makes the execution's
    success a partial one.
    """

    goal_id: str
    output: Mapping[str, Any] | None = None
    warning: str = ""
    deviations: tuple[str, ...] = ()
    partial: bool = False


class GoalFailed(Input, frozen=True, tag=True, kw_only=True):
    """A goal was aborted, or could not be sent.

    ``reached`` is how far it came, if its result tells that better than its feedback; ``anew``:
    what feedback told does not count, the next goal begins where this one began; ``missed``
    what it left out on its way until there, which the next goal does not do either, ``undone`` how
    many parts that are, ``left_out`` the same as the output tells it, and ``partial`` whether that
    makes the success of the execution a partial one.
    """

    goal_id: str
    error: ErrorInfo
    reached: float | None = None
    anew: bool = False
    missed: str = ""
    undone: int = 0
    left_out: Mapping[str, Any] | None = None
    partial: bool = False


class GoalCancelled(Input, frozen=True, tag=True, kw_only=True):
    """A goal was cancelled, by this node or another client; how far it came as in `GoalFailed`."""

    goal_id: str
    reached: float | None = None
    anew: bool = False
    missed: str = ""
    undone: int = 0
    left_out: Mapping[str, Any] | None = None
    partial: bool = False


class GoalLost(Input, frozen=True, tag=True, kw_only=True):
    """The server died, or does not know the goal.

    ``never_seen``: the server is there and says that the goal never reached it, so sending it
    (again) does nothing twice. ``may_run``: the server is silent and not known to be dead, so the
    goal may still run; it stays watched, and another report follows. ``stands``: odometry shows
    that the robot does not move.
    """

    goal_id: str
    reason: str = ""
    never_seen: bool = False
    may_run: bool = False
    stands: bool = False


class CancelRefused(Input, frozen=True, tag=True, kw_only=True):
    """The server refused the cancel; the goal runs on."""

    goal_id: str
    reason: str = ""


class HoldFailed(Input, frozen=True, tag=True, kw_only=True):
    """A server did not put a goal on hold, or did not resume it."""

    goal_id: str
    hold: bool
    reason: str = ""


class TimerFired(Input, frozen=True, tag=True, kw_only=True):
    """A timer set by SetTimer is due."""

    timer_id: str


class WorldChanged(Input, frozen=True, tag=True, kw_only=True):
    """The world state changed; conditions that depend on it are evaluated again."""


class ServerUp(Input, frozen=True, tag=True, kw_only=True):
    """An action server appeared."""

    server: str


class ServerDown(Input, frozen=True, tag=True, kw_only=True):
    """An action server went away."""

    server: str
    reason: str = ""


class ServerHindered(Input, frozen=True, tag=True, kw_only=True):
    """A server cannot be used now although it is there; an empty ``code``: it can again.

    ``code`` is GOAL_TAKEN_OVER (somebody else uses it), SERVER_JUST_FOUND (whether somebody does
    is not known yet), SERVER_INACTIVE (a managed node that it needs is not active),
    DEPENDENCY_GONE (a node that it needs is gone) or SERVER_AMBIGUOUS (several servers of that
    name live, and each would execute a goal).
    """

    server: str
    code: str = ""
    reason: str = ""


class GoalNoticed(Input, frozen=True, tag=True, kw_only=True):
    """Something was noticed about a running goal that does not end it; empty: it is over."""

    goal_id: str
    notice: str = ""


class MotionWanted(Input, frozen=True, tag=True, kw_only=True):
    """A recovery strategy wants to move the robot; AnswerMotion says whether it may.

    ``interface`` is the action type, ``goal`` are the fields of its message.
    """

    run_id: str
    goal_id: str
    interface: str
    server: str
    goal: dict[str, Any] = field(default_factory=dict)


class StrategyFinished(Input, frozen=True, tag=True, kw_only=True):
    """A recovery strategy is done.

    ``outcome`` is RETRY, SKIP, FALLBACK, ABORT, CHECKPOINT_RESTORE, REPLAN, NEXT, or STOPPED if it
    was abandoned and what it moved has ended; ``delay`` is seconds before a retry, ``parameters``
    replace those of the action in it. ``unseen``: it did not come to look for what it was to move
    in an earlier process.
    """

    run_id: str
    outcome: str
    unseen: bool = False
    reason: str = ""
    delay: float = 0.0
    parameters: dict[str, Any] = field(default_factory=dict)


class ReplanFinished(Input, frozen=True, tag=True, kw_only=True):
    """A planner answered; without a plan it could not help, ``reason`` says why.

    ``confirm``: a person has to agree to the new plan before it runs; ``changes`` are what the
    optimiser made of it.
    """

    execution_id: str
    run_id: str
    plan: dict[str, Any] | None = None
    reason: str = ""
    confirm: bool = False
    planning: PlanningReport | None = None
    changes: tuple[PlanChange, ...] = ()


class CheckpointRequested(Input, frozen=True, tag=True, kw_only=True):
    """Save the state of an execution."""

    execution_id: str
    reason: str = "on demand"


class RestoreCheckpoint(Input, frozen=True, tag=True, kw_only=True):
    """Put an execution back; an empty checkpoint id means the newest."""

    execution_id: str
    checkpoint_id: str = ""


class LeaseDemand(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An amount that is needed of a resource, or of any resource of a type."""

    resource: str
    amount: float = 1.0
    shared: bool = False
    constraints: dict[str, Any] = field(default_factory=dict)


class AllocateLease(Input, frozen=True, tag=True, kw_only=True):
    """Take resources for a person or another node: all or none.

    ``timeout``: seconds to wait, 0 for now or never. ``duration``: seconds after which the lease
    ends, 0 for the configured limit.
    """

    request_id: str
    demands: tuple[LeaseDemand, ...]
    holder: str
    priority: int = 0
    timeout: float = 0.0
    duration: float = 0.0


class ReleaseLease(Input, frozen=True, tag=True, kw_only=True):
    """Give external leases back."""

    lease_ids: tuple[str, ...]


class ReleaseQuarantine(Input, frozen=True, tag=True, kw_only=True):
    """A person has looked: this goal no longer moves the robot.

    ``goal_id`` names one, ``resource`` all that hold it; ``who`` is the person's name.
    """

    goal_id: str = ""
    resource: str = ""
    who: str = ""


class RetryDeadLetter(Input, frozen=True, tag=True, kw_only=True):
    """Run an action that failed for good once more as an execution of its own, or forget it."""

    dead_letter_id: str
    execution_id: str = ""
    discard: bool = False


class Fault(Input, frozen=True, tag=True, kw_only=True):
    """An input could not be handled: the execution it was about cannot go on."""

    execution_id: str
    reason: str


class AmendPlan(Input, frozen=True, tag=True, kw_only=True):
    """Give an execution another plan (a resolved one) for what has not begun."""

    execution_id: str
    plan: dict[str, Any]
    reason: str = ""


class SignalSent(Input, frozen=True, tag=True, kw_only=True):
    """A client sends a signal that the plan of an execution declares."""

    execution_id: str
    name: str
    value: Any = None


class SetSchedule(Input, frozen=True, tag=True, kw_only=True):
    """Start a goal again and again; a schedule of the same name is replaced.

    ``command`` is what it does, in words. Each firing begins an execution with ``goal``,
    ``priority``, ``options`` and ``timeout`` (seconds for the whole of it, None for the plan's
    own). ``set_by`` is the execution of the goal that asked for it.
    """

    schedule_id: str
    timetable: Timetable
    goal: RawGoal
    command: str = ""
    priority: int = 0
    timeout: float | None = None
    options: SubmitOptions = SubmitOptions()
    set_by: str = ""


class PauseSchedule(Input, frozen=True, tag=True, kw_only=True):
    """Let a schedule start nothing until it is resumed; what runs of it runs on."""

    schedule_id: str
    reason: str = ""


class ResumeSchedule(Input, frozen=True, tag=True, kw_only=True):
    """Resume a schedule with its next moment; firings that fell into the pause are dropped."""

    schedule_id: str


class RemoveSchedule(Input, frozen=True, tag=True, kw_only=True):
    """Forget a schedule; what runs of it runs on."""

    schedule_id: str
    reason: str = ""


class WallClockSet(Input, frozen=True, tag=True, kw_only=True):
    """The wall clock was set: timers that follow it are looked up again."""


class PruneHistory(Input, frozen=True, tag=True, kw_only=True):
    """Let executions leave the history; those that are still needed stay."""

    execution_ids: tuple[str, ...]
