"""Every action of a plan with its place and its surroundings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from execution_orchestrator.plan.model import LOOPS, Action, Ordering, Plan
from execution_orchestrator.plan.ordering import ordering_inside
from execution_orchestrator.plan.tree import SINGLES, UNDO_HALF


@dataclass(slots=True)
class Step:
    """An action in its list, and what is declared as the ordering of that list."""

    siblings: Sequence[Action]
    index: int
    ordering: Ordering | None
    action: Action


@dataclass(slots=True)
class Place:
    """An action and its place; ``way`` leads to it from the outermost list of its scope.

    ``scope`` numbers the plan and its subplans, ``owner`` is the action whose subplan it is in;
    ``loop`` says whether `item` is in scope, ``caught`` whether `error` is, ``partial`` whether
    `feedback` is.
    """

    pointer: str
    way: tuple[Step, ...]
    scope: int
    owner: Action | None = None
    loop: bool = False
    caught: bool = False
    partial: bool = False
    action: Action = field(init=False)  # the last one of its way: each rule asks for it

    def __post_init__(self) -> None:
        if self.way:
            self.action = self.way[-1].action

    @property
    def siblings(self) -> Sequence[Action]:
        """The list that contains it."""
        return self.way[-1].siblings

    @property
    def ordering(self) -> Ordering | None:
        """What is declared as the ordering of its list."""
        return self.way[-1].ordering


def walk(plan: Plan) -> Iterator[Place]:
    """Yield every action in document order, nested ones after their parent."""
    counter = [0]
    yield from _list(plan.actions, "/actions", plan.ordering, Place("", (), 0), counter)


def _list(
    actions: Sequence[Action],
    pointer: str,
    ordering: Ordering | None,
    around: Place,
    counter: list[int],
) -> Iterator[Place]:
    for index, action in enumerate(actions):
        way = (*around.way, Step(actions, index, ordering, action))
        place = _inside(around, f"{pointer}/{index}", way)
        yield place
        if action.nests:
            yield from _nested(place, counter)


def _inside(
    around: Place,
    pointer: str,
    way: tuple[Step, ...],
    *,
    loop: bool = False,
    caught: bool = False,
    partial: bool = False,
) -> Place:
    return Place(
        pointer,
        way,
        around.scope,
        around.owner,
        loop=around.loop or loop,
        caught=around.caught or caught,
        partial=around.partial or partial,
    )


def _nested(place: Place, counter: list[int]) -> Iterator[Place]:
    action, here = place.action, place.pointer
    failed = _inside(place, here, place.way, caught=True)
    for where, nested in action.nested():
        field = where.partition("/")[0]
        if action.plan is not None and field == "plan":
            counter[0] += 1
            inner = Place("", (), counter[0], action)
            yield from _list(nested, f"{here}/{where}", action.plan.ordering, inner, counter)
        elif field in SINGLES:
            way = (*place.way, Step(nested, 0, None, nested[0]))
            one = _inside(failed, f"{here}/{where}", way, partial=field == UNDO_HALF)
            yield one
            yield from _nested(one, counter)
        elif field == "recovery_plan":
            yield from _list(nested, f"{here}/{where}", None, failed, counter)
        else:
            inside = failed if field in ("catch", "finally") else place
            if action.action_type in LOOPS and field == "actions":
                inside = _inside(inside, here, inside.way, loop=True)
            yield from _list(nested, f"{here}/{where}", ordering_inside(action), inside, counter)
