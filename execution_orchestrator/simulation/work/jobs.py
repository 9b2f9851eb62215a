"""One goal at work: waiting, feedback, and the ways it can end early."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol


class JobError(Exception):
    """The goal cannot be done; ``code`` is the action's error code."""

    def __init__(self, code: int, message: str) -> None:
        self.code = code
        super().__init__(message)


class JobNotNeeded(Exception):
    """What the goal asks for is so already. As Nav2's servers do, it ends without a word."""


class JobCancelled(Exception):
    """Somebody asked for the goal to be cancelled."""


class JobPreempted(Exception):
    """A newer goal took the place of this one."""


class JobStopped(Exception):
    """The server takes part no more: its process ends, or it was deactivated."""


class Job(Protocol):
    """A goal that was accepted. Waiting raises as soon as the goal is not to go on.

    It then raises JobCancelled (a client asked for it), JobPreempted (a newer goal was accepted) or
    JobStopped (the server takes part no more).
    """

    @property
    def request(self) -> Any:
        """The goal message."""

    def feedback(self, message: Any) -> None:
        """Publish feedback."""

    def wait_for(self, done: Callable[[], bool], timeout: float | None) -> bool:
        """Wait until ``done()``, at most so many seconds of the host's clock; say whether it is."""

    def pause(self, seconds: float) -> None:
        """Let simulated time pass."""


def with_error(result: Any, code: int, message: str) -> Any:
    """Put an error into a result, in whichever of the usual fields its type has."""
    error: Any = getattr(result, "error_code", None)
    if hasattr(error, "val"):
        error.val = code
        error.message = message
    elif error is not None:
        result.error_code = code
        if hasattr(result, "error_msg"):
            result.error_msg = message
    if hasattr(result, "success"):
        result.success = False
    return result
