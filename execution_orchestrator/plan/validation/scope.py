"""The types of the names in expressions, from the plan and the configuration."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from execution_orchestrator.plan.capability import RobotModel
from execution_orchestrator.plan.errors import ErrorType
from execution_orchestrator.plan.expression_check import check, function_type
from execution_orchestrator.plan.expression_types import (
    DOUBLE,
    DYN,
    INT,
    KNOWN_OBJECT,
    LIST,
    STRING,
    TIMESTAMP,
    Type,
    list_of,
    map_of,
    of_schema,
    of_value,
    one_of,
)
from execution_orchestrator.plan.expressions import NOW, Expression, single_template
from execution_orchestrator.plan.model import LOOPS, Action
from execution_orchestrator.plan.nearest import Names
from execution_orchestrator.plan.validation.walk import Place, walk

ERROR = map_of({"type": one_of(ErrorType), "code": STRING, "message": STRING})
# What an action may come to, as expressions see it; the engine has the same.
STATUSES = (
    "PENDING", "READY", "WAITING", "DISPATCHED", "RUNNING", "RECOVERING", "CANCELING", "SUCCEEDED",
    "FAILED", "SKIPPED", "CANCELLED",
)  # fmt: skip
STATUS = one_of(STATUSES)


class Scopes:
    """The names of a plan and of each of its subplans; ``state`` is what ``robot`` has, by name.

    Without a ``state`` the fields of ``robot`` are unknown.
    """

    def __init__(
        self,
        places: Sequence[Place],
        model: RobotModel,
        state: Mapping[str, Type] | None,
        signals: Mapping[str, Any],
    ) -> None:
        self._model = model
        # Until one has come its value is null; one that is waited for has come by then.
        awaited = {place.action.signal for place in places}
        self._signals = {
            name: replace(of_schema(schema), nullable=name not in awaited)
            for name, schema in signals.items()
        }
        self._outputs: dict[str, Type] = {}  # of the capabilities, by name
        self._expressions: dict[str, tuple[tuple[str, str], ...]] = {}
        actions: dict[int, dict[str, Type]] = {}
        self._outcomes: dict[tuple[int, str], Mapping[str, str]] = {}
        self._like: dict[tuple[str, bool, int], Type] = {}  # what actions look like
        self.sound: set[tuple[Any, ...]] = set()  # kinds of expressions with nothing wrong
        self._items: dict[int, Type] = {}  # of the rounds of a loop, by the loop
        self._scopes: dict[int, int] = {}  # the scope of the plan inside a subplan action
        for place in places:
            of_scope = actions.setdefault(place.scope, {})
            if place.action.id:
                of_scope.setdefault(place.action.id, self._looks(place.action))
                spec = model.capabilities.get(place.action.action_type)
                if spec is not None and spec.outcomes:
                    self._outcomes.setdefault((place.scope, place.action.id), spec.outcomes)
            if place.owner is not None:
                self._scopes[id(place.owner)] = place.scope
        self._ids = {scope: Names(found) for scope, found in actions.items()}
        past = {name: _history_of(one) for name, one in (state or {}).items()}
        common: dict[str, Type] = {
            "robot": map_of(state),
            "robot_history": map_of(None if state is None else past),
            "objects": list_of(KNOWN_OBJECT),
            "signals": map_of(self._signals),
            NOW: function_type(TIMESTAMP),
        }
        inputs = {p.scope: of_value(p.owner.inputs) for p in places if p.owner is not None}
        self._names: dict[int, dict[str, Type]] = {
            scope: {**common, "actions": map_of(found), "input": inputs.get(scope, DYN)}
            for scope, found in actions.items()
        }

    def outcomes(self, place: Place, name: str) -> tuple[str, ...]:
        """Return the outcomes that an action which another one names may come to."""
        return tuple(self._outcomes.get((place.scope, name), ()))

    def ids(self, place: Place) -> Names:
        """Return the ids of the actions that expressions of an action may name."""
        return self._ids[place.scope]

    def ids_inside(self, subplan: Action) -> list[str]:
        """Return the ids of the actions inside a subplan."""
        found = self.inside(subplan)["actions"].fields or {}
        return list(found)

    def inside(self, subplan: Action) -> Mapping[str, Type]:
        """Return what expressions over the inside of a subplan may name."""
        return self._names[self._scopes[id(subplan)]]

    def names(self, place: Place) -> Mapping[str, Type]:
        """Return what the expressions of an action may name."""
        names = self._names[place.scope]
        if place.loop:
            item = self._item(place, names)
            names = {**names, "item": item, "index": INT, "iteration": INT}
        if place.action.action_type in LOOPS - {"foreach"}:
            names = {**names, "item": INT, "index": INT, "iteration": INT}
        if place.partial:
            names = {**names, "feedback": map_of(None)}
        return {**names, "error": ERROR} if place.caught else names

    def kind_of(self, expression: Expression, place: Place, wanted: str) -> tuple[Any, ...] | None:
        """Return what decides whether something is wrong with an expression over actions.

        That is its shape and what these actions look like. None where it is more: a number, or
        names that are known in this place only.
        """
        if place.loop or place.partial or place.caught or place.action.action_type in LOOPS:
            return None
        looks = self._names[place.scope]["actions"].fields or {}
        found = [id(looks[name]) for name in expression.left_open if name in looks]
        if not found or len(found) < len(expression.left_open):
            return None
        return (expression.shape, place.scope, wanted, "null" in expression.text, *found)

    def expression_parameters(self, action: Action) -> Sequence[tuple[str, str]]:
        """Return the parameters of an action that are expressions over data, and what they give.

        The schema of such a parameter says so: ``expression: value`` or ``expression: condition``.
        """
        kind = action.action_type
        if kind not in self._expressions:
            spec = self._model.capabilities.get(kind)
            known: Mapping[str, Any] = spec.parameters.get("properties", {}) if spec else {}
            self._expressions[kind] = tuple(
                (name, "bool" if schema["expression"] == "condition" else "")
                for name, schema in known.items()
                if isinstance(schema, Mapping) and "expression" in schema
            )
        return self._expressions[kind]

    def _item(self, place: Place, names: Mapping[str, Type]) -> Type:
        loops = [step.action for step in place.way[:-1] if step.action.action_type in LOOPS]
        if loops and loops[-1].action_type != "foreach":
            return INT
        if not loops or not loops[-1].items:
            return DYN
        # All that is inside of a loop has the same items, and they may be thousands.
        key = id(loops[-1])
        if key not in self._items:
            self._items[key] = _type_of_items(loops[-1].items, names)
        return self._items[key]

    def _looks(self, action: Action) -> Type:
        output = self._output(action)
        other = action.fallback_action
        same = other is None or other.action_type == action.action_type
        # Most actions of a large plan look like another one.
        key = action.action_type, same, id(output)
        if key not in self._like:
            self._like[key] = self._look(action.action_type, output, same=same)
        return self._like[key]

    def _look(self, kind: str, output: Type, *, same: bool) -> Type:
        spec = self._model.capabilities.get(kind)
        looks = {"status": STATUS, "output": output, "error": ERROR, "duration": DOUBLE}
        if spec is None or not spec.outcomes:
            return map_of(looks)
        return map_of({**looks, "outcome": one_of(spec.outcomes) if same else STRING})

    def _output(self, action: Action) -> Type:
        kind, other = action.action_type, action.fallback_action
        if other is not None and other.action_type != kind:
            return DYN  # whichever of the two succeeded
        if kind in LOOPS:
            return LIST
        if kind == "wait_for_signal":
            return self._signals.get(action.signal or "", DYN)
        if kind == "subplan" and action.outputs and not _returns(action):
            return map_of(dict.fromkeys(action.outputs, DYN))
        if kind not in self._outputs:
            spec = self._model.capabilities.get(kind)
            self._outputs[kind] = of_schema(spec.output) if spec and spec.output else DYN
        return self._outputs[kind]


def _type_of_items(items: Any, names: Mapping[str, Type]) -> Type:
    if not isinstance(items, str):
        return of_value(items).element or DYN
    found = check(single_template(items) or items.strip(), names)[0]
    return (found.element or DYN) if found.name == "list" else DYN


def _history_of(value: Type) -> Type:
    return list_of(map_of({"age": DOUBLE, "value": value}))


def _returns(subplan: Action) -> bool:
    """Return whether a ``return`` may change the form of a subplan's output."""
    return subplan.plan is None or any(
        place.action.action_type == "return" for place in walk(subplan.plan)
    )
