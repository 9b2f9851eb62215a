"""What is taken up, brought, put somewhere and brought back."""

from __future__ import annotations

from typing import Any

from lark import Token, Tree

from execution_orchestrator.capabilities.geometry import crowds
from execution_orchestrator.planning.grammar.meaning import moving, names, order, seeing
from execution_orchestrator.planning.grammar.meaning.draft import (
    MAX_REPETITIONS,
    Action,
    Draft,
    Rules,
    listed,
    pose_of,
    spoken,
    tokens_of,
)
from execution_orchestrator.planning.grammar.refusals import LEFT_ALONE
from execution_orchestrator.planning.grammar.tree import (
    CommandError,
    UnclearError,
    first,
    is_it,
    optional_place,
    place_in,
    things_in,
    trees,
)
from execution_orchestrator.planning.vocabulary import Pose2D

_WANTING = frozenset(
    {"i want", "i need", "i'd like", "i would like", "we need", "i'd love", "i would love"}
)
_MOVING = frozenset({"move", "carry", "transport"})  # somewhere
GRIPPING = frozenset({"open_gripper", "close_gripper"})


def _bring(draft: Draft, tree: Tree[Token]) -> list[Action]:
    _wanted_there(tree)
    receiver = first(tree, "receiver")
    place = draft.words.user
    if receiver is not None and any(isinstance(c, Tree) for c in receiver.children):
        place = place_in(receiver)
    return _counted(draft, tree, place)


def _wanted_there(tree: Tree[Token]) -> None:
    """Ask back after "I want the cup on the shelf": is it there, or is it to be there."""
    origin = first(tree, "from")
    if origin is None or str(tree.children[0]) not in _WANTING:
        return
    if not any(isinstance(one, Token) and one.type == "ON" for one in origin.children):
        return
    place = spoken(place_in(origin))
    raise UnclearError(
        f'is it to be put there, or is it there? Say "put it on the {place}" or "bring it from '
        f'the {place}", with its name'
    )


def _counted(draft: Draft, tree: Tree[Token], place: str) -> list[Action]:
    """Bring so many things to a place, or one of each if no number is said."""
    counts = [c for c in tree.children if isinstance(c, Token) and c.type == "NUMBER"]
    count = float(counts[0]) if counts else 1
    if not 1 <= count <= MAX_REPETITIONS or count != int(count):
        raise CommandError(f"I can bring 1 to {MAX_REPETITIONS} things, not {count:g}")
    built: list[Action] = []
    but = first(tree, "but")  # "everything on the table except the book"
    if but is not None:
        things_in(tree)[0].children.append(but)
    for index in range(int(count)):
        for named in things_in(tree):
            meant = names.meant_by(draft, named)
            if counts and named.data == "object":
                _so_many(meant, int(count))
                meant = [meant[index]]
            built += _transports(draft, tree, place, named, meant)
    return built


def _so_many(known: list[str], count: int) -> None:
    """Ask back where more things are asked for than are known.

    Raises:
        UnclearError: they are fewer.

    """
    if count <= len(known):
        return
    names_of_them = f"the {listed(known, 'and the')}"
    if len(known) == 1:
        raise UnclearError(
            f"{count} of them are asked for, and only one is known: {names_of_them}; say it "
            f'without the number: "{names_of_them}"'
        )
    raise UnclearError(
        f"{count} of them are asked for, and only {len(known)} are known: {names_of_them}; say "
        '"all" in place of the number'
    )


def _transports_all(draft: Draft, tree: Tree[Token], place: str) -> list[Action]:
    return [
        step
        for named in things_in(tree)
        for step in _transports(draft, tree, place, named, names.meant_by(draft, named))
    ]


def _transports(
    draft: Draft, tree: Tree[Token], place: str, named: Tree[Token], meant: list[str]
) -> list[Action]:
    things = meant if named.data == "every" or len(meant) == 1 else [names.single(draft, named)]
    it = named.data == "it"
    origin = optional_place(tree, "from")
    built: list[Action] = []
    for thing in things:
        # "Everything on the table" is what is there: what is known to be elsewhere need not be.
        elsewhere = named.data == "every" and origin not in (None, names.usual_place(draft, thing))
        draft.depth += elsewhere
        built += _transport(draft, tree, place, thing, it=it)
        draft.depth -= elsewhere
    return built


def _transport(
    draft: Draft, tree: Tree[Token], place: str, thing: str, *, it: bool
) -> list[Action]:
    if thing == draft.holding:
        return _carried(draft, thing, place)
    if draft.pose is not None and it:
        return _handed_over(draft, thing, place)
    origin = optional_place(tree, "from") or names.usual_place(draft, thing)
    if origin is not None:
        draft.origins[thing] = origin
    look = seeing.looking(draft, thing, origin)
    return [*look, seeing.if_seen(draft, look[-1], thing, _handed_over(draft, thing, place))]


def _deliver(draft: Draft, tree: Tree[Token]) -> list[Action]:
    """Bring each thing to a place of its own."""
    built: list[Action] = []
    for part in trees(tree):
        target, receiver = optional_place(part, "target"), first(part, "receiver")
        if target is None and receiver is not None and trees(receiver):
            target = place_in(receiver)
        built += _transports_all(draft, part, target or draft.words.user)
    return built


def _back(draft: Draft, tree: Tree[Token]) -> list[Action]:
    """Carry things to where they were taken from, or where they belong."""
    named_place = optional_place(tree, "target")
    receiver = first(tree, "receiver")
    if receiver is not None:
        named_place = place_in(receiver) if trees(receiver) else draft.words.user
    if named_place is None and str(tree.children[0]).split()[-1] in ("me", "us"):
        named_place = draft.words.user  # "give me the book back"
    built: list[Action] = []
    for named in things_in(tree):
        meant = names.meant_by(draft, named)
        for thing in meant if named.data == "every" else [names.single(draft, named)]:
            place = named_place or draft.origins.get(thing)
            place = place or draft.words.objects[thing].usually_at
            if place is None:
                raise CommandError(
                    f"it is not known where the {spoken(thing)} was before; name the place"
                )
            built += _transport(draft, tree, place, thing, it=named.data == "it")
    return built


def _handed_over(draft: Draft, thing: str, place: str) -> list[Action]:
    spot_at(draft, place, thing)
    grasp = take_up(draft, thing)
    draft.forgo(grasp[-1])  # to hand it over says more
    return [*grasp, *_carried(draft, thing, place)]


def _carried(draft: Draft, thing: str, place: str) -> list[Action]:
    way = [] if place == draft.sent_to == draft.at else [moving.drive_to(draft, place)]
    if draft.or_to is None:
        return [*way, *let_go(draft, place, thing)]
    draft.depth += 1
    tried = [*way, *let_go(draft, place, thing)]
    otherwise = [moving.drive_to(draft, draft.or_to), *let_go(draft, draft.or_to, thing)]
    draft.depth -= 1
    put = order.or_if_it_fails(draft, tried, otherwise)
    draft.ask_for(put)
    return [put]


def _pick(draft: Draft, tree: Tree[Token]) -> list[Action]:
    if len(things_in(tree)) > 1 or first(tree, "every") is not None:
        raise CommandError("the gripper holds one object at a time; say where to bring them")
    thing = names.object_in(draft, tree)
    if str(tree.children[0]) in _MOVING:
        raise CommandError(
            f'it is not clear where the {spoken(thing)} is to go; say for example "take it to '
            'the kitchen"'
        )
    if thing == draft.holding and draft.last and is_it(tree):
        return []  # "pick it up and hold it"
    if thing == draft.holding:
        raise CommandError(f"the gripper holds the {spoken(thing)} already")
    if draft.pose is not None and is_it(tree):
        return take_up(draft, thing)
    look = seeing.looking(
        draft, thing, optional_place(tree, "from") or names.usual_place(draft, thing)
    )
    return [*look, seeing.if_seen(draft, look[-1], thing, take_up(draft, thing))]


def _put(draft: Draft, tree: Tree[Token]) -> list[Action]:
    targets = [place_in(part) for part in trees(tree) if part.data == "target"]
    if len(targets) > 1:
        draft.or_to = targets[1]
        spot_at(draft, draft.or_to, handed_over=False)
    built = _put_at(draft, tree, targets[0] if targets else None)
    draft.or_to = None
    return built


def _put_at(draft: Draft, tree: Tree[Token], target: str | None) -> list[Action]:
    here = draft.now.here
    near = here is not None and draft.words.places[here].spots and draft.now.held
    place = target or (here if near and here is not None else draft.words.user)
    if target is None and draft.sent_to is not None and draft.words.places[draft.sent_to].spots:
        place = draft.sent_to
    if target is not None:
        spot_at(draft, place, handed_over=False)
    held = (
        len(things_in(tree)) == 1
        and draft.in_hand
        and (is_it(tree) or draft.thing in names.meant_by(draft, things_in(tree)[0]))
    )
    if not held and _only_left(tree):
        raise CommandError(LEFT_ALONE)
    if held and draft.thing is not None:
        return _carried(draft, draft.thing, place)
    if target is None:
        for named in things_in(tree):
            names.meant_by(draft, named)
        raise CommandError(
            f"{_other_held(draft)}: the command takes nothing up before it. Say for example "
            '"pick up the book and put it down", or where to: "put the book on the table"'
        )
    return _transports_all(draft, tree, place)


def _only_left(tree: Tree[Token]) -> bool:
    """Whether it is "leave it there": put nowhere else."""
    verb = next((str(word) for word in tokens_of(tree) if word.type == "PUT"), "")
    where = [word.type for part in trees(tree) if part.data == "target" for word in _all_of(part)]
    return verb == "leave" and "THERE" in where


def _all_of(tree: Tree[Token]) -> list[Token]:
    return list(tree.scan_values(lambda one: isinstance(one, Token)))


def _other_held(draft: Draft) -> str:
    return f"the {spoken(draft.holding)} is held" if draft.holding else "nothing is held"


def _open_or_close(draft: Draft, tree: Tree[Token]) -> list[Action]:
    """Open or close what was opened or closed before: nothing but the gripper can be."""
    last = draft.last[-1]["action_type"] if draft.last else draft.now.did
    if last not in GRIPPING:
        raise CommandError(
            "the robot opens and closes nothing but its gripper; say "
            '"open the gripper" or "close the gripper"'
        )
    verb, _ = tokens_of(tree)
    return draft.actions(Tree("open_gripper" if verb.type == "OPEN" else "close_gripper", []))


def take_up(draft: Draft, thing: str) -> list[Action]:
    """Take an object up, which must be in sight."""
    if draft.holding is not None and not draft.item:
        raise CommandError(
            f"the gripper holds the {spoken(draft.holding)}, and one object at a time; say "
            f'first where that goes: "put the {spoken(draft.holding)} on the table"'
        )
    one = draft.which if thing == draft.thing and draft.which else thing
    identifier = "{{ item.id }}" if draft.item else one
    parameters: dict[str, Any] = {"object_id": identifier}
    if draft.pose is not None:
        parameters["pose"] = draft.pose
    name = "pick_item" if draft.item else f"pick_{thing}"
    draft.thing = thing
    draft.in_hand = True
    draft.holding = None if draft.item else thing
    grasp = draft.action("pick_up_object", name=name, **parameters)
    draft.ask_for(grasp)
    return [grasp]


def spot_at(
    draft: Draft, place: str, thing: str = "", *, handed_over: bool = True
) -> Pose2D | None:
    """Return where an object is put down at a place; None: it is given to the person there."""
    spots = draft.words.places[place].spots
    if not spots and not (handed_over and place == draft.words.user):
        where = [name for name, one in draft.words.places.items() if one.spots]
        raise CommandError(
            f"there is no place to put things down at the {spoken(place)}; "
            + (f"there is one at {listed(where)}" if where else "no place has one")
            + " (put_down of the file of places)"
        )
    taken = [pose for name, pose in draft.now.poses.items() if name != thing]
    free = [one for one in spots if not any(crowds(one.model_dump(), pose) for pose in taken)]
    # Where the command itself put nothing yet; else the one that it used first.
    return min(free or spots, key=draft.used.count, default=None)


def let_go(draft: Draft, place: str, thing: str) -> list[Action]:
    """Put what is held down at a place, or hand it over to the person there."""
    spot = spot_at(draft, place, thing)
    if spot is None:
        release = draft.action("open_gripper", name=f"hand_over_at_{place}")
    else:
        surface = draft.words.places[place].surface
        more = {} if surface is None else {"surface": surface}
        release = draft.action("place_object", name=f"place_at_{place}", pose=pose_of(spot), **more)
        draft.used.append(spot)
    draft.ask_for(release)
    draft.in_hand = False
    draft.holding = None
    if not draft.item:
        draft.thing, draft.pose, draft.where[thing] = thing, None, place
    return [release]


RULES: Rules = {
    "bring": _bring,
    "carry": lambda draft, tree: _counted(draft, tree, place_in(tree)),
    "pick": _pick,
    "put": _put,
    "deliver": _deliver,
    "back": _back,
    "open_gripper": lambda draft, _: [draft.action("open_gripper")],
    "close_gripper": lambda draft, _: [draft.action("close_gripper")],
    "open_or_close": _open_or_close,
    "arm_home": lambda draft, _: [draft.action("move_arm", named_state="home")],
}
