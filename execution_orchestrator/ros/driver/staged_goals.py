"""Goal messages that were built before they are due, and used only if nothing changed since."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from execution_orchestrator.capabilities.conversions import ConversionContext
from execution_orchestrator.engine.effects import Dispatch
from execution_orchestrator.engine.prestaging import Upcoming

MOST_KEPT = 256  # goals


@dataclass(frozen=True, slots=True)
class BuiltGoal:
    """A goal message, and the frames that it names."""

    message: Any
    frames: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Staged:
    capability: str
    parameters: Mapping[str, Any]
    poses: Mapping[str, Any]
    goal: BuiltGoal


class StagedGoals:
    """Keeps at most MOST_KEPT goals; each is given out once."""

    def __init__(self) -> None:
        self._goals: OrderedDict[tuple[str, str], _Staged] = OrderedDict()

    def put(
        self,
        upcoming: Upcoming,
        parameters: Mapping[str, Any],
        context: ConversionContext,
        goal: BuiltGoal,
    ) -> None:
        """Keep what was built from these parameters and what they name in the world."""
        key = (upcoming.execution_id, upcoming.key)
        poses = _poses(parameters, context)
        self._goals[key] = _Staged(upcoming.capability, parameters, poses, goal)
        self._goals.move_to_end(key)
        while len(self._goals) > MOST_KEPT:
            self._goals.popitem(last=False)

    def take(self, effect: Dispatch, context: ConversionContext) -> BuiltGoal | None:
        """Return the goal of a dispatch, None if there is none or something changed."""
        staged = self._goals.pop((effect.execution_id, effect.key), None)
        if (
            staged is None
            or staged.capability != effect.capability
            # The very same object: equal ones may still differ in types, and building is cheap.
            or staged.parameters is not effect.parameters
            or staged.poses != _poses(effect.parameters, context)
        ):
            return None
        return staged.goal


def _poses(parameters: Mapping[str, Any], context: ConversionContext) -> dict[str, Any]:
    """Return the poses of the objects that parameters name: all that may change in between."""
    return {
        text: context.objects[text].get("pose")
        for text in _texts(parameters)
        if text in context.objects
    }


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _texts(item)
