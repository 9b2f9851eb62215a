"""What comes next is prepared while the current action runs: expressions, templates, goals.

Nothing is decided here and nothing becomes an event: a value worked out early is used only if all
that it depends on is the same when it is needed, otherwise it is worked out again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from msgspec import Struct

from execution_orchestrator.engine.scope import (
    find_action,
    mentioned,
    stage,
    stage_parameters,
)
from execution_orchestrator.engine.state import ActionState, OrchestratorState
from execution_orchestrator.engine.status import ActionStatus
from execution_orchestrator.plan.expressions import ExpressionError, templates_in

MOST_AT_ONCE = 32  # actions that are prepared at a time: the robot must not wait for it
_FINAL = frozenset(
    {
        ActionStatus.SUCCEEDED,
        ActionStatus.FAILED,
        ActionStatus.SKIPPED,
        ActionStatus.CANCELLED,
    }
)


class Upcoming(Struct, frozen=True, kw_only=True):
    """An action that starts when the one that runs now is done.

    ``parameters`` is the very object its Dispatch will carry if nothing changes until then, None
    if they are not known yet. ``several`` robots may do it, so its server is not known.
    """

    execution_id: str
    key: str
    capability: str
    parameters: dict[str, Any] | None
    several: bool = False


def prestage(
    state: OrchestratorState, started: Iterable[tuple[str, str]], world: Mapping[str, Any]
) -> list[Upcoming]:
    """Prepare what waits only for the given (execution, key), and return it."""
    found: list[Upcoming] = []
    for execution_id, key in started:
        execution = state.running.get(execution_id)
        action = execution.actions.get(key) if execution is not None else None
        if action is None:
            continue
        for waiter in _next(action):
            if len(found) >= MOST_AT_ONCE:
                return found
            found.append(_prepared(waiter, world))
    return found


def _next(action: ActionState) -> Iterator[ActionState]:
    for waiter in action.waiters or ():
        if (
            waiter.blockers == 1
            and waiter.status is ActionStatus.PENDING
            and waiter.node.kind == "capability"
        ):
            yield waiter


def _prepared(action: ActionState, world: Mapping[str, Any]) -> Upcoming:
    node = action.node
    for text in (node.condition, *node.preconditions):
        if text and _is_settled((text,), action):
            try:
                stage(text, action, world)
            except ExpressionError:
                # It may have a value by then; if not, it is said then.
                continue
    parameters: dict[str, Any] | None = node.parameters
    if node.has_templates:
        parameters = None
        texts = tuple(text for _, text in templates_in(node.parameters))
        if _is_settled(texts, action):
            try:
                parameters = stage_parameters(action, world)
            except ExpressionError:
                parameters = None
    return Upcoming(
        execution_id=action.execution.execution_id,
        key=action.key,
        capability=node.action_type,
        parameters=parameters,
        several=bool(node.robots),
    )


def _is_settled(texts: tuple[str, ...], action: ActionState) -> bool:
    """Whether all actions that expressions look at have ended: until then it is of no use."""
    try:
        _, actions = mentioned(texts)
    except ExpressionError:
        return False
    others = [find_action(name, action) for name in actions]
    return all(other is None or other.status in _FINAL for other in others)
