"""What the names in expressions and templates mean for an action at this moment."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from execution_orchestrator.engine.logic import Logic
from execution_orchestrator.engine.program import Node
from execution_orchestrator.engine.state import Achieved, ActionState, Frame
from execution_orchestrator.plan.expressions import (
    NOW,
    ExpressionError,
    as_text,
    compile_expression,
    is_true,
    render,
    templates_in,
)


def holds(
    text: str,
    action: ActionState,
    world: Mapping[str, Any],
    *,
    frame: Frame | None = None,
    **own: Any,
) -> bool:
    """Evaluate a condition, in another ``frame`` than the action's own where one is given.

    Raises:
        ExpressionError: it has no value, or one that is neither true nor false.

    """
    value = evaluate(text, action, world, frame=frame, **own)
    if not isinstance(value, bool):
        raise ExpressionError(f"{text!r} is {value!r}, neither true nor false")
    return value


def evaluate(
    text: str,
    action: ActionState,
    world: Mapping[str, Any],
    *,
    frame: Frame | None = None,
    **own: Any,
) -> Any:
    """Return the value of an expression; ``own`` is what the action itself looks like.

    Raises:
        ExpressionError: it has none.

    """
    expression = compile_expression(text)
    plain = not own and frame is None
    staged = action.staged.get(text) if action.staged and plain else None
    if staged is not None and inputs_unchanged(
        staged[0], inputs_of(expression.names, expression.actions, (text,), action, world)
    ):
        return staged[1]
    return expression.evaluate(
        _names(expression.names, expression.actions, action, frame or action.frame, world, own)
    )


def rendered(
    value: Any, action: ActionState, world: Mapping[str, Any], frame: Frame | None = None
) -> Any:
    """Return a value with its templates replaced.

    Raises:
        ExpressionError: a template has no value.

    """
    texts = tuple(text for _, text in templates_in(value))
    if not texts:
        return value
    names, actions = mentioned(texts)
    return render(value, _names(names, actions, action, frame or action.frame, world, {}))


def rendered_parameters(action: ActionState, world: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters of an action as its goal carries them.

    They are the very object that was staged, where nothing has changed since.

    Raises:
        ExpressionError: a template has no value.

    """
    if action.staged and PARAMETERS in action.staged:
        inputs, made = action.staged[PARAMETERS]
        if inputs_unchanged(inputs, _inputs_of_parameters(action, world)):
            staged: dict[str, Any] = made
            return staged
    parameters: dict[str, Any] = rendered(action.node.parameters, action, world)
    texts = {
        # What has to be a text and was rendered as something plain.
        name: as_text(parameters[name])
        for name in action.node.as_text
        if isinstance(parameters.get(name), bool | int | float)
    }
    return {**parameters, **texts}


PARAMETERS = ""  # the place of the rendered parameters among an action's staged values
_PLAIN = frozenset({str, int, bool, float, type(None)})
_ROBOT_FIELD = re.compile(r"\brobot\s*\.\s*([A-Za-z_]\w*)")
_ROBOT = re.compile(r"\brobot\b")


def mentioned(texts: Iterable[str]) -> tuple[set[str], set[str]]:
    """Return the names and the ids of actions that expressions refer to."""
    names: set[str] = set()
    actions: set[str] = set()
    for text in texts:
        expression = compile_expression(text)
        names |= expression.names
        actions |= expression.actions
    return names, actions


def inputs_of(
    names: Iterable[str],
    actions: Iterable[str],
    texts: Sequence[str],
    action: ActionState,
    world: Mapping[str, Any],
) -> tuple[Any, ...] | None:
    """Return all that the values of expressions depend on; None if that is too much."""
    found: list[Any] = []
    for name in sorted(names):
        if name == "actions":
            wanted = sorted(actions)
            if not wanted:
                return None
            for one in wanted:
                other = find_action(one, action)
                if other is None:
                    found.append(f"{one} SKIPPED" if _is_passed_over(one, action.frame) else one)
                else:
                    found += (other.status, other.output, other.error, other.started, other.ended)
        elif name in ("robot_history", NOW):
            return None  # it is another one all the time
        elif name == "iteration":
            found.append(action.frame.index)
        elif name == "signals":
            found.append(action.execution.signals)
        elif name in ("input", "item", "index", "error", "feedback"):
            found.append(getattr(action.frame, name))
        elif name == "robot" and "robot" in world:
            fields = {field for text in texts for field in _ROBOT_FIELD.findall(text)}
            if sum(len(_ROBOT.findall(text)) for text in texts) != sum(
                len(_ROBOT_FIELD.findall(text)) for text in texts
            ):
                found.append(world["robot"])
            else:
                found += [world["robot"].get(field, PARAMETERS) for field in sorted(fields)]
        else:
            found.append(world.get(name, PARAMETERS))
    return tuple(found)


def inputs_unchanged(before: tuple[Any, ...], now: tuple[Any, ...] | None) -> bool:
    """Say whether inputs are the same for certain: the same objects, or equal plain values."""
    return now is not None and len(before) == len(now) and all(map(_same, before, now))


def _same(one: Any, other: Any) -> bool:
    # 1, 1.0 and True are equal for Python and three different things in an expression.
    return one is other or (
        type(one) is type(other) and type(one) in _PLAIN and repr(one) == repr(other)
    )


def find_action(name: str, action: ActionState) -> ActionState | None:
    """Return the action an expression means by a name, the innermost scope first."""
    place: Frame | None = action.frame
    while place is not None:
        other = place.generation.actions.get(place.prefix + name)
        if other is not None:
            return other
        place = place.outer
    return None


def stage(text: str, action: ActionState, world: Mapping[str, Any]) -> None:
    """Work an expression of an action out now, for when it is needed."""
    expression = compile_expression(text)
    inputs = inputs_of(expression.names, expression.actions, (text,), action, world)
    if inputs is not None:
        _keep(action, text, inputs, evaluate(text, action, world))


def stage_parameters(action: ActionState, world: Mapping[str, Any]) -> dict[str, Any]:
    """Render the parameters of an action now, for when they are needed, and return them."""
    inputs = _inputs_of_parameters(action, world)
    made = rendered_parameters(action, world)
    if inputs is not None:
        _keep(action, PARAMETERS, inputs, made)
    return made


def _inputs_of_parameters(action: ActionState, world: Mapping[str, Any]) -> tuple[Any, ...] | None:
    texts = tuple(text for _, text in templates_in(action.node.parameters))
    return inputs_of(*mentioned(texts), texts, action, world)


def _keep(action: ActionState, place: str, inputs: tuple[Any, ...], value: Any) -> None:
    if action.staged is None:
        action.staged = {}
    action.staged[place] = (inputs, value)


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
        elif name == "signals":
            execution = action.execution
            scope[name] = {**dict.fromkeys(execution.program.signals), **execution.signals}
        elif name == "item":
            scope[name] = frame.item
        elif name == "index":
            scope[name] = frame.index
        elif name == "iteration":
            scope[name] = frame.index + 1
        elif name == "feedback":
            scope[name] = dict(frame.feedback)
        elif name == "error":
            error = frame.error
            scope[name] = (
                {"type": error.type.value, "code": error.code, "message": error.message}
                if error is not None
                else None
            )
        elif name == "robot_history" and name in world:
            # It is computed only when an expression uses it.
            scope[name] = dict(world[name])
        elif name in world:
            scope[name] = world[name]
    return scope


def _actions(
    wanted: Iterable[str], action: ActionState, frame: Frame, own: Mapping[str, Any]
) -> dict[str, Any]:
    wanted = tuple(wanted)
    known = frame.generation.actions
    achieved = frame.generation.achieved
    if not wanted:
        return {key: _look(other) for key, other in known.items() if key}
    found: dict[str, Any] = {}
    for name in wanted:
        if name == action.node.id:
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
                found[name] = {
                    **_NOT_YET,
                    "status": "SUCCEEDED",
                    "output": done[2],
                    "outcome": _outcome_of_kept(done, action),
                }
                break
            place = place.outer
        else:
            found[name] = (
                {**_NOT_YET, "status": "SKIPPED"}
                if (
                    action.execution.follows(Logic.PASSED_OVER_IS_SKIPPED)
                    and _is_passed_over(name, frame)
                )
                else dict(_NOT_YET)
            )
    return found


# What nests actions that have the same scope, and of these what does one of its blocks only.
_SAME_SCOPE = frozenset({"sequence", "parallel", "conditional", "router", "try"})
_BRANCHING = frozenset({"conditional", "router"})


def _is_passed_over(name: str, frame: Frame) -> bool:
    """Whether an action that never began is inside a block that is over or took another branch."""
    place: Frame | None = frame
    while place is not None:
        for key, state in place.generation.actions.items():
            inner = key.removeprefix(place.prefix)
            if (
                state.node.kind not in _SAME_SCOPE
                or "/" in inner
                or not key.startswith(place.prefix)
            ):
                continue
            for block, nodes in state.node.blocks.items():
                other = (
                    state.node.kind in _BRANCHING
                    and state.flow is not None
                    and state.flow.block not in ("", None, block)
                )
                if (state.is_final or other) and _holds_node(nodes, name):
                    return True
        place = place.outer
    return False


def _holds_node(nodes: Iterable[Node], name: str) -> bool:
    return any(
        node.id == name or (node.kind in _SAME_SCOPE and _holds_node(node.children(), name))
        for node in nodes
    )


_NOT_YET = {
    "status": "PENDING",
    "output": None,
    "outcome": None,
    "error": None,
    "duration": 0.0,
}


def named_outcome(outcomes: Mapping[str, str], output: Any) -> str:
    """Return which of the outcomes of a capability an output is, empty if it is none of them.

    Raises:
        ExpressionError: one of them cannot be decided.

    """
    return next((name for name, text in outcomes.items() if is_true(text, {"output": output})), "")


def _outcome_of_kept(done: Achieved, action: ActionState) -> str | None:
    outcomes = action.execution.program.outcomes.get(done[1])
    if outcomes is None:
        return None
    try:
        return named_outcome(outcomes, done[2]) or None
    except ExpressionError:
        return None


def _look(action: ActionState) -> dict[str, Any]:
    error = action.error
    return {
        "status": action.status.value,
        "output": action.output,
        "outcome": action.named_outcome or None,
        "error": {"type": error.type.value, "code": error.code, "message": error.message}
        if error is not None
        else None,
        "duration": max(0.0, action.ended - action.started) if action.ended else 0.0,
    }


def sent_parameters(action: ActionState) -> dict[str, Any]:
    """Return the parameters of the action's last attempt."""
    return _parameters(action, action.carried, action.carried_rounds)


def whole_parameters(action: ActionState) -> dict[str, Any]:
    """Return the parameters as if no goal had done anything of them."""
    return _parameters(action, None, 0)


def left_parameters(action: ActionState) -> dict[str, Any]:
    """Return the parameters for what the action's attempts left to do."""
    return _parameters(action, action.so_far, action.carried_rounds + action.rounds)


def _parameters(action: ActionState, done: float | None, rounds: int) -> dict[str, Any]:
    parameters = action.node.parameters if action.parameters is None else action.parameters
    if action.fixed:
        parameters = {**parameters, **action.fixed}
    if action.override:
        parameters = {**parameters, **action.override}
    if done is not None:
        parameters = remaining(parameters, action.node.resume, done, rounds)
    return parameters


def remaining(
    parameters: dict[str, Any], resume: Mapping[str, Any], carried: float, rounds: int = 0
) -> Any:
    """Return the goal parameters for what is left of an action after ``rounds`` rounds of it."""
    into, how = resume["into"], resume["how"]
    value = parameters.get(into)
    changed: Any
    if how == "set":
        changed = int(carried)
        left = parameters.get(resume.get("rounds", ""))
        if rounds and isinstance(left, int):
            parameters = {**parameters, resume["rounds"]: max(0, left - rounds)}
    elif how == "subtract" and isinstance(value, int | float):
        left = max(0.0, abs(value) - abs(carried))
        changed = left if value >= 0.0 else -left
    elif how in ("keep", "skip") and isinstance(value, list | tuple) and value:
        # The last one always stays: that it was reached would have been the end of the goal.
        kept = int(carried) if how == "keep" else len(value) - int(carried)
        changed = list(value[-max(1, kept) :])
    else:
        return parameters
    return {**parameters, into: changed}
