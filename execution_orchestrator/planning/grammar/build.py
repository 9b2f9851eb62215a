"""From the tree of a command to the actions of a plan document."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from lark import Token, Tree

from execution_orchestrator.planning.vocabulary import Pose2D, Vocabulary

MAX_REPETITIONS = 50
RIGHT_TURN = -math.pi / 2
HALF_TURN = math.pi
BACK_UP_DISTANCE = 0.3  # metres, if the command names none
SCAN_STEPS = 8
Action = dict[str, Any]


class CommandError(ValueError):
    """The words are known and in order, and still do not make sense; the message says why."""


class Builder:
    """Builds the actions of one command; ids are numbered so that they are unique."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._words = vocabulary
        self._ids: dict[str, int] = {}
        self._thing: str | None = None  # what "it" means: an object id
        self._item = False  # inside "for each": "it" is the item
        self._pose: str | None = None  # template of the pose of "it", where it was seen last
        self._if_it_was_seen: list[Action] | None = None  # branch of the last "if it is seen"
        self._build: Mapping[str, Callable[[Tree[Token]], list[Action]]] = {
            "conditional": self._conditional,
            "conditional_after": self._conditional_after,
            "each": self._each,
            "times": lambda tree: self._repeat(tree.children[0], float(str(tree.children[1]))),
            "twice": lambda tree: self._repeat(tree.children[0], 2),
            "repeat": lambda tree: self._repeat(tree.children[-1], float(str(tree.children[1]))),
            "parallel": self._parallel,
            "sequence": self._sequence,
            "go": lambda tree: [self._go(_place(tree))],
            "go_home": lambda _: [self._go(self._words.home)],
            "come_here": lambda _: [self._go(self._words.user)],
            "bring": self._bring,
            "carry": self._carry,
            "pick": self._pick,
            "put": self._put,
            "look_for": self._look_for,
            "scan": self._scan,
            "picture": self._picture,
            "video": lambda tree: [self._action("record_video", duration=_duration(tree))],
            "say": lambda tree: [self._action("speak", text=str(tree.children[-1]))],
            "listen": lambda _: [self._action("listen")],
            "wait": lambda tree: [self._control("delay", duration=_duration(tree))],
            "dock": lambda _: [self._action("dock", dock_id="home_dock")],
            "undock": lambda _: [self._action("undock")],
            "open_gripper": lambda _: [self._action("open_gripper")],
            "close_gripper": lambda _: [self._action("close_gripper")],
            "spin": lambda tree: [self._action("spin", angle=_angle(tree, HALF_TURN))],
            "spin_right": lambda tree: [
                self._action("spin", angle=-abs(_angle(tree, -RIGHT_TURN)))
            ],
            "back_up": lambda tree: [
                self._action("back_up", distance=_number(tree, BACK_UP_DISTANCE))
            ],
        }

    def actions(self, tree: Any) -> list[Action]:
        """Return the actions of a tree.

        Raises:
            CommandError: the command makes no sense, for example "put it down" with nothing held.

        """
        return self._build[str(tree.data)](tree)

    # ------------------------------------------------------------------ structure
    def _sequence(self, tree: Tree[Token]) -> list[Action]:
        built: list[Action] = []
        for child in _trees(tree):
            # What is done with "it" after it was looked for is done only if it was seen.
            target = self._if_it_was_seen if _is_it(child) else None
            (built if target is None else target).extend(self.actions(child))
        self._if_it_was_seen = None
        return built

    def _parallel(self, tree: Tree[Token]) -> list[Action]:
        branches = [self.actions(child) for child in _trees(tree)]
        if len(branches) == 1:
            return branches[0]
        children = [
            branch[0] if len(branch) == 1 else self._control("sequence", actions=branch)
            for branch in branches
        ]
        return [self._control("parallel", actions=children)]

    def _conditional(self, tree: Tree[Token]) -> list[Action]:
        condition, *branches = _trees(tree)
        look, expression = self._condition(condition)
        then = self.actions(branches[0])
        fields: dict[str, Any] = {"if": expression, "then": then}
        if len(branches) > 1:
            fields["else"] = self.actions(branches[1])
        return [*look, self._control("conditional", **fields)]

    def _conditional_after(self, tree: Tree[Token]) -> list[Action]:
        action, condition = _trees(tree)
        look, expression = self._condition(condition)
        then = self.actions(action)
        return [*look, self._control("conditional", **{"if": expression, "then": then})]

    def _condition(self, tree: Tree[Token]) -> tuple[list[Action], str]:
        thing = self._object(tree)
        look = self._looking(thing, _optional_place(tree, "where"))
        seen = f"{_objects_of(look[-1])}.size() > 0"
        return look, seen if tree.data == "sees" else f"!({seen})"

    def _each(self, tree: Tree[Token]) -> list[Action]:
        thing = self._object(tree)
        look = self._looking(thing, _optional_place(tree, "where"))
        before = (self._thing, self._pose, self._item)
        self._item, self._pose = True, "{{ item.pose }}"
        body = self.actions(_trees(tree)[-1])
        self._thing, self._pose, self._item = before
        loop = self._control("foreach", items=_objects_of(look[-1]), actions=body)
        return [*look, loop]

    def _repeat(self, action: Any, count: float) -> list[Action]:
        if not 1 <= count <= MAX_REPETITIONS or count != int(count):
            raise CommandError(
                f"something can be repeated 1 to {MAX_REPETITIONS} times, not {count:g} times"
            )
        return [step for _ in range(int(count)) for step in self.actions(action)]

    # ------------------------------------------------------------------ moving
    def _go(self, place: str) -> Action:
        pose = self._words.places[place].pose
        return self._action("navigate_to", name=f"go_to_{place}", target_location=_pose(pose))

    # ------------------------------------------------------------------ objects
    def _bring(self, tree: Tree[Token]) -> list[Action]:
        receiver = _first(tree, "receiver")
        place = self._words.user
        if receiver is not None and any(isinstance(c, Tree) for c in receiver.children):
            place = _place(receiver)
        counts = [c for c in tree.children if isinstance(c, Token) and c.type == "NUMBER"]
        count = float(counts[0]) if counts else 1
        if not 1 <= count <= MAX_REPETITIONS or count != int(count):
            raise CommandError(f"I can bring 1 to {MAX_REPETITIONS} things, not {count:g}")
        return [step for _ in range(int(count)) for step in self._transport(tree, place)]

    def _carry(self, tree: Tree[Token]) -> list[Action]:
        return self._transport(tree, _place(tree))

    def _transport(self, tree: Tree[Token], place: str) -> list[Action]:
        thing = self._object(tree)
        origin = _optional_place(tree, "from")
        if self._pose is not None and _is_it(tree):
            return [*self._grasp(thing), self._go(place), *self._release(place)]
        look = self._looking(thing, origin or self._usual_place(thing))
        then = [*self._grasp(thing), self._go(place), *self._release(place)]
        return [*look, self._if_seen(look[-1], thing, then)]

    def _pick(self, tree: Tree[Token]) -> list[Action]:
        thing = self._object(tree)
        if self._pose is not None and _is_it(tree):
            return self._grasp(thing)
        look = self._looking(thing, _optional_place(tree, "from") or self._usual_place(thing))
        return [*look, self._if_seen(look[-1], thing, self._grasp(thing))]

    def _put(self, tree: Tree[Token]) -> list[Action]:
        thing = self._object(tree)
        place = _optional_place(tree, "target") or self._words.user
        if not _is_it(tree) and self._thing != thing:
            return self._transport(tree, place)
        return [self._go(place), *self._release(place)]

    def _grasp(self, thing: str) -> list[Action]:
        identifier = "{{ item.id }}" if self._item else thing
        parameters: dict[str, Any] = {"object_id": identifier}
        if self._pose is not None:
            parameters["pose"] = self._pose
        name = "pick_item" if self._item else f"pick_{thing}"
        self._thing = thing
        return [self._action("pick_up_object", name=name, **parameters)]

    def _release(self, place: str) -> list[Action]:
        spot = self._words.places[place].put_down
        if spot is None:
            return [self._action("open_gripper", name=f"hand_over_at_{place}")]
        return [self._action("place_object", name=f"place_at_{place}", pose=_pose(spot))]

    def _look_for(self, tree: Tree[Token]) -> list[Action]:
        thing = self._object(tree)
        return self._looking(thing, _optional_place(tree, "where") or self._usual_place(thing))

    def _looking(self, thing: str, place: str | None) -> list[Action]:
        look = self._action("detect_objects", name=f"look_for_{thing}", classes=[thing])
        self._thing = thing
        self._pose = f"{{{{ {_objects_of(look)}[0].pose }}}}"
        return [*([self._go(place)] if place else []), look]

    def _if_seen(self, look: Action, thing: str, then: list[Action]) -> Action:
        words = f"I cannot see the {thing.replace('_', ' ')}."
        otherwise = [self._action("speak", text=words)]
        self._if_it_was_seen = then
        return self._control(
            "conditional",
            **{"if": f"{_objects_of(look)}.size() > 0", "then": then, "else": otherwise},
        )

    def _usual_place(self, thing: str) -> str | None:
        return self._words.objects[thing].usually_at

    def _object(self, tree: Tree[Token]) -> str:
        thing = _first(tree, "object", "it")
        if thing is not None and thing.data == "object":
            return str(thing.children[0])
        if self._thing is None:
            raise CommandError('it is not clear what "it" is; name the object')
        return self._thing

    # ------------------------------------------------------------------ seeing
    def _scan(self, tree: Tree[Token]) -> list[Action]:
        place = _first(tree, "place")
        go = [self._go(str(place.children[0]))] if place is not None else []
        scan = self._action(
            "scan_environment", pan_min=-math.pi / 2, pan_max=math.pi / 2, steps=SCAN_STEPS
        )
        return [*go, scan]

    def _picture(self, tree: Tree[Token]) -> list[Action]:
        place = _optional_place(tree, "where")
        thing = _first(tree, "object", "it")
        before: list[Action] = []
        if thing is not None and thing.data == "object":
            before = self._looking(
                str(thing.children[0]), place or self._usual_place(str(thing.children[0]))
            )
        elif place is not None:
            before = [self._go(place)]
        return [*before, self._action("capture_image")]

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


def _trees(tree: Tree[Token]) -> list[Tree[Token]]:
    return [child for child in tree.children if isinstance(child, Tree)]


def _first(tree: Tree[Token], *names: str) -> Tree[Token] | None:
    """Find a direct child, not one of a nested command."""
    for child in _trees(tree):
        if child.data in names:
            return child
    return None


def _place(tree: Tree[Token]) -> str:
    found = _first(tree, "place")
    if found is None:
        raise CommandError("it is not clear where to")
    return str(found.children[0])


def _optional_place(tree: Tree[Token], name: str) -> str | None:
    found = _first(tree, name)
    return _place(found) if found is not None else None


def _is_it(tree: Tree[Token]) -> bool:
    thing = _first(tree, "object", "it")
    return thing is not None and thing.data == "it"


def _objects_of(look: Action) -> str:
    return f"actions.{look['id']}.output.objects"


def _number(tree: Tree[Token], default: float) -> float:
    numbers = [c for c in tree.children if isinstance(c, Token) and c.type == "NUMBER"]
    return float(numbers[0]) if numbers else default


def _angle(tree: Tree[Token], default: float) -> float:
    degrees = _number(tree, math.degrees(default))
    return round(math.radians(degrees), 6)


def _duration(tree: Tree[Token]) -> float:
    found = _first(tree, "seconds", "minutes")
    if found is None:
        raise CommandError("it is not clear for how long")
    return float(str(found.children[0])) * (60.0 if found.data == "minutes" else 1.0)


def _pose(pose: Pose2D) -> dict[str, Any]:
    return pose.model_dump(exclude_none=True)
