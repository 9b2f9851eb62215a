"""Actions of test descriptions."""

from __future__ import annotations

from collections.abc import Callable

from launch.action import Action
from launch.launch_context import LaunchContext


class ReadyToTest(Action):
    """Says, when executed, that the launched system can be tested."""

    def __init__(self) -> None:
        super().__init__()
        self.__callbacks: list[Callable[[], None]] = []

    def _add_callback(self, callback: Callable[[], None]) -> None:
        """Call a function when the action is executed."""
        self.__callbacks.append(callback)

    def execute(self, context: LaunchContext) -> None:
        """Start the tests."""
        for callback in self.__callbacks:
            callback()
