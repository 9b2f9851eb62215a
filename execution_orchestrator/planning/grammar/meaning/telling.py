"""Spoken answers to questions, and texts that the robot is to say."""

from __future__ import annotations

import math
import re

from lark import Token, Tree

from execution_orchestrator.plan.expressions import has_template
from execution_orchestrator.planning.grammar.meaning import moving, names, seeing
from execution_orchestrator.planning.grammar.meaning.draft import (
    LEVEL,
    Action,
    Draft,
    Rules,
    at_place,
    objects_of,
    spoken,
    tokens_of,
    was_seen,
)
from execution_orchestrator.planning.grammar.timing import parted
from execution_orchestrator.planning.grammar.tree import (
    CommandError,
    UnclearError,
    first,
    optional_place,
    place_in,
    places_in,
    things_in,
)
from execution_orchestrator.planning.ports import EarlierCommand
from execution_orchestrator.planning.vocabulary import kind_of

MAX_NAMED = 3  # of the commands that run
MOST_SEEN = 10  # objects that are named
_SO = frozenset({"so", "it", "that", "me so", "yes", "it to me"})
_HOW_IT_SPEAKS = frozenset(
    {"louder", "up", "slower", "faster", "quieter", "slowly", "quietly", "loudly", "more slowly",
     "more loudly", "more quietly", "clearly", "more clearly"}
)  # fmt: skip
_EVENT = re.compile(
    r"\b(?:(?:in|at)\s+(?:each|every\s+one)(?:\s+(?:one|of\s+them))?\W*$"
    r"|(?:every\s+time|each\s+time|whenever)\b.*$)",
    re.IGNORECASE,
)
_LANGUAGES = (
    "english|german|french|spanish|italian|dutch|portuguese|polish|russian|chinese|japanese|korean"
    "|arabic|turkish"
)
_LANGUAGE = re.compile(_LANGUAGES, re.IGNORECASE)
_HOW_SAID = re.compile(
    rf"(?<=\s)(?:louder|loudly|quieter|quietly|in\s+(?:{_LANGUAGES}))$"
    r"|^(?:it\s+)?(?:louder|loudly|quieter|quietly|slowly)\b",
    re.IGNORECASE,
)
_STATEMENT = re.compile(
    r"\b(?:is|are|was|were|am|will|be|has|have|can|must|should|do|does|starts?|begins?|ends?|meet"
    r"|come|go|goes|put|look)\b|'(?:s|re|m|ll|ve)\b",
    re.IGNORECASE,
)


def _tell_seen(draft: Draft, _: Tree[Token]) -> list[Action]:
    """Tell what was seen so far, and where."""
    places = []
    for name, pose in draft.now.poses.items():
        place = draft.words.place_near(pose)
        places.append(f"{spoken(name)} {at_place(place)}" if place else spoken(name))
    more = f", and {len(places) - MOST_SEEN} more" if len(places) > MOST_SEEN else ""
    seen = ", ".join(f"the {one}" for one in places[:MOST_SEEN])
    words = f"I have seen {seen}{more}." if places else "I have seen nothing yet."
    return [draft.action("speak", name="tell_seen", text=words)]


def _tell_place(draft: Draft, _: Tree[Token]) -> list[Action]:
    here = draft.now.here
    words = f"I am {at_place(here)}." if here else "I am at no place that has a name."
    return [draft.action("speak", name="tell_place", text=words)]


def _tell_where_place_is(draft: Draft, tree: Tree[Token]) -> list[Action]:
    name = place_in(tree)
    pose, robot = draft.words.places[name].pose, draft.now.pose
    words = f"The {spoken(name)} is at x {pose.x:g}, y {pose.y:g} in the map"
    if robot is not None:
        away = math.hypot(pose.x - robot[0], pose.y - robot[1])
        words += f", {away:.1f} m from here"
    elif any(word.type in ("HOW_FAR", "FAR") for word in tokens_of(tree)):
        words += "; how far that is from here I do not know, nor where I am"
    return [draft.action("speak", name="tell_place", text=f"{words}.")]


def _tell_distance(draft: Draft, tree: Tree[Token]) -> list[Action]:
    """Tell how far one place is from another, as the crow flies."""
    one, other = places_in(tree)
    first_pose, other_pose = draft.words.places[one].pose, draft.words.places[other].pose
    away = math.hypot(first_pose.x - other_pose.x, first_pose.y - other_pose.y)
    words = f"From the {spoken(one)} to the {spoken(other)} it is {away:.1f} m in a straight line."
    return [draft.action("speak", name="tell_place", text=words)]


def _tell_what_runs(draft: Draft, _: Tree[Token]) -> list[Action]:
    running = [_shown(one) for one in draft.now.running[:MAX_NAMED]]
    more = len(draft.now.running) - len(running)
    doing = ", and ".join(running) + (f", and {more} more" if more else "")
    words = f"I am doing this: {doing}." if running else "I am doing nothing."
    return [draft.action("speak", name="tell_doing", text=words)]


def _report(draft: Draft, _: Tree[Token]) -> list[Action]:
    """Tell what the part of the command before found: "count the cups and tell me"."""
    if draft.telling:
        return [draft.action("speak", name="tell_it", text=draft.telling)]
    last: Action = draft.last[-1] if draft.last else {"action_type": ""}
    spoken = [last, *last.get("then", ())]
    if any(step["action_type"] == "speak" for step in spoken):
        return []
    if last["action_type"] == "scan_environment":
        return seeing.describe(draft, Tree("describe", []))
    if last["action_type"] != "detect_objects" or draft.thing is None:
        raise CommandError(
            'it is not clear what to tell; say for example "tell me what you see" or "say hello"'
        )
    return [seeing.say_whether(draft, last, draft.thing, "")]


def _am_there(draft: Draft, tree: Tree[Token]) -> list[Action]:
    (answer,) = _tell_place(draft, tree)
    there = (optional_place(tree, "where") or place_in(tree)) == draft.now.here
    answer["parameters"]["text"] = f"{'Yes' if there else 'No'}. {answer['parameters']['text']}"
    return [answer]


def tell_held(draft: Draft, tree: Tree[Token] | None = None) -> list[Action]:
    """Tell what is held, and whether it is what is asked for."""
    held = draft.thing if draft.in_hand and not draft.item else None
    held = held if tree is not None else draft.holding
    words = f"I hold the {spoken(held)}." if held else "I hold nothing."
    asked = first(tree, "object", "it", "other") if tree is not None else None
    if asked is not None:
        asked_for = names.meant_by(draft, asked)
        words = f"{'Yes' if held in asked_for else 'No'}. {words}"
    return [draft.action("speak", name="tell_held", text=words)]


def _where_is(draft: Draft, tree: Tree[Token]) -> list[Action]:
    """Look where an object should be, and say whether it is there."""
    built: list[Action] = []
    for named in things_in(tree):
        for thing in names.all_meant(draft, named):
            place = names.usual_place(draft, thing)
            where = at_place(place) if place else "here"
            look = seeing.looking(draft, thing, place)
            yes = f"The {spoken(thing)} is {where}."
            if named.data == "it" and draft.pose is not None:  # just seen there
                built.append(draft.action("speak", name="tell_where", text=yes))
                continue
            built += [*look, seeing.say_whether(draft, look[-1], thing, where)]
    return built


def _answer(draft: Draft, tree: Tree[Token]) -> list[Action]:
    """Look, and say of each thing that is asked about whether it is seen."""
    place = optional_place(tree, "where")
    asked = things_in(tree)
    if len(asked) < 2:
        return _answered(draft, tree, place)
    return [step for thing in asked for step in _answered(draft, Tree("answer", [thing]), place)]


def _answered(draft: Draft, tree: Tree[Token], place: str | None) -> list[Action]:
    look = seeing.looking_for_any(draft, tree, place)
    name, where = names.kind_named(draft, tree), f" {at_place(place)}" if place else ""
    yes = draft.action("speak", name="tell_yes", text=f"Yes, I see the {name}{where}.")
    no = draft.action("speak", name="tell_no", text=f"No, I do not see the {name}{where}.")
    draft.if_it_was_seen, draft.if_it_was_not = [yes], [no]
    branches = {
        "if": was_seen(look[-1]),
        "then": draft.if_it_was_seen,
        "else": draft.if_it_was_not,
    }
    return [*look, draft.control("conditional", **branches)]


def _which(draft: Draft, tree: Tree[Token]) -> list[Action]:
    """Look, and name those of a kind that are seen: "which cup is on the table?"."""
    place = optional_place(tree, "where")
    look = seeing.looking_for_any(draft, tree, place)
    kind = kind_of(names.meant_by(draft, first(tree, "object", "it", "other"))[0])
    tell = draft.action("speak", name="tell", text="I see the {{ item.id }}.")
    loop = draft.control("foreach", items=objects_of(look[-1]), actions=[tell])
    nothing = draft.action("speak", name="tell_nothing", text=f"I see no {kind}.")
    seen = {"if": was_seen(look[-1]), "then": [loop], "else": [nothing]}
    return [*look, draft.control("conditional", **seen)]


def _count(draft: Draft, tree: Tree[Token]) -> list[Action]:
    place = optional_place(tree, "where")
    look = seeing.looking_for_any(draft, tree, place)
    where = f" {at_place(place)}" if place else ""
    number = f"{{{{ {objects_of(look[-1])}.size() }}}}"
    kind = kind_of(names.meant_by(draft, first(tree, "object", "it", "other"))[0])
    text = f"The number of things called {kind} that I see{where} is {number}."
    return [*look, draft.action("speak", name="tell_number", text=text)]


def _count_all(draft: Draft, tree: Tree[Token]) -> list[Action]:
    place = optional_place(tree, "where")
    way = moving.way_to(draft, place)
    look = draft.action("detect_objects")
    where = f" {at_place(place)}" if place else ""
    text = f"The number of things that I see{where} is {{{{ {objects_of(look)}.size() }}}}."
    tell = draft.action("speak", name="tell_number", text=text)
    return [*way, look, tell]


def _shown(command: EarlierCommand) -> str:
    """Return the words of a command as they can be spoken by a plan."""
    said = command.command
    return command.execution_id if not said or has_template(said) else said


def _say(draft: Draft, tree: Tree[Token]) -> list[Action]:
    text = str(tree.children[-1])
    if not text.strip():
        raise UnclearError('it is not clear what to tell; say for example "say hello"')
    if draft.telling and text.lower() in _SO:
        return [draft.action("speak", name="tell_it", text=draft.telling)]
    if text.lower() in ("something", "anything"):
        raise UnclearError('what is to be said? Say for example "say hello"')
    if text.lower().removeprefix("it ") in _HOW_IT_SPEAKS:
        raise CommandError("how the robot speaks cannot be changed by a command")
    verb, *_, said = (str(token) for token in tokens_of(tree))
    if tokens_of(tree)[-1].type == "SPOKEN":
        if verb == "speak" and _LANGUAGE.fullmatch(said):
            raise CommandError("how the robot speaks cannot be changed by a command")
        text = text.removeprefix("to ") if verb.startswith("tell") else text
        _only_said(draft, text)
    if has_template(text):
        raise CommandError("what is to be said may have no {{ in it: that is for plans")
    return [draft.action("speak", text=text)]


def _only_said(draft: Draft, text: str) -> None:
    """Ask back where a text without quotes may end with where, when or how it is to be said.

    Raises:
        UnclearError: it does.

    """
    event = _EVENT.search(text)
    if event is not None:
        raise UnclearError(
            f'is "{event.group()}" a part of what is said? Then put the words in quotes; a '
            'command is repeated by time, as in "every hour ...", and not at each event'
        )
    how = _HOW_SAID.search(text)
    if how is not None:
        raise UnclearError(
            f'is "{how.group()}" a part of what is said? Then put the words in quotes; how the '
            "robot speaks cannot be changed by a command"
        )
    when, what = parted(text)
    first_of_all = bool(when) and text.startswith(when)  # "at noon that lunch is ready"
    if _STATEMENT.search(text) and not first_of_all:
        return  # "I am in the kitchen", "dinner is at 7 pm"
    places = "|".join(map(re.escape, sorted(draft.words.place_names(), key=len, reverse=True)))
    where = re.search(rf"\s((?:in|at|on|near)\s+(?:the\s+)?({places}))$", text, re.IGNORECASE)
    if where is not None:
        what = text[: where.start()]
        raise UnclearError(
            f'is "{where[1]}" a part of what is said, or where it is said? Say "go to the '
            f'{where[2]} and say {what}", or put the words in quotes'
        )
    if when and what != text:
        what = what.removeprefix("that ")
        raise UnclearError(
            f'is "{when}" a part of what is said, or when it is said? Say "{when} say {what}", '
            "or put the words in quotes"
        )


def _tell_done(draft: Draft, tree: Tree[Token]) -> list[Action]:
    """Tell that what comes before it is done."""
    if not draft.last:
        raise UnclearError('what is to be done before that? Say for example "go home and then ..."')
    said = str(tree.children[0]).split()
    where = next((word for word in ("back", "home", "ready") if word in said), "done")
    there = not {"there", "arrive", "arrived"}.isdisjoint(said)
    text = f"I am {'there' if there else where}."
    return [draft.action("speak", name="tell_done", text=text)]


RULES: Rules = {
    "tell_done": _tell_done,
    "answer": _answer,
    "which": _which,
    "count": _count,
    "count_all": _count_all,
    "where_is": _where_is,
    "report": _report,
    "battery_level": lambda draft, _: [draft.action("speak", name="tell_battery", text=LEVEL)],
    "am_there": _am_there,
    "doing": _tell_what_runs,
    "holding": tell_held,
    "place_is": _tell_where_place_is,
    "distance": _tell_distance,
    "seen": _tell_seen,
    "whereabouts": _tell_place,
    "say": _say,
}
