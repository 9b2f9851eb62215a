"""What agents may do: config/agents.yaml, and the judgement of a plan by it.

A plan is judged as it would run, with its defaults filled in and its subplans written out. What
cannot be judged before it runs (an expression where the policy limits a parameter, a pose where it
names places) is refused: nothing that the policy limits is left to the moment of driving.
"""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Iterator, Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from execution_orchestrator.plan.file_errors import raised_as
from execution_orchestrator.plan.yaml_reader import read_yaml

DEFAULT = "default"
MOST_WORDS = 80  # characters of one parameter in words
NAME = r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,47}$"
ClientName = Annotated[str, Field(pattern=NAME)]


class PolicyError(ValueError):
    """The policy file cannot be used; the message names every wrong place."""


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, defer_build=True)


class ClientPolicy(_Entry):
    """What one client may do. Names are patterns as of a shell (``*``, ``?``, ``[abc]``)."""

    capabilities: tuple[str, ...] = ("*",)
    without: tuple[str, ...] = ()  # capabilities that are taken away from these
    places: tuple[str, ...] = ("*",)
    robots: tuple[str, ...] = ("*",)
    limits: Mapping[str, float] = {}  # by name of a parameter: its largest amount, SI units
    confirm: tuple[str, ...] = ("*",)  # capabilities that a person has to agree to
    confirm_in_client: bool = True  # ask through the client, if it can; else page and terminal
    may_confirm: bool = False  # answer questions of running executions itself
    rehearse: bool = False  # a plan has to be rehearsed with success before it may run
    max_running: int = Field(1, ge=0, le=100)  # executions of this client at once
    requests_per_minute: int = Field(120, ge=1, le=100_000)
    executions_per_hour: int = Field(60, ge=0, le=100_000)
    on_disconnect: Literal["keep", "cancel"] = "keep"  # its executions, when a stdio client leaves
    token_variable: str = ""  # environment variable with its token for HTTP


class AgentsPolicy(_Entry):
    """The whole file; a client that is not named is ``default``."""

    version: int = Field(default=1, ge=1, le=1)
    clients: Mapping[ClientName, ClientPolicy] = {}

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a policy file.

        Raises:
            PolicyError: it cannot be read, or something in it is wrong; all of it is listed.

        """
        with raised_as(PolicyError, path, cls):
            return cls.model_validate(read_yaml(path.read_text(encoding="utf-8")) or {})

    def of(self, client: str) -> ClientPolicy:
        """Return the policy of a client; an unknown client may do nothing that moves the robot."""
        return self.clients.get(client) or self.clients.get(DEFAULT) or NOTHING


NOTHING = ClientPolicy(capabilities=(), max_running=0, executions_per_hour=0)


class Judgement(_Entry):
    """What the policy says of a plan.

    ``refusals``: why it may not run; ``confirm``: what a person has to agree to; ``does``: its
    actions in words.
    """

    refusals: tuple[str, ...] = ()
    confirm: tuple[str, ...] = ()
    does: tuple[str, ...] = ()


def judge(
    plan: Mapping[str, Any],
    policy: ClientPolicy,
    *,
    capabilities: Mapping[str, Collection[str]],
    places: Mapping[str, Any],
    schedule: str = "",
) -> Judgement:
    """Say what of a resolved plan the policy refuses, and what a person has to agree to.

    ``capabilities`` are those of this robot, each with the parameters that say where it goes, and
    ``places`` its places with their poses. ``schedule`` says when the plan runs again and again.
    """
    named = _Places(places)
    refusals: dict[str, None] = {}
    does: dict[str, None] = {}
    confirm: dict[str, None] = {}
    if schedule:
        # The executions that a schedule starts would be neither confirmed nor counted.
        refusals[f"it would run {schedule}: only people set schedules"] = None
    for action in actions_of(plan):
        kind, name = str(action.get("action_type", "")), str(action.get("id") or "an action")
        if kind not in capabilities:
            continue  # control flow: what it nests is judged by itself
        if not allowed(kind, policy.capabilities) or allowed(kind, policy.without):
            refusals[f"{name}: {kind} is not allowed"] = None
            continue
        parameters = named.put_in(action.get("parameters") or {})
        does[_in_words(kind, parameters)] = None
        for reason in (
            *_over_limits(parameters, policy),
            *_wrong_places(parameters, policy, capabilities[kind], places),
        ):
            refusals[f"{name}: {reason}"] = None
        for reason in _refused_robots(action, policy):
            refusals[f"{name}: {reason}"] = None
        if allowed(kind, policy.confirm):
            confirm[kind] = None
        if action.get("when_taken") == "take":
            confirm[f"{kind}, taking the robot from whoever drives it"] = None
    return Judgement(refusals=tuple(refusals), confirm=tuple(confirm), does=tuple(does))


class _Places:
    """Knows places by their poses: planners write the pose of a place for its name."""

    def __init__(self, places: Mapping[str, Any]) -> None:
        self._names: dict[tuple[float, float], str] = {}
        for name, place in places.items():
            for pose in (place.get("pose"), *place.get("put_down", ())):
                key = _position(pose)
                if key is not None:
                    self._names.setdefault(key, name)

    def put_in(self, value: Any) -> Any:
        """Return parameters with the names of places for their poses."""
        if isinstance(value, Mapping):
            name = self._names.get(_position(value) or (math.nan, math.nan))
            return name or {key: self.put_in(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [self.put_in(item) for item in value]
        return value


def _position(pose: Any) -> tuple[float, float] | None:
    """Return x and y of a pose in the map, in millimetres; None if it is none."""
    if not isinstance(pose, Mapping) or pose.get("frame", "map") not in ("", "map"):
        return None
    x, y = pose.get("x"), pose.get("y")
    if not isinstance(x, int | float) or not isinstance(y, int | float):
        return None
    return round(x, 3), round(y, 3)


def _in_words(kind: str, parameters: Mapping[str, Any]) -> str:
    given = [
        f"{name} {value if isinstance(value, str) else json.dumps(value, default=str)}"[:MOST_WORDS]
        for name, value in parameters.items()
        if value not in (None, "", [], {})
    ]
    return f"{kind} ({', '.join(given[:4])})" if given else kind


def actions_of(part: Any) -> Iterator[Mapping[str, Any]]:
    """Yield every action in a part of a plan, wherever it is nested."""
    if isinstance(part, Mapping):
        if "action_type" in part:
            yield part
        for value in part.values():
            yield from actions_of(value)
    elif isinstance(part, list | tuple):
        for value in part:
            yield from actions_of(value)


def allowed(name: str, patterns: tuple[str, ...]) -> bool:
    """Return whether a name fits one of the patterns."""
    return any(fnmatchcase(name, pattern) for pattern in patterns)


def _is_open(value: Any) -> bool:
    return isinstance(value, str) and "{{" in value


def _over_limits(parameters: Mapping[str, Any], policy: ClientPolicy) -> Iterator[str]:
    for name, value in _flat(parameters):
        limit = policy.limits.get(name.rpartition(".")[2])
        if limit is None:
            continue
        if isinstance(value, bool) or not isinstance(value, int | float):
            yield f"{name} has to be a number here, at most {limit:g}"
        elif not abs(value) <= limit:
            yield f"{name} is {value:g}, at most {limit:g} is allowed"


def _wrong_places(
    parameters: Mapping[str, Any],
    policy: ClientPolicy,
    targets: Collection[str],
    places: Collection[str],
) -> Iterator[str]:
    if "*" in policy.places:
        return
    known = ", ".join(policy.places)
    for name, value in parameters.items():
        if _has_pose(value):
            yield f"{name} is a pose; only places by name are allowed: {known}"
        for _, one in _flat(value):
            if _is_open(one):
                yield f"{name} is not known before it runs, and only some places are allowed"
            elif isinstance(one, str) and one in places:
                if not allowed(one, policy.places):
                    yield f"{one} is not among the allowed places"
            elif name in targets and isinstance(one, str):
                # An object, for example, may be anywhere.
                yield f"{name} is {one!r}; only places by name are allowed: {known}"


def _has_pose(value: Any) -> bool:
    if isinstance(value, Mapping):
        return {"x", "y"} <= set(value) or any(map(_has_pose, value.values()))
    return isinstance(value, list | tuple) and any(map(_has_pose, value))


def _flat(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _flat(item, f"{name}.{key}" if name else str(key))
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _flat(item, name)
    else:
        yield name, value


def _refused_robots(action: Mapping[str, Any], policy: ClientPolicy) -> Iterator[str]:
    for robot in action.get("robots") or ():
        if not allowed(str(robot), policy.robots):
            yield f"robot {robot} is not among the allowed ones: {', '.join(policy.robots)}"
