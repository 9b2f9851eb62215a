"""Commands that resume an execution which waits for a person: "continue", "I'm ready"."""

from __future__ import annotations

import re

from execution_orchestrator.planning.ports import PlanningRequest, PlanningResult

NAME = "going_on"
GO_ON = "go_on"  # the signal that a plan waits for which a command made
_BEFORE = (
    r"(?:ok(?:ay)?|yes|yeah|yep|alright|all\s+right|now|please|robot|you\s+(?:can|may)|and|so|then)"
)
_WORD = re.compile(
    rf"^\W*(?:{_BEFORE}\b\W*)*"
    r"(?:continue|go(?:\s+(?:on|ahead))?|carry\s+on|proceed|resume|start|ready|done|ok(?:ay)?|yes|now"
    r"|confirmed|move\s+on|keep\s+going|you\s+(?:can|may)"
    r"|(?:i'?m|i\s+am)\s+(?:ready|done|back|here|there|finished))"
    r"(?:\W+(?:now|please|robot|then|thanks|thank\s+you|on|ahead))*\W*$",
    re.IGNORECASE,
)
# They answer no question.
_CLEARLY = re.compile(r"\b(?:continue|carry\s+on|go\s+(?:on|ahead)|proceed|resume)\b", re.I)


def going_on(request: PlanningRequest) -> PlanningResult | None:
    """Return what a command resumes, None if it is another command or nothing waits for it."""
    waiting = [one for one in request.running if GO_ON in one.waits_for]
    asked = bool(request.earlier) and not request.earlier[-1].planned
    if (
        not waiting
        or (asked and not _CLEARLY.search(request.command))
        or _WORD.match(request.command) is None
    ):
        return None
    said_here = {one.execution_id for one in request.earlier}
    here = [one for one in waiting if one.execution_id in said_here] or waiting
    names = ", ".join(f'"{one.command}" ({one.execution_id})' for one in here[:5])
    if len(here) > 1:
        message = (
            f"several wait: {names}. Send the signal to one of them: ros2 run "
            f"execution_orchestrator signal EXECUTION {GO_ON}"
        )
        return PlanningResult(None, 0.0, (message,), planner=NAME, final=True)
    done = {"id": "goes_on", "action_type": "return", "value": f"goes on: {names}"}
    signals = ((here[0].execution_id, GO_ON),)
    return PlanningResult({"version": 1, "actions": [done]}, planner=NAME, signals=signals)
