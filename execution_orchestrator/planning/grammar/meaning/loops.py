"""What is done several times, for a time, with each of several things, or in each place."""

from __future__ import annotations

import math
from collections.abc import Sequence

from lark import Token, Tree

from execution_orchestrator.planning.grammar.meaning import moving, order, seeing
from execution_orchestrator.planning.grammar.meaning.draft import (
    Action,
    Draft,
    Rules,
    objects_of,
    pose_of,
    was_seen,
)
from execution_orchestrator.planning.grammar.tree import (
    CommandError,
    UnclearError,
    duration_in,
    first,
    number_in,
    optional_place,
    places_in,
    trees,
)

MOST_ROUNDS = 1000  # of something that is done for a time
LEAVING = frozenset(
    {"go_home", "come_here", "go", "go_back", "dock", "go_to_pose", "in_each_place",
     "scan_each_place", "look_in_each_place"}
)  # fmt: skip


def _for_long(draft: Draft, action: Tree[Token], seconds: float) -> list[Action]:
    """Do it again and again, and break off when the time is over."""
    if seconds <= 0.0:
        raise CommandError(f"something is done for more than 0 seconds, not {seconds:g}")
    body = draft.round(action)
    rounds = draft.control("repeat", actions=body, max_iterations=MOST_ROUNDS)
    time = draft.control("delay", duration=seconds)
    draft.pose = draft.looked = None
    return [draft.control("parallel", race=True, actions=[rounds, time])]


def _rate_for(draft: Draft, tree: Tree[Token]) -> list[Action]:
    """Do something every so many seconds, for a time."""
    action, *times = trees(tree)
    pause, time = (duration_in(Tree("for", [one])) for one in times)
    if not 0.0 < pause < time:
        raise UnclearError(
            f"what is done every {pause:g} seconds for {time:g} seconds is done once; say it "
            "without the times"
        )
    rounds = _rounds(draft, action, pause, math.ceil(time / pause))
    draft.pose = draft.looked = None
    over = draft.control("delay", duration=time)
    return [draft.control("parallel", race=True, actions=[rounds, over])]


def _rounds(draft: Draft, action: Tree[Token], pause: float, count: float) -> Action:
    if not 1 <= count <= MOST_ROUNDS or count != int(count):
        raise UnclearError(
            f"something can be done 1 to {MOST_ROUNDS} times in one command, not {count:g} times; "
            'say "every ..." without an end for a schedule'
        )
    if pause <= 0.0:
        raise UnclearError("something is done every so many seconds, which are more than 0")
    body = draft.round(action)
    draft.pose = draft.looked = None
    return draft.control("repeat", actions=body, every=pause, max_iterations=int(count))


def _on_and_on(draft: Draft, action: Tree[Token]) -> list[Action]:
    """Do it again and again, until somebody ends it; what is looked for, until it is seen."""
    body = draft.round(action)
    draft.pose = draft.looked = None
    found = {"until": was_seen(body[-1])} if action.data == "look_for" else {}
    return [draft.control("repeat", actions=body, max_iterations=MOST_ROUNDS, **found)]


def _each(draft: Draft, tree: Tree[Token]) -> list[Action]:
    look = seeing.looking_for_any(draft, tree, optional_place(tree, "where"))
    before = (draft.thing, draft.pose, draft.item)
    draft.item, draft.pose = True, "{{ item.pose }}"
    body = draft.round(trees(tree)[-1])
    draft.thing, draft.pose, draft.item = before
    loop = draft.control("foreach", items=objects_of(look[-1]), actions=body)
    return [*look, loop]


def _in_each_place(draft: Draft, tree: Tree[Token]) -> list[Action]:
    draft.everywhere, draft.stands = True, None
    parts = [
        part for child in trees(tree) if child.data != "except" for part in order.parts_of(child)
    ]
    # "patrol everywhere": the round is all there is to it.
    parts = [part for part in parts if part.data != "patrol" or places_in(part)]
    # Where it goes when it has been everywhere is no part of the round.
    at = next((i for i, part in enumerate(parts) if part.data in LEAVING), len(parts))
    body = [step for part in parts[:at] for step in draft.round(part)]
    draft.everywhere, draft.pose = False, None
    round_ = _at_each_place(draft, body, _excepted(tree))
    return [*round_, *(step for part in parts[at:] for step in draft.actions(part))]


def _look_in_each_place(draft: Draft, tree: Tree[Token]) -> list[Action]:
    draft.everywhere, draft.stands = True, None
    draft.depth += 1
    body = seeing.look_for(draft, tree)
    draft.depth -= 1
    draft.everywhere, draft.pose, draft.looked = False, None, None
    return _at_each_place(draft, body, _excepted(tree))


def _at_each_of(draft: Draft, tree: Tree[Token]) -> list[Action]:
    """Go to each of several places, and do something there."""
    *_, action = trees(tree)
    built: list[Action] = []
    for place in places_in(tree):
        built += [*moving.way_to(draft, place), *draft.actions(action)]
    return built


def _excepted(tree: Tree[Token]) -> list[str]:
    named = first(tree, "except")
    return places_in(named) if named is not None else []


def _at_each_place(draft: Draft, body: list[Action], but: Sequence[str] = ()) -> list[Action]:
    draft.stands = None
    poses = [pose_of(one.pose) for name, one in draft.words.places.items() if name not in but]
    go = draft.action("navigate_to", name="go_to_place", target_location="{{ item }}")
    return [draft.control("foreach", items=poses, actions=[go, *body])]


RULES: Rules = {
    "times": lambda draft, tree: draft.repeated(tree.children[0], float(str(tree.children[1]))),
    "twice": lambda draft, tree: draft.repeated(tree.children[0], 2),
    "repeat": lambda draft, tree: draft.repeated(tree.children[-1], number_in(tree, 2)),
    "rate_for": _rate_for,
    "rate_times": lambda draft, tree: [
        _rounds(draft, trees(tree)[0], duration_in(tree), number_in(tree, 1))
    ],
    "rate_twice": lambda draft, tree: [_rounds(draft, trees(tree)[0], duration_in(tree), 2)],
    "rate_on": lambda draft, tree: [_rounds(draft, trees(tree)[0], duration_in(tree), MOST_ROUNDS)],
    "for_long": lambda draft, tree: _for_long(draft, trees(tree)[0], duration_in(tree)),
    "on_and_on": lambda draft, tree: _on_and_on(draft, trees(tree)[0]),
    "each": _each,
    "at_each_of": _at_each_of,
    "in_each_place": _in_each_place,
    "scan_each_place": lambda draft, tree: _at_each_place(
        draft, [seeing.scan_around(draft)], _excepted(tree)
    ),
    "look_in_each_place": _look_in_each_place,
}
