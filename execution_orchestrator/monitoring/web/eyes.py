"""What the page needs to know of the robots' cameras."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol


class Eyes(Protocol):
    """May be asked from any thread."""

    @property
    def robots(self) -> Sequence[str]:
        """Robots whose camera can be looked through; the name is empty where there is only one."""
        ...

    def live(self, robot: str) -> bytes | None:
        """Return the newest picture as JPEG; while it is asked for, the camera is listened to.

        None: there is no such camera, or no picture yet.
        """
        ...

    def picture(self, name: str) -> bytes | None:
        """Return a kept picture as JPEG; None: it is not there (any more)."""
        ...


class NoEyes:
    """A node without cameras, and tests without a robot."""

    robots: Sequence[str] = ()

    def live(self, robot: str) -> bytes | None:
        """Return nothing."""
        del robot
        return None

    def picture(self, name: str) -> bytes | None:
        """Return nothing."""
        del name
        return None
