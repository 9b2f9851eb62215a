"""What every planner takes and gives."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from execution_orchestrator.plan.issues import Issue

PlanCheck = Callable[[Mapping[str, Any]], Awaitable[Sequence[Issue]]]
NO_WORLD: Mapping[str, Any] = {"robot": {}, "objects": []}


@dataclass(frozen=True)
class Usage:
    """What planning took: model, rounds, tokens, cost in the unit of the configured prices, s."""

    model: str = ""
    rounds: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost: float = 0.0
    seconds: float = 0.0

    @property
    def tokens(self) -> int:
        """Tokens of prompts and answers together."""
        return self.prompt_tokens + self.completion_tokens


@dataclass(frozen=True)
class PlanningResult:
    """A plan document (not yet validated), or the reasons why there is none.

    ``confidence`` is from 0 to 1; ``problems`` are sentences for the person who gave the command;
    ``final``: no other planner is to be asked either. ``asks``: the first of them is a question,
    and its answer in the same conversation is a command. ``cancels`` are executions that the
    command ends, whether there is a plan or not; ``signals``
    (execution, name) are sent.
    """

    plan: Mapping[str, Any] | None
    confidence: float = 1.0
    problems: tuple[str, ...] = ()
    usage: Usage = Usage()
    planner: str = ""
    final: bool = False
    asks: bool = False
    cancels: tuple[str, ...] = ()
    signals: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class EarlierCommand:
    """An earlier command, or one that is being executed.

    ``command`` is as it was understood: of "do that again" the command that was done again.
    ``planned``: a plan was made of it. ``status`` is one of ExecutionStatus, ``age`` seconds since
    it came. ``actions`` {id, action_type, status, parameters, output} are in the order in which
    they ended, with the templates that their parameters were written with. ``waits_for`` are
    the signals that it waits for now.
    """

    execution_id: str
    command: str
    status: str
    message: str = ""
    planned: bool = True
    age: float = 0.0
    actions: tuple[Mapping[str, Any], ...] = ()
    waits_for: tuple[str, ...] = ()


@dataclass(frozen=True)
class PlanningRequest:
    """A command and what is known when it is given.

    ``world`` is {robot: {...}, objects: [...], held: [...], held_by: {robot: [...]}}, ``context``
    the input of the goal.
    ``earlier`` are the newest commands of the same conversation, oldest first, and ``running`` all
    that are carried out now, whoever gave them.
    """

    command: str
    world: Mapping[str, Any] = field(default_factory=lambda: NO_WORLD)
    context: Mapping[str, Any] = field(default_factory=dict)
    earlier: tuple[EarlierCommand, ...] = ()
    running: tuple[EarlierCommand, ...] = ()

    @property
    def known_objects(self) -> tuple[str, ...]:
        """Ids of the objects seen so far."""
        return tuple(self.poses)

    @property
    def poses(self) -> Mapping[str, Any]:
        """Where each known object was seen last; None: unknown."""
        found = self.world.get("objects", ())
        return {str(one["id"]): one.get("pose") for one in found if one.get("id")}

    @property
    def held(self) -> tuple[str, ...]:
        """Ids of the objects that grippers hold."""
        return tuple(map(str, self.world.get("held", ())))

    @property
    def held_by(self) -> Mapping[str, tuple[str, ...]]:
        """The same for each of several robots, by its name."""
        return {
            str(robot): tuple(map(str, held))
            for robot, held in self.world.get("held_by", {}).items()
        }


@dataclass(frozen=True)
class ReplanningRequest:
    """An execution that cannot go on.

    ``plan`` is the resolved plan that ran, ``history`` what became of each action (action_type,
    status, output, error, and ``left``: the parameters for the rest of what was partly done),
    ``failures`` every failure that led to another plan so far, oldest
    first: {key, action_type, parameters, error: {type, code, message}}; ``made_by`` is the planner
    of the plan, empty if somebody wrote it.
    """

    command: str
    plan: Mapping[str, Any]
    history: Mapping[str, Mapping[str, Any]]
    failures: Sequence[Mapping[str, Any]]
    reason: str = ""
    made_by: str = ""
    world: Mapping[str, Any] = field(default_factory=lambda: NO_WORLD)
    context: Mapping[str, Any] = field(default_factory=dict)

    @property
    def known_objects(self) -> tuple[str, ...]:
        """Ids of the objects seen so far."""
        return PlanningRequest(self.command, self.world).known_objects


class Planner(Protocol):
    """Makes plan documents. ``check`` says what is wrong with a document."""

    async def plan(self, request: PlanningRequest, check: PlanCheck) -> PlanningResult:
        """Return a document for a command, or what is not understood."""

    async def replan(self, request: ReplanningRequest, check: PlanCheck) -> PlanningResult:
        """Return another document for an execution that cannot go on, or why there is none."""
