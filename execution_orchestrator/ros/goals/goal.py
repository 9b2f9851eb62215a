"""One goal on its way through an action server."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any
from uuid import UUID

from execution_orchestrator.ros.goals.events import GoalListener


class Stage(Enum):
    """How far a goal is."""

    WAITING = "waiting"  # for the server to show up
    SENT = "sent"  # the request is out
    ADOPTING = "adopting"  # the server was asked for a goal of an earlier process
    ACCEPTED = "accepted"
    DONE = "done"


@dataclass(slots=True, eq=False)
class Goal:
    """What the channel keeps about a goal; ``message`` is None for one that is only adopted.

    ``since`` is the loop time of the last change of stage. ``servers`` are the endpoint identities
    of those that may know it, ``took`` of those there when it was accepted. ``asked_result`` is
    when its result was asked for, or it was sent. ``sent`` counts the requests under the one id,
    ``rejected`` is the answer to one of several. ``silent``: it was told that the server says
    nothing. ``given_up``: its server said that it does not know it, and may decide all the same.
    ``questions`` are how often a server that came later is still to be asked for it.
    ``ended_as`` is the terminal status that its server has published, and ``terminal_since`` when
    that was read, or its last feedback came. ``answered_early`` is when it gave a result last
    although it works on.
    """

    goal_id: UUID
    message: Any
    listener: GoalListener
    stage: Stage = Stage.WAITING
    since: float = 0.0
    servers: frozenset[bytes] = frozenset()
    took: frozenset[bytes] = frozenset()
    cancel_wanted: bool = False
    cancel_attempts: int = 0
    cancel_sent: float = 0.0
    cancel_stage: Stage | None = None
    cancel_answered: bool = False
    cancel_refused: bool = False
    asked_result: float = 0.0
    sent: int = 0
    in_vain: bool = False  # every server that could receive it had died before it was sent
    rejected: bool = False
    silent: bool = False
    doubts: int = 0
    given_up: bool = False
    questions: int = 0
    terminal_since: float = 0.0
    ended_as: int | None = None
    answered_early: float = 0.0
