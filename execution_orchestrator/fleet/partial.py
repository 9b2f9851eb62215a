"""Reads what can be read of a part with mistakes, so that its other mistakes are found as well."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from execution_orchestrator.fleet.document import Task
from execution_orchestrator.plan.document import parts_of, value_at
from execution_orchestrator.plan.structure_errors import Shape, wrong_places

Model = TypeVar("Model", bound=BaseModel)
LEFT_OUT = "_left_out"  # in lists of names, for one that cannot be read
ROUNDS = 4  # taking one mistake away can lay another one bare


@dataclass(frozen=True)
class Piece:
    """A task as far as it can be read; it must never run.

    ``at`` is its JSON pointer, ``name`` its name in messages. ``damaged`` are the pointers, within
    the task, of what was left out.
    """

    task: Task
    at: str
    name: str
    damaged: frozenset[str] = frozenset()

    def lacks(self, field: str) -> bool:
        """Say whether a part of a field could not be read."""
        return any(f"{one}/".startswith(f"/{field}/") for one in self.damaged)

    @property
    def has_name(self) -> bool:
        """Whether others can name it: its id could be read."""
        return not self.lacks("id")


def readable_task(given: Any, at: str, number: int) -> Piece | None:
    """Read a task without its mistakes; None if nothing is left. ``number`` is its place."""
    instead = f"_task_{number}"
    task, damaged = readable(Task, given, {"/id": instead})
    if task is None:
        return None
    name = task.id if task.id != instead else str(given.get("id", f"task {number}"))
    return Piece(task, at, name, damaged)


def readable(
    model: type[Model], given: Any, instead: Mapping[str, str] | None = None
) -> tuple[Model | None, frozenset[str]]:
    """Read a mapping without its mistakes, and return the pointers of these.

    ``instead`` has, by pointer, the value to use where a required one cannot be read.
    """
    damaged: set[str] = set()
    kept = copy.deepcopy(dict(given)) if isinstance(given, Mapping) else None
    shape = Shape(model.__name__, model, model, {}, {})
    for _ in range(ROUNDS if kept is not None else 0):
        try:
            return model.model_validate(kept), frozenset(damaged)
        except ValidationError as failure:
            errors = failure.errors(include_url=False)
        for _, pointer in wrong_places(errors, kept, shape):
            damaged.add(pointer)
            _take_away(kept, pointer, (instead or {}).get(pointer))
    return None, frozenset(damaged)


def _take_away(document: Any, pointer: str, instead: str | None) -> None:
    """Remove the value at a pointer."""
    holder = value_at(document, pointer.rpartition("/")[0])
    last = parts_of(pointer)[-1]
    if isinstance(holder, list):
        holder[int(last)] = LEFT_OUT  # those behind it keep their places
    elif instead is not None:
        holder[last] = instead
    else:
        holder.pop(last, None)
