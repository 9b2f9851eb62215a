"""Runs a GoogleTest program."""

from typing import Any

from .test import Test


class GTest(Test):
    """Runs the GoogleTest program at `path`."""

    def __init__(self, *, path: Any, **kwargs: Any) -> None:
        super().__init__(cmd=[path], **kwargs)
        self.__path = path

    @property
    def path(self) -> Any:
        """The program."""
        return self.__path
