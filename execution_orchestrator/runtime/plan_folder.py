"""Plans in a folder, for subplans that name their file."""

from __future__ import annotations

import re
from pathlib import Path

MAX_LISTED = 500
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_. -]{0,99}\.(ya?ml|json)")


class PlanFolder:
    """Reads files of a folder, and nothing outside of it."""

    def __init__(self, folder: Path, max_bytes: int) -> None:
        self._folder = folder
        self._max_bytes = max_bytes

    def names(self) -> list[str]:
        """Return the names of the plans in the folder itself, at most 500."""
        try:
            found = [one.name for one in self._folder.iterdir() if NAME.fullmatch(one.name)]
        except OSError:
            return []
        return sorted(found)[:MAX_LISTED]

    def read(self, name: str) -> str:
        """Return the text of a plan.

        Raises:
            OSError: there is none of that name, it is outside of the folder, or too large.

        """
        folder = self._folder.resolve()
        path = (folder / name).resolve()
        if not path.is_relative_to(folder):
            raise OSError(f"{name} is outside of {folder}")
        if not path.is_file():
            raise OSError(f"there is no plan {name} in {folder}")
        if path.stat().st_size > self._max_bytes:
            raise OSError(f"{name} has more than {self._max_bytes} bytes")
        try:
            return path.read_text(encoding="utf-8")
        except UnicodeDecodeError as failure:
            raise OSError(f"{name} is no UTF-8: {failure}") from None
