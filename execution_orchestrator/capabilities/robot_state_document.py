"""The robot state file (config/robot_state.yaml): which topics become ``robot.*`` in plans."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import Field, ValidationError, model_validator

from execution_orchestrator.capabilities.problems import (
    ConfigurationError,
    ConfigurationProblem,
    problems_of,
)
from execution_orchestrator.plan.capability import Entry
from execution_orchestrator.plan.yaml_reader import read_yaml

StateName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]


class StateBinding(Entry):
    """One value of ``robot.<name>`` and the topic it comes from.

    ``kind``: ``value`` takes ``field`` of the message (all of it when empty), ``pose`` a flat
    pose, ``joints`` a mapping of joint names to positions (radians or metres), ``transform`` the
    pose of ``child`` in ``frame`` from /tf (no topic of its own). ``period`` is the least time
    between two updates and ``max_age`` the age after which the value counts as unknown, both in
    seconds; 0.0 for no limit. ``latched``: it is published only when it changes, and stays known
    unless a ``max_age`` says otherwise. ``range`` are the least and the largest number that a value
    can be.
    """

    kind: Literal["value", "pose", "joints", "transform"] = "value"
    topic: str = ""
    type: str = Field("", pattern=r"^$|^[a-z][a-z0-9_]*/msg/[A-Za-z][A-Za-z0-9]*$")
    field: str = ""
    frame: str = ""
    child: str = ""
    period: Annotated[float, Field(ge=0.0, le=3600.0)] = 0.1
    max_age: Annotated[float, Field(ge=0.0, le=86400.0)] = 10.0
    latched: bool = False
    range: tuple[float, float] | None = None

    @model_validator(mode="before")
    @classmethod
    def _latched_stays(cls, value: Any) -> Any:
        if isinstance(value, dict) and value.get("latched") is True:
            return {"max_age": 0.0, **value}
        return value

    @model_validator(mode="after")
    def _complete(self) -> StateBinding:
        if self.kind == "transform":
            if not (self.frame and self.child):
                raise ValueError("a transform needs frame and child")
        elif not (self.topic and self.type):
            raise ValueError("a topic and its type are needed")
        if self.range is not None and not (self.kind == "value" and self.range[0] < self.range[1]):
            raise ValueError("a range is the least and the largest number of a value")
        return self


class RobotStateDocument(Entry):
    """A whole robot state file.

    ``history`` is the number of past values kept of each binding, ``object_max_age`` the seconds
    after which an object that was not seen again is forgotten (0.0: never), ``max_objects`` the
    bound on the number of known objects.
    """

    version: Literal[1] = 1
    state: dict[StateName, StateBinding] = Field(default_factory=dict)
    history: Annotated[int, Field(ge=0, le=100_000)] = 200
    object_max_age: Annotated[float, Field(ge=0.0)] = 0.0
    max_objects: Annotated[int, Field(ge=1, le=100_000)] = 1000


def read_robot_state(file: Path) -> RobotStateDocument:
    """Read a robot state file.

    Raises:
        ConfigurationError: it cannot be read or something in it is wrong; all of it is listed.

    """
    try:
        content = read_yaml(file.read_text(encoding="utf-8"))
        return RobotStateDocument.model_validate(content or {})
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as failure:
        problems = [ConfigurationProblem(str(file), f"cannot be read: {failure}")]
    except ValidationError as failure:
        problems = problems_of(file, failure, RobotStateDocument)
    raise ConfigurationError(problems)
