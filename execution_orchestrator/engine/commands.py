"""Who asked for what: the event for each request that names its caller, refused or not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from execution_orchestrator.engine import inputs as s
from execution_orchestrator.engine.events import CommandGiven
from execution_orchestrator.engine.state import OrchestratorState

# What each request is called, and what it is about besides an execution.
WORDS: Mapping[type[s.Input], tuple[Callable[[Any], str], Callable[[Any], str]]] = {
    s.Pause: (lambda _: "pause", lambda _: ""),
    s.Resume: (lambda _: "resume", lambda _: ""),
    s.Cancel: (lambda _: "cancel", lambda _: ""),
    s.Confirm: (lambda one: "approve" if one.approve else "refuse", lambda one: one.comment),
    s.SetBreakpoints: (lambda _: "set breakpoints", lambda one: ", ".join(one.keys) or "none"),
    s.Step: (lambda _: "step", lambda _: ""),
    s.EmergencyStop: (lambda _: "emergency stop", lambda one: one.reason),
    s.ResetEmergencyStop: (lambda _: "reset of the emergency stop", lambda _: ""),
    s.CheckpointRequested: (lambda _: "save a checkpoint", lambda _: ""),
    s.RestoreCheckpoint: (lambda _: "go back to a checkpoint", lambda one: one.checkpoint_id),
    s.AllocateLease: (
        lambda _: "take resources",
        lambda one: ", ".join(demand.resource for demand in one.demands),
    ),
    s.ReleaseLease: (lambda _: "give leases back", lambda one: ", ".join(one.lease_ids)),
    s.ReleaseQuarantine: (
        lambda _: "release from quarantine",
        lambda one: one.goal_id or one.resource,
    ),
    s.RetryDeadLetter: (
        lambda one: "discard a dead letter" if one.discard else "retry a dead letter",
        lambda one: one.dead_letter_id,
    ),
    s.AmendPlan: (lambda _: "amend the plan", lambda one: one.reason),
    s.SignalSent: (lambda _: "send a signal", lambda one: one.name),
    s.SetSchedule: (lambda _: "set a schedule", lambda one: one.schedule_id),
    s.PauseSchedule: (lambda _: "pause a schedule", lambda one: one.schedule_id),
    s.ResumeSchedule: (lambda _: "resume a schedule", lambda one: one.schedule_id),
    s.RemoveSchedule: (lambda _: "remove a schedule", lambda one: one.schedule_id),
}
ON_ALL = (s.Pause, s.Resume, s.Cancel)  # without an id they are about every execution
MOST = 200  # characters of what a request is about


def going_on(state: OrchestratorState, incoming: s.Input) -> str:
    """Return the id of the execution that a request is about, if that has not ended yet.

    The events of one that has ended are complete.
    """
    execution = state.executions.get(getattr(incoming, "execution_id", ""))
    return "" if execution is None or execution.is_final else execution.execution_id


def commands_given(
    incoming: s.Input, *, to: str, ids: tuple[str, ...], refusal: str, time: float
) -> list[CommandGiven]:
    """Return the events that say who asked for it; none if no caller is named.

    ``to`` is the execution that it is about and ``ids`` those that it was about in the end.
    """
    caller, words = incoming.by, WORDS.get(type(incoming))
    if caller is None or words is None:
        return []
    named = getattr(incoming, "execution_id", "")
    about = words[1](incoming)
    if named and not to:
        about = f"{named} {about}".strip()
    every = ids if isinstance(incoming, ON_ALL) and not named else ()
    return [
        CommandGiven(
            time=time,
            execution_id=one,
            key=getattr(incoming, "key", "") if one else "",
            caller=caller,
            command=words[0](incoming),
            about=about[:MOST],
            refusal=refusal,
        )
        for one in every or (to,)
    ]
