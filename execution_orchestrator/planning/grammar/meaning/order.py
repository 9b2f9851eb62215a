"""What is done after, beside or instead of something else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lark import Token, Tree

from execution_orchestrator.planning.grammar.meaning import conditions, moving, names, seeing
from execution_orchestrator.planning.grammar.meaning.draft import Action, Draft, Rules, tokens_of
from execution_orchestrator.planning.grammar.tree import (
    CommandError,
    first,
    is_it,
    optional_place,
    things_in,
    trees,
)

_TAKING = frozenset(
    {"get", "fetch", "go get", "go fetch", "collect", "gather", "bring", "pick up", "grab", "take"}
)
_ON_THE_WAY = frozenset({"go", "go_via"})  # between taking something up and putting it down
_THINGS = ("object", "it", "other", "every")


def _sequence(draft: Draft, tree: Tree[Token]) -> list[Action]:
    built: list[Action] = []
    children = _round_trips(trees(tree))
    before: list[Action] | None = None  # the branch that the part before went into
    for index, said in enumerate(children):
        onward = next((one for one in children[index + 1 :] if one.data not in _ON_THE_WAY), None)
        if onward is not None and _brings_the_same(draft, said, onward):
            continue  # "collect the cup and the book and bring them to me": one errand
        child = said
        if onward is not None and _taken_along(said) and _puts_it(onward):
            child = Tree("pick", said.children)
        if draft.if_it_was_seen is not None and _is_for_it(child):
            errand, other = trees(child)
            draft.if_it_was_seen.extend(draft.actions(errand))
            draft.if_it_was_not.extend(draft.round(other))
            continue
        # What is done with "it" after it was looked for is done only if it was seen, and so is
        # what comes before that: "pick it up, go to the shelf and put it down".
        it_comes = any(map(is_it, children[index:]))
        if it_comes and draft.if_it_was_seen is None and draft.looked is not None:
            look, thing = draft.looked
            built.append(seeing.if_seen(draft, look, thing, []))
        target = draft.if_it_was_seen if it_comes else None
        if (target is None) != (before is None):
            draft.stands = None
        before = target
        draft.looked = None
        (built if target is None else target).extend(draft.actions(child))
    draft.if_it_was_seen = draft.looked = None
    return built


def _brings_the_same(draft: Draft, said: Tree[Token], onward: Tree[Token]) -> bool:
    """Whether a part only takes up several things, all of which the one after it brings."""
    if said.data not in ("bring", "pick") or onward.data not in ("bring", "carry", "put"):
        return False
    said_so = [str(child) for child in tokens_of(said)]
    if not said_so or said_so[0] not in _TAKING or first(said, "receiver", "from") is not None:
        return False
    taken = [name for thing in things_in(said) for name in names.meant_by(draft, thing)]
    (brought, *more) = things_in(onward) or [Tree("it", [])]
    return (
        len(taken) > 1
        and not more
        and brought.data == "every"
        and set(taken) == set(names.meant_by(draft, brought))
    )


def _parallel(draft: Draft, tree: Tree[Token]) -> list[Action]:
    if len(trees(tree)) == 1:
        return draft.actions(trees(tree)[0])
    branches = []
    for child in trees(tree):
        draft.stands = None  # the others may drive meanwhile
        branches.append(draft.actions(child))
    children = [
        branch[0] if len(branch) == 1 else draft.control("sequence", actions=branch)
        for branch in branches
    ]
    return [draft.control("parallel", actions=children)]


def _if_it_fails(draft: Draft, tree: Tree[Token]) -> list[Action]:
    """Do something, and something else if that fails."""
    first_way, other = trees(tree)
    tried = draft.inside(first_way)
    return [or_if_it_fails(draft, tried, draft.round(other))]


def or_if_it_fails(draft: Draft, tried: list[Action], otherwise: list[Action]) -> Action:
    """Do something else where the first fails."""
    caught = [{"errors": [], "actions": otherwise}]
    return draft.control("try", actions=tried, catch=caught)


def _told_where(draft: Draft, tree: Tree[Token]) -> list[Action]:
    """Look for a thing where the command says it is: "the book is on the shelf, bring it"."""
    thing = names.single(draft, first(tree, "object", "it", "other"))
    place = optional_place(tree, "where")
    draft.thing, draft.pose = thing, None
    if place is not None:
        draft.where[thing] = place
    return draft.actions(trees(tree)[-1])


def _before(draft: Draft, tree: Tree[Token]) -> list[Action]:
    """Do what is said first after what is said then."""
    later, *earlier = trees(tree)
    return _sequence(draft, Tree("sequence", [*earlier, later]))


def _or_else(draft: Draft, tree: Tree[Token]) -> list[Action]:
    """Look for something; if it is not there, do something else, or that with another thing."""
    errand, other = trees(tree)
    if other.data == "instead":
        other = Tree(errand.data, _with_things(errand, trees(other)))
    draft.depth += 1
    *look, found = draft.actions(errand)
    draft.depth -= 1
    if found["action_type"] != "conditional" or any("else" in step for step in look):
        raise CommandError(
            'it is not clear when what comes after "otherwise" is to be done; say for example '
            '"if you see the bottle bring it, otherwise go home"'
        )
    _, unseen = conditions.spoken_answers(draft, Tree("sees", []))
    found["else"] = draft.inside(other, telling=unseen)
    return [*look, found]


def _done_at(draft: Draft, tree: Tree[Token]) -> list[Action]:
    """Go to a place and do something there."""
    place, action = trees(tree)
    go: Tree[Token] = Tree("go", [place])
    return [*draft.actions(go), *draft.actions(action)]


def _home_and(draft: Draft, tree: Tree[Token]) -> list[Action]:
    """Go home, and then to other places."""
    home: Tree[Token] = Tree("place", [Token("PLACE", draft.words.home)])
    return moving.go(draft, Tree("go", [home, *trees(tree)]))


def parts_of(tree: Tree[Token]) -> list[Tree[Token]]:
    """Return the commands of a sequence, or a single command as it is."""
    while tree.data in ("sequence", "parallel") and len(trees(tree)) == 1:
        (tree,) = trees(tree)
    return trees(tree) if tree.data == "sequence" else [tree]


def _round_trips(parts: list[Tree[Token]]) -> list[Tree[Token]]:
    """Return the parts of a sequence, where "there and back twice" is both ways twice."""
    joined: list[Tree[Token]] = []
    for part in parts:
        way = joined[-1] if joined else None
        again = part.children[0] if part.data in ("times", "twice") else None
        back = isinstance(again, Tree) and again.data == "come_here"
        if back and way is not None and way.data == "go":
            both = Tree("sequence", [way, part.children[0]])
            joined[-1] = Tree(part.data, [both, *part.children[1:]])
        else:
            joined.append(part)
    return joined


def _with_things(errand: Tree[Token], things: Sequence[Tree[Token]]) -> list[Any]:
    """Return the parts of an errand with other things in it, which are where they usually are."""
    left = [part for part in errand.children if not _is_one(part, *_THINGS, "from")]
    at = next(index for index, part in enumerate(errand.children) if _is_one(part, *_THINGS))
    return [*left[:at], *things, *left[at:]]


def _is_one(part: Tree[Token] | Token, *names: str) -> bool:
    return isinstance(part, Tree) and part.data in names


def _taken_along(tree: Tree[Token]) -> bool:
    """Whether it may be a step on the way: "get the book", not "get me the book"."""
    if tree.data != "bring" or first(tree, "receiver") is not None or len(things_in(tree)) != 1:
        return False
    kinds = [child.type for child in tree.children if isinstance(child, Token)]
    return kinds == ["BRING"] and str(tree.children[0]) in _TAKING


def _is_for_it(tree: Tree[Token]) -> bool:
    """Whether it says what is done with "it", and what if it is not there."""
    if tree.data != "or_else":
        return False
    errand, other = trees(tree)
    return is_it(errand) and other.data != "instead"


def _puts_it(tree: Tree[Token]) -> bool:
    """Whether it says where the thing of the part before goes."""
    to = any(first(tree, part) is not None for part in ("target", "place", "receiver"))
    return tree.data in ("put", "carry", "bring") and is_it(tree) and to


RULES: Rules = {
    "sequence": _sequence,
    "parallel": _parallel,
    "after": lambda draft, tree: _sequence(draft, Tree("sequence", [*reversed(trees(tree))])),
    "before": _before,
    "or_else": _or_else,
    "if_it_fails": _if_it_fails,
    "told_where": _told_where,
    "done_at": _done_at,
    "home_and": _home_and,
}
