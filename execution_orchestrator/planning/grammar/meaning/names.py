"""Which objects a name may mean, and where they are looked for."""

from __future__ import annotations

from lark import Token, Tree

from execution_orchestrator.planning.grammar.meaning.draft import Draft, listed, spoken
from execution_orchestrator.planning.grammar.tokens import SEVERAL
from execution_orchestrator.planning.grammar.tree import (
    CommandError,
    UnclearError,
    first,
    is_it,
    things_in,
)
from execution_orchestrator.planning.vocabulary import kind_of


def name_it(draft: Draft, condition: Tree[Token], action: Tree[Token]) -> None:
    """Let "it" be what the action names: "bring me the cup if it is in the kitchen"."""
    named = [thing for part in action.iter_subtrees() for thing in things_in(part)]
    if is_it(condition) and len(named) == 1 and named[0].data == "object":
        draft.thing = single(draft, named[0])


def usual_place(draft: Draft, thing: str) -> str | None:
    """Return where an object is looked for, None: where the robot is."""
    if draft.everywhere:
        return None
    known = draft.words.objects[thing]
    known_at = (draft.where.get(thing), known.usually_at, *known.also_at)
    places = [place for place in dict.fromkeys(known_at) if place is not None]
    left = [place for place in places if place not in draft.now.avoided]
    if places and not left:
        raise CommandError(
            f"the {spoken(thing)} can only be at {' or '.join(places)}, "
            "where the robot cannot get to"
        )
    return left[0] if left else None


def object_in(draft: Draft, tree: Tree[Token]) -> str:
    """Return the id of the one object that a part of the command names."""
    return single(draft, first(tree, "object", "it", "other"))


def meant_by(draft: Draft, thing: Tree[Token] | None) -> list[str]:
    """Return the ids of all objects that a name may mean, of all that are asked for."""
    if thing is not None and thing.data == "other":
        return _others(draft, thing)
    named = [] if thing is None or thing.data not in ("object", "every") else thing.children
    listed: list[str] = []
    for word in named:
        if isinstance(word, Token) and word.type == "OBJECT":
            listed = str(word).removesuffix(SEVERAL).split(SEVERAL)
    if thing is not None and thing.data == "every":
        if not draft.words.objects:
            raise CommandError("no objects are known")
        without = first(thing, "but")
        but = things_in(without) if without is not None else []
        left_out = {name for one in but for name in meant_by(draft, one)}
        left = [name for name in listed or draft.words.objects if name not in left_out]
        if not left:
            raise CommandError("that leaves nothing over")
        return left
    if listed:
        return listed
    if draft.thing is None:
        said = next((str(word) for word in thing.children), "it") if thing is not None else "it"
        raise CommandError(f'it is not clear what "{said}" is; name the object')
    return [draft.thing]


def all_meant(draft: Draft, thing: Tree[Token]) -> list[str]:
    """Return all that a name may mean: each cup, but of "something to drink" one is asked."""
    meant = meant_by(draft, thing)
    kinds = set(map(kind_of, meant))
    return meant if len(kinds) == 1 or thing.data == "every" else [single(draft, thing)]


def _others(draft: Draft, other: Tree[Token]) -> list[str]:
    """Return what is of the kind of the last object, and not that one."""
    if draft.thing is None:
        raise CommandError('it is not clear what "the other one" is; name the object')
    named = [str(word) for word in other.children if word.type == "OBJECT"]  # type: ignore[union-attr]
    kind = kind_of(named[0].split(SEVERAL)[0] if named else draft.thing)
    others = [name for name in draft.words.namesakes(kind) if name != draft.thing]
    if not others:
        raise CommandError(
            f"no other {kind} than the {spoken(draft.thing)} is known; there is: "
            f"{', '.join(map(spoken, draft.words.objects))}"
        )
    return others


def single(draft: Draft, thing: Tree[Token] | None) -> str:
    """Return the one object that a name means."""
    meant = meant_by(draft, thing)
    any_one = thing is not None and any(str(word).endswith(SEVERAL) for word in thing.children)
    if len(meant) > 1 and not any_one and not draft.now.again:
        names = [f"the {spoken(name)}" for name in meant]
        raise UnclearError(f"which one: {listed(names, 'or')}? Say it with its name")
    return meant[0]


def kind_named(draft: Draft, tree: Tree[Token]) -> str:
    """Return what a name means as it is spoken, the kind if there are several."""
    meant = meant_by(draft, first(tree, "object", "it", "other"))
    return spoken(meant[0] if len(meant) == 1 else kind_of(meant[0]))
