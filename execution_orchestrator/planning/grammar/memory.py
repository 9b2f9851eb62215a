"""What earlier commands leave behind: what "it" and "there" mean, and where "back" is."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from execution_orchestrator.plan.expressions import has_template
from execution_orchestrator.planning.ports import EarlierCommand, PlanningRequest
from execution_orchestrator.planning.vocabulary import Vocabulary

MOST_OF_MESSAGE = 300  # characters that are spoken
_GOES_ON = "is not over yet"
_BECAME = {
    "COMPLETED": "was done",
    "PARTIALLY_COMPLETED": "was done in part",
    "FAILED": "failed",
    "CANCELLED": "was stopped",
}
DRIVES = frozenset({"navigate_to", "navigate_through_poses"})


@dataclass(frozen=True)
class Situation:
    """What a command is understood by, beside its words; all names are ids of the vocabulary.

    ``avoided`` are places the robot could not get to; ``again``: an earlier plan of the command
    failed, and of several objects of a name any one will do. ``held`` is in the gripper,
    ``held_by`` in that of each of several robots. ``where`` is at which place each object was
    last, ``poses`` the poses of those that were seen, ``here`` the place the robot is at.
    ``thing`` is "it", ``things`` are "them", ``place`` is "there", ``before`` the place the robot
    was at before that, ``origins`` where each object was taken from. ``pose`` is where the robot
    stands (x, y in metres in the map), ``faces`` the same with its yaw (radians),
    ``did`` the type of the last action, ``ahead`` how far
    (metres) it drove, if that was straight ahead, ``turned`` by how much (radians) it turned,
    ``running`` what is carried out now, ``last`` the newest command that was more than a question,
    ``later``: the command is not done now, but at its time.
    """

    avoided: Container[str] = ()
    again: bool = False
    held: tuple[str, ...] = ()
    held_by: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    where: Mapping[str, str] = field(default_factory=dict)
    poses: Mapping[str, Any] = field(default_factory=dict)
    here: str | None = None
    thing: str | None = None
    things: tuple[str, ...] = ()
    place: str | None = None
    before: str | None = None
    origins: Mapping[str, str] = field(default_factory=dict)
    pose: tuple[float, float] | None = None
    faces: tuple[float, float, float] | None = None
    did: str = ""
    ahead: float | None = None
    turned: float | None = None
    running: tuple[EarlierCommand, ...] = ()
    last: EarlierCommand | None = None
    later: bool = False


def situation_of(request: PlanningRequest, vocabulary: Vocabulary) -> Situation:
    """Return what the world and the earlier commands of a conversation say."""
    trail = _Trail(vocabulary)
    things: tuple[str, ...] = ()
    for command in request.earlier:
        trail.things = []
        for action in command.actions:
            trail.follow(action)
        new = tuple(dict.fromkeys(trail.things))
        # "Them" are those of one command, or one each of the last two.
        things = tuple(dict.fromkeys((*things[-1:], *new))) if len(new) == 1 else new or things
    moved = [one for one in request.earlier if one.actions]
    done = moved[-1].actions if moved else ()
    seen = {name: vocabulary.place_near(pose) for name, pose in request.poses.items()}
    where = {**trail.where, **{name: place for name, place in seen.items() if place is not None}}
    thing = request.held[0] if request.held else trail.thing
    return Situation(
        held=tuple(name for name in request.held if name in vocabulary.objects),
        held_by=request.held_by,
        where=where,
        poses=request.poses,
        here=vocabulary.place_near(request.world.get("robot", {}).get("pose")),
        thing=thing if thing in vocabulary.objects else None,
        things=things if not request.held else (),
        place=trail.place,
        before=trail.before,
        origins=trail.origins,
        pose=_stands(request.world.get("robot", {}).get("pose")),
        faces=_faces(request.world.get("robot", {}).get("pose")),
        did=str(done[-1].get("action_type", "")) if done else "",
        ahead=driven_ahead(done[-1]) if done else None,
        turned=turned_by(done[-1]) if done else None,
        running=request.running,
        last=next((one for one in reversed(request.earlier) if _did_more(one)), None),
    )


def _did_more(command: EarlierCommand) -> bool:
    """Whether a command did, or was to do, more than to answer a question."""
    kinds = {action.get("action_type") for action in command.actions}
    return not kinds or kinds != {"speak"}


def spoken_outcome(command: EarlierCommand | None) -> str:
    """Return what became of a command, as it can be spoken by a plan."""
    if command is None:
        return "Nothing was asked of me in this conversation."
    said = command.command if command.command and not has_template(command.command) else ""
    name = f'"{said}"' if said else f"The plan {command.execution_id}"
    became = "was not understood" if not command.planned else _BECAME.get(command.status, _GOES_ON)
    message = " ".join(command.message.split())[:MOST_OF_MESSAGE]
    reason = f": {message}" if message and not has_template(message) else "."
    return f"{name} {became}{reason}"


def driven_ahead(action: Mapping[str, Any]) -> float | None:
    """Return how far (metres) an action drives straight ahead, None if it does something else."""
    distance = (action.get("parameters") or {}).get("distance")
    if action.get("action_type") != "drive_on_heading" or not isinstance(distance, int | float):
        return None
    return float(distance)


def turned_by(action: Mapping[str, Any]) -> float | None:
    """Return by how much (radians) an action turns, None if it does something else."""
    angle = (action.get("parameters") or {}).get("angle")
    if action.get("action_type") != "spin" or not isinstance(angle, int | float):
        return None
    return float(angle)


def _stands(pose: Any) -> tuple[float, float] | None:
    if not isinstance(pose, Mapping):
        return None
    x, y = pose.get("x"), pose.get("y")
    if not isinstance(x, int | float) or not isinstance(y, int | float):
        return None
    return float(x), float(y)


def _faces(pose: Any) -> tuple[float, float, float] | None:
    """Return x, y (metres) and yaw (radians), None where the pose does not say which way it is."""
    at, yaw = _stands(pose), pose.get("yaw") if isinstance(pose, Mapping) else None
    return (*at, float(yaw)) if at is not None and isinstance(yaw, int | float) else None


class _Trail:
    """Follows what was done, action by action."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._words = vocabulary
        self.thing: str | None = None
        self.things: list[str] = []  # of one command
        self.place: str | None = None
        self.before: str | None = None
        self.origins: dict[str, str] = {}
        self.where: dict[str, str] = {}

    def follow(self, action: Mapping[str, Any]) -> None:
        """Take an action {action_type, status, parameters, output} that has ended."""
        kind, done = action.get("action_type"), action.get("status") == "SUCCEEDED"
        output = action.get("output")
        output = output if isinstance(output, Mapping) else {}
        parameters = action.get("parameters") or {}
        thing = _thing_of(parameters, output)
        if thing is not None and thing in self._words.objects:
            self.thing = thing
            self.things.append(thing)
        if not done:
            return
        if kind in DRIVES:
            self._arrive(output, parameters)
        elif kind == "pick_up_object" and thing is not None:
            origin = self._words.place_near(output.get("grasp_pose")) or self.place
            if origin is not None:
                self.origins[thing] = origin
        elif kind in ("place_object", "open_gripper") and self.thing is not None:
            put = self._words.place_near(output.get("place_pose")) or self.place
            if put is not None:
                self.where[thing or self.thing] = put

    def _arrive(self, output: Mapping[str, Any], parameters: Mapping[str, Any]) -> None:
        target = parameters.get("target_location")
        named = target if isinstance(target, str) and target in self._words.places else None
        place = named or self._words.place_near(output.get("final_pose", target))
        if place is not None and place != self.place:
            self.before, self.place = self.place, place


def _thing_of(parameters: Mapping[str, Any], output: Mapping[str, Any]) -> str | None:
    """Return the one object that an action was about."""
    seen = output.get("objects")
    if isinstance(seen, Sequence) and len(seen) == 1 and isinstance(seen[0], Mapping):
        return str(seen[0].get("id"))
    classes = parameters.get("classes")
    asked = classes[0] if isinstance(classes, Sequence) and len(classes) == 1 else None
    found = output.get("object_id") or parameters.get("object_id") or asked
    return str(found) if found else None


def last_planned(earlier: Sequence[EarlierCommand]) -> EarlierCommand | None:
    """Return the newest command that a plan was made of."""
    return next((one for one in reversed(earlier) if one.planned), None)
