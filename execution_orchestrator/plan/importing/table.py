"""The table of an import: which action of this robot a node or a planner's action is."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field

from execution_orchestrator.plan.file_errors import raised_as
from execution_orchestrator.plan.importing.imported import NotImportableError
from execution_orchestrator.plan.importing.scripting import port_of
from execution_orchestrator.plan.yaml_reader import read_yaml

_SNAKE = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|[^A-Za-z0-9]+")
_IN_TEXT = re.compile(r"(?<!\{)\{(\w+)\}(?!\})")


class Mapped(BaseModel):
    """One row: the action, its parameters, and what of its output goes to which output port.

    In ``parameters`` a text "{port}" is the value of a port, or of an argument of PDDL, also inside
    a list, an object or a longer text; anything else is taken as it is. Without ``parameters`` each
    port is the parameter of its name. ``defaults`` are the texts of ports that the tree leaves out.
    ``arguments`` names the arguments of a PDDL action in their order. Of the parameters in
    ``unsigned`` the sign says nothing: a drive backwards of Nav2 has a negative speed.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    action_type: str = Field(min_length=1, max_length=128)
    parameters: Mapping[str, Any] | None = None
    outputs: Mapping[str, str] = {}
    defaults: Mapping[str, str] = {}
    arguments: tuple[str, ...] = ()
    unsigned: tuple[str, ...] = ()
    numbers: bool = True


class Table(BaseModel):
    """Rows by the name of the node or action; ``conditions`` are CEL, by the node's name."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: int = Field(1, ge=1, le=1)
    actions: Mapping[str, Mapped | str] = {}
    conditions: Mapping[str, str] = {}

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a table file.

        Raises:
            NotImportableError: it cannot be read, or is wrong; the message names every wrong place.

        """
        with raised_as(NotImportableError, f"the table {path}", cls):
            return cls.model_validate(read_yaml(path.read_text(encoding="utf-8")))

    def row(self, name: str) -> Mapped | None:
        """Return the row of an action, of this table or of those that come with the package."""
        found = self.actions.get(name, SHIPPED.get(name))
        return Mapped(action_type=found) if isinstance(found, str) else found

    def condition(self, name: str) -> str | None:
        """Return the expression of a condition node."""
        return self.conditions.get(name, SHIPPED_CONDITIONS.get(name))


def snake(name: str) -> str:
    """Return a name as an action type is written: OpenDoor is open_door."""
    text = _SNAKE.sub("_", name).strip("_").lower()
    return text if text and not text[0].isdigit() else f"node_{text}"


def filled(written: Any, value: Callable[[str, bool], Any]) -> Any:
    """Return what a row says with the values of its ports; what has none is left out.

    ``value`` gives that of a port, None without one; its argument says whether it may be a number:
    inside a longer text it is written out.
    """
    if isinstance(written, str):
        port = port_of(written)
        if port is not None:
            return value(port, True)

        def in_words(found: re.Match[str]) -> str:
            words = value(found[1], False)
            return found[0] if words is None else str(words)

        return _IN_TEXT.sub(in_words, written)
    if isinstance(written, Mapping):
        parts = {name: filled(one, value) for name, one in written.items()}
        return {name: one for name, one in parts.items() if one is not None}
    return [filled(one, value) for one in written] if isinstance(written, list) else written


# Nodes of Nav2, with the defaults of their ports, and of BehaviorTree.CPP's tutorials, and the
# actions of PlanSys2's first example.
SHIPPED: Mapping[str, Mapped | str] = {
    "NavigateToPose": Mapped(action_type="navigate_to", parameters={"target_location": "{goal}"}),
    "NavigateThroughPoses": Mapped(
        action_type="navigate_through_poses", parameters={"poses": "{goals}"}
    ),
    "MoveBase": Mapped(action_type="navigate_to", parameters={"target_location": "{goal}"}),
    "Spin": Mapped(
        action_type="spin",
        parameters={"angle": "{spin_dist}", "time_allowance": "{time_allowance}"},
        defaults={"spin_dist": "1.57"},
    ),
    "BackUp": Mapped(
        action_type="back_up",
        parameters={
            "distance": "{backup_dist}",
            "speed": "{backup_speed}",
            "time_allowance": "{time_allowance}",
        },
        defaults={"backup_dist": "0.15", "backup_speed": "0.025"},
        unsigned=("distance", "speed"),
    ),
    "DriveOnHeading": Mapped(
        action_type="drive_on_heading",
        parameters={
            "distance": "{dist_to_travel}",
            "speed": "{speed}",
            "time_allowance": "{time_allowance}",
        },
        defaults={"dist_to_travel": "0.15", "speed": "0.025"},
        unsigned=("speed",),
    ),
    "Wait": Mapped(
        action_type="wait",
        parameters={"duration": "{wait_duration}"},
        defaults={"wait_duration": "1.0"},
    ),
    "SaySomething": Mapped(action_type="speak", parameters={"text": "{message}"}, numbers=False),
    "DockRobot": Mapped(action_type="dock", parameters={"dock_id": "{dock_id}"}, numbers=False),
    "UndockRobot": Mapped(action_type="undock", parameters={"dock_type": "{dock_type}"}),
    "OpenGripper": Mapped(action_type="open_gripper", parameters={}),
    "CloseGripper": Mapped(action_type="close_gripper", parameters={}),
    "move": Mapped(
        action_type="navigate_to",
        arguments=("robot", "from", "to"),
        parameters={"target_location": "{to}"},
    ),
}
SHIPPED_CONDITIONS: Mapping[str, str] = {
    "IsBatteryLow": "robot.battery < {min_battery}",
    "AlwaysSuccess": "true",
    "AlwaysFailure": "false",
}
