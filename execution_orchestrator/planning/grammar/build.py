"""From the tree of a command to the actions of a plan document."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from lark import Token, Tree

from execution_orchestrator.plan.expressions import MAX_LENGTH, has_template
from execution_orchestrator.planning.grammar.memory import Situation, driven_ahead, turned_by
from execution_orchestrator.planning.grammar.timing import parted
from execution_orchestrator.planning.grammar.tokens import SEVERAL
from execution_orchestrator.planning.grammar.tree import (
    CommandError,
    UnclearError,
    angle_in,
    distance_in,
    duration_in,
    duration_or,
    first,
    is_it,
    number_in,
    optional_place,
    place_in,
    places_in,
    pose_in,
    things_in,
    trees,
)
from execution_orchestrator.planning.ports import EarlierCommand
from execution_orchestrator.planning.vocabulary import Pose2D, Vocabulary, kind_of

MAX_REPETITIONS = 50
RIGHT_TURN = -math.pi / 2
HALF_TURN = math.pi
# What holds if the command does not say it
BACK_UP_DISTANCE = 0.3  # metres
FORWARD_DISTANCE = 0.5  # metres
TAKE_OFF_ALTITUDE = 5.0  # metres
HOVER_DURATION = 10.0  # seconds
VIDEO_DURATION = 10.0  # seconds, of sound, too
SCAN_STEPS = 8
LOOK_AGAIN = 2.0  # seconds between two looks for what is waited for
LOOKS = 1000
ROUNDS = 100  # of something that is done until something holds
MOST_ROUNDS = 1000  # of something that is done for a time
CROWDED = 0.13  # metres between the middles of two objects that the gripper still passes
LOW_BATTERY = 0.2  # of 1.0
FULL_BATTERY = 0.95
AND = " && "
_LEVEL = "The battery is at {{ int(robot.battery * 100.0) }} percent."
MAX_TOLD = 3  # of the commands that run
MOST_SEEN = 10  # objects that are told
MOTIONS = frozenset({"spin", "drive_on_heading", "back_up"})
TURNS = frozenset({"spin", "spin_left", "spin_right"})
A_STEP = (Token("NUMBER", "45"), Token("DEGREES", "degrees"))
GRIPPING = frozenset({"open_gripper", "close_gripper"})
ONWARD = {
    "spin_left": "turn left",
    "spin_right": "turn right",
    "forward": "drive forward 1 meter",
    "back_up": "back up 0.5 meters",
}
# Errands that look for what they are about, and do nothing where it is not.
LOOKING = frozenset({"bring", "carry", "pick", "put"})
_WANTING = frozenset(
    {"i want", "i need", "i'd like", "i would like", "we need", "i'd love", "i would love"}
)
_MOVING = frozenset({"move", "carry", "transport"})  # somewhere
_SO = frozenset({"so", "it", "that", "me so", "yes", "it to me"})
_TAKING = frozenset({"get", "fetch", "go get", "go fetch", "collect", "gather", "bring", "pick up"})
_ON_THE_WAY = frozenset({"go", "go_via"})  # between taking something up and putting it down
# By these a robot leaves a round that it was sent on, or begins another.
LEAVING = frozenset(
    {"go_home", "come_here", "go", "go_back", "dock", "go_to_pose", "in_each_place",
     "scan_each_place", "look_in_each_place"}
)  # fmt: skip
_HOW_IT_SPEAKS = frozenset(
    {"louder", "up", "slower", "faster", "quieter", "slowly", "quietly", "loudly", "more slowly",
     "more loudly", "more quietly", "clearly", "more clearly"}
)  # fmt: skip
_EVENT = re.compile(r"\b(?:every\s+time|each\s+time|whenever)\b.*$", re.IGNORECASE)
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
# Commands that are done when each of their actions is, and those that are when the last one is.
WAYS = frozenset({"go", "home_and", "patrol", "wait", "charge"})
ERRANDS = frozenset(
    {"go_to_pose", "go_home", "come_here", "fly", "dock", "undock", "take_off", "land", "hover",
     "spin", "spin_left", "spin_right", "whereabouts", "back_up",
     "forward", "arm_home", "open_gripper", "close_gripper", "say",
     "listen", "battery_level", "scan", "scan_each_place", "video", "describe", "answer", "count",
     "each", "in_each_place", "conditional", "conditional_after", "unless", "unless_after",
     "where_is", "until", "as_long_as", "as_long_as_after", "asked", "video_of_place", "am_there",
     "place_is", "doing", "count_all", "for_long", "seen", "if_it_fails", "full_turn", "holding",
     "wait", "wait_until", "tell_when", "charge", "pictures_of_place", "battery_is_below",
     "battery_is_above", "audio"}
)  # fmt: skip
_THINGS = ("object", "it", "other", "every")
Action = dict[str, Any]


class Builder:
    """Builds the actions of one command; ids are numbered so that they are unique.

    The situation says what is meant where the command does not.
    """

    def __init__(self, vocabulary: Vocabulary, situation: Situation) -> None:
        self._words = vocabulary
        self._now = situation
        self._ids: dict[str, int] = {}
        self._asked: list[str] = []  # what has to hold, or the command was not done
        self._depth = 0  # of conditions and loops that the command itself has
        self._thing = situation.thing  # what "it" means: an object id
        self._item = False  # inside "for each": "it" is the item
        self._in_hand = bool(situation.held)  # "it" is held, or may be by then
        self._holding = situation.held[0] if situation.held else None  # for certain
        self._where = dict(situation.where)  # at which place each object is by then
        self._origins = dict(situation.origins)  # where each was taken from
        self._used: list[Pose2D] = []  # where the command has put something down
        self._scanned: Action | None = None  # the last look around
        self._at: str | None = None  # where the command itself has sent the robot last
        self._sent_to: str | None = None  # the same, where the command names the place to go to
        self._staying = False  # where it was sent last, until it is told something else
        self._ahead = situation.ahead  # metres that it has driven ahead last
        self._turned = situation.turned  # radians, if it has turned last
        self._last: list[Action] = []  # of the part of the command before this one
        self._telling = ""  # what "tell me" and "say so" tell inside of "if you see it"
        self._or_to: str | None = None  # where a thing is put if it cannot be put where it was to
        self._everywhere = False  # inside "in each room": things are looked for where it is
        self._which = ""  # template of the id of "it", where any one of several was looked for
        self._pose: str | None = None  # template of the pose of "it", where it was seen last
        self._looked: tuple[Action, str] | None = None  # the last part looked for one thing
        self._if_it_was_seen: list[Action] | None = None  # branch of the last "if it is seen"
        self._if_it_was_not: list[Action] = []  # and its other branch
        self._build: Mapping[str, Callable[[Tree[Token]], list[Action]]] = {
            "conditional": self._conditional,
            "conditional_after": self._conditional_after,
            "unless": lambda tree: self._unless(*trees(tree)),
            "unless_after": lambda tree: self._unless(*reversed(trees(tree))),
            "when": lambda tree: self._when(*trees(tree)),
            "when_after": lambda tree: self._when(*reversed(trees(tree))),
            "until": lambda tree: self._until(*trees(tree)),
            "for_long": lambda tree: self._for_long(trees(tree)[0], duration_in(tree)),
            "if_it_fails": self._if_it_fails,
            "told_where": self._told_where,
            "as_long_as": lambda tree: self._as_long_as(*trees(tree)),
            "as_long_as_after": lambda tree: self._as_long_as(*reversed(trees(tree))),
            "wait_until": lambda tree: self._wait_until(trees(tree)[0]),
            "tell_when": self._tell_when,
            "each": self._each,
            "times": lambda tree: self._repeat(tree.children[0], float(str(tree.children[1]))),
            "twice": lambda tree: self._repeat(tree.children[0], 2),
            "repeat": lambda tree: self._repeat(tree.children[-1], number_in(tree, 2)),
            "after": lambda tree: self._sequence(Tree("sequence", [*reversed(trees(tree))])),
            "before": self._before,
            "or_else": self._or_else,
            "go_via": self._go_via,
            "spin_somewhere": _spin_somewhere,
            "parallel": self._parallel,
            "sequence": self._sequence,
            "in_each_place": self._in_each_place,
            "scan_each_place": lambda tree: self._at_each_place(
                [self._scan_around()], self._excepted(tree)
            ),
            "look_in_each_place": self._look_in_each_place,
            "look_in_turn": self._look_in_turn,
            "look_for_at": self._look_for_at,
            "go": self._go_to,
            "home_and": self._home_and,
            "done_at": self._done_at,
            "battery_is_below": lambda tree: self._battery_is("battery_below", tree),
            "battery_is_above": lambda tree: self._battery_is("battery_above", tree),
            "audio": lambda tree: [
                self._action("record_audio", duration=duration_or(tree, VIDEO_DURATION))
            ],
            "go_to_pose": lambda tree: [
                self._action("navigate_to", name="go_to_pose", target_location=pose_in(tree))
            ],
            "patrol": lambda tree: [
                self._go(place) for place in places_in(tree) or self._words.places
            ],
            "go_home": lambda _: self._leave_for(self._words.home),
            "come_here": self._come_here,
            "go_back": self._go_back,
            "back": self._back,
            "holding": self._tell_held,
            "bring": self._bring,
            "carry": self._carry,
            "pick": self._pick,
            "put": self._put,
            "deliver": self._deliver,
            "look_for": self._look_for,
            "where_is": self._where_is,
            "place_is": self._tell_where_place_is,
            "doing": self._tell_what_runs,
            "report": self._report,
            "count_all": self._count_all,
            "stay": self._stay,
            "answer": self._answer,
            "count": self._count,
            "battery_level": lambda _: [self._action("speak", name="tell_battery", text=_LEVEL)],
            "scan": self._scan,
            "picture": self._picture,
            "pictures": lambda tree: self._repeat(tree, number_in(tree, 1), self._picture),
            "describe": self._describe,
            "video": self._video,
            "say": self._say,
            "listen": lambda _: [self._action("listen")],
            "wait": self._wait,
            "wait_how_long": self._wait_how_long,
            "full_turn": lambda _: [self._action("spin", angle=round(math.tau, 6))],
            "dock": self._dock,
            "charge": lambda tree: [
                *self._dock(tree),
                self._control("delay", duration=duration_in(tree)),
            ],
            "undock": lambda _: [self._action("undock")],
            "open_or_close": self._open_or_close,
            "seen": self._tell_seen,
            "onward_left": lambda tree: self._onward("spin_left", tree),
            "onward_right": lambda tree: self._onward("spin_right", tree),
            "onward_forward": lambda tree: self._onward("forward", tree),
            "onward_back": lambda tree: self._onward("back_up", tree),
            "on_and_on": lambda tree: self._on_and_on(trees(tree)[0]),
            "open_gripper": lambda _: [self._action("open_gripper")],
            "close_gripper": lambda _: [self._action("close_gripper")],
            "spin": lambda tree: [self._action("spin", angle=angle_in(tree, HALF_TURN))],
            "spin_left": lambda tree: [
                self._action("spin", angle=abs(angle_in(tree, -RIGHT_TURN)))
            ],
            "whereabouts": self._tell_place,
            "am_there": self._am_there,
            "video_of_place": lambda tree: [
                self._go(place_in(tree)),
                self._action("record_video", duration=duration_or(tree, VIDEO_DURATION)),
            ],
            "pictures_of_place": lambda tree: [
                self._go(place_in(tree)),
                *self._repeat(tree, number_in(tree, 1), lambda _: [self._action("capture_image")]),
            ],
            "picture_of_place": self._picture_of_places,
            "spin_right": lambda tree: [
                self._action("spin", angle=-abs(angle_in(tree, -RIGHT_TURN)))
            ],
            "back_up": lambda tree: [
                self._action("back_up", distance=distance_in(tree, BACK_UP_DISTANCE))
            ],
            "forward": lambda tree: [
                self._action("drive_on_heading", distance=distance_in(tree, FORWARD_DISTANCE))
            ],
            "arm_home": lambda _: [self._action("move_arm", named_state="home")],
            "take_off": lambda tree: [
                self._action("take_off", altitude=distance_in(tree, TAKE_OFF_ALTITUDE))
            ],
            "land": lambda _: [self._action("land")],
            "hover": lambda tree: [
                self._action("hover", duration=duration_or(tree, HOVER_DURATION))
            ],
            "fly": self._fly,
        }

    def actions(self, tree: Any) -> list[Action]:
        """Return the actions of a tree.

        Raises:
            CommandError: the command makes no sense, for example "put it down" with nothing held.

        """
        kind = str(tree.data)
        if self._staying and kind not in ("sequence", "parallel"):
            raise CommandError(
                "it is not clear how long to wait before what comes after it; say for example "
                '"wait 10 seconds"'
            )
        built = self._build[kind](tree)
        self._last = built
        if built:
            self._ahead, self._turned = driven_ahead(built[-1]), turned_by(built[-1])
        if kind in WAYS:
            for way in built:
                self._ask_for(way)
        elif kind in ERRANDS and built:
            self._ask_for(built[-1])
        return built

    @property
    def success(self) -> str:
        """What has to hold at the end for the command to be done, empty if nothing is known.

        Of very many parts those are named that fit into an expression: all others are critical.
        """
        room = MAX_LENGTH
        told: list[str] = []
        for clause in self._asked:
            room -= len(clause) + len(AND)
            if room < 0:
                break
            told.append(clause)
        return AND.join(told)

    def _inside(self, tree: Tree[Token], *, telling: str = "") -> list[Action]:
        """Return the actions of a part of the command that may rightly not be done.

        ``telling`` is what "tell me" tells in it.
        """
        holding, where = self._holding, dict(self._where)
        before, self._telling = self._telling, telling
        self._depth += 1
        built = self.actions(tree)
        self._depth -= 1
        self._telling = before
        if self._holding != holding:
            self._holding = None  # by then it may be or not
        self._where = where
        return built

    def _ask_for(self, action: Action) -> None:
        self._want(_done(action))

    def _want(self, clause: str) -> None:
        if not self._depth and clause not in self._asked:
            self._asked.append(clause)

    # ------------------------------------------------------------------ structure
    def _sequence(self, tree: Tree[Token]) -> list[Action]:
        built: list[Action] = []
        children = _round_trips(trees(tree))
        for index, said in enumerate(children):
            onward = next(
                (one for one in children[index + 1 :] if one.data not in _ON_THE_WAY), None
            )
            if onward is not None and self._brings_the_same(said, onward):
                continue  # "collect the cup and the book and bring them to me": one errand
            child = said
            if onward is not None and _taken_along(said) and _puts_it(onward):
                child = Tree("pick", said.children)
            if self._if_it_was_seen is not None and _is_for_it(child):
                errand, other = trees(child)
                self._if_it_was_seen.extend(self.actions(errand))
                self._if_it_was_not.extend(self._inside(other))
                continue
            # What is done with "it" after it was looked for is done only if it was seen, and so is
            # what comes before that: "pick it up, go to the shelf and put it down".
            it_comes = any(map(is_it, children[index:]))
            if it_comes and self._if_it_was_seen is None and self._looked is not None:
                look, thing = self._looked
                built.append(self._if_seen(look, thing, []))
            target = self._if_it_was_seen if it_comes else None
            self._looked = None
            (built if target is None else target).extend(self.actions(child))
        self._if_it_was_seen = self._looked = None
        return built

    def _brings_the_same(self, said: Tree[Token], onward: Tree[Token]) -> bool:
        """Whether a part only takes up several things, all of which the one after it brings."""
        if said.data not in ("bring", "pick") or onward.data not in ("bring", "carry", "put"):
            return False
        said_so = [str(child) for child in _tokens(said)]
        if not said_so or said_so[0] not in _TAKING or first(said, "receiver", "from") is not None:
            return False
        taken = [name for thing in things_in(said) for name in self._meant(thing)]
        (brought, *more) = things_in(onward) or [Tree("it", [])]
        return (
            len(taken) > 1
            and not more
            and brought.data == "every"
            and set(taken) == set(self._meant(brought))
        )

    def _parallel(self, tree: Tree[Token]) -> list[Action]:
        branches = [self.actions(child) for child in trees(tree)]
        if len(branches) == 1:
            return branches[0]
        children = [
            branch[0] if len(branch) == 1 else self._control("sequence", actions=branch)
            for branch in branches
        ]
        return [self._control("parallel", actions=children)]

    def _conditional(self, tree: Tree[Token]) -> list[Action]:
        condition, *branches = trees(tree)
        look, expression = self._condition(condition)
        yes, no = self._told_of(condition)
        then = self._inside(branches[0], telling=yes)
        fields: dict[str, Any] = {"if": expression, "then": then}
        if len(branches) > 1:
            fields["else"] = self._inside(branches[1], telling=no)
        return [*look, self._control("conditional", **fields)]

    def _conditional_after(self, tree: Tree[Token]) -> list[Action]:
        action, condition = trees(tree)
        self._name_it(condition, action)
        found = is_it(condition) and condition.data == "sees"
        looks_anyway = action.data in LOOKING and first(condition, "where") is None
        if found and looks_anyway and self._pose is None:
            return self.actions(action)  # "bring it if you find it"
        place = optional_place(condition, "where")
        if is_it(condition) and condition.data == "sees" and place and self._thing:
            self._where[self._thing] = place
        look, expression = self._condition(condition)
        then = self._inside(action, telling=self._told_of(condition)[0])
        return [*look, self._control("conditional", **{"if": expression, "then": then})]

    def _unless(self, condition: Tree[Token], action: Tree[Token]) -> list[Action]:
        self._name_it(condition, action)
        look, expression = self._condition(condition)
        then = self._inside(action)
        return [*look, self._control("conditional", **{"if": f"!({expression})", "then": then})]

    def _when(self, condition: Tree[Token], action: Tree[Token]) -> list[Action]:
        self._name_it(condition, action)
        waits = self._wait_until(condition)
        if waits[-1]["action_type"] == "repeat" and any(action.find_data("it")):
            # What it is done with is where it is now, and not in one of the rounds.
            (seeing,) = waits[-1]["actions"]
            thing, *others = seeing["parameters"]["classes"]
            waits += self._looking(thing, None, others)
        before, self._telling = self._telling, self._told_of(condition)[0]
        built = self.actions(action)
        self._telling = before
        return [*waits, *built]

    def _wait_until(self, condition: Tree[Token]) -> list[Action]:
        """Wait for the battery by its topic, for objects by repeated detection."""
        look, expression = self._condition(condition)
        if not look:
            return [self._control("wait_for", until=expression)]
        *way, seeing = look
        if any(step["action_type"] == "detect_objects" for step in way):
            raise CommandError("the robot can wait to see one thing at a time; name one of them")
        loop = self._control(
            "repeat", actions=[seeing], until=expression, delay=LOOK_AGAIN, max_iterations=LOOKS
        )
        self._pose = None
        return [*way, loop]

    def _tell_when(self, tree: Tree[Token]) -> list[Action]:
        """Wait until something is so, and tell it."""
        (condition,) = trees(tree)
        waits = self._wait_until(condition)
        words = self._told_of(condition)[0] or "It is so now."
        return [*waits, self._action("speak", name="tell_it", text=words)]

    def _told_of(self, condition: Tree[Token]) -> tuple[str, str]:
        """Return what is told where a condition holds, and where it does not; "": nothing."""
        thing = _spoken(self._thing or "")
        place = optional_place(condition, "where")
        where = f" {_at(place)}" if place else ""
        seen, unseen = f"I see the {thing}{where}.", f"I do not see the {thing}{where}."
        return {
            "battery_low": ("The battery is low.", _LEVEL),
            "battery_full": ("The battery is full.", _LEVEL),
            "sees": (seen, unseen),
            "sees_not": (unseen, seen),
            "both": ("", ""),
        }.get(str(condition.data), (_LEVEL, _LEVEL))

    def _battery_is(self, condition: str, tree: Tree[Token]) -> list[Action]:
        _, expression = self._condition(Tree(condition, tree.children))
        yes = self._action("speak", name="tell_yes", text=f"Yes. {_LEVEL}")
        no = self._action("speak", name="tell_no", text=f"No. {_LEVEL}")
        return [self._control("conditional", **{"if": expression, "then": [yes], "else": [no]})]

    def _until(self, action: Tree[Token], condition: Tree[Token]) -> list[Action]:
        """Do it again and again, and look after each time."""
        if (
            condition.data == "battery_at"
        ):  # charging it rises to that, doing anything else it falls
            condition.data = "battery_above" if action.data == "dock" else "battery_below"
        if action.data == "dock":  # once, and then it charges
            return [*self.actions(action), *self._wait_until(condition)]
        if action.data in TURNS and not any(one.type == "NUMBER" for one in _tokens(action)):
            action = Tree(action.data, [*action.children, *A_STEP])  # not past what it looks for
        body = self._inside(action)
        look, expression = self._condition(condition)
        loop = self._control(
            "repeat", actions=[*body, *look], until=expression, max_iterations=ROUNDS
        )
        self._pose = None
        return [loop]

    def _for_long(self, action: Tree[Token], seconds: float) -> list[Action]:
        """Do it again and again, and break off when the time is over."""
        if seconds <= 0.0:
            raise CommandError(f"something is done for more than 0 seconds, not {seconds:g}")
        body = self._inside(action)
        rounds = self._control("repeat", actions=body, max_iterations=MOST_ROUNDS)
        time = self._control("delay", duration=seconds)
        self._pose = self._looked = None
        return [self._control("parallel", race=True, actions=[rounds, time])]

    def _on_and_on(self, action: Tree[Token]) -> list[Action]:
        """Do it again and again, until somebody ends it; what is looked for, until it is seen."""
        body = self._inside(action)
        self._pose = self._looked = None
        found = {"until": _seen(body[-1])} if action.data == "look_for" else {}
        return [self._control("repeat", actions=body, max_iterations=MOST_ROUNDS, **found)]

    def _onward(self, motion: str, tree: Tree[Token]) -> list[Action]:
        """Go on as before, another way: "turn left, and then right"."""
        last = self._last[-1]["action_type"] if self._last else self._now.did
        if last not in MOTIONS:
            way = ONWARD[motion]
            raise UnclearError(f'what is to be done? Say for example "{way}"')
        if motion == "back_up" and not tree.children[1:] and self._ahead is not None:
            return [self._action("back_up", distance=self._ahead)]  # by as much as it just drove
        return self.actions(Tree(motion, tree.children))

    def _open_or_close(self, tree: Tree[Token]) -> list[Action]:
        """Open or close what was opened or closed before: nothing but the gripper can be."""
        last = self._last[-1]["action_type"] if self._last else self._now.did
        if last not in GRIPPING:
            raise CommandError(
                "the robot opens and closes nothing but its gripper; say "
                '"open the gripper" or "close the gripper"'
            )
        verb, _ = _tokens(tree)
        return self.actions(Tree("open_gripper" if verb.type == "OPEN" else "close_gripper", []))

    def _tell_seen(self, _: Tree[Token]) -> list[Action]:
        """Tell what was seen so far, and where."""
        told = []
        for name, pose in self._now.poses.items():
            place = self._words.place_near(pose)
            told.append(f"{_spoken(name)} {_at(place)}" if place else _spoken(name))
        more = f", and {len(told) - MOST_SEEN} more" if len(told) > MOST_SEEN else ""
        seen = ", ".join(f"the {one}" for one in told[:MOST_SEEN])
        words = f"I have seen {seen}{more}." if told else "I have seen nothing yet."
        return [self._action("speak", name="tell_seen", text=words)]

    def _if_it_fails(self, tree: Tree[Token]) -> list[Action]:
        """Do something, and something else if that fails."""
        first_way, other = trees(tree)
        tried = self._inside(first_way)
        return [self._or_if_it_fails(tried, self._inside(other))]

    def _or_if_it_fails(self, tried: list[Action], otherwise: list[Action]) -> Action:
        caught = [{"errors": [], "actions": otherwise}]
        return self._control("try", actions=tried, catch=caught)

    def _told_where(self, tree: Tree[Token]) -> list[Action]:
        """Look for a thing where the command says it is: "the book is on the shelf, bring it"."""
        thing = self._single(first(tree, "object", "it", "other"))
        place = optional_place(tree, "where")
        self._thing, self._pose = thing, None
        if place is not None:
            self._where[thing] = place
        return self.actions(trees(tree)[-1])

    def _as_long_as(self, condition: Tree[Token], action: Tree[Token]) -> list[Action]:
        look, expression = self._condition(condition)
        if look:
            raise CommandError(
                "what is seen is looked for after each round, not before: say it with until, for "
                'example "look around until you see the bottle"'
            )
        body = self._inside(action)
        return [
            self._control("while", **{"if": expression, "actions": body, "max_iterations": ROUNDS})
        ]

    def _before(self, tree: Tree[Token]) -> list[Action]:
        """Do what is said first after what is said then."""
        later, *earlier = trees(tree)
        return self._sequence(Tree("sequence", [*earlier, later]))

    def _or_else(self, tree: Tree[Token]) -> list[Action]:
        """Look for something; if it is not there, do something else, or that with another thing."""
        errand, other = trees(tree)
        if other.data == "instead":
            other = Tree(errand.data, _with_things(errand, trees(other)))
        self._depth += 1
        *look, found = self.actions(errand)
        self._depth -= 1
        if found["action_type"] != "conditional" or any("else" in step for step in look):
            raise CommandError(
                'it is not clear when what comes after "otherwise" is to be done; say for example '
                '"if you see the bottle bring it, otherwise go home"'
            )
        _, unseen = self._told_of(Tree("sees", []))
        found["else"] = self._inside(other, telling=unseen)
        return [*look, found]

    def _say(self, tree: Tree[Token]) -> list[Action]:
        text = str(tree.children[-1])
        if not text.strip():
            raise UnclearError('it is not clear what to tell; say for example "say hello"')
        if self._telling and text.lower() in _SO:
            return [self._action("speak", name="tell_it", text=self._telling)]
        if text.lower() in ("something", "anything"):
            raise UnclearError('what is to be said? Say for example "say hello"')
        if text.lower().removeprefix("it ") in _HOW_IT_SPEAKS:
            raise CommandError("how the robot speaks cannot be changed by a command")
        verb, *_, said = (str(token) for token in _tokens(tree))
        if _tokens(tree)[-1].type == "SPOKEN":
            if verb == "speak" and _LANGUAGE.fullmatch(said):
                raise CommandError("how the robot speaks cannot be changed by a command")
            text = text.removeprefix("to ") if verb.startswith("tell") else text
            self._only_said(text)
        if has_template(text):
            raise CommandError("what is to be said may have no {{ in it: that is for plans")
        return [self._action("speak", text=text)]

    def _only_said(self, text: str) -> None:
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
        names = "|".join(map(re.escape, sorted(self._words.place_names(), key=len, reverse=True)))
        where = re.search(rf"\s((?:in|at|on|near)\s+(?:the\s+)?({names}))$", text, re.IGNORECASE)
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

    def _wait(self, tree: Tree[Token]) -> list[Action]:
        place = first(tree, "place")
        there = str(place.children[0]) if place is not None else None
        wait = self._control("delay", duration=duration_in(tree))
        if there is None or there == (self._at or self._now.here):
            return [wait]
        return [self._go(there), wait]

    def _wait_how_long(self, tree: Tree[Token]) -> list[Action]:
        """Stay where the command itself goes; else ask how long."""
        if self._at is not None and not any(c.type == "NUMBER" for c in _tokens(tree)):
            self._staying = True
            return []
        raise UnclearError(
            'how long? Say for example "wait 10 seconds" or "wait until you see the cup"; what '
            "runs is held by ~/pause until ~/resume"
        )

    def _stay(self, tree: Tree[Token]) -> list[Action]:
        """Go somewhere and remain there, which asks for nothing more."""
        there = place_in(tree)
        self._staying = True
        if self._at == there:
            return []
        go = self._go(there)
        self._ask_for(go)
        return [go]

    def _name_it(self, condition: Tree[Token], action: Tree[Token]) -> None:
        """Let "it" be what the action names: "bring me the cup if it is in the kitchen"."""
        named = [thing for part in action.iter_subtrees() for thing in things_in(part)]
        if is_it(condition) and len(named) == 1 and named[0].data == "object":
            self._thing = self._single(named[0])

    def _condition(self, tree: Tree[Token]) -> tuple[list[Action], str]:
        share = number_in(tree, 0.0) / 100.0
        match str(tree.data):
            case "both":
                parts = [self._condition(part) for part in trees(tree)]
                looks = [step for look, _ in parts for step in look]
                return looks, AND.join(expression for _, expression in parts)
            case "battery_at":
                raise CommandError(
                    f'a battery is hardly at exactly {share * 100:g} percent; say "above" or '
                    '"below"'
                )
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
                reached = any(
                    word in str(tree.children[0]) for word in ("least", "reach", "charged")
                )
                return [], f"robot.battery {'>=' if reached else '>'} {share}"
        look = self._looking_for_any(tree, optional_place(tree, "where"))
        seen = _seen(look[-1])
        return look, seen if tree.data == "sees" else f"!({seen})"

    def _each(self, tree: Tree[Token]) -> list[Action]:
        look = self._looking_for_any(tree, optional_place(tree, "where"))
        before = (self._thing, self._pose, self._item)
        self._item, self._pose = True, "{{ item.pose }}"
        body = self._inside(trees(tree)[-1])
        self._thing, self._pose, self._item = before
        loop = self._control("foreach", items=_objects_of(look[-1]), actions=body)
        return [*look, loop]

    def _in_each_place(self, tree: Tree[Token]) -> list[Action]:
        self._everywhere = True
        parts = [part for child in trees(tree) if child.data != "except" for part in _parts(child)]
        # "patrol everywhere": the round is all there is to it.
        parts = [part for part in parts if part.data != "patrol" or places_in(part)]
        # Where it goes when it has been everywhere is no part of the round.
        at = next((i for i, part in enumerate(parts) if part.data in LEAVING), len(parts))
        body = [step for part in parts[:at] for step in self._inside(part)]
        self._everywhere, self._pose = False, None
        round_ = self._at_each_place(body, self._excepted(tree))
        return [*round_, *(step for part in parts[at:] for step in self.actions(part))]

    def _look_in_each_place(self, tree: Tree[Token]) -> list[Action]:
        self._everywhere = True
        self._depth += 1
        body = self._look_for(tree)
        self._depth -= 1
        self._everywhere, self._pose, self._looked = False, None, None
        return self._at_each_place(body, self._excepted(tree))

    def _excepted(self, tree: Tree[Token]) -> list[str]:
        named = first(tree, "except")
        return places_in(named) if named is not None else []

    def _at_each_place(self, body: list[Action], but: Sequence[str] = ()) -> list[Action]:
        poses = [_pose(one.pose) for name, one in self._words.places.items() if name not in but]
        go = self._action("navigate_to", name="go_to_place", target_location="{{ item }}")
        return [self._control("foreach", items=poses, actions=[go, *body])]

    def _repeat(
        self,
        action: Any,
        count: float,
        build: Callable[[Tree[Token]], list[Action]] | None = None,
    ) -> list[Action]:
        if not 1 <= count <= MAX_REPETITIONS or count != int(count):
            raise CommandError(
                f"something can be repeated 1 to {MAX_REPETITIONS} times, not {count:g} times"
            )
        return [step for _ in range(int(count)) for step in (build or self.actions)(action)]

    # ------------------------------------------------------------------ moving
    def _fly(self, tree: Tree[Token]) -> list[Action]:
        place = first(tree, "place")
        target = _pose(self._words.places[str(place.children[0])].pose) if place else pose_in(tree)
        return [self._action("go_to", target=target)]

    def _go_to(self, tree: Tree[Token]) -> list[Action]:
        ways = [self._go(place) for place in places_in(tree)]
        self._sent_to = self._at
        self._leave()
        return ways

    def _done_at(self, tree: Tree[Token]) -> list[Action]:
        """Go to a place and do something there."""
        place, action = trees(tree)
        go: Tree[Token] = Tree("go", [place])
        return [*self.actions(go), *self.actions(action)]

    def _home_and(self, tree: Tree[Token]) -> list[Action]:
        """Go home, and then to other places."""
        home: Tree[Token] = Tree("place", [Token("PLACE", self._words.home)])
        return self._go_to(Tree("go", [home, *trees(tree)]))

    def _go_via(self, tree: Tree[Token]) -> list[Action]:
        """Go to a place by way of another one."""
        *target, via = places_in(tree)
        last = target[0] if target else self._words.home
        ways = [self._go(via), self._go(last)]
        self._sent_to = self._at
        self._leave()
        for way in ways:
            self._ask_for(way)
        return ways

    def _come_here(self, tree: Tree[Token]) -> list[Action]:
        """Come to the user, or back by as much as it has just driven or turned: "left and back"."""
        back = str(tree.children[0]).split()[-1] == "back" if tree.children else False
        if back and self._ahead is not None:
            return [self._action("back_up", distance=self._ahead)]
        if back and self._turned is not None:
            return [self._action("spin", angle=-self._turned)]
        return self._leave_for(self._words.user)

    def _leave_for(self, place: str) -> list[Action]:
        self._leave()
        return [self._go(place)]

    def _leave(self) -> None:
        """Forget where "it" was seen: from somewhere else it is looked for again."""
        if not self._in_hand and not self._item:
            self._pose = None

    def _go(self, place: str) -> Action:
        self._at = place
        pose = self._words.places[place].pose
        return self._action("navigate_to", name=f"go_to_{place}", target_location=_pose(pose))

    def _dock(self, _: Tree[Token]) -> list[Action]:
        if self._last and self._last[-1]["action_type"] == "dock":
            return []  # "go to the dock and charge": there it charges
        self._at = self._words.home
        return [self._action("dock", dock_id="home_dock")]

    def _go_back(self, _: Tree[Token]) -> list[Action]:
        if self._now.before is None:
            raise CommandError("it is not known where the robot was before; name the place")
        return [self._go(self._now.before)]

    # ------------------------------------------------------------------ objects
    def _bring(self, tree: Tree[Token]) -> list[Action]:
        self._wanted_there(tree)
        receiver = first(tree, "receiver")
        place = self._words.user
        if receiver is not None and any(isinstance(c, Tree) for c in receiver.children):
            place = place_in(receiver)
        return self._counted(tree, place)

    def _wanted_there(self, tree: Tree[Token]) -> None:
        """Ask back after "I want the cup on the shelf": is it there, or is it to be there."""
        origin = first(tree, "from")
        if origin is None or str(tree.children[0]) not in _WANTING:
            return
        if not any(isinstance(one, Token) and one.type == "ON" for one in origin.children):
            return
        place = _spoken(place_in(origin))
        raise UnclearError(
            f'is it to be put there, or is it there? Say "put it on the {place}" or "bring it from '
            f'the {place}", with its name'
        )

    def _counted(self, tree: Tree[Token], place: str) -> list[Action]:
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
                # "two cups" are two of those there are, or twice the one there is.
                meant = self._meant(named)
                if counts and named.data == "object":
                    if index >= len(meant):  # another one of the name, and not from where that is
                        self._where.pop(meant[index % len(meant)], None)
                    meant = [meant[index % len(meant)]]
                built += self._transports(tree, place, named, meant)
        return built

    def _carry(self, tree: Tree[Token]) -> list[Action]:
        return self._counted(tree, place_in(tree))

    def _transports_all(self, tree: Tree[Token], place: str) -> list[Action]:
        return [
            step
            for named in things_in(tree)
            for step in self._transports(tree, place, named, self._meant(named))
        ]

    def _transports(
        self, tree: Tree[Token], place: str, named: Tree[Token], meant: list[str]
    ) -> list[Action]:
        things = meant if named.data == "every" or len(meant) == 1 else [self._single(named)]
        it = named.data == "it"
        origin = optional_place(tree, "from")
        built: list[Action] = []
        for thing in things:
            # "Everything on the table" is what is there: what is known to be elsewhere need not be.
            elsewhere = named.data == "every" and origin not in (None, self._usual_place(thing))
            self._depth += elsewhere
            built += self._transport(tree, place, thing, it=it)
            self._depth -= elsewhere
        return built

    def _transport(self, tree: Tree[Token], place: str, thing: str, *, it: bool) -> list[Action]:
        if thing == self._holding:
            return self._carried(thing, place)
        if self._pose is not None and it:
            return self._handed_over(thing, place)
        origin = optional_place(tree, "from") or self._usual_place(thing)
        if origin is not None:
            self._origins[thing] = origin
        look = self._looking(thing, origin)
        return [*look, self._if_seen(look[-1], thing, self._handed_over(thing, place))]

    def _deliver(self, tree: Tree[Token]) -> list[Action]:
        """Bring each thing to a place of its own."""
        built: list[Action] = []
        for part in trees(tree):
            target, receiver = optional_place(part, "target"), first(part, "receiver")
            if target is None and receiver is not None and trees(receiver):
                target = place_in(receiver)
            built += self._transports_all(part, target or self._words.user)
        return built

    def _back(self, tree: Tree[Token]) -> list[Action]:
        """Carry things to where they were taken from, or where they belong."""
        named_place = optional_place(tree, "target")
        receiver = first(tree, "receiver")
        if receiver is not None:
            named_place = place_in(receiver) if trees(receiver) else self._words.user
        if named_place is None and str(tree.children[0]).split()[-1] in ("me", "us"):
            named_place = self._words.user  # "give me the book back"
        built: list[Action] = []
        for named in things_in(tree):
            meant = self._meant(named)
            for thing in meant if named.data == "every" else [self._single(named)]:
                place = named_place or self._origins.get(thing)
                place = place or self._words.objects[thing].usually_at
                if place is None:
                    raise CommandError(
                        f"it is not known where the {_spoken(thing)} was before; name the place"
                    )
                built += self._transport(tree, place, thing, it=named.data == "it")
        return built

    def _tell_place(self, _: Tree[Token]) -> list[Action]:
        here = self._now.here
        words = f"I am {_at(here)}." if here else "I am at no place that has a name."
        return [self._action("speak", name="tell_place", text=words)]

    def _tell_where_place_is(self, tree: Tree[Token]) -> list[Action]:
        name = place_in(tree)
        pose, robot = self._words.places[name].pose, self._now.pose
        words = f"The {_spoken(name)} is at x {pose.x:g}, y {pose.y:g} in the map"
        if robot is not None:
            away = math.hypot(pose.x - robot[0], pose.y - robot[1])
            words += f", {away:.1f} m from here"
        return [self._action("speak", name="tell_place", text=f"{words}.")]

    def _tell_what_runs(self, _: Tree[Token]) -> list[Action]:
        running = [_shown(one) for one in self._now.running[:MAX_TOLD]]
        more = len(self._now.running) - len(running)
        told = ", and ".join(running) + (f", and {more} more" if more else "")
        words = f"I am doing this: {told}." if running else "I am doing nothing."
        return [self._action("speak", name="tell_doing", text=words)]

    def _report(self, _: Tree[Token]) -> list[Action]:
        """Tell what the part of the command before found: "count the cups and tell me"."""
        if self._telling:
            return [self._action("speak", name="tell_it", text=self._telling)]
        last: Action = self._last[-1] if self._last else {"action_type": ""}
        spoken = [last, *last.get("then", ())]
        if any(step["action_type"] == "speak" for step in spoken):
            return []
        if last["action_type"] == "scan_environment":
            return self._describe(Tree("describe", []))
        if last["action_type"] != "detect_objects" or self._thing is None:
            raise CommandError(
                'it is not clear what to tell; say for example "tell me what you see" or '
                '"say hello"'
            )
        return [self._told_whether(last, self._thing, "")]

    def _am_there(self, tree: Tree[Token]) -> list[Action]:
        (told,) = self._tell_place(tree)
        there = (optional_place(tree, "where") or place_in(tree)) == self._now.here
        told["parameters"]["text"] = f"{'Yes' if there else 'No'}. {told['parameters']['text']}"
        return [told]

    def _tell_held(self, tree: Tree[Token]) -> list[Action]:
        held = self._thing if self._in_hand and not self._item else None
        words = f"I hold the {_spoken(held)}." if held else "I hold nothing."
        asked = first(tree, "object", "it", "other")
        if asked is not None:
            names = self._meant(asked)
            words = f"{'Yes' if held in names else 'No'}. {words}"
        return [self._action("speak", name="tell_held", text=words)]

    def _handed_over(self, thing: str, place: str) -> list[Action]:
        self._spot(place, thing)
        grasp = self._grasp(thing)
        if self._asked and not self._depth and self._asked[-1] == _done(grasp[-1]):
            self._asked.pop()  # to hand it over says more
        return [*grasp, *self._carried(thing, place)]

    def _carried(self, thing: str, place: str) -> list[Action]:
        way = [] if place == self._sent_to == self._at else [self._go(place)]
        if self._or_to is None:
            return [*way, *self._release(place, thing)]
        self._depth += 1
        tried = [*way, *self._release(place, thing)]
        otherwise = [self._go(self._or_to), *self._release(self._or_to, thing)]
        self._depth -= 1
        put = self._or_if_it_fails(tried, otherwise)
        self._ask_for(put)
        return [put]

    def _pick(self, tree: Tree[Token]) -> list[Action]:
        if len(things_in(tree)) > 1 or first(tree, "every") is not None:
            raise CommandError("the gripper holds one object at a time; say where to bring them")
        thing = self._object(tree)
        if str(tree.children[0]) in _MOVING:
            raise CommandError(
                f'it is not clear where the {_spoken(thing)} is to go; say for example "take it to '
                'the kitchen"'
            )
        if thing == self._holding:
            raise CommandError(f"the gripper holds the {_spoken(thing)} already")
        if self._pose is not None and is_it(tree):
            return self._grasp(thing)
        look = self._looking(thing, optional_place(tree, "from") or self._usual_place(thing))
        return [*look, self._if_seen(look[-1], thing, self._grasp(thing))]

    def _put(self, tree: Tree[Token]) -> list[Action]:
        targets = [place_in(part) for part in trees(tree) if part.data == "target"]
        if len(targets) > 1:
            self._or_to = targets[1]
            self._spot(self._or_to, handed_over=False)
        built = self._put_at(tree, targets[0] if targets else None)
        self._or_to = None
        return built

    def _put_at(self, tree: Tree[Token], target: str | None) -> list[Action]:
        here = self._now.here
        near = here is not None and self._words.places[here].spots and self._now.held
        place = target or (here if near and here is not None else self._words.user)
        if target is None and self._sent_to is not None and self._words.places[self._sent_to].spots:
            place = self._sent_to
        if target is not None:
            self._spot(place, handed_over=False)
        held = (
            len(things_in(tree)) == 1
            and self._in_hand
            and (is_it(tree) or self._thing in self._meant(things_in(tree)[0]))
        )
        if held and self._thing is not None:
            return self._carried(self._thing, place)
        if target is None:
            for named in things_in(tree):
                self._meant(named)
            raise CommandError(
                f"{self._other_held()}: the command takes nothing up before it. Say for example "
                '"pick up the book and put it down", or where to: "put the book on the table"'
            )
        return self._transports_all(tree, place)

    def _other_held(self) -> str:
        return f"the {_spoken(self._holding)} is held" if self._holding else "nothing is held"

    def _grasp(self, thing: str) -> list[Action]:
        if self._holding is not None and not self._item:
            raise CommandError(
                f"the gripper holds the {_spoken(self._holding)}, and one object at a time; say "
                f'first where that goes: "put the {_spoken(self._holding)} on the table"'
            )
        one = self._which if thing == self._thing and self._which else thing
        identifier = "{{ item.id }}" if self._item else one
        parameters: dict[str, Any] = {"object_id": identifier}
        if self._pose is not None:
            parameters["pose"] = self._pose
        name = "pick_item" if self._item else f"pick_{thing}"
        self._thing = thing
        self._in_hand = True
        self._holding = None if self._item else thing
        grasp = self._action("pick_up_object", name=name, **parameters)
        self._ask_for(grasp)
        return [grasp]

    def _spot(self, place: str, thing: str = "", *, handed_over: bool = True) -> Pose2D | None:
        """Return where an object is put down at a place; None: it is given to the person there."""
        spots = self._words.places[place].spots
        if not spots and not (handed_over and place == self._words.user):
            where = [name for name, one in self._words.places.items() if one.spots]
            raise CommandError(
                f"there is no place to put things down at the {_spoken(place)}; "
                + (f"there is one at {_listed(where)}" if where else "no place has one")
                + " (put_down of the file of places)"
            )
        taken = [pose for name, pose in self._now.poses.items() if name != thing]
        free = [one for one in spots if not any(_close(one, pose) for pose in taken)]
        # Where the command itself put nothing yet; else the one that it used first.
        order = sorted(free or spots, key=self._used.count)
        return order[0] if order else None

    def _release(self, place: str, thing: str) -> list[Action]:
        spot = self._spot(place, thing)
        if spot is None:
            release = self._action("open_gripper", name=f"hand_over_at_{place}")
        else:
            surface = self._words.places[place].surface
            more = {} if surface is None else {"surface": surface}
            release = self._action(
                "place_object", name=f"place_at_{place}", pose=_pose(spot), **more
            )
            self._used.append(spot)
        self._ask_for(release)
        self._in_hand = False
        self._holding = None
        if not self._item:
            self._thing, self._pose, self._where[thing] = thing, None, place
        return [release]

    def _look_for(self, tree: Tree[Token]) -> list[Action]:
        place = optional_place(tree, "where")
        built: list[Action] = []
        for named in things_in(tree):
            for thing in self._all_of(named):
                built += self._looking(thing, place or self._usual_place(thing))
                self._want(_seen(built[-1]))
                self._looked = (built[-1], thing)
        if len(things_in(tree)) > 1:
            self._looked = None
        return built

    def _look_for_at(self, tree: Tree[Token]) -> list[Action]:
        """Look for things at one place: "search the kitchen for cups"."""
        place = place_in(tree)
        tree.children.append(Tree("where", [Tree("place", [Token("PLACE", place)])]))
        return self._look_for(tree)

    def _look_in_turn(self, tree: Tree[Token]) -> list[Action]:
        """Look for a thing at several places, at the next only if it was not at those before."""
        thing, *others = self._meant(first(tree, "object", "it", "other"))
        places = [place_in(where) for where in trees(tree) if where.data == "where"]
        self._depth += 1
        rest: list[Action] = []
        looks = [self._looking(thing, place, others) for place in places]
        for look in reversed(looks):
            otherwise = {"if": f"!({_seen(look[-1])})", "then": rest}
            rest = [*look, *([self._control("conditional", **otherwise)] if rest else [])]
        self._depth -= 1
        self._pose, self._which, self._thing = None, "", thing
        return rest

    def _where_is(self, tree: Tree[Token]) -> list[Action]:
        """Look where an object should be, and say whether it is there."""
        built: list[Action] = []
        for named in things_in(tree):
            for thing in self._all_of(named):
                place = self._usual_place(thing)
                where = _at(place) if place else "here"
                look = self._looking(thing, place)
                yes = f"The {_spoken(thing)} is {where}."
                if named.data == "it" and self._pose is not None:  # just seen there
                    built.append(self._action("speak", name="tell_where", text=yes))
                    continue
                built += [*look, self._told_whether(look[-1], thing, where)]
        return built

    def _told_whether(self, look: Action, thing: str, where: str) -> Action:
        name, at = _spoken(thing), f" {where}" if where else ""
        yes = f"The {name} is{at}." if where else f"I see the {name}."
        no = f"I do not see the {name}{at}."
        then = [self._action("speak", name="tell_where", text=yes)]
        otherwise = [self._action("speak", name="tell_not_seen", text=no)]
        self._if_it_was_seen, self._if_it_was_not = then, otherwise
        told = {"if": _seen(look), "then": then, "else": otherwise}
        return self._control("conditional", **told)

    def _looking_for_any(self, tree: Tree[Token], place: str | None) -> list[Action]:
        """Look for whatever has the name: one of several cups is "a cup"."""
        named = first(tree, "object", "it", "other")
        thing, *others = self._meant(None) if named is None else self._all_of(named)
        return self._looking(thing, place, others)

    def _looking(self, thing: str, place: str | None, others: Sequence[str] = ()) -> list[Action]:
        look = self._action("detect_objects", name=f"look_for_{thing}", classes=[thing, *others])
        self._thing = thing
        self._which = f"{{{{ {_objects_of(look)}[0].id }}}}" if others else ""
        self._pose = f"{{{{ {_objects_of(look)}[0].pose }}}}"
        return [*([self._go(place)] if place else []), look]

    def _if_seen(self, look: Action, thing: str, then: list[Action]) -> Action:
        words = f"I cannot see the {_spoken(thing)}."
        otherwise = [self._action("speak", text=words)]
        self._if_it_was_seen, self._if_it_was_not = then, otherwise
        return self._control(
            "conditional",
            **{"if": _seen(look), "then": then, "else": otherwise},
        )

    def _usual_place(self, thing: str) -> str | None:
        if self._everywhere:
            return None
        known = self._words.objects[thing]
        told = (self._where.get(thing), known.usually_at, *known.also_at)
        places = [place for place in dict.fromkeys(told) if place is not None]
        left = [place for place in places if place not in self._now.avoided]
        if places and not left:
            raise CommandError(
                f"the {_spoken(thing)} can only be at {' or '.join(places)}, "
                "where the robot cannot get to"
            )
        return left[0] if left else None

    def _object(self, tree: Tree[Token]) -> str:
        return self._single(first(tree, "object", "it", "other"))

    def _meant(self, thing: Tree[Token] | None) -> list[str]:
        """Return the ids of all objects that a name may mean, of all that are asked for."""
        if thing is not None and thing.data == "other":
            return self._others(thing)
        named = [] if thing is None or thing.data not in ("object", "every") else thing.children
        listed: list[str] = []
        for word in named:
            if isinstance(word, Token) and word.type == "OBJECT":
                listed = str(word).removesuffix(SEVERAL).split(SEVERAL)
        if thing is not None and thing.data == "every":
            if not self._words.objects:
                raise CommandError("no objects are known")
            without = first(thing, "but")
            but = things_in(without) if without is not None else []
            left_out = {name for one in but for name in self._meant(one)}
            left = [name for name in listed or self._words.objects if name not in left_out]
            if not left:
                raise CommandError("that leaves nothing over")
            return left
        if listed:
            return listed
        if self._thing is None:
            raise CommandError('it is not clear what "it" is; name the object')
        return [self._thing]

    def _all_of(self, thing: Tree[Token]) -> list[str]:
        """Return all that a name may mean: each cup, but of "something to drink" one is asked."""
        meant = self._meant(thing)
        kinds = set(map(kind_of, meant))
        return meant if len(kinds) == 1 or thing.data == "every" else [self._single(thing)]

    def _others(self, other: Tree[Token]) -> list[str]:
        """Return what is of the kind of the last object, and not that one."""
        if self._thing is None:
            raise CommandError('it is not clear what "the other one" is; name the object')
        named = [str(word) for word in other.children if word.type == "OBJECT"]  # type: ignore[union-attr]
        kind = kind_of(named[0].split(SEVERAL)[0] if named else self._thing)
        others = [name for name in self._words.namesakes(kind) if name != self._thing]
        if not others:
            raise CommandError(
                f"no other {kind} than the {_spoken(self._thing)} is known; there is: "
                f"{', '.join(map(_spoken, self._words.objects))}"
            )
        return others

    def _single(self, thing: Tree[Token] | None) -> str:
        meant = self._meant(thing)
        any_one = thing is not None and any(str(word).endswith(SEVERAL) for word in thing.children)
        if len(meant) > 1 and not any_one and not self._now.again:
            names = [f"the {_spoken(name)}" for name in meant]
            raise UnclearError(f"which one: {_listed(names, 'or')}? Say it with its name")
        return meant[0]

    # ------------------------------------------------------------------ seeing
    def _answer(self, tree: Tree[Token]) -> list[Action]:
        place = optional_place(tree, "where")
        look = self._looking_for_any(tree, place)
        name, where = self._named(tree), f" {_at(place)}" if place else ""
        yes = self._action("speak", name="tell_yes", text=f"Yes, I see the {name}{where}.")
        no = self._action("speak", name="tell_no", text=f"No, I do not see the {name}{where}.")
        self._if_it_was_seen, self._if_it_was_not = [yes], [no]
        told = {"if": _seen(look[-1]), "then": self._if_it_was_seen, "else": self._if_it_was_not}
        return [*look, self._control("conditional", **told)]

    def _count(self, tree: Tree[Token]) -> list[Action]:
        place = optional_place(tree, "where")
        look = self._looking_for_any(tree, place)
        where = f" {_at(place)}" if place else ""
        number = f"{{{{ {_objects_of(look[-1])}.size() }}}}"
        kind = kind_of(self._meant(first(tree, "object", "it", "other"))[0])
        text = f"The number of things called {kind} that I see{where} is {number}."
        return [*look, self._action("speak", name="tell_number", text=text)]

    def _count_all(self, tree: Tree[Token]) -> list[Action]:
        place = optional_place(tree, "where")
        look = self._action("detect_objects")
        where = f" {_at(place)}" if place else ""
        text = f"The number of things that I see{where} is {{{{ {_objects_of(look)}.size() }}}}."
        tell = self._action("speak", name="tell_number", text=text)
        return [*([self._go(place)] if place else []), look, tell]

    def _named(self, tree: Tree[Token]) -> str:
        meant = self._meant(first(tree, "object", "it", "other"))
        return _spoken(meant[0] if len(meant) == 1 else kind_of(meant[0]))

    def _scan(self, tree: Tree[Token]) -> list[Action]:
        built: list[Action] = []
        for place in places_in(tree) or [""]:
            go = [self._go(place)] if place else []
            scan = self._scan_around()
            built += [*go, scan]
            if not self._depth:
                self._scanned = scan
        return built

    def _scan_around(self) -> Action:
        return self._action(
            "scan_environment", pan_min=-math.pi / 2, pan_max=math.pi / 2, steps=SCAN_STEPS
        )

    def _describe(self, tree: Tree[Token]) -> list[Action]:
        place = optional_place(tree, "where")
        # What is told after a look around, perhaps elsewhere by now, is what was seen then.
        looked = self._scanned if place is None and not self._depth else None
        look = looked or self._action("detect_objects")
        tell = self._action("speak", name="tell", text="I see {{ item.class }}.")
        loop = self._control("foreach", items=_objects_of(look), actions=[tell])
        nothing = self._action("speak", name="tell_nothing", text="I see nothing that I know.")
        return [
            *([self._go(place)] if place else []),
            *([] if looked else [look]),
            self._control("conditional", **{"if": _seen(look), "then": [loop], "else": [nothing]}),
        ]

    def _video(self, tree: Tree[Token]) -> list[Action]:
        thing = first(tree, "object", "it", "other")
        before: list[Action] = []
        if thing is not None and thing.data == "object":
            name = self._single(thing)
            before = self._looking(name, self._usual_place(name))
            self._want(_seen(before[-1]))
        duration = duration_or(tree, VIDEO_DURATION)
        return [*before, self._action("record_video", duration=duration)]

    def _picture(self, tree: Tree[Token]) -> list[Action]:
        place = optional_place(tree, "where")
        thing = first(tree, "object", "it", "other")
        before: list[Action] = []
        if thing is not None and thing.data == "object":
            name = self._single(thing)
            before = self._looking(name, place or self._usual_place(name))
            self._want(_seen(before[-1]))
        elif place is not None:
            before = [self._go(place)]
        picture = self._action("capture_image")
        self._ask_for(picture)
        return [*before, picture]

    def _picture_of_places(self, tree: Tree[Token]) -> list[Action]:
        built: list[Action] = []
        for place in places_in(tree):
            picture = self._action("capture_image")
            built += [self._go(place), picture]
            self._ask_for(picture)
        return built

    # ------------------------------------------------------------------ actions
    def _action(self, action_type: str, *, name: str = "", **parameters: Any) -> Action:
        made: Action = {"id": self._id(name or action_type), "action_type": action_type}
        if parameters:
            made["parameters"] = parameters
        return made

    def _control(self, kind: str, **fields: Any) -> Action:
        return {"id": self._id(kind), "action_type": kind, **fields}

    def _id(self, name: str) -> str:
        count = self._ids.get(name, 0) + 1
        self._ids[name] = count
        return name if count == 1 else f"{name}_{count}"


def _objects_of(look: Action) -> str:
    return f"actions.{look['id']}.output.objects"


def _done(action: Action) -> str:
    return f"actions.{action['id']}.status == 'SUCCEEDED'"


def _seen(look: Action) -> str:
    return f"{_objects_of(look)}.size() > 0"


def _tokens(tree: Tree[Token]) -> list[Token]:
    return [child for child in tree.children if isinstance(child, Token)]


def _parts(tree: Tree[Token]) -> list[Tree[Token]]:
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


def _spin_somewhere(_: Tree[Token]) -> list[Action]:
    raise UnclearError('to which side? Say "to the left" or "to the right" with it')


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


def _shown(command: EarlierCommand) -> str:
    """Return the words of a command as they can be spoken by a plan."""
    said = command.command
    return command.execution_id if not said or has_template(said) else said


def _spoken(identifier: str) -> str:
    return identifier.replace("_", " ")


def _at(place: str) -> str:
    """Return "at the kitchen"; home has no article."""
    return "at home" if place == "home" else f"at the {_spoken(place)}"


def _listed(names: Sequence[str], last: str = "and") -> str:
    spoken = [_spoken(name) for name in names]
    return f" {last} ".join(part for part in (", ".join(spoken[:-1]), spoken[-1]) if part)


def _close(spot: Pose2D, pose: Any) -> bool:
    """Whether an object at ``pose`` would be in the way of one at ``spot``."""
    if not isinstance(pose, Mapping) or not {"x", "y"} <= pose.keys():
        return False
    return math.hypot(spot.x - float(pose["x"]), spot.y - float(pose["y"])) < CROWDED


def _pose(pose: Pose2D) -> dict[str, Any]:
    return pose.model_dump(exclude_none=True)
