"""What is looked for, looked at, and kept as pictures, video and sound."""

from __future__ import annotations

import math
from collections.abc import Sequence

from lark import Token, Tree

from execution_orchestrator.planning.grammar.meaning import moving, names
from execution_orchestrator.planning.grammar.meaning.draft import (
    Action,
    Draft,
    Rules,
    at_place,
    objects_of,
    spoken,
    was_seen,
)
from execution_orchestrator.planning.grammar.tree import (
    UnclearError,
    duration_or,
    first,
    number_in,
    optional_place,
    place_in,
    places_in,
    things_in,
    trees,
)

VIDEO_DURATION = 10.0  # seconds, of sound, too
SCAN_STEPS = 8
_TOWARDS = frozenset({"look at", "looking at"})  # from where the robot stands


def look_for(draft: Draft, tree: Tree[Token]) -> list[Action]:
    """Look for each of the things where it should be."""
    place = optional_place(tree, "where")
    built: list[Action] = []
    for named in things_in(tree):
        for thing in names.all_meant(draft, named):
            built += looking(draft, thing, place or names.usual_place(draft, thing))
            draft.want(was_seen(built[-1]))
            draft.looked = (built[-1], thing)
    if len(things_in(tree)) > 1:
        draft.looked = None
    return built


def _look_for_at(draft: Draft, tree: Tree[Token]) -> list[Action]:
    """Look for things at one place: "search the kitchen for cups"."""
    place = place_in(tree)
    tree.children.append(Tree("where", [Tree("place", [Token("PLACE", place)])]))
    return look_for(draft, tree)


def _look_in_turn(draft: Draft, tree: Tree[Token]) -> list[Action]:
    """Look for a thing at several places, at the next only if it was not at those before."""
    thing, *others = names.meant_by(draft, first(tree, "object", "it", "other"))
    places = [place_in(where) for where in trees(tree) if where.data == "where"]
    draft.depth += 1
    rest: list[Action] = []
    looks = [looking(draft, thing, place, others) for place in places]
    for look in reversed(looks):
        otherwise = {"if": f"!({was_seen(look[-1])})", "then": rest}
        rest = [*look, *([draft.control("conditional", **otherwise)] if rest else [])]
    draft.depth -= 1
    draft.pose, draft.which, draft.thing = None, "", thing
    return rest


def say_whether(draft: Draft, look: Action, thing: str, where: str) -> Action:
    """Tell whether a look saw a thing."""
    name, at = spoken(thing), f" {where}" if where else ""
    yes = f"The {name} is{at}." if where else f"I see the {name}."
    no = f"I do not see the {name}{at}."
    then = [draft.action("speak", name="tell_where", text=yes)]
    otherwise = [draft.action("speak", name="tell_not_seen", text=no)]
    draft.if_it_was_seen, draft.if_it_was_not = then, otherwise
    branches = {"if": was_seen(look), "then": then, "else": otherwise}
    return draft.control("conditional", **branches)


def looking_for_any(draft: Draft, tree: Tree[Token], place: str | None) -> list[Action]:
    """Look for whatever has the name: one of several cups is "a cup"."""
    named = first(tree, "object", "it", "other")
    thing, *others = names.meant_by(draft, None) if named is None else names.all_meant(draft, named)
    return looking(draft, thing, place, others)


def looking(
    draft: Draft, thing: str, place: str | None, others: Sequence[str] = ()
) -> list[Action]:
    """Go where a thing should be, and look for it; it is "it" from then on."""
    way = moving.way_to(draft, place)
    look = draft.action("detect_objects", name=f"look_for_{thing}", classes=[thing, *others])
    draft.thing = thing
    draft.which = f"{{{{ {objects_of(look)}[0].id }}}}" if others else ""
    draft.pose = f"{{{{ {objects_of(look)}[0].pose }}}}"
    return [*way, look]


def if_seen(draft: Draft, look: Action, thing: str, then: list[Action]) -> Action:
    """Do something with a thing if a look saw it; else tell that."""
    words = f"I cannot see the {spoken(thing)}."
    otherwise = [draft.action("speak", text=words)]
    draft.if_it_was_seen, draft.if_it_was_not = then, otherwise
    return draft.control(
        "conditional",
        **{"if": was_seen(look), "then": then, "else": otherwise},
    )


def _scan(draft: Draft, tree: Tree[Token]) -> list[Action]:
    built: list[Action] = []
    for place in (*places_in(tree),) or (None,):
        go = moving.way_to(draft, place)
        scan = scan_around(draft)
        built += [*go, scan]
        if not draft.depth:
            draft.scanned = scan
    return built


def _check(draft: Draft, tree: Tree[Token]) -> list[Action]:
    """Look around at each of the places, or towards them: "look at the kitchen" drives nowhere."""
    if str(tree.children[0]) not in _TOWARDS:
        return _scan(draft, tree)
    built: list[Action] = []
    for place in places_in(tree):
        here = draft.stands or (None if draft.moved else draft.now.here)
        if place == here:
            built.append(scan_around(draft))
            draft.scanned = None if draft.depth else built[-1]
            continue
        if draft.stands is None and (draft.moved or draft.now.faces is None):
            raise UnclearError(
                "where the robot stands then is not known, and so not which way "
                f"{at_place(place)[3:]} is; to look around there say "
                f'"go to {at_place(place)[3:]} and look around"'
            )
        turn = moving.turn_to_place(draft, place)
        built += [turn, draft.action("detect_objects", name=f"look_at_{place}")]
    return built


def _watch(_draft: Draft, tree: Tree[Token]) -> list[Action]:
    raise UnclearError(
        f'for how long? Say for example "watch the {spoken(place_in(tree))} for 10 '
        'minutes", or how often: "every 10 minutes check ..."'
    )


def _pictures_how_often(_draft: Draft, _tree: Tree[Token]) -> list[Action]:
    raise UnclearError(
        'how often? Say for example "take a photo every 5 seconds for a minute"; a film is "record '
        'a video for a minute"'
    )


def scan_around(draft: Draft) -> Action:
    """Look around, from the right to the left."""
    return draft.action(
        "scan_environment", pan_min=-math.pi / 2, pan_max=math.pi / 2, steps=SCAN_STEPS
    )


def _look_aside(draft: Draft, low: float, high: float) -> list[Action]:
    scan = draft.action("scan_environment", pan_min=low, pan_max=high, steps=SCAN_STEPS // 2)
    return [scan]


def describe(draft: Draft, tree: Tree[Token]) -> list[Action]:
    """Tell what is seen, at a place or where the robot is."""
    place = optional_place(tree, "where")
    # What is told after a look around, perhaps elsewhere by now, is what was seen then.
    looked = draft.scanned if place is None and not draft.depth else None
    way = moving.way_to(draft, place)
    look = looked or draft.action("detect_objects")
    tell = draft.action("speak", name="tell", text="I see {{ item.class }}.")
    loop = draft.control("foreach", items=objects_of(look), actions=[tell])
    nothing = draft.action("speak", name="tell_nothing", text="I see nothing that I know.")
    return [
        *way,
        *([] if looked else [look]),
        draft.control("conditional", **{"if": was_seen(look), "then": [loop], "else": [nothing]}),
    ]


def _video(draft: Draft, tree: Tree[Token]) -> list[Action]:
    thing = first(tree, "object", "it", "other")
    before: list[Action] = []
    if thing is not None and thing.data == "object":
        name = names.single(draft, thing)
        before = looking(draft, name, names.usual_place(draft, name))
        draft.want(was_seen(before[-1]))
    duration = duration_or(tree, VIDEO_DURATION)
    return [*before, draft.action("record_video", duration=duration)]


def _picture(draft: Draft, tree: Tree[Token]) -> list[Action]:
    place = optional_place(tree, "where")
    thing = first(tree, "object", "it", "other")
    before: list[Action] = []
    if thing is not None and thing.data == "object":
        name = names.single(draft, thing)
        before = looking(draft, name, place or names.usual_place(draft, name))
        draft.want(was_seen(before[-1]))
    elif place is not None:
        before = moving.way_to(draft, place)
    picture = draft.action("capture_image")
    draft.ask_for(picture)
    return [*before, picture]


def _picture_of_places(draft: Draft, tree: Tree[Token]) -> list[Action]:
    built: list[Action] = []
    for place in places_in(tree):
        way = moving.way_to(draft, place)
        picture = draft.action("capture_image")
        built += [*way, picture]
        draft.ask_for(picture)
    return built


RULES: Rules = {
    "look_left": lambda draft, _: _look_aside(draft, 0.0, math.pi / 2),
    "look_right": lambda draft, _: _look_aside(draft, -math.pi / 2, 0.0),
    "look_for": look_for,
    "look_for_at": _look_for_at,
    "look_in_turn": _look_in_turn,
    "scan": _scan,
    "check": _check,
    "watch": _watch,
    "pictures_how_often": _pictures_how_often,
    "describe": describe,
    "describe_place": lambda draft, tree: describe(
        draft, Tree("describe", [Tree("where", tree.children)])
    ),
    "picture": _picture,
    "pictures": lambda draft, tree: draft.repeated(tree, number_in(tree, 1), _picture),
    "picture_of_place": _picture_of_places,
    "pictures_of_place": lambda draft, tree: [
        *moving.way_to(draft, place_in(tree)),
        *draft.repeated(tree, number_in(tree, 1), lambda draft, _: [draft.action("capture_image")]),
    ],
    "video": _video,
    "video_of_place": lambda draft, tree: [
        *moving.way_to(draft, place_in(tree)),
        draft.action("record_video", duration=duration_or(tree, VIDEO_DURATION)),
    ],
    "audio": lambda draft, tree: [
        draft.action("record_audio", duration=duration_or(tree, VIDEO_DURATION))
    ],
    "listen": lambda draft, _: [draft.action("listen")],
}
