"""Goes on once a process says that it is ready."""

from __future__ import annotations

from typing import Any

from launch.actions import ExecuteLocal
from launch.event_handlers import OnProcessIO
from launch.events.process import ProcessIO


class StdoutReadyListener(OnProcessIO):
    """Takes actions when a process, or any if None, has written a text to its standard output."""

    def __init__(
        self, *, target_action: ExecuteLocal | None = None, ready_txt: str, actions: list[Any]
    ) -> None:
        self.__text = ready_txt
        self.__actions = actions
        super().__init__(target_action=target_action, on_stdout=self.__on_stdout)

    def __on_stdout(self, process_io: ProcessIO) -> list[Any] | None:
        """Take the actions if the text is there."""
        return self.__actions if self.__text in process_io.text.decode(errors="replace") else None

    def describe(self) -> tuple[str, list[Any]]:
        """Return a description with the actions that may be taken."""
        return (super().describe()[0], self.__actions)
