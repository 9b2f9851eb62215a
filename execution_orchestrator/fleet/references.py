"""The expressions of a mission: readable, of the right type, and of what is known by then."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from execution_orchestrator.fleet.orders import SETTLED
from execution_orchestrator.plan import expression_types as t
from execution_orchestrator.plan.document import pointed
from execution_orchestrator.plan.expression_check import check
from execution_orchestrator.plan.expression_types import Type
from execution_orchestrator.plan.expressions import (
    NOW,
    ExpressionError,
    compile_expression,
    is_unclosed,
    templates_in,
    texts_in,
)
from execution_orchestrator.plan.issues import Issue, Severity
from execution_orchestrator.plan.nearest import Names
from execution_orchestrator.plan.validation.references import syntax_cure

IN_LOOP: Mapping[str, Type] = {"item": t.DYN, "index": t.INT}
_TASK = re.compile(r"\btasks\s*(?:\.\s*([A-Za-z_]\w*)|\[\s*['\"]([^'\"]+)['\"]\s*\])")
_QUOTED = re.compile(r"(?<!\[)(['\"]).*?\1")
_INPUT = re.compile(r"\binput has no ")
_WANTED = {
    "bool": ("a condition is true or false", "Compare it with something."),
    "list": ("for_each goes over a list", "Name a list, or write one in [ ]."),
}


@dataclass(frozen=True)
class Reader:
    """The reader of an expression: which tasks have ended by then, and which other names it sees.

    ``name`` is that of the task, empty for what is read when all have ended.
    """

    name: str
    before: frozenset[str]
    beside: Mapping[str, Type]


class References:
    """Checks expressions against what a mission has."""

    def __init__(
        self,
        *,
        inputs: Mapping[str, Any] | None,
        signals: Mapping[str, Any] | None,
        tasks: Mapping[str, bool],
        complete: bool,
    ) -> None:
        """None for what cannot be read. ``tasks`` by id: whether they are done for each item.

        ``complete``: there are no tasks but these.
        """
        self._tasks = Names(tasks)
        self._complete = complete
        self._known = {
            "input": t.MAP if inputs is None else t.map_of(dict.fromkeys(inputs, t.DYN)),
            "signals": t.MAP
            if signals is None
            else t.map_of({name: t.of_schema(schema) for name, schema in signals.items()}),
            "mission": t.map_of({"id": t.STRING, "name": t.STRING}),
            "tasks": t.map_of({name: _type_of_task(each) for name, each in tasks.items()}),
        }

    def texts(self, value: Any, at: str, reader: Reader) -> Iterator[Issue]:
        """Check the templates in a value."""
        for pointer, text in texts_in(value, at):
            if is_unclosed(text):
                hint = "Close it with }}."
                yield Issue("MISSION_TEMPLATE_UNCLOSED", "{{ has no }}", pointer, hint)
        for pointer, key in _keys_with_templates(value, at):
            hint = "Write what changes as a value: [{name: ..., value: ...}]."
            yield Issue(
                "MISSION_TEMPLATE_IN_NAME",
                f"{key} is a name, and only values are filled in",
                pointer,
                hint,
            )
        for pointer, expression in templates_in(value, at):
            yield from self.expression(expression, pointer, reader)

    def expression(self, text: str, at: str, reader: Reader, wanted: str = "") -> Iterator[Issue]:
        """Check one expression, which has to be of a type of `_WANTED`."""
        try:
            names = compile_expression(text).names
        except ExpressionError as failure:
            yield Issue("MISSION_EXPRESSION_INVALID", str(failure), at, syntax_cure(text, at))
            return
        known = {**self._known, **reader.beside}
        wrong = [self._unknown(name, at, known) for name in sorted(names - set(known))]
        wrong += self._not_yet(text, at, reader)
        yield from wrong
        if wrong:
            return
        found, problems = check(text, known)
        for one in problems:
            severity = Severity.WARNING if one.may_work else Severity.ERROR
            hint = one.hint
            if _INPUT.search(one.message):
                hint += " Inputs are declared beside `tasks`, each with its default."
            yield Issue(f"MISSION_{one.code}", one.message, at, hint, severity)
        if wanted and not problems and found.name not in (wanted, "dyn"):
            said, hint = _WANTED[wanted]
            yield Issue("MISSION_EXPRESSION_TYPE", f"{said}, and {text!r} is {found}", at, hint)

    @staticmethod
    def _unknown(name: str, at: str, known: Mapping[str, Type]) -> Issue:
        hint = (
            "Time is not known to a mission; use deadline, timeout or delay."
            if name == NOW
            else "item and index are known in what a task with for_each does for each item."
            if name in IN_LOOP
            else Names(known).hint(name, "There are")
        )
        return Issue("MISSION_NAME_UNKNOWN", f"{name} is not known here", at, hint)

    def _not_yet(self, text: str, at: str, reader: Reader) -> Iterator[Issue]:
        """Tell of the tasks that there are not, or that may not have ended."""
        for dotted, quoted in _TASK.findall(_QUOTED.sub("''", text)):
            other = dotted or quoted
            if other not in self._tasks:
                if self._complete:
                    said = f"the expression names {other}, which is no task"
                    hint = self._tasks.hint(other, "There are")
                    yield Issue("MISSION_TASK_UNKNOWN", said, at, hint)
            elif other not in reader.before:
                hint = (
                    "A task cannot read its own output."
                    if other == reader.name
                    else f"Add {other} to depends_on of {reader.name}."
                )
                said = f"{other} may not have ended when this is read"
                yield Issue("MISSION_DEPENDENCY_MISSING", said, at, hint)


def _keys_with_templates(value: Any, at: str) -> Iterator[tuple[str, str]]:
    """Yield the pointer and name of each field inside a value whose name has a template."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            here = pointed(at, key)
            if "{{" in key:
                yield here, key
            yield from _keys_with_templates(inner, here)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _keys_with_templates(inner, f"{at}/{index}")


def _type_of_task(each: bool) -> Type:
    return t.map_of(
        {
            "status": t.one_of(sorted(SETTLED)),
            "output": t.LIST if each else t.DYN,
            "robot": t.STRING,
            "error": t.STRING,
        }
    )


def all_before(direct: Mapping[str, Sequence[str]]) -> dict[str, set[str]]:
    """Return all tasks that each waits for, those of those included; circles end somewhere."""
    found: dict[str, set[str]] = {}
    for task in direct:
        seen: set[str] = set()
        waiting = list(direct[task])
        while waiting:
            one = waiting.pop()
            if one not in seen:
                seen.add(one)
                waiting += direct.get(one, ())
        found[task] = seen
    return found
