"""What the names in expressions and templates mean for an action at this moment."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from execution_orchestrator.engine.state import ActionState, Frame
from execution_orchestrator.plan.expressions import (
    ExpressionError,
    compile_expression,
    render,
    templates_in,
)


def holds(text: str, action: ActionState, world: Mapping[str, Any], **own: Any) -> bool:
    """Evaluate a condition.

    Raises:
        ExpressionError: it has no value, or one that is neither true nor false.

    """
    value = evaluate(text, action, world, **own)
    if not isinstance(value, bool):
        raise ExpressionError(f"{text!r} is {value!r}, neither true nor false")
    return value


def evaluate(text: str, action: ActionState, world: Mapping[str, Any], **own: Any) -> Any:
    """Return the value of an expression; ``own`` is what the action itself looks like.

    Raises:
        ExpressionError: it has none.

    """
    expression = compile_expression(text)
    return expression.evaluate(
        _names(expression.names, expression.actions, action, action.frame, world, own)
    )


def rendered(
    value: Any, action: ActionState, world: Mapping[str, Any], frame: Frame | None = None
) -> Any:
    """Return a value with its templates replaced.

    Raises:
        ExpressionError: a template has no value.

    """
    names: set[str] = set()
    actions: set[str] = set()
    templates = 0
    for _, text in templates_in(value):
        expression = compile_expression(text)
        templates += 1
        names |= expression.names
        actions |= expression.actions
    if not templates:
        return value
    return render(value, _names(names, actions, action, frame or action.frame, world, {}))


def _names(
    names: Iterable[str],
    actions: Iterable[str],
    action: ActionState,
    frame: Frame,
    world: Mapping[str, Any],
    own: Mapping[str, Any],
) -> dict[str, Any]:
    scope: dict[str, Any] = {}
    for name in names:
        if name == "actions":
            scope[name] = _actions(actions, action, frame, own)
        elif name == "input":
            scope[name] = frame.input
        elif name == "item":
            scope[name] = frame.item
        elif name == "index":
            scope[name] = frame.index
        elif name == "error":
            error = frame.error
            scope[name] = (
                {"type": error.type.value, "code": error.code, "message": error.message}
                if error is not None
                else None
            )
        elif name in world:
            scope[name] = world[name]
    return scope


def _actions(
    wanted: Iterable[str], action: ActionState, frame: Frame, own: Mapping[str, Any]
) -> dict[str, Any]:
    wanted = tuple(wanted)
    known = action.execution.actions
    achieved = action.execution.achieved
    if not wanted:
        return {key: _look(other) for key, other in known.items() if key}
    found: dict[str, Any] = {}
    for name in wanted:
        if own and name == action.node.id:
            found[name] = {**_look(action), **own}
            continue
        place: Frame | None = frame
        while place is not None:
            other = known.get(place.prefix + name)
            if other is not None:
                found[name] = _look(other)
                break
            done = achieved.get(place.prefix + name)
            if done is not None:
                # Kept from before a checkpoint or another plan, inside something that is done.
                found[name] = {**_NOT_YET, "status": "SUCCEEDED", "output": done[2]}
                break
            place = place.outer
        else:
            found[name] = dict(_NOT_YET)
    return found


_NOT_YET = {"status": "PENDING", "output": None, "error": None, "duration": 0.0}


def _look(action: ActionState) -> dict[str, Any]:
    error = action.error
    return {
        "status": action.status.value,
        "output": action.output,
        "error": {"type": error.type.value, "code": error.code, "message": error.message}
        if error is not None
        else None,
        "duration": max(0.0, action.ended - action.started) if action.ended else 0.0,
    }
