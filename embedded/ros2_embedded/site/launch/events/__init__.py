"""What can happen while a system is launched."""

from __future__ import annotations

from typing import TYPE_CHECKING

from launch.event import Event
from launch.events.matchers import matches_action

from . import process

if TYPE_CHECKING:
    from launch.action import Action
    from launch.actions.timer_action import TimerAction
    from launch.launch_description import LaunchDescription


class ExecutionComplete(Event):
    """An action has been executed and its work is done."""

    name = "launch.events.ExecutionComplete"

    def __init__(self, *, action: Action) -> None:
        self.__action = action

    @property
    def action(self) -> Action:
        """The action that is done."""
        return self.__action


class IncludeLaunchDescription(Event):
    """A launch description is to be visited."""

    name = "launch.events.IncludeLaunchDescription"

    def __init__(self, launch_description: LaunchDescription) -> None:
        self.__launch_description = launch_description

    @property
    def launch_description(self) -> LaunchDescription:
        """The description to visit."""
        return self.__launch_description


class Shutdown(Event):
    """The launched system is to be shut down."""

    name = "launch.events.Shutdown"

    def __init__(self, *, reason: str = "reason not given", due_to_sigint: bool = False) -> None:
        self.__reason = reason
        self.__due_to_sigint = due_to_sigint

    @property
    def reason(self) -> str:
        """Why, in words."""
        return self.__reason

    @property
    def due_to_sigint(self) -> bool:
        """Whether Ctrl-C was the cause, which the terminal sends to the children as well."""
        return self.__due_to_sigint


class TimerEvent(Event):
    """The period of a timer has passed."""

    name = "launch.events.TimerEvent"

    def __init__(self, *, timer_action: TimerAction) -> None:
        self.__timer_action = timer_action

    @property
    def timer_action(self) -> TimerAction:
        """The timer that is due."""
        return self.__timer_action


__all__ = [
    "ExecutionComplete",
    "IncludeLaunchDescription",
    "Shutdown",
    "TimerEvent",
    "matches_action",
    "process",
]
