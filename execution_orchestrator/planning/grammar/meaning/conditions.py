"""What is done if, unless, when, until or as long as something holds."""

from __future__ import annotations

from typing import Any

from lark import Token, Tree

from execution_orchestrator.planning.going_on import GO_ON
from execution_orchestrator.planning.grammar.meaning import moving, names, seeing, telling
from execution_orchestrator.planning.grammar.meaning.draft import (
    AND,
    LEVEL,
    Action,
    Draft,
    Rules,
    at_place,
    spoken,
    tokens_of,
    was_seen,
)
from execution_orchestrator.planning.grammar.tree import (
    CommandError,
    UnclearError,
    duration_in,
    first,
    is_it,
    number_in,
    optional_place,
    place_in,
    trees,
)
from execution_orchestrator.planning.vocabulary import AT_A_PLACE

LOOK_AGAIN = 2.0  # seconds between two looks for what is waited for
LOOKS = 1000
LOW_BATTERY = 0.2  # of 1.0
FULL_BATTERY = 0.95
TURNS = frozenset({"spin", "spin_left", "spin_right"})
A_STEP = (Token("NUMBER", "45"), Token("DEGREES", "degrees"))
LOOKING = frozenset({"bring", "carry", "pick", "put"})
# They have an end of their own, and are not done again because something goes on.
ERRANDS_ONCE = frozenset(
    {"go", "go_via", "go_to_pose", "go_home", "home_and", "come_here", "bring", "carry", "pick",
     "put", "deliver", "back", "dock"}
)  # fmt: skip
ROUNDS = 100  # of something that is done until something holds


def _conditional(draft: Draft, tree: Tree[Token]) -> list[Action]:
    condition, *branches = trees(tree)
    holds = _holds(draft, condition)
    if holds is not None:
        return _decided(draft, branches[0] if holds else next(iter(branches[1:]), None))
    missed = _missed(draft, condition)
    if missed is not None:
        draft.forgo_all(missed["then"])
        unseen, seen = spoken_answers(draft, condition)
        missed["else"] = draft.inside(branches[0], telling=unseen)
        for branch in branches[1:]:
            missed["then"] += draft.inside(branch, telling=seen)
        return []
    look, expression = _condition(draft, condition)
    yes, no = spoken_answers(draft, condition)
    then = draft.inside(branches[0], telling=yes)
    fields: dict[str, Any] = {"if": expression, "then": then}
    if len(branches) > 1:
        fields["else"] = draft.inside(branches[1], telling=no)
    return [*look, draft.control("conditional", **fields)]


def _conditional_after(draft: Draft, tree: Tree[Token]) -> list[Action]:
    action, condition = trees(tree)
    names.name_it(draft, condition, action)
    holds = _holds(draft, condition)
    if holds is not None:
        return _decided(draft, action if holds else None)
    found = is_it(condition) and condition.data == "sees"
    looks_anyway = action.data in LOOKING and first(condition, "where") is None
    if found and looks_anyway and draft.pose is None:
        return draft.actions(action)  # "bring it if you find it"
    place = optional_place(condition, "where")
    if is_it(condition) and condition.data == "sees" and place and draft.thing:
        draft.where[draft.thing] = place
    look, expression = _condition(draft, condition)
    then = draft.inside(action, telling=spoken_answers(draft, condition)[0])
    return [*look, draft.control("conditional", **{"if": expression, "then": then})]


def _unless(draft: Draft, condition: Tree[Token], action: Tree[Token]) -> list[Action]:
    names.name_it(draft, condition, action)
    holds = _holds(draft, condition)
    if holds is not None:
        return _decided(draft, None if holds else action)
    look, expression = _condition(draft, condition)
    then = draft.inside(action)
    return [*look, draft.control("conditional", **{"if": f"!({expression})", "then": then})]


def _missed(draft: Draft, condition: Tree[Token]) -> Action | None:
    """Return the errand before, where it is asked whether that found nothing.

    "Bring me the cup, and if it is not there bring me the bottle" is not about where it is then.
    """
    if condition.data != "sees_not" or not is_it(condition) or first(condition, "where"):
        return None
    *_, errand = draft.last or [{}]
    looked = str(errand.get("if", "")).startswith(f"actions.look_for_{draft.thing}")
    nothing = [one["action_type"] for one in errand.get("else", ())] == ["speak"]
    return errand if looked and nothing else None


def _holds(draft: Draft, condition: Tree[Token]) -> bool | None:
    """Whether what is asked of the gripper holds, None for any other condition.

    Raises:
        CommandError: what it will hold by then is not known now.

    """
    if condition.data not in ("holds", "holds_not"):
        return None
    now = draft.now.held
    if draft.now.later or draft.depth or draft.in_hand != bool(now):
        raise CommandError(
            "what the robot holds by then is not known now; say that part as a command of its own "
            "when it is there"
        )
    asked = first(condition, "object", "it", "other")
    meant = names.meant_by(draft, asked) if asked is not None else []
    if len(meant) == 1 and draft.holding not in meant:  # "if you do not have the cup, fetch it"
        (draft.thing,), draft.in_hand = meant, False
    held = bool(now) if asked is None else draft.holding in meant
    return held if condition.data == "holds" else not held


def _decided(draft: Draft, branch: Tree[Token] | None) -> list[Action]:
    """Do the branch that is known now; without one tell what is held."""
    return draft.actions(branch) if branch is not None else telling.tell_held(draft)


def _when(draft: Draft, condition: Tree[Token], action: Tree[Token]) -> list[Action]:
    names.name_it(draft, condition, action)
    waits = _wait_until(draft, condition)
    if waits[-1]["action_type"] == "repeat" and any(action.find_data("it")):
        # What it is done with is where it is now, and not in one of the rounds.
        (found,) = waits[-1]["actions"]
        thing, *others = found["parameters"]["classes"]
        waits += seeing.looking(draft, thing, None, others)
    before, draft.telling = draft.telling, spoken_answers(draft, condition)[0]
    built = draft.actions(action)
    draft.telling = before
    return [*waits, *built]


def _wait_until(draft: Draft, condition: Tree[Token]) -> list[Action]:
    """Wait for the battery by its topic, for objects by repeated detection."""
    look, expression = _condition(draft, condition)
    if not look:
        return [draft.control("wait_for", until=expression)]
    *way, last = look
    if any(step["action_type"] == "detect_objects" for step in way):
        raise CommandError("the robot can wait to see one thing at a time; name one of them")
    draft.pose = None
    return [*way, _looks(draft, last, expression)]


def _wait_for_thing(draft: Draft, tree: Tree[Token]) -> list[Action]:
    """Wait until a thing is seen: "wait for the bottle"."""
    verb, *_ = tokens_of(tree)
    if not str(verb).endswith("for"):
        raise CommandError(
            f'say what is waited for: "wait until you see the {names.kind_named(draft, tree)}"'
        )
    return _wait_until(draft, Tree("sees", [*trees(tree)]))


def _tell_when(draft: Draft, tree: Tree[Token]) -> list[Action]:
    """Wait until something is so, and tell it."""
    (condition,) = trees(tree)
    waits = _wait_until(draft, condition)
    words = spoken_answers(draft, condition)[0] or "It is so now."
    return [*waits, draft.action("speak", name="tell_it", text=words)]


def spoken_answers(draft: Draft, condition: Tree[Token]) -> tuple[str, str]:
    """Return what is told where a condition holds, and where it does not; "": nothing."""
    thing = spoken(draft.thing or "")
    place = optional_place(condition, "where")
    where = f" {at_place(place)}" if place else ""
    seen, unseen = f"I see the {thing}{where}.", f"I do not see the {thing}{where}."
    return {
        "battery_low": ("The battery is low.", LEVEL),
        "battery_full": ("The battery is full.", LEVEL),
        "sees": (seen, unseen),
        "sees_not": (unseen, seen),
        "sees_nothing": (f"I see nothing that I know{where}.", f"I see something{where}."),
        "both": ("", ""),
        "stands_at": ("I am there.", "I am not there."),
        "stands_elsewhere": ("I am not there.", "I am there."),
    }.get(str(condition.data), (LEVEL, LEVEL))


def _battery_is(draft: Draft, condition: str, tree: Tree[Token]) -> list[Action]:
    _, expression = _condition(draft, Tree(condition, tree.children))
    yes = draft.action("speak", name="tell_yes", text=f"Yes. {LEVEL}")
    no = draft.action("speak", name="tell_no", text=f"No. {LEVEL}")
    return [draft.control("conditional", **{"if": expression, "then": [yes], "else": [no]})]


def _until(draft: Draft, action: Tree[Token], condition: Tree[Token]) -> list[Action]:
    """Do it again and again, and look after each time."""
    if condition.data == "battery_at":  # charging it rises to that, doing anything else it falls
        condition.data = "battery_above" if action.data == "dock" else "battery_below"
    if action.data == "dock":  # once, and then it charges
        return [*draft.actions(action), *_wait_until(draft, condition)]
    if action.data in TURNS and not any(one.type == "NUMBER" for one in tokens_of(action)):
        action = Tree(action.data, [*action.children, *A_STEP])  # not past what it looks for
    body = draft.round(action)
    if action.data == "look_for" and condition.data == "sees" and is_it(condition):
        draft.pose = draft.looked = None
        until = was_seen(body[-1])
        return [draft.control("repeat", actions=body, until=until, max_iterations=ROUNDS)]
    look, expression = _condition(draft, condition)
    draft.pose = None
    drives = all(one["action_type"] == "navigate_to" for one in body)
    if len(look) == 1 and len(body) > 1 and drives:
        # It drives on only as long as it does not see it, and not to the end of each round.
        rounds = draft.control("repeat", actions=body, max_iterations=ROUNDS)
        looks = _looks(draft, look[0], expression)
        return [draft.control("parallel", race=True, actions=[rounds, looks])]
    return [
        draft.control("repeat", actions=[*body, *look], until=expression, max_iterations=ROUNDS)
    ]


def _looks(draft: Draft, look: Action, seen: str) -> Action:
    return draft.control(
        "repeat", actions=[look], until=seen, delay=LOOK_AGAIN, max_iterations=LOOKS
    )


def _rate_until(draft: Draft, action: Tree[Token], pause: float, condition: Tree[Token]) -> Action:
    """Do it every so many seconds, and look after each time."""
    *_, loop = _until(draft, action, condition)
    if loop["action_type"] == "parallel":
        loop["actions"][0]["every"] = pause
        return loop
    return {**loop, "every": pause}


def _as_long_as(draft: Draft, condition: Tree[Token], action: Tree[Token]) -> list[Action]:
    look, expression = _condition(draft, condition)
    if look:
        raise CommandError(
            "what is seen is looked for after each round, not before: say it with until, for "
            'example "look around until you see the bottle"'
        )
    if action.data in ERRANDS_ONCE:  # not again and again, but only while that holds
        body = draft.inside(action)
        return [draft.control("sequence", **{"while": expression, "actions": body})]
    body = draft.round(action)
    return [draft.control("while", **{"if": expression, "actions": body, "max_iterations": ROUNDS})]


def _condition(draft: Draft, tree: Tree[Token]) -> tuple[list[Action], str]:
    share = number_in(tree, 0.0)
    if any(token.type == "PERCENT" for token in tokens_of(tree)) or share > 1.0:
        share /= 100.0  # else it is a half, or another part of the whole
    match str(tree.data):
        case "holds" | "holds_not":
            raise CommandError(
                "what the robot holds is not watched; it is known where a command begins with it: "
                '"if you are holding the cup ..."'
            )
        case "both":
            parts = [_condition(draft, part) for part in trees(tree)]
            looks = [step for look, _ in parts for step in look]
            return looks, AND.join(expression for _, expression in parts)
        case "battery_at":
            raise CommandError(
                f'a battery is hardly at exactly {share * 100:g} percent; say "above" or "below"'
            )
        case "stands_elsewhere":
            _, there = _condition(draft, Tree("stands_at", tree.children))
            return [], f"!({there})"
        case "stands_at":
            at = draft.words.places[optional_place(tree, "where") or place_in(tree)].pose
            x, y = f"(robot.pose.x - {at.x})", f"(robot.pose.y - {at.y})"
            return [], f"{x} * {x} + {y} * {y} < {AT_A_PLACE**2}"
        case "battery_low":
            return [], f"robot.battery < {LOW_BATTERY}"
        case "battery_not_low":
            return [], f"robot.battery >= {LOW_BATTERY}"
        case "battery_not_full":
            return [], f"robot.battery < {FULL_BATTERY}"
        case "battery_full":
            return [], f"robot.battery >= {FULL_BATTERY}"
        case "battery_below" | "battery_above" if not 0.0 <= share <= 1.0:
            raise CommandError(f"a battery is 0 to 100 percent full, not {share * 100:g}")
        case "battery_below":
            return [], f"robot.battery < {share}"
        case "battery_above":
            reached = any(word in str(tree.children[0]) for word in ("least", "reach", "charged"))
            return [], f"robot.battery {'>=' if reached else '>'} {share}"
    if tree.data == "sees_nothing":
        look = [
            *moving.way_to(draft, optional_place(tree, "where")),
            draft.action("detect_objects"),
        ]
        return look, f"!({was_seen(look[-1])})"
    look = seeing.looking_for_any(draft, tree, optional_place(tree, "where"))
    seen = was_seen(look[-1])
    return look, seen if tree.data == "sees" else f"!({seen})"


def _wait_word(draft: Draft, _: Tree[Token]) -> list[Action]:
    """Wait until a person says that it goes on."""
    draft.signals = {GO_ON: {}}
    return [draft.control("wait_for_signal", signal=GO_ON)]


def _ask_first(draft: Draft, tree: Tree[Token]) -> list[Action]:
    """Ask a person before something is done."""
    before = [_what(action) for action in draft.last]
    actions = draft.actions(trees(tree)[0])
    if not actions or _what(actions[0]) in before:  # "dock, and ask me before you dock"
        raise UnclearError(
            "it would have done that already before it asks; say it once, for example "
            '"ask me before you go to the kitchen"'
        )
    return [{**actions[0], "require_confirmation": True}, *actions[1:]]


def _what(action: Action) -> tuple[str, Any]:
    return action["action_type"], action.get("parameters")


RULES: Rules = {
    "wait_word": _wait_word,
    "when_told": lambda draft, tree: [
        *_wait_word(draft, tree),
        *draft.actions(trees(tree)[0]),
    ],
    "when_told_after": lambda draft, tree: [
        *_wait_word(draft, tree),
        *draft.actions(trees(tree)[0]),
    ],
    "stay_for_word": lambda draft, tree: [
        *moving.way_to(draft, place_in(tree)),
        *_wait_word(draft, tree),
    ],
    "ask_first": _ask_first,
    "conditional": _conditional,
    "conditional_after": _conditional_after,
    "unless": lambda draft, tree: _unless(draft, *trees(tree)),
    "unless_after": lambda draft, tree: _unless(draft, *reversed(trees(tree))),
    "when": lambda draft, tree: _when(draft, *trees(tree)),
    "when_after": lambda draft, tree: _when(draft, *reversed(trees(tree))),
    "until": lambda draft, tree: _until(draft, *trees(tree)),
    "rate_until": lambda draft, tree: [
        _rate_until(draft, trees(tree)[0], duration_in(tree), trees(tree)[-1])
    ],
    "as_long_as": lambda draft, tree: _as_long_as(draft, *trees(tree)),
    "as_long_as_after": lambda draft, tree: _as_long_as(draft, *reversed(trees(tree))),
    "wait_until": lambda draft, tree: _wait_until(draft, trees(tree)[0]),
    "wait_for_thing": _wait_for_thing,
    "tell_when": _tell_when,
    "battery_is_below": lambda draft, tree: _battery_is(draft, "battery_below", tree),
    "battery_is_above": lambda draft, tree: _battery_is(draft, "battery_above", tree),
}
