"""What can happen while a system is launched."""

from __future__ import annotations

from typing import TYPE_CHECKING

from launch.event import Event
from launch.events.process import matches_action

from . import process

if TYPE_CHECKING:
    from launch.actions.timer_action import TimerAction
    from launch.launch_description import LaunchDescription


class IncludeLaunchDescription(Event):
    """A launch description is to be visited."""

    def __init__(self, launch_description: LaunchDescription) -> None:
        self.launch_description = launch_description


class Shutdown(Event):
    """The launched system is to be shut down."""

    def __init__(self, *, reason: str = "reason not given", due_to_sigint: bool = False) -> None:
        self.reason = reason
        self.due_to_sigint = due_to_sigint


class TimerEvent(Event):
    """The period of a timer has passed."""

    def __init__(self, *, timer_action: TimerAction) -> None:
        self.timer_action = timer_action
