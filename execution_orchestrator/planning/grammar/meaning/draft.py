"""The plan that is being made of a command, and what is known meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from lark import Token, Tree

from execution_orchestrator.plan.expressions import MAX_LENGTH
from execution_orchestrator.plan.model import CONTROL_FLOW
from execution_orchestrator.planning.grammar.memory import Situation, driven_ahead, turned_by
from execution_orchestrator.planning.grammar.tree import CommandError
from execution_orchestrator.planning.vocabulary import Pose2D, Vocabulary

MAX_REPETITIONS = 50
AND = " && "
# Actions in which the robot stays where it stands.
STANDING = frozenset(
    {"detect_objects", "scan_environment", "capture_image", "record_video", "record_audio",
     "speak", "listen", "pick_up_object", "place_object", "open_gripper", "close_gripper",
     "move_arm"}
)  # fmt: skip
_BRANCHING = frozenset({"conditional", "parallel", "try", "foreach", "repeat", "while"})
# Commands that are done when each of their actions is, and those that are when the last one is.
WAYS = frozenset({"go", "home_and", "patrol", "wait", "charge"})
ERRANDS = frozenset(
    {"go_to_pose", "go_home", "come_here", "fly", "dock", "undock", "take_off", "land", "hover",
     "spin", "spin_left", "spin_right", "whereabouts", "back_up",
     "forward", "arm_home", "open_gripper", "close_gripper", "say",
     "listen", "battery_level", "scan", "check", "which", "wait_for_thing", "scan_each_place",
     "video", "describe", "answer", "count",
     "each", "in_each_place", "conditional", "conditional_after", "unless", "unless_after",
     "where_is", "until", "as_long_as", "as_long_as_after", "asked", "video_of_place", "am_there",
     "place_is", "doing", "count_all", "for_long", "seen", "if_it_fails", "full_turn", "holding",
     "distance", "describe_place",
     "wait", "wait_until", "tell_when", "charge", "pictures_of_place", "battery_is_below",
     "battery_is_above", "audio", "rate_for", "rate_times", "rate_twice", "rate_until", "turn_to",
     "look_left", "look_right", "wait_word"}
)  # fmt: skip


Action = dict[str, Any]
Rule = Callable[["Draft", Tree[Token]], list[Action]]
Rules = Mapping[str, Rule]
LEVEL = "The battery is at {{ int(robot.battery * 100.0) }} percent."


class Draft:
    """The actions of one command; ids are numbered so that they are unique.

    ``rules`` say what a part of a command becomes, by the names that command.lark gives the parts;
    the situation says what is meant where the command does not.
    """

    def __init__(self, vocabulary: Vocabulary, situation: Situation, rules: Rules) -> None:
        self._rules = rules
        self.words = vocabulary
        self.now = situation
        self._ids: dict[str, int] = {}
        self._asked: list[str] = []  # what has to hold, or the command was not done
        self.depth = 0  # of conditions and loops that the command itself has
        self.thing = situation.thing  # what "it" means: an object id
        self.item = False  # inside "for each": "it" is the item
        self.in_hand = bool(situation.held)  # "it" is held, or may be by then
        self.holding = situation.held[0] if situation.held else None  # for certain
        self.where = dict(situation.where)  # at which place each object is by then
        self.origins = dict(situation.origins)  # where each was taken from
        self.used: list[Pose2D] = []  # where the command has put something down
        self.scanned: Action | None = None  # the last look around
        self.at: str | None = None  # where the command itself has sent the robot last
        self.signals: dict[str, Any] = {}  # that the plan waits for, with their schemas
        self.moved = False  # whether the command itself may have moved the robot
        self.stands: str | None = None  # where the plan has brought it, for certain
        self.sent_to: str | None = None  # the same, where the command names the place to go to
        self.staying = False  # where it was sent last, until it is told something else
        self.ahead = situation.ahead  # metres that it has driven ahead last
        self.turned = situation.turned  # radians, if it has turned last
        self.last: list[Action] = []  # of the part of the command before this one
        self.telling = ""  # what "tell me" and "say so" tell inside of "if you see it"
        self.or_to: str | None = None  # where a thing is put if it cannot be put where it was to
        self.everywhere = False  # inside "in each room": things are looked for where it is
        self.which = ""  # template of the id of "it", where any one of several was looked for
        self.pose: str | None = None  # template of the pose of "it", where it was seen last
        self.looked: tuple[Action, str] | None = None  # the last part looked for one thing
        self.if_it_was_seen: list[Action] | None = None  # branch of the last "if it is seen"
        self.if_it_was_not: list[Action] = []  # and its other branch

    def actions(self, tree: Any) -> list[Action]:
        """Return the actions of a tree.

        Raises:
            CommandError: the command makes no sense, for example "put it down" with nothing held.

        """
        kind = str(tree.data)
        if self.staying and kind not in ("sequence", "parallel"):
            raise CommandError(
                "it is not clear how long to wait before what comes after it; say for example "
                '"wait 10 seconds"'
            )
        built = self._rules[kind](self, tree)
        self.last = built
        if built:
            self.ahead, self.turned = driven_ahead(built[-1]), turned_by(built[-1])
        if kind in WAYS:
            for way in built:
                self.ask_for(way)
        elif kind in ERRANDS and built:
            self.ask_for(built[-1])
        return built

    @property
    def success(self) -> str:
        """What has to hold at the end for the command to be done, empty if nothing is known.

        Of very many parts those are named that fit into an expression: all others are critical.
        """
        room = MAX_LENGTH
        clauses: list[str] = []
        for clause in self._asked:
            room -= len(clause) + len(AND)
            if room < 0:
                break
            clauses.append(clause)
        return AND.join(clauses)

    def round(self, tree: Tree[Token]) -> list[Action]:
        """Return the actions of what is done again and again: from where it ended the last time."""
        self.stands = None
        return self.inside(tree)

    def inside(self, tree: Tree[Token], *, telling: str = "") -> list[Action]:
        """Return the actions of a part of the command that may rightly not be done.

        ``telling`` is what "tell me" tells in it.
        """
        holding, where, stands = self.holding, dict(self.where), self.stands
        before, self.telling = self.telling, telling
        self.depth += 1
        built = self.actions(tree)
        self.depth -= 1
        self.telling = before
        if self.holding != holding:
            self.holding = None  # by then it may be or not
        self.where, self.stands = where, stands
        return built

    def ask_for(self, action: Action) -> None:
        """Count the command as done only if this action is."""
        self.want(succeeded(action))

    def forgo(self, action: Action) -> None:
        """Ask no longer for the last action that was asked for."""
        if not self.depth and self._asked[-1:] == [succeeded(action)]:
            self._asked.pop()

    def forgo_all(self, actions: Sequence[Action]) -> None:
        """Ask no longer for any of these, of which another may be done instead."""
        names = [f"actions.{action['id']}." for action in actions]
        self._asked = [one for one in self._asked if not any(name in one for name in names)]

    def want(self, clause: str) -> None:
        """Count the command as done only if this holds at its end."""
        if not self.depth and clause not in self._asked:
            self._asked.append(clause)

    def repeated(
        self,
        action: Any,
        count: float,
        build: Rule | None = None,
    ) -> list[Action]:
        """Build the same action so many times, one after the other."""
        if not 1 <= count <= MAX_REPETITIONS or count != int(count):
            raise CommandError(
                f"something can be repeated 1 to {MAX_REPETITIONS} times, not {count:g} times"
            )
        return [
            step
            for _ in range(int(count))
            for step in (build(self, action) if build else self.actions(action))
        ]

    def action(self, action_type: str, *, name: str = "", **parameters: Any) -> Action:
        """Make an action that a capability does."""
        if action_type not in STANDING:
            self.stands, self.moved = None, True
        made: Action = {"id": self._id(name or action_type), "action_type": action_type}
        if parameters:
            made["parameters"] = parameters
        return made

    def control(self, kind: str, **fields: Any) -> Action:
        """Make an action that steers others."""
        if kind in _BRANCHING and _moves(fields):
            self.stands = None  # by then it is here or there
        return {"id": self._id(kind), "action_type": kind, **fields}

    def _id(self, name: str) -> str:
        count = self._ids.get(name, 0) + 1
        self._ids[name] = count
        return name if count == 1 else f"{name}_{count}"


def _moves(planned: Any) -> bool:
    """Whether the robot may leave its place in some part of a plan."""
    if isinstance(planned, Mapping):
        kind = planned.get("action_type")
        standing = kind is None or kind in STANDING or kind in CONTROL_FLOW
        return not standing or any(map(_moves, planned.values()))
    return isinstance(planned, list) and any(map(_moves, planned))


def objects_of(look: Action) -> str:
    """Return the expression of what a look saw."""
    return f"actions.{look['id']}.output.objects"


def succeeded(action: Action) -> str:
    """Return the expression that an action was done."""
    return f"actions.{action['id']}.status == 'SUCCEEDED'"


def was_seen(look: Action) -> str:
    """Return the expression that a look saw something."""
    return f"{objects_of(look)}.size() > 0"


def tokens_of(tree: Tree[Token]) -> list[Token]:
    """Return the children that are tokens."""
    return [child for child in tree.children if isinstance(child, Token)]


def spoken(identifier: str) -> str:
    """Return an id as it is spoken."""
    return identifier.replace("_", " ")


def at_place(place: str) -> str:
    """Return "at the kitchen"; home has no article."""
    return "at home" if place == "home" else f"at the {spoken(place)}"


def listed(names: Sequence[str], last: str = "and") -> str:
    """Return names as a list that can be spoken."""
    words = [spoken(name) for name in names]
    return f" {last} ".join(part for part in (", ".join(words[:-1]), words[-1]) if part)


def pose_of(pose: Pose2D) -> dict[str, Any]:
    """Return a pose as plans write it."""
    return pose.model_dump(exclude_none=True)
