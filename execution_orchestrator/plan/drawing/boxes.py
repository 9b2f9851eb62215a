"""The boxes of a diagram: one for each action, nested as they are, and what waits for what."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from execution_orchestrator.plan.model import LOOPS, Action, Ordering, Plan
from execution_orchestrator.plan.ordering import ordering_inside, waits_for
from execution_orchestrator.plan.tree import on_failure

# Unit of a parameter of a capability, empty if it has none or is not known.
Units = Callable[[str, str], str]
MOST_WORDS = 60  # characters of one line in a box


@dataclass(frozen=True)
class Group:
    """A list of boxes: its heading (then, else, catch ...) and, for each, the ones it waits for."""

    heading: str
    boxes: tuple[Box, ...]
    waits: tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class Box:
    """An action: ``lines`` are its id, what it is, and what it is bound to; ``number`` is unique.

    ``optional``: its failure is allowed. A box with groups is a block. ``name`` is the action's id.
    """

    number: int
    lines: tuple[str, ...]
    groups: tuple[Group, ...] = ()
    optional: bool = False
    name: str = ""
    kind: str = ""


class _Maker:
    def __init__(self, units: Units, width: int) -> None:
        self._units = units
        self._width = width
        self._count = 0

    def group(self, heading: str, actions: Sequence[Action], ordering: Ordering | None) -> Group:
        boxes = tuple(self._box(action) for action in actions)
        return Group(heading, boxes, tuple(waits_for(actions, ordering)))

    def _box(self, action: Action) -> Box:
        self._count += 1
        number = self._count
        ordering = ordering_inside(action)
        groups = [
            self.group(_heading(action, place), actions, ordering)
            for place, actions in action.branches()
            if actions
        ]
        if action.plan is not None:
            groups.append(self.group("", action.plan.actions, action.plan.ordering))
        for name, more in (
            ("instead of it", (action.fallback_action,) if action.fallback_action else ()),
            ("to recover", action.recovery_plan),
            ("to undo it", (action.compensation,) if action.compensation else ()),
            (
                "to undo half of it",
                (action.compensation_of_partial,) if action.compensation_of_partial else (),
            ),
        ):
            if more:
                groups.append(self.group(name, more, "sequence"))
        allowed = on_failure(action.on_failure, critical=action.critical) != "abort"
        lines = tuple(_cut(line, self._width) for line in _lines(action, self._units))
        return Box(number, lines, tuple(groups), allowed, action.id, action.action_type)


def printable(text: str) -> str:
    """Return a text in which what no XML may hold, as control characters, is replaced."""
    return _UNPRINTABLE.sub("\ufffd", text)


_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def no_units(_capability: str, _parameter: str) -> str:
    """Return no unit: of a plan alone none is known."""
    return ""


def boxes_of(plan: Plan, units: Units = no_units, width: int = MOST_WORDS) -> Group:
    """Return the boxes of a plan, with its command as the heading."""
    name = plan.command or plan.description or plan.id or "plan"
    heading = ", ".join([_cut(name.splitlines()[0], width), *_times(plan)])
    return _Maker(units, width).group(heading, plan.actions, plan.ordering)


def _times(plan: Plan) -> list[str]:
    """Return when a plan runs, and how long."""
    parts = [f"starts at {plan.start_at}"] if plan.start_at else []
    if plan.not_before:
        parts.append(f"not before {plan.not_before}")
    if plan.schedule is not None:
        cron, every = plan.schedule.cron, plan.schedule.every
        parts.append(f"cron {cron}" if cron else f"every {every:g} s")
    if plan.timeout is not None:
        parts.append(f"at most {plan.timeout:g} s")
    return parts


def _lines(action: Action, units: Units) -> list[str]:
    kind = action.action_type
    lines = [kind] if action.id in ("", kind) else [action.id, kind]
    if kind == "delay" and action.duration is not None:
        lines[-1] += f" {_short(action.duration)} s"
    elif kind == "conditional":
        lines[-1] = f"if {action.if_}"
    elif kind == "router" and action.by:
        lines[-1] = f"router by {action.by}"
    elif kind == "foreach":
        side = " side by side" if action.mode == "parallel" else ""
        items = action.items if isinstance(action.items, str) else _items(action.items or [])
        lines[-1] = f"for each of {items}{side}"
    elif kind in LOOPS:
        lines[-1] = f"while {action.if_}" if kind == "while" else "repeat"
    elif kind == "return":
        lines[-1] = f"return {_short(action.value)}"
    elif kind == "subplan" and action.file:
        lines[-1] = f"subplan {action.file}"
    elif kind == "wait_for_signal":
        lines[-1] += f" {action.signal}"
    elif action.parameters:
        parts = (
            f"{name}: {_short(value)} {units(kind, name) if _is_number(value) else ''}".rstrip()
            for name, value in action.parameters.items()
        )
        lines.append(", ".join(parts))
    if action.robot:
        lines.append(f"robot: {action.robot}")
    lines += _how_it_ends(action)
    if action.until is not None:
        lines.append(f"until {action.until}")
    if action.condition is not None:
        lines.append(f"only if {action.condition}")
    if action.while_ is not None:
        lines.append(f"while {action.while_} (else {action.on_guard_failed or 'fail'})")
    lines += [f"needs {one}" for one in action.preconditions]
    lines += [f"must give {one}" for one in action.postconditions]
    limits = [f"at most {action.timeout:g} s"] if action.timeout is not None else []
    if action.retry is not None and action.retry.max_attempts > 1:
        limits.append(f"up to {action.retry.max_attempts} attempts")
    if action.max_iterations is not None:
        limits.append(f"up to {action.max_iterations} rounds")
    if action.every is not None:
        limits.append(f"every {action.every:g} s")
    if action.require_confirmation:
        limits.append("after a person agreed")
    return [*lines, *([", ".join(limits)] if limits else [])]


def _how_it_ends(action: Action) -> list[str]:
    """Return the rules of a parallel, and how many of it run at once."""
    parts = []
    if action.success not in (None, "all"):
        enough = (
            "one success is" if action.success in ("any", 1) else f"{action.success} successes are"
        )
        parts.append(f"{enough} enough")
    if action.race:
        parts.append("whoever ends first decides")
    if action.on_first_failure == "finish":
        parts.append("after a failure the others go on")
    if action.max_parallel is not None:
        parts.append(f"at most {action.max_parallel} at once")
    return parts


def _heading(action: Action, place: str) -> str:
    parts = place.split("/")
    if parts[0] == "cases":
        case = action.cases[int(parts[1])]
        return f"when {case.when}" if case.when is not None else f"is {case.is_}"
    if parts[0] == "catch":
        errors = action.catch[int(parts[1])].errors
        return f"on {', '.join(errors)}" if errors else "on an error"
    return "" if place == "actions" else place


def _items(items: Sequence[object]) -> str:
    return f"{len(items)} items" if len(items) > 4 else ", ".join(map(_short, items))


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _short(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_short(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_short, value)) + "]"
    if isinstance(value, bool) or value is None:
        return json.dumps(value)
    return f"{value:g}" if isinstance(value, float) else str(value)


def _cut(text: str, width: int) -> str:
    plain = " ".join(text.split())
    return plain if len(plain) <= width else plain[: width - 3] + "..."
