"""Whether the goals of a plan can be built: tried before anything moves.

The schema of a capability says what a parameter looks like. Only the goal template knows more: that
a name has to be one of a place, that a quaternion has to have a length, that a word stands for a
constant. What a template of the plan will give is not known yet; its goal is tried when it is sent.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from execution_orchestrator.capabilities.adapter import GenericAdapter
from execution_orchestrator.capabilities.conversions import ConversionContext
from execution_orchestrator.capabilities.dotted_paths import MISSING, look_up
from execution_orchestrator.capabilities.goal_template import GoalError, Reference, references
from execution_orchestrator.plan.capability import CapabilitySpec, RobotModel
from execution_orchestrator.plan.expressions import has_template
from execution_orchestrator.plan.issues import Issue, Severity
from execution_orchestrator.plan.model import Plan
from execution_orchestrator.plan.nearest import Names
from execution_orchestrator.plan.validation.walk import Place, walk

_SOMEWHERE = {"x": 0.0, "y": 0.0}


class _Anything(dict[str, Any]):
    """Objects of any name; ``strangers`` are those that were asked for and are not known."""

    def __init__(self, known: Collection[str]) -> None:
        super().__init__({name: {"pose": _SOMEWHERE} for name in known})
        self.strangers: list[str] = []

    def get(self, name: str, _default: Any = None) -> Any:
        if name not in self:
            self.strangers.append(name)
        return {"pose": _SOMEWHERE}


class GoalTrial:
    """Builds the goals of a plan without sending them.

    ``known_objects`` are the ids of the objects seen so far (None: not known), ``frames`` those
    that tf knows now of a robot (empty: it tells nothing of it).
    """

    def __init__(
        self,
        robot: RobotModel,
        places: Mapping[str, Any],
        known_objects: Callable[[], Collection[str]] | None = None,
        frames: Callable[[str], Collection[str]] = lambda _: (),
    ) -> None:
        self._robot = robot
        self._places = places
        self._known = known_objects
        self._frames = frames
        self._adapters = {name: GenericAdapter(spec) for name, spec in robot.capabilities.items()}
        # What each goal is made of: a plan has many actions of few capabilities.
        self._commanded = {
            name: [reference for _, reference in references(adapter.spec.goal)]
            for name, adapter in self._adapters.items()
        }

        # Poses that no goal template is filled with: of what is done in steps of its own.
        self._poses = {
            name: [
                parameter
                for parameter, schema in adapter.spec.parameters.get("properties", {}).items()
                if _takes_a_place(schema)
                and parameter not in {one.parameter for one in self._commanded[name]}
            ]
            for name, adapter in self._adapters.items()
        }

    def __call__(self, plan: Plan) -> list[Issue]:
        """Return what the goals cannot be built from."""
        places = list(walk(plan))
        known = self._known() if self._known is not None else ()
        sees = self._known is None or any(
            (spec := self._robot.capabilities.get(place.action.action_type)) is not None
            and "objects" in spec.output.get("properties", {})
            for place in places
        )
        issues: list[Issue] = []
        for place in places:
            spec = self._robot.capabilities.get(place.action.action_type)
            if spec is not None:
                issues += self._of(place, spec, known, sees=sees)
        return issues

    def _of(
        self, place: Place, spec: CapabilitySpec, known: Collection[str], *, sees: bool
    ) -> Iterator[Issue]:
        adapter = self._adapters[spec.name]
        given = place.action.parameters
        parameters = {**adapter.spec.settings, **given}
        commanded = self._commanded[spec.name]
        yield from _estimate_only(place, spec, commanded)
        for reference in commanded:
            value = look_up(parameters, reference.parameter)
            if value is MISSING or has_template(value):
                continue
            objects = _Anything(known)
            context = ConversionContext(adapter.spec.frame, self._places, objects)
            pointer = _pointer(place, reference.parameter)
            try:
                made = reference.value(parameters, context)
                seen = self._frames(place.action.robot)
                yield from _strange_frames(spec, made, pointer, seen)
            except GoalError as failure:
                hint = "The goal of the server cannot be made of it; see the capability reference."
                yield Issue("PARAMETER_INVALID", f"{spec.name}: {failure}", pointer, hint)
            schema = spec.parameters.get("properties", {}).get(reference.parameter, {})
            if schema.get("format") == "path" and _missing(value):
                yield Issue(
                    "PARAMETER_FILE_MISSING",
                    f"{spec.name}: there is no file {value} on this machine",
                    pointer,
                    f"{spec.interface.name} needs it on the machine it runs on.",
                    Severity.WARNING,
                )
            for name in dict.fromkeys(objects.strangers):
                yield self._stranger(spec, name, pointer, sees=sees)
        for parameter in self._poses[spec.name]:
            value = given.get(parameter)
            if not isinstance(value, str) or has_template(value):
                continue
            if value not in self._places and value not in known:
                yield self._stranger(spec, value, _pointer(place, parameter), sees=sees)

    def _stranger(self, spec: CapabilitySpec, name: str, pointer: str, *, sees: bool) -> Issue:
        hint = Names(self._places).hint(name, "Places")
        if name.startswith("{"):
            hint = "A value is put in by two braces: '{{ input.goal }}'."
        return Issue(
            "PLACE_UNKNOWN",
            f"{spec.name}: no place is called {name!r}, and no object of that name was seen so far",
            pointer,
            f"{hint} An object has to be detected before it can be named.",
            Severity.WARNING if sees else Severity.ERROR,
        )


def _takes_a_place(schema: Mapping[str, Any]) -> bool:
    """Whether a parameter is a pose, or the name of what has one."""
    forms = schema.get("anyOf", ())
    required = [form.get("required") for form in forms]
    return ["x", "y"] in required and any(form.get("type") == "string" for form in forms)


def _missing(value: Any) -> bool:
    return isinstance(value, str) and value.startswith("/") and not Path(value).exists()


def _estimate_only(
    place: Place, spec: CapabilitySpec, commanded: Iterable[Reference]
) -> Iterator[Issue]:
    """Tell of a speed that the goal has no field for: the robot drives as fast as ever."""
    speed = spec.motion.speed_parameter if spec.motion is not None and not spec.python else ""
    if not speed or speed not in place.action.parameters:
        return
    if speed not in {one.parameter for one in commanded}:
        yield Issue(
            "SPEED_NOT_COMMANDED",
            f"{spec.name}: {speed} is for estimates only, {spec.interface.name} is not told of it",
            _pointer(place, speed),
            "How fast the robot drives, the configuration of its controller says.",
            Severity.WARNING,
        )


def _strange_frames(
    spec: CapabilitySpec, made: Any, pointer: str, known: Collection[str]
) -> Iterator[Issue]:
    for name in unknown_frames(frames_in(made), known):
        yield Issue(
            "FRAME_UNKNOWN",
            f"{spec.name}: tf knows no frame {name!r} now",
            pointer,
            f"It knows {', '.join(sorted(known)[:12])}.",
            Severity.WARNING,
        )


def unknown_frames(names: Iterable[str], known: Collection[str]) -> list[str]:
    """Return the frames of these that tf does not know; none, if it is mute."""
    return sorted({name for name in names if name not in known}) if known else []


def frames_in(fields: Any) -> Iterator[str]:
    """Yield every frame that fields of a message name."""
    if isinstance(fields, Mapping):
        for key, value in fields.items():
            if key == "frame_id" and isinstance(value, str):
                if value:
                    yield value.lstrip("/")
            else:
                yield from frames_in(value)
    elif isinstance(fields, list | tuple):
        for value in fields:
            yield from frames_in(value)


def _pointer(place: Place, parameter: str) -> str:
    path = parameter.replace("[", ".").replace("]", "")
    return "/".join([f"{place.pointer}/parameters", *(part for part in path.split(".") if part)])
