"""What the engine wants done, one frozen class each. The shell performs them after the journal."""

from __future__ import annotations

from typing import Any

from msgspec import Struct, field

from execution_orchestrator.engine.events import PlanFailure
from execution_orchestrator.engine.inputs import RawGoal
from execution_orchestrator.plan.errors import ErrorInfo


class Effect(Struct, frozen=True, tag=True, kw_only=True, omit_defaults=True, gc=False):
    """A side effect that the engine requests from the runtime."""


class Dispatch(Effect, frozen=True, tag=True, kw_only=True):
    """Send a goal.

    ``goal_id`` is a UUID string derived from execution, key and attempt; ``timeout`` is seconds,
    None for none: the engine watches it itself, it is here for the server's own allowance.
    ``robot`` is whose server it is, empty where there are not several. ``timeout_factor`` is how
    much longer than usual it may take: time allowances in the goal grow with it. ``feedback`` asks
    for what the goal tells on its way. ``skipped`` are the parts at the beginning of a list that it
    does not have, because goals before it had them; ``goes_on``: they did some of them.
    """

    execution_id: str
    key: str
    attempt: int
    goal_id: str
    capability: str
    parameters: dict[str, Any]
    timeout: float | None = None
    server: str = ""
    idempotent: bool = False
    robot: str = ""
    timeout_factor: float = 1.0
    feedback: bool = False
    skipped: int = 0
    goes_on: bool = False


class Reattach(Dispatch, frozen=True, tag=True, kw_only=True):
    """Find a goal of an earlier process by its UUID; report GoalLost(never_seen) if it is unknown.

    ``cancel``: it was being cancelled, so cancel it once it is found. ``dispatched`` is when it was
    sent, in Unix seconds: whether it may have reached its server depends on how long ago that is.
    ``interface`` is the action type of a recovery's goal, which has no capability.
    """

    accepted: bool = False
    cancel: bool = False
    dispatched: float = 0.0
    interface: str = ""


class CancelGoal(Effect, frozen=True, tag=True, kw_only=True):
    """Ask the server to cancel a goal."""

    goal_id: str
    execution_id: str = ""
    key: str = ""


class StopBelow(Effect, frozen=True, tag=True, kw_only=True):
    """Cancel all goals on the servers that move these resources, until a goal has ended."""

    goal_id: str
    resources: tuple[str, ...]


class SetTimer(Effect, frozen=True, tag=True, kw_only=True):
    """Report TimerFired at a time (Unix seconds); replaces a timer of the same id.

    ``wall``: the time is what a wall clock shows, whatever that is set to.
    """

    timer_id: str
    at: float
    wall: bool = False


class ClearTimer(Effect, frozen=True, tag=True, kw_only=True):
    """Forget a timer."""

    timer_id: str


class RunStrategy(Effect, frozen=True, tag=True, kw_only=True):
    """Run a recovery strategy and report StrategyFinished with its run id.

    ``settings`` come from the recovery table, ``run`` counts earlier runs for this action.
    ``again``: an earlier process was going to move the robot, at ``since`` (Unix
    seconds).
    """

    run_id: str
    strategy: str
    execution_id: str
    key: str
    attempt: int
    capability: str
    error: ErrorInfo
    settings: dict[str, Any] = field(default_factory=dict)
    parameters: dict[str, Any] = field(default_factory=dict)
    run: int = 0
    timeout: float = 120.0  # seconds
    robot: str = ""
    again: bool = False
    since: float = 0.0


class AnswerMotion(Effect, frozen=True, tag=True, kw_only=True):
    """Tell a strategy that it may move the robot, or why not (``refusal``)."""

    run_id: str
    refusal: str = ""


class AbandonStrategy(Effect, frozen=True, tag=True, kw_only=True):
    """Cancel a recovery strategy and what it does on the robot.

    StrategyFinished is reported when that has ended, GoalLost(may_run) for its goal if its end is
    not known.
    """

    run_id: str


class Prepare(Effect, frozen=True, tag=True, kw_only=True):
    """Make a plan that can run of a goal's texts and report PreparationFinished.

    ``planner`` and ``optimise`` are the goal's own choices, empty for the node's; ``breakpoints``
    are actions that have to stay by themselves. ``fired``: a schedule started it, so that its
    start and its schedule are no matter any more. ``asked`` is when the goal was taken in, in Unix
    seconds of a wall clock: "07:00" is the next one from there.
    """

    run_id: str
    execution_id: str
    goal: RawGoal
    asked: float
    planner: str = ""
    optimise: str = ""
    breakpoints: tuple[str, ...] = ()
    fired: bool = False


class AbandonPreparation(Effect, frozen=True, tag=True, kw_only=True):
    """The plan is no longer needed; the work on it can be cancelled."""

    run_id: str


class Replan(Effect, frozen=True, tag=True, kw_only=True):
    """Ask a planner for another plan and report ReplanFinished.

    ``history`` maps each started action to its status, output and error message; ``failures`` are
    all that led to another plan so far, this one last. ``planner`` is who may be asked (empty: the
    node's own choice), ``made_by`` who made the plan (empty: somebody sent it). ``optimise`` names
    the optimisations the goal asked for.
    """

    run_id: str
    execution_id: str
    command: str
    reason: str
    error: ErrorInfo | None
    plan: dict[str, Any]
    input: dict[str, Any]
    history: dict[str, Any]
    failures: tuple[PlanFailure, ...] = ()
    planner: str = ""
    made_by: str = ""
    optimise: str = ""
    timeout: float = 120.0  # seconds


class AbandonReplan(Effect, frozen=True, tag=True, kw_only=True):
    """The new plan is no longer needed; the planner's work can be cancelled."""

    run_id: str


class HoldGoal(Effect, frozen=True, tag=True, kw_only=True):
    """Put a goal on hold on its server, or resume it.

    ``robot`` is whose server it is, empty where there are not several.
    """

    execution_id: str
    key: str
    goal_id: str
    capability: str
    hold: bool
    robot: str = ""


class SafeStop(Effect, frozen=True, tag=True, kw_only=True):
    """Cancel all goals that move the robot, of any client, and publish zero velocity."""

    reason: str


class EndSafeStop(Effect, frozen=True, tag=True, kw_only=True):
    """Stop publishing zero velocity, and stop cancelling goals of other clients."""


class Finished(Effect, frozen=True, tag=True, kw_only=True):
    """An execution has ended; its result can be given out."""

    execution_id: str


class NotifyConfirmationNeeded(Effect, frozen=True, tag=True, kw_only=True):
    """Notify people of an action that waits for confirmation; an empty key means the whole plan."""

    execution_id: str
    key: str
    question: str


class LeaseAnswered(Effect, frozen=True, tag=True, kw_only=True):
    """Answer to AllocateLease: the leases, or why there are none."""

    request_id: str
    lease_ids: tuple[str, ...] = ()
    reason: str = ""
