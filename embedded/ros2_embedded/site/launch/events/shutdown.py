"""The request to shut down."""

from launch.event import Event


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
