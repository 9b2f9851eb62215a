"""Where the robot goes, turns, waits and charges."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from lark import Token, Tree

from execution_orchestrator.planning.grammar.meaning import names
from execution_orchestrator.planning.grammar.meaning.draft import (
    Action,
    Draft,
    Rules,
    at_place,
    pose_of,
    spoken,
    tokens_of,
)
from execution_orchestrator.planning.grammar.tree import (
    CommandError,
    UnclearError,
    angle_in,
    distance_in,
    duration_in,
    duration_or,
    first,
    place_in,
    places_in,
    pose_in,
)

RIGHT_TURN = -math.pi / 2
HALF_TURN = math.pi
BACK_UP_DISTANCE = 0.3  # metres
FORWARD_DISTANCE = 0.5  # metres
TAKE_OFF_ALTITUDE = 5.0  # metres
BESIDE = 0.4  # metres from which on there is a way to turn to
HOVER_DURATION = 10.0  # seconds
MOTIONS = frozenset({"spin", "drive_on_heading", "back_up"})
ONWARD = {
    "spin_left": "turn left",
    "spin_right": "turn right",
    "forward": "drive forward 1 meter",
    "back_up": "back up 0.5 meters",
}


def _onward(draft: Draft, motion: str, tree: Tree[Token]) -> list[Action]:
    """Go on as before, another way: "turn left, and then right"."""
    last = draft.last[-1]["action_type"] if draft.last else draft.now.did
    if last not in MOTIONS:
        way = ONWARD[motion]
        raise UnclearError(f'what is to be done? Say for example "{way}"')
    if motion == "back_up" and not tree.children[1:] and draft.ahead is not None:
        return [draft.action("back_up", distance=draft.ahead)]  # by as much as it just drove
    return draft.actions(Tree(motion, tree.children))


def _wait(draft: Draft, tree: Tree[Token]) -> list[Action]:
    place = first(tree, "place")
    there = str(place.children[0]) if place is not None else None
    wait = draft.control("delay", duration=duration_in(tree))
    if there is None or there == (draft.at or draft.now.here):
        return [wait]
    return [drive_to(draft, there), wait]


def _wait_how_long(draft: Draft, tree: Tree[Token]) -> list[Action]:
    """Stay where the command itself goes; else ask how long."""
    if draft.at is not None and not any(c.type == "NUMBER" for c in tokens_of(tree)):
        draft.staying = True
        return []
    raise UnclearError(
        'how long? Say for example "wait 10 seconds" or "wait until you see the cup"; what '
        "runs is held by ~/pause until ~/resume"
    )


def _stay(draft: Draft, tree: Tree[Token]) -> list[Action]:
    """Go somewhere and remain there, which asks for nothing more."""
    there = place_in(tree)
    draft.staying = True
    if draft.at == there:
        return []
    go = drive_to(draft, there)
    draft.ask_for(go)
    return [go]


def _fly(draft: Draft, tree: Tree[Token]) -> list[Action]:
    place = first(tree, "place")
    target = pose_of(draft.words.places[str(place.children[0])].pose) if place else pose_in(tree)
    return [draft.action("go_to", target=target)]


def go(draft: Draft, tree: Tree[Token]) -> list[Action]:
    """Go to each of the places."""
    ways = [drive_to(draft, place) for place in places_in(tree)]
    draft.sent_to = draft.at
    _leave(draft)
    return ways


def _go_via(draft: Draft, tree: Tree[Token]) -> list[Action]:
    """Go to a place by way of another one."""
    *target, via = places_in(tree)
    last = target[0] if target else draft.words.home
    ways = [drive_to(draft, via), drive_to(draft, last)]
    draft.sent_to = draft.at
    _leave(draft)
    for way in ways:
        draft.ask_for(way)
    return ways


def _come_here(draft: Draft, tree: Tree[Token]) -> list[Action]:
    """Come to the user, or back by as much as it has just driven or turned: "left and back"."""
    back = str(tree.children[0]).split()[-1] == "back" if tree.children else False
    if back and draft.ahead is not None:
        return [draft.action("back_up", distance=draft.ahead)]
    if back and draft.turned is not None:
        return [draft.action("spin", angle=-draft.turned)]
    return _leave_for(draft, draft.words.user)


def _leave_for(draft: Draft, place: str) -> list[Action]:
    _leave(draft)
    return [drive_to(draft, place)]


def _leave(draft: Draft) -> None:
    """Forget where "it" was seen: from somewhere else it is looked for again."""
    if not draft.in_hand and not draft.item:
        draft.pose = None


def way_to(draft: Draft, place: str | None) -> list[Action]:
    """Go to a place unless the plan has just brought the robot there; None: stay."""
    return [] if place in (None, draft.stands) else [drive_to(draft, place)]


def drive_to(draft: Draft, place: str) -> Action:
    """Go to a place."""
    draft.at = place
    pose = draft.words.places[place].pose
    way = draft.action("navigate_to", name=f"go_to_{place}", target_location=pose_of(pose))
    draft.stands = place
    return way


def _dock(draft: Draft, _: Tree[Token]) -> list[Action]:
    if draft.last and draft.last[-1]["action_type"] == "dock":
        return []  # "go to the dock and charge": there it charges
    draft.at = draft.words.home
    return [draft.action("dock", dock_id="home_dock")]


def _go_back(draft: Draft, _: Tree[Token]) -> list[Action]:
    if draft.now.before is None:
        raise CommandError("it is not known where the robot was before; name the place")
    return [drive_to(draft, draft.now.before)]


def _turn_to(draft: Draft, tree: Tree[Token]) -> list[Action]:
    """Turn on the spot to a place, to a thing that was seen, or to the user."""
    thing = first(tree, "object", "it", "other")
    if thing is not None:
        name = names.single(draft, thing)
        target = draft.now.poses.get(name)
        spoken_as = f"the {spoken(name)}"
        if not isinstance(target, Mapping) or not {"x", "y"} <= target.keys():
            raise CommandError(
                f'where {spoken_as} is is not known yet; say for example "look for {spoken_as}"'
            )
    else:
        named = first(tree, "place")
        home = any(token.type == "GO_HOME" for token in tokens_of(tree))
        place = place_in(tree) if named else draft.words.home if home else draft.words.user
        return [turn_to_place(draft, place)]
    return [_turn_towards(draft, target, spoken_as)]


def turn_to_place(draft: Draft, place: str) -> Action:
    """Turn on the spot to a place.

    Raises:
        CommandError: the robot stands there then, or it is not known where.

    """
    return _turn_towards(draft, pose_of(draft.words.places[place].pose), at_place(place)[3:])


def _turn_towards(draft: Draft, target: Mapping[str, Any], spoken_as: str) -> Action:
    here = draft.words.places[draft.stands].pose if draft.stands else None
    stands = (here.x, here.y, here.yaw) if here else None if draft.moved else draft.now.faces
    if stands is None:
        raise CommandError(
            f"where the robot stands then is not known, and so not which way {spoken_as} is; say "
            'an angle: "turn left 90 degrees"'
        )
    x, y, yaw = stands
    if math.hypot(target["x"] - x, target["y"] - y) < BESIDE:
        raise CommandError(f'the robot stands at {spoken_as} then; say "look around"')
    angle = math.atan2(target["y"] - y, target["x"] - x) - yaw
    return draft.action("spin", angle=round(math.remainder(angle, math.tau), 6))


def _spin_somewhere(_draft: Draft, _tree: Tree[Token]) -> list[Action]:
    raise UnclearError('to which side? Say "to the left" or "to the right" with it')


RULES: Rules = {
    "go": go,
    "go_via": _go_via,
    "go_to_pose": lambda draft, tree: [
        draft.action("navigate_to", name="go_to_pose", target_location=pose_in(tree))
    ],
    "patrol": lambda draft, tree: [
        drive_to(draft, place) for place in places_in(tree) or draft.words.places
    ],
    "go_home": lambda draft, _: _leave_for(draft, draft.words.home),
    "come_here": _come_here,
    "go_back": _go_back,
    "fly": _fly,
    "take_off": lambda draft, tree: [
        draft.action("take_off", altitude=distance_in(tree, TAKE_OFF_ALTITUDE))
    ],
    "land": lambda draft, _: [draft.action("land")],
    "hover": lambda draft, tree: [
        draft.action("hover", duration=duration_or(tree, HOVER_DURATION))
    ],
    "spin": lambda draft, tree: [draft.action("spin", angle=angle_in(tree, HALF_TURN))],
    "spin_left": lambda draft, tree: [draft.action("spin", angle=abs(angle_in(tree, -RIGHT_TURN)))],
    "spin_right": lambda draft, tree: [
        draft.action("spin", angle=-abs(angle_in(tree, -RIGHT_TURN)))
    ],
    "full_turn": lambda draft, _: [draft.action("spin", angle=round(math.tau, 6))],
    "turn_to": _turn_to,
    "spin_somewhere": _spin_somewhere,
    "back_up": lambda draft, tree: [
        draft.action("back_up", distance=distance_in(tree, BACK_UP_DISTANCE))
    ],
    "forward": lambda draft, tree: [
        draft.action("drive_on_heading", distance=distance_in(tree, FORWARD_DISTANCE))
    ],
    "onward_left": lambda draft, tree: _onward(draft, "spin_left", tree),
    "onward_right": lambda draft, tree: _onward(draft, "spin_right", tree),
    "onward_forward": lambda draft, tree: _onward(draft, "forward", tree),
    "onward_back": lambda draft, tree: _onward(draft, "back_up", tree),
    "wait": _wait,
    "wait_how_long": _wait_how_long,
    "stay": _stay,
    "dock": _dock,
    "charge": lambda draft, tree: [
        *_dock(draft, tree),
        draft.control("delay", duration=duration_in(tree)),
    ],
    "undock": lambda draft, _: [draft.action("undock")],
}
