"""Runs pytest."""

import sys
from typing import Any

from .test import Test


class PyTest(Test):
    """Runs pytest on the file or folder at `path`."""

    def __init__(self, *, path: Any, **kwargs: Any) -> None:
        super().__init__(cmd=[sys.executable, "-m", "pytest", path], **kwargs)
        self.__path = path

    @property
    def path(self) -> Any:
        """The file or folder."""
        return self.__path
